//! The text that is signed: method, URL and parameters of a request (RFC 5849 section 3.4.1).

use ::http::{Method, Uri};

use super::parameters::{Parameters, encode};

/// The signature base string (section 3.4.1.1).
pub(super) fn base_string(method: &Method, uri: &Uri, parameters: Parameters) -> String {
    let method = method.as_str().to_ascii_uppercase();
    let parts = [method, base_string_uri(uri), parameters.normalized()];
    parts.map(|part| encode(&part)).join("&")
}

/// Scheme, host and path, without query; a port only if it is not the scheme's default (section
/// 3.4.1.2).
fn base_string_uri(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or_default().to_ascii_lowercase();
    let host = uri.host().unwrap_or_default().to_ascii_lowercase();
    let default_port = if scheme == "https" { 443 } else { 80 };
    let port = uri.port_u16().filter(|port| *port != default_port);
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let path = match uri.path() {
        "" => "/",
        path => path,
    };
    format!("{scheme}://{host}{port}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> String {
        base_string_uri(&text.parse().unwrap())
    }

    /// RFC 5849 section 3.4.1.1.
    #[test]
    fn the_example_of_the_specification() {
        let mut parameters = Parameters::default();
        parameters.add_form(b"b5=%3D%253D&a3=a&c%40=&a2=r%20b");
        parameters.add("oauth_consumer_key", "9djdj82h48djs9d2");
        parameters.add("oauth_token", "kkk9d7dh3k39sjv7");
        parameters.add("oauth_signature_method", "HMAC-SHA1");
        parameters.add("oauth_timestamp", "137131201");
        parameters.add("oauth_nonce", "7d8f3e4a");
        parameters.add_form(b"c2&a3=2+q");
        let uri = "http://EXAMPLE.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b".parse().unwrap();
        assert_eq!(
            base_string(&Method::POST, &uri, parameters),
            "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D\
             %253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce\
             %3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth\
             _token%3Dkkk9d7dh3k39sjv7"
        );
    }

    /// RFC 5849 section 3.4.1.2, both examples.
    #[test]
    fn the_base_uris_of_the_specification() {
        assert_eq!(uri("http://EXAMPLE.COM:80/r%20v/X?id=123"), "http://example.com/r%20v/X");
        assert_eq!(uri("https://www.example.net:8080/?q=1"), "https://www.example.net:8080/");
    }

    #[test]
    fn only_a_port_of_the_scheme_is_left_out() {
        assert_eq!(uri("https://example.net:443/a"), "https://example.net/a");
        assert_eq!(uri("https://example.net:80/a"), "https://example.net:80/a");
        assert_eq!(uri("http://example.net:443/a"), "http://example.net:443/a");
        assert_eq!(uri("http://[::1]:8080/a"), "http://[::1]:8080/a");
        assert_eq!(uri("https://example.net"), "https://example.net/");
    }

    #[test]
    fn a_method_is_signed_in_capitals() {
        let uri = "https://example.net/".parse().unwrap();
        let method = Method::from_bytes(b"purge").unwrap();
        let signed = base_string(&method, &uri, Parameters::default());
        assert_eq!(signed, "PURGE&https%3A%2F%2Fexample.net%2F&");
    }
}
