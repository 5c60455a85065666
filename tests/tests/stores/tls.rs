//! TLS connections to the servers: the certificate is verified.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use oauth_runtime::store::PostgresStore;
use tests::postgres::{Postgres, restrict_to_server};
use tests::process::{Scratch, free_port};
use tests::redis::Redis;
use tests::scenario;

/// Creates a CA and its certificate for 127.0.0.1: `ca.pem`, `server.pem`, `server.key`.
fn make_certificates(folder: &Path) {
    let openssl = |arguments: &str| {
        let made = Command::new("openssl")
            .current_dir(folder)
            .args(arguments.split(' '))
            .output()
            .expect("openssl runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
    openssl(&format!("req -x509 {key} -keyout ca.key -out ca.pem -subj /CN=authority"));
    openssl(&format!("req {key} -keyout server.key -out server.csr -subj /CN=server"));
    let extensions = "subjectAltName=IP:127.0.0.1\n";
    fs::write(folder.join("extensions"), extensions).expect("a file");
    openssl(
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -days 2 -extfile extensions -out server.pem",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_tls_refuses_an_unknown_certificate() {
    let (own, foreign) = (Scratch::create(), Scratch::create());
    make_certificates(own.path());
    make_certificates(foreign.path());
    let scenario = scenario!();
    let mut server = Postgres::start(&scenario).await;
    for (from, to) in [("server.pem", "server.crt"), ("server.key", "server.key")] {
        let to = server.data().join(to);
        fs::copy(own.path().join(from), &to).expect("a file");
        restrict_to_server(&to);
    }
    fs::write(server.data().join("postgresql.auto.conf"), "ssl = on\n").expect("a file");
    server.kill();
    server.restart().await;

    let with = |mode: &str, authority: &Scratch| {
        let file = authority.path().join("ca.pem");
        format!("{}?sslmode={mode}&sslrootcert={}", server.url(), file.display())
    };
    let store = PostgresStore::connect(&with("verify-full", &own)).await.expect("TLS");
    let mut connection = server.connection().await;
    let versions: Vec<String> = sqlx::query_scalar(
        "SELECT version FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
         WHERE application_name = 'oauth-runtime' AND ssl",
    )
    .fetch_all(&mut connection)
    .await
    .expect("SQL");
    let is_secure = !versions.is_empty() && versions.iter().all(|version| version == "TLSv1.3");
    assert!(is_secure, "{versions:?}");
    drop(store);

    for mode in ["verify-ca", "verify-full"] {
        let error = PostgresStore::connect(&with(mode, &foreign)).await.expect_err("refused");
        assert!(error.to_string().contains("certificate"), "{error}");
    }
    // The public root certificates do not include it either.
    let public = format!("{}?sslmode=verify-full", server.url());
    PostgresStore::connect(&public).await.expect_err("refused");
}

/// The root certificates are those of the system, which the environment can override.
#[tokio::test(flavor = "multi_thread")]
async fn redis_tls_refuses_an_unknown_certificate() {
    let (own, foreign) = (Scratch::create(), Scratch::create());
    make_certificates(own.path());
    make_certificates(foreign.path());
    let port = free_port().to_string();
    let file = |name: &str| own.path().join(name).to_str().expect("text").to_owned();
    let _server = Redis::with(
        &scenario!(),
        &[
            "--tls-port",
            &port,
            "--tls-cert-file",
            &file("server.pem"),
            "--tls-key-file",
            &file("server.key"),
            "--tls-ca-cert-file",
            &file("ca.pem"),
            "--tls-auth-clients",
            "no",
        ],
    )
    .await;
    let write = |authority: &Scratch| -> Output {
        Command::new(env!("CARGO_BIN_EXE_store_writer"))
            .args([&format!("rediss://127.0.0.1:{port}"), "3"])
            .env("SSL_CERT_FILE", authority.path().join("ca.pem"))
            .env_remove("SSL_CERT_DIR")
            .output()
            .expect("the writer runs")
    };
    let known = write(&own);
    assert!(known.status.success(), "{}", String::from_utf8_lossy(&known.stderr));
    assert_eq!(known.stdout, b"1\n2\n3\n");
    let unknown = write(&foreign);
    assert!(!unknown.status.success() && unknown.stdout.is_empty());
    let why = String::from_utf8_lossy(&unknown.stderr);
    assert!(why.contains("certificate"), "{why}");
}
