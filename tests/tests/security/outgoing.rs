//! Rule 8: a request with a secret follows no redirect, has a deadline and accepts only complete
//! responses.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use oauth_runtime::error::{JwkSetError, NetworkError, ProviderError};
use oauth_runtime::http::{BoxFuture, HttpClient, Limits, ReqwestClient};
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{Endpoint, Fault, RegisteredClient, TestProvider};
use oauth_runtime::{Clock, OAuthError, ProviderDescription, RuntimeProviders};
use tests::in_process::{
    App, CLIENT_ID, CLIENT_SECRET, Impatient, RawServer, Recorder, Typed, respond,
};

use crate::table::{assert_harmless, assert_refused, refused};

/// The endpoints of a login with `twin`.
const CALLED: [Endpoint; 4] =
    [Endpoint::Metadata, Endpoint::Jwks, Endpoint::Token, Endpoint::Userinfo];

macro_rules! network {
    ($error:pat) => {
        OAuthError::Network { error: $error, .. }
    };
}
/// Expected errors for every document. The key set has its own error.
macro_rules! malformed {
    () => {
        OAuthError::Provider {
            error: ProviderError::Malformed { .. }
                | ProviderError::JwkSet(JwkSetError::Malformed(_)),
            ..
        }
    };
}

#[tokio::test]
async fn no_redirect_is_followed() {
    for endpoint in CALLED {
        let app = App::start().await;
        let faults = refused![
            Fault::Redirects(endpoint) => network!(NetworkError::Redirected { status: 307, .. }),
        ];
        assert_refused(&app, "twin", &faults).await;
        assert_eq!(app.provider.bystander().requests(), [], "{endpoint:?}");
    }
}

#[tokio::test]
async fn response_not_whole_or_not_json_is_refused() {
    for endpoint in CALLED {
        let faults = refused![
            Fault::TruncatedJson(endpoint) => malformed!(),
            Fault::ConnectionLost(endpoint) => network!(NetworkError::Broken { .. }),
            Fault::NotJson(endpoint) => malformed!(),
            Fault::InvalidUtf8(endpoint) => malformed!(),
            Fault::DuplicateMembers(endpoint) => malformed!(),
            Fault::ServerError(endpoint) => OAuthError::Provider {
                error: ProviderError::Status { status: 503, .. }, ..
            },
        ];
        for fault in faults {
            assert_refused(&App::start().await, "twin", &[fault]).await;
        }
    }
}

/// Common in practice, and harmless because the content is unambiguous.
#[tokio::test]
async fn json_under_another_content_type_is_read() {
    for endpoint in CALLED {
        assert_harmless(&App::start().await, "twin", &[Fault::WrongContentType(endpoint)]).await;
    }
}

#[tokio::test]
async fn slow_response_ends_at_the_deadline() {
    for endpoint in CALLED {
        let app = App::builder::<Typed>()
            .configure(|builder| builder.http_client(Impatient::new(Duration::from_millis(300))))
            .start()
            .await;
        let faults = refused![
            Fault::Hangs(endpoint) => network!(NetworkError::Timeout { .. }),
            Fault::Trickles(endpoint) => network!(NetworkError::Timeout { .. }),
        ];
        let started = Instant::now();
        assert_refused(&app, "twin", &faults).await;
        assert!(
            started.elapsed() < Duration::from_secs(4),
            "{endpoint:?}: {:?}",
            started.elapsed()
        );
    }
}

/// For a streamed response, the deadline applies to the head and to each piece.
#[tokio::test]
async fn stalled_stream_ends_at_the_deadline() {
    let limits = Limits::new(Limits::API.body, Duration::from_millis(300));
    let client = ReqwestClient::new().expect("a client");
    let is_late = |error: &NetworkError| matches!(error, NetworkError::Timeout { .. });
    for head in ["HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\npiece"] {
        let server = RawServer::start(move |mut stream| async move {
            respond(&mut stream, head, b"", 0).await;
            tokio::time::sleep(Duration::from_secs(60)).await;
        })
        .await;
        let mut request = http::Request::new(Bytes::new());
        *request.uri_mut() = server.url("/").parse().expect("a URI");
        let started = Instant::now();
        match client.send_streaming(request, limits).await {
            Err(error) => assert!(is_late(&error) && !head.ends_with("piece"), "{error:?}"),
            Ok(answer) => {
                let mut body = answer.into_body();
                assert_eq!(body.chunk().await.expect("a piece").as_deref(), Some(&b"piece"[..]));
                let error = body.chunk().await.expect_err("no other piece");
                assert!(is_late(&error), "{error:?}");
            }
        }
        assert!(started.elapsed() < Duration::from_secs(3), "{head}: {:?}", started.elapsed());
    }
}

/// The library's own deadlines, which the client above replaces.
#[tokio::test]
async fn every_request_of_a_login_has_a_deadline_and_a_cap() {
    assert!(Limits::DOCUMENT.deadline <= Duration::from_secs(10));
    const { assert!(Limits::DOCUMENT.body <= 256 * 1024) };
    let app = App::start().await;
    app.provider.fault(Fault::Hangs(Endpoint::Token));
    let started = Instant::now();
    assert_error!(app.refused("op").await, network!(NetworkError::Timeout { .. }));
    let took = started.elapsed();
    assert!((Duration::from_secs(9)..Duration::from_secs(13)).contains(&took), "{took:?}");
}

/// Proxies and network logs see only the host name, because secrets are in headers and bodies.
#[tokio::test]
async fn no_url_contains_a_secret() {
    let recorder = Recorder::new();
    let copy = recorder.clone();
    let app = App::builder::<Typed>().configure(|builder| builder.http_client(copy)).start().await;
    app.log_in(&mut app.browser(), "twin").await.location();
    let exchanges = recorder.exchanges();
    assert_eq!(exchanges.len(), 4);
    for (request, _) in exchanges {
        assert_eq!(request.uri().query(), None, "{}", request.uri());
        for (name, value) in request.headers() {
            assert_eq!(value.is_sensitive(), name == "authorization", "{name}");
        }
    }
}

/// A network error must not repeat a URL, whose query may contain private data.
#[tokio::test]
async fn network_error_names_only_the_host() {
    let server = RawServer::start(|stream| async move { drop(stream) }).await;
    let mut request = http::Request::new(Bytes::new());
    *request.uri_mut() = server.url("/path?code=hunter2").parse().expect("a URI");
    let client = ReqwestClient::new().expect("a client");
    let error = client.send(request, Limits::DOCUMENT).await.expect_err("a broken connection");
    let mut shown = format!("{error} {error:?}");
    let mut source = std::error::Error::source(&error);
    while let Some(error) = source {
        shown.push_str(&format!(" {error} {error:?}"));
        source = error.source();
    }
    assert!(!shown.contains("hunter2") && !shown.contains("/path"), "{shown}");
}

#[tokio::test]
async fn plain_http_needs_the_quirk_and_loopback() {
    use oauth_runtime::prelude::*;
    use oauth_runtime::testing::TestProvider;

    #[derive(OAuthProvider)]
    #[oauth_provider(name = "strict", issuer = "{issuer}", scopes("openid"))]
    struct Strict {
        issuer: String,
    }
    #[derive(Clone, OAuthRegistry)]
    struct Registry {
        strict: Client<Strict>,
    }
    let provider = TestProvider::start().await.expect("a provider");
    for issuer in [provider.issuer(), "http://elsewhere.example", "http://127.0.0.1.example"] {
        let config = Config::empty()
            .set("STRICT_CLIENT_ID", "id")
            .set("STRICT_CLIENT_SECRET", "secret")
            .set("STRICT_ISSUER", issuer);
        let error = Registry::builder().config(config).build().err().expect(issuer).to_string();
        assert!(error.contains("STRICT_ISSUER") && error.contains("https"), "{error}");
    }
}

/// Tells a child process of this test where to send its request.
const TARGET: &str = "OAUTH_TEST_TARGET";

/// A child process gets the environment, because changing this one's would disturb other tests.
#[tokio::test]
async fn proxy_of_the_environment_is_not_used() {
    if let Ok(target) = std::env::var(TARGET) {
        let mut request = http::Request::new(Bytes::new());
        *request.uri_mut() = target.parse().expect("a URI");
        let client = ReqwestClient::new().expect("a client");
        client.send(request, Limits::DOCUMENT).await.expect("a response without a proxy");
        return;
    }
    let server = RawServer::start(|mut stream| async move {
        respond(&mut stream, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", b"", 0).await;
    })
    .await;
    let mut child = std::process::Command::new(std::env::current_exe().expect("this program"));
    child.args(["--exact", "outgoing::proxy_of_the_environment_is_not_used"]);
    child.env(TARGET, server.url("/")).env_remove("NO_PROXY").env_remove("no_proxy");
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
    {
        // Nothing listens on port 1.
        child.env(name, "http://127.0.0.1:1");
    }
    let output = tokio::task::spawn_blocking(move || child.output()).await;
    let output = output.expect("no panic").expect("a child");
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && shown.contains("1 passed"), "{shown}");
}

/// A client that never responds to optional requests.
struct Withholding(ReqwestClient);

impl HttpClient for Withholding {
    fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, NetworkError>> {
        Box::pin(async move {
            if request.uri().path() != "/emails" {
                return self.0.send(request, limits).await;
            }
            // Limits the duration of the test.
            tokio::time::sleep(limits.deadline.min(Duration::from_secs(20))).await;
            Err(NetworkError::Timeout { host: String::new(), deadline: limits.deadline })
        })
    }
}

#[tokio::test]
async fn optional_request_has_a_short_deadline() {
    let first = App::start().await;
    let emails = format!("{}/emails", first.provider.issuer());
    let client = Withholding(ReqwestClient::new().expect("a client"));
    let app = App::builder::<Typed>()
        .beside(&first)
        .configure(|builder| {
            builder
                .http_client(client)
                .set("PLAIN_EMAILS_ENDPOINT", emails)
                .set("PLAIN_CLIENT_KWARGS", r#"{"scope":"openid profile user:email"}"#)
        })
        .start()
        .await;
    let started = Instant::now();
    let page = app.log_in(&mut app.browser(), "plain").await;
    assert!(page.status.is_redirection(), "{:?}", app.failures.take());
    let took = started.elapsed();
    assert!((Duration::from_secs(2)..Duration::from_secs(15)).contains(&took), "{took:?}");
}

/// Records the limits of each response.
#[derive(Clone)]
struct Measuring(ReqwestClient, Arc<Mutex<Vec<(String, Limits)>>>);

impl HttpClient for Measuring {
    fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, NetworkError>> {
        self.1.lock().expect("no panic").push((request.uri().path().to_owned(), limits));
        self.0.send(request, limits)
    }
}

#[tokio::test]
async fn every_response_but_an_apis_has_document_limits() {
    let registered = RegisteredClient::confidential(CLIENT_ID, CLIENT_SECRET);
    let provider = TestProvider::builder().client(registered).start().await.expect("a provider");
    let issuer = provider.issuer();
    let clock = Clock::manual(Clock::system().now());
    let measuring = Measuring(ReqwestClient::new().expect("a client"), Arc::default());
    let builder =
        RuntimeProviders::builder().config(Config::empty()).http_client(measuring.clone());
    let tenants = builder.clock(clock.clone()).build().expect("nothing to configure");
    let described = |name| {
        let described = ProviderDescription::new(name).client_id(CLIENT_ID);
        described.client_secret(CLIENT_SECRET).quirks(["loopback_http"])
    };
    let acme = described("acme").issuer(issuer).api_base_url(format!("{issuer}/api/"));
    let acme = acme.scopes(["openid", "profile", "offline_access"]).keep_tokens();
    let acme = tenants.insert(acme).expect("valid settings");
    let started = acme.authorize_redirect().into_url().await.expect("a URL");
    let callback = provider.sign_in(started.url(), "ada").expect("valid settings");
    let (_, query) = callback.split_once('?').expect("a query");
    let login = acme.resume_login(started.into_pending(), query).await.expect("a login");
    login.keep_tokens(42).await.expect("a store");
    clock.advance(3600);
    provider.set_clock_offset(3600);
    let api = acme.api_for(42).await.expect("a refresh");
    api.get("resource").send().await.expect("a response");
    let token = api.token().await.expect("a token");
    acme.userinfo(&token).await.expect("a profile");
    acme.introspect(token.access_token()).await.expect("a response");
    acme.disconnect(42, "ada").await.expect("a store");
    acme.client_credentials().await.expect("a token");
    let _ = acme.authorize_device().await.expect("a code");
    let old = described("old")
        .request_token_url(format!("{issuer}/request_token"))
        .authorize_url(format!("{issuer}/authorize"))
        .access_token_url(format!("{issuer}/access_token"))
        .userinfo_endpoint(format!("{issuer}/profile"));
    let old = tenants.insert(old).expect("valid settings");
    old.authorize_redirect().into_url().await.expect_err("it does not speak OAuth 1.0a");

    let measured = measuring.1.lock().expect("no panic").clone();
    for path in [
        "/.well-known/openid-configuration",
        "/jwks",
        "/token",
        "/userinfo",
        "/introspect",
        "/revoke",
        "/device_authorization",
        "/request_token",
        "/api/resource",
    ] {
        assert!(measured.iter().any(|(own, _)| own == path), "{path}: {measured:?}");
    }
    for (path, Limits { body, deadline, .. }) in measured {
        let most = if path.starts_with("/api/") { Limits::API } else { Limits::DOCUMENT };
        assert!(body <= most.body && deadline <= most.deadline, "{path}: {body} {deadline:?}");
    }
}
