//! The HTTP client with the settings that Authlib passes to its session: proxy, private authority,
//! client certificate, headers and time limit.

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, HeaderValue};
use http::{Request, Response};
use oauth_runtime::error::NetworkError;
use oauth_runtime::http::{HttpClient, Limits, ReqwestClient, ReqwestClientBuilder};
use oauth_runtime::prelude::*;
use oauth_runtime::testing::TestProvider;
use oauth_runtime::{ConfigError, RegistryBuilder};
use serde_json::Value;
use tests::authlib::HttpsServer;
use tests::scenario;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

#[derive(OAuthProvider)]
#[oauth_provider(name = "acme", configured)]
struct Acme;

#[derive(Debug, Clone, OAuthRegistry)]
struct Providers {
    acme: Client<Acme>,
}

/// The settings for a server, and further ones.
fn builder(server: &HttpsServer, keys: &[(&str, &str)]) -> RegistryBuilder<Providers> {
    let builder = Providers::builder()
        .config(Config::empty())
        .set("OAUTH_PUBLIC_URL", "http://localhost:3000")
        .set("ACME_CLIENT_ID", "id")
        .set("ACME_CLIENT_SECRET", "s3cr3t")
        .set("ACME_AUTHORIZE_URL", format!("{}/authorize", server.base))
        .set("ACME_ACCESS_TOKEN_URL", format!("{}/token", server.base))
        .set("ACME_USERINFO_ENDPOINT", format!("{}/user", server.base))
        .set("ACME_API_BASE_URL", &server.base);
    keys.iter().fold(builder, |builder, (key, value)| builder.set(*key, *value))
}

fn configured(server: &HttpsServer, keys: &[(&str, &str)]) -> Result<Client<Acme>, ConfigError> {
    Ok(builder(server, keys).build()?.acme)
}

fn refusal(server: &HttpsServer, keys: &[(&str, &str)]) -> String {
    configured(server, keys).expect_err("a fault").to_string()
}

/// What the server received, by a call with a token.
async fn echo(client: &Client<Acme>) -> Result<Value, OAuthError> {
    client.client_credentials().api().await?.get("echo").json().await
}

fn is_connect(result: &Result<Value, OAuthError>) -> bool {
    matches!(result, Err(OAuthError::Network { error: NetworkError::Connect { .. }, .. }))
}

/// A forward proxy that relays connections and records the head of each request.
struct ForwardProxy {
    url: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl ForwardProxy {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let recorded = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(relay(stream, Arc::clone(&recorded)));
            }
        });
        Self { url, heads }
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("no panic").clone()
    }

    /// The requests without their headers.
    fn lines(&self) -> Vec<String> {
        let first = |head: String| head.lines().next().unwrap_or_default().to_owned();
        self.heads().into_iter().map(first).collect()
    }
}

async fn relay(stream: TcpStream, recorded: Arc<Mutex<Vec<String>>>) {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while stream.read_line(&mut head).await.expect("a request") > 2 {}
    recorded.lock().expect("no panic").push(head.clone());
    let host = head.split(' ').nth(1).expect("a target");
    let mut server = TcpStream::connect(host).await.expect("a server");
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.expect("an answer");
    // Either side may close without notice.
    let _ = copy_bidirectional(&mut stream, &mut server).await;
}

fn host(server: &HttpsServer) -> &str {
    server.base.strip_prefix("https://").expect("https")
}

#[tokio::test]
async fn private_authority_must_be_configured() {
    let server = HttpsServer::start(&scenario!(), false).await;
    let untrusting = configured(&server, &[]).expect("valid settings");
    assert!(is_connect(&echo(&untrusting).await));
    let authority = server.file("authority.pem");
    let client = configured(&server, &[("ACME_VERIFY", &authority)]).expect("valid settings");
    assert_eq!(echo(&client).await.expect("an answer")["client"], Value::Null);
    let kwargs = format!(r#"{{"verify": "{authority}"}}"#);
    let client = configured(&server, &[("ACME_CLIENT_KWARGS", &kwargs)]).expect("valid settings");
    echo(&client).await.expect("an answer");
}

#[tokio::test]
async fn other_private_authority_is_not_trusted() {
    let server = HttpsServer::start(&scenario!(), false).await;
    let other = HttpsServer::start(&scenario!(), false).await;
    let authority = other.file("authority.pem");
    let client = configured(&server, &[("ACME_VERIFY", &authority)]).expect("valid settings");
    assert!(is_connect(&echo(&client).await));
}

#[tokio::test]
async fn verification_cannot_be_turned_off() {
    let server = HttpsServer::start(&scenario!(), false).await;
    for keys in [("ACME_VERIFY", "false"), ("ACME_CLIENT_KWARGS", r#"{"verify": false}"#)] {
        let refusal = refusal(&server, &[keys]);
        assert!(refusal.contains("certificates are always verified"), "{refusal}");
    }
    let client = configured(&server, &[("ACME_CLIENT_KWARGS", r#"{"verify": true}"#)]);
    assert!(is_connect(&echo(&client.expect("valid settings")).await));
}

#[tokio::test]
async fn client_certificate_is_presented() {
    let server = HttpsServer::start(&scenario!(), true).await;
    let authority = server.file("authority.pem");
    let verify = ("ACME_VERIFY", authority.as_str());
    let without = configured(&server, &[verify]).expect("valid settings");
    let refused = echo(&without).await;
    assert!(matches!(refused, Err(OAuthError::Network { .. })), "{refused:?}");

    let both = server.file("both.pem");
    let pair = format!("{},{}", server.file("client.pem"), server.file("client-key.pem"));
    let kwargs = format!(
        r#"{{"cert": ["{}", "{}"]}}"#,
        server.file("client.pem"),
        server.file("client-key.pem")
    );
    for cert in [("ACME_CERT", &both), ("ACME_CERT", &pair), ("ACME_CLIENT_KWARGS", &kwargs)] {
        let client = configured(&server, &[verify, (cert.0, cert.1)]).expect("valid settings");
        let received = echo(&client).await.expect("an answer");
        assert_eq!(received["client"], "client of the tests", "{cert:?}");
    }
}

#[tokio::test]
async fn unusable_certificates_are_faults() {
    let server = HttpsServer::start(&scenario!(), false).await;
    let key = server.file("client-key.pem");
    for (setting, path, expected) in [
        ("ACME_VERIFY", "/nowhere.pem", "ACME_VERIFY names a file that cannot be read"),
        ("ACME_VERIFY", &key, "ACME_VERIFY cannot be used: it contains no certificate"),
        ("ACME_CERT", &key, "ACME_CERT cannot be used: "),
        (
            "ACME_CLIENT_KWARGS",
            r#"{"cert": "/nowhere.pem"}"#,
            "ACME_CLIENT_KWARGS holds a `cert` that names a file that cannot be read",
        ),
    ] {
        let refusal = refusal(&server, &[(setting, path)]);
        assert!(refusal.contains(expected), "{refusal}");
        assert!(!refusal.contains("PRIVATE KEY"), "{refusal}");
    }
}

#[tokio::test]
async fn proxy_relays_requests_to_the_provider() {
    let server = HttpsServer::start(&scenario!(), true).await;
    let proxy = ForwardProxy::start().await;
    let with_password = proxy.url.replace("http://", "http://ada:hunter2@");
    let (authority, both) = (server.file("authority.pem"), server.file("both.pem"));
    let kwargs = format!(r#"{{"proxies": {{"http": "http://x", "https": "{with_password}"}}}}"#);
    for stated in [("ACME_PROXY", &with_password), ("ACME_CLIENT_KWARGS", &kwargs)] {
        let keys = [("ACME_VERIFY", &*authority), ("ACME_CERT", &both), (stated.0, stated.1)];
        let client = configured(&server, &keys).expect("valid settings");
        let received = echo(&client).await.expect("an answer");
        assert_eq!(received["client"], "client of the tests");
        let hidden = received["headers"]["proxy-authorization"].as_str();
        assert_eq!(hidden, None, "the server saw the password of the proxy");
    }
    let heads = proxy.heads();
    assert!(!heads.is_empty());
    for head in &heads {
        assert!(head.starts_with(&format!("CONNECT {} HTTP/1.1\r\n", host(&server))), "{head}");
        let lower = head.to_lowercase();
        assert!(lower.contains("proxy-authorization: basic ywrhomh1bnrlcji="), "{head}");
        assert!(!lower.contains("\nauthorization"), "{head}");
    }
}

#[tokio::test]
async fn environment_names_a_proxy_if_it_is_trusted() {
    let server = HttpsServer::start(&scenario!(), false).await;
    let proxy = ForwardProxy::start().await;
    let authority = server.file("authority.pem");
    let environment = [("ACME_VERIFY", &*authority), ("HTTPS_PROXY", &proxy.url)];
    let trusting = ("ACME_CLIENT_KWARGS", r#"{"trust_env": true}"#);
    for (more, lines) in [
        (&[][..], 0),
        (&[("ACME_TRUST_ENV", "false")], 0),
        (&[trusting, ("NO_PROXY", "localhost,127.0.0.1")], 0),
        (&[trusting], 1),
    ] {
        let keys = [&environment, more].concat();
        let client = configured(&server, &keys).expect("valid settings");
        echo(&client).await.expect("an answer");
        assert_eq!(proxy.lines().len(), lines, "{more:?}");
    }
}

async fn send(builder: ReqwestClientBuilder, url: &str) -> Result<Response<Bytes>, NetworkError> {
    let request = Request::get(url).body(Bytes::new()).expect("a request");
    builder.build().expect("a client").send(request, Limits::DOCUMENT).await
}

/// A proxy changes nothing in the verification of the server, and sees no request without TLS.
#[tokio::test]
async fn client_built_in_code_has_the_same_bounds() {
    let server = HttpsServer::start(&scenario!(), true).await;
    let proxy = ForwardProxy::start().await;
    let through = ReqwestClient::builder().proxy(&proxy.url);
    let untrusted = send(through.clone(), &server.base).await;
    assert!(matches!(untrusted, Err(NetworkError::Connect { .. })), "{untrusted:?}");

    let read = |name: &str| fs::read_to_string(server.file(name)).expect("a file");
    let trusting = through.root_certificates(read("authority.pem"));
    let trusting = trusting.client_certificate(read("both.pem")).user_agent("acme/1");
    for builder in [trusting.clone(), trusting.clone().only_root_certificates()] {
        let answer = send(builder, &format!("{}/echo", server.base)).await.expect("an answer");
        let received: Value = serde_json::from_slice(answer.body()).expect("JSON");
        assert_eq!(received["client"], "client of the tests");
        assert_eq!(received["headers"]["user-agent"], "acme/1");
    }
    let connect = format!("CONNECT {} HTTP/1.1", host(&server));
    assert_eq!(proxy.lines(), vec![connect; 3]);

    let plain = TestProvider::builder().start().await.expect("a provider");
    let url = format!("{}/.well-known/openid-configuration", plain.issuer());
    assert_eq!(send(trusting, &url).await.expect("an answer").status(), 200);
    assert_eq!(proxy.lines().len(), 3, "a request without TLS passed the proxy");
}

#[tokio::test]
async fn headers_reach_only_the_provider() {
    let server = HttpsServer::start(&scenario!(), false).await;
    let other = HttpsServer::start(&scenario!(), false).await;
    let bundle = server.file("bundle.pem");
    let authorities = [&server, &other].map(|server| server.file("authority.pem"));
    let pem = authorities.map(|path| fs::read_to_string(path).expect("a file")).concat();
    fs::write(&bundle, pem).expect("a file");
    let headers = r#"{"Accept": "application/vnd.acme+json", "X-Api-Key": "k", "User-Agent": "u"}"#;
    let keys = [("ACME_VERIFY", &*bundle), ("ACME_HEADERS", headers)];
    let client = configured(&server, &keys).expect("valid settings");

    let api = client.client_credentials().api().await.expect("a token");
    let received: Value = api.get("echo").json().await.expect("an answer");
    assert_eq!(received["headers"]["accept"], "application/vnd.acme+json");
    assert_eq!(received["headers"]["x-api-key"], "k");
    assert_eq!(received["headers"]["user-agent"], "u");
    assert_eq!(received["token_headers"]["x-api-key"], "k");
    // The flow depends on it.
    assert_eq!(received["token_headers"]["accept"], "application/json");

    let own = api.get("echo").header(ACCEPT, HeaderValue::from_static("text/plain"));
    assert_eq!(own.json::<Value>().await.expect("an answer")["headers"]["accept"], "text/plain");
    let public = client.get("echo").json::<Value>().await.expect("an answer");
    assert_eq!(public["headers"]["x-api-key"], "k");

    let foreign = format!("{}/echo", other.base);
    let without = api.get(&foreign).withhold_token().json::<Value>().await.expect("an answer");
    assert_eq!(without["headers"]["x-api-key"], Value::Null);
    assert_ne!(without["headers"]["user-agent"], "u");
    let granted = api.get(&foreign).with_token_at(&other.base);
    let granted = granted.json::<Value>().await.expect("an answer");
    assert_eq!(granted["headers"]["x-api-key"], "k");
}

#[tokio::test]
async fn no_cookie_of_a_provider_is_kept() {
    let server = HttpsServer::start(&scenario!(), false).await;
    let authority = server.file("authority.pem");
    let client = configured(&server, &[("ACME_VERIFY", &authority)]).expect("valid settings");
    let api = client.client_credentials().api().await.expect("a token");
    for _ in 0..2 {
        let answer = api.get("echo").send().await.expect("an answer");
        assert!(answer.headers().contains_key("set-cookie"));
        let received: Value = serde_json::from_slice(answer.body()).expect("JSON");
        assert_eq!(received["headers"]["cookie"], Value::Null);
    }
}

#[tokio::test]
async fn time_limit_is_that_of_the_provider() {
    let server = HttpsServer::start(&scenario!(), false).await;
    let authority = server.file("authority.pem");
    let kwargs = format!(r#"{{"verify": "{authority}", "timeout": 0.5}}"#);
    let client = configured(&server, &[("ACME_CLIENT_KWARGS", &kwargs)]).expect("valid settings");
    let limit = |result: Result<String, OAuthError>| match result {
        Err(OAuthError::Network { error: NetworkError::Timeout { deadline, .. }, .. }) => deadline,
        other => panic!("{other:?}"),
    };
    assert_eq!(limit(client.get("hang").text().await), Duration::from_millis(500));
    let own = client.get("hang").timeout(Duration::from_millis(250));
    assert_eq!(limit(own.text().await), Duration::from_millis(250));
}

#[tokio::test]
async fn own_client_and_its_settings_exclude_each_other() {
    let server = HttpsServer::start(&scenario!(), false).await;
    let authority = fs::read(server.file("authority.pem")).expect("a file");
    let trusting = ReqwestClient::builder().root_certificates(authority).build().expect("a client");
    let untrusting = ReqwestClient::new().expect("a client");
    let providers = builder(&server, &[("ACME_TIMEOUT", "20")]).http_client(untrusting);
    let providers = providers.http_client_of::<Acme>(trusting.clone()).build();
    echo(&providers.expect("valid settings").acme).await.expect("an answer");

    let proxy = [("ACME_PROXY", "http://proxy.example")];
    for builder in [
        builder(&server, &proxy).http_client(trusting.clone()),
        builder(&server, &proxy).http_client_of::<Acme>(trusting),
    ] {
        let refusal = builder.build().expect_err("a fault").to_string();
        assert!(refusal.contains("ACME_PROXY is set, but the application passes"), "{refusal}");
    }
}
