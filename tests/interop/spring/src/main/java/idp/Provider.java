package idp;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The provider. `application.yml` has its client and its user. */
@SpringBootApplication
public class Provider {
    public static void main(String[] arguments) {
        SpringApplication.run(Provider.class, arguments);
    }
}
