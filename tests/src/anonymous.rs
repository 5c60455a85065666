//! Requests without a session, as anyone can send them, to an application that counts only them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{Request, Response, StatusCode};
use oauth_runtime::error::NetworkError;
use oauth_runtime::http::{BoxFuture, HttpClient, Limits};
use oauth_runtime::prelude::*;
use tower::ServiceExt;
use url::Url;

#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "acme",
    issuer = "https://acme.example",
    scopes("openid"),
    routes(initiate = "/tile")
)]
struct Acme;

#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(mount = "/auth")]
struct Providers {
    acme: Client<Acme>,
}

/// A provider that publishes metadata and accepts no code.
#[derive(Clone, Debug, Default)]
struct Provider(Arc<AtomicUsize>);

impl HttpClient for Provider {
    fn send(
        &self,
        request: Request<Bytes>,
        _: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, NetworkError>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let (status, body) = match request.uri().path() {
            "/.well-known/openid-configuration" => (
                StatusCode::OK,
                r#"{"issuer":"https://acme.example","authorization_endpoint":"https://acme.example/authorize","token_endpoint":"https://acme.example/token","jwks_uri":"https://acme.example/keys"}"#,
            ),
            _ => (StatusCode::BAD_REQUEST, r#"{"error":"invalid_grant"}"#),
        };
        let mut response = Response::new(Bytes::from_static(body.as_bytes()));
        *response.status_mut() = status;
        Box::pin(async move { Ok(response) })
    }
}

/// An application that is called without sockets, so that only its own requests are counted.
#[derive(Debug)]
pub struct App {
    router: Router,
    provider: Provider,
}

impl App {
    /// An application that has sent no request to its provider.
    ///
    /// # Panics
    /// Never: the configuration is valid.
    pub fn new() -> Self {
        let provider = Provider::default();
        let config = Config::empty()
            .set("OAUTH_PUBLIC_URL", "https://app.example")
            .set("OAUTH_COOKIE_KEYS", "01".repeat(32))
            .set("OAUTH_STORE_URL", "memory:")
            .set("ACME_CLIENT_ID", "id")
            .set("ACME_CLIENT_SECRET", "secret");
        let builder = Providers::builder().config(config).http_client(provider.clone());
        let oauth = builder.build().expect("a valid configuration");
        let home = get(async |_: User| "home");
        let router = Router::new().route("/", home).merge(oauth.routes()).with_state(oauth);
        Self { router, provider }
    }

    /// Sends a request and returns the response without its body.
    ///
    /// # Panics
    /// If the request is malformed.
    pub async fn send(&self, method: &str, target: &str, cookie: &str) -> Response<()> {
        let mut request = Request::builder().method(method).uri(target);
        if !cookie.is_empty() {
            request = request.header(COOKIE, cookie);
        }
        let request = request.body(Body::empty()).expect("a request");
        let answer = self.router.clone().oneshot(request).await.expect("a response");
        let (head, body) = answer.into_parts();
        to_bytes(body, usize::MAX).await.expect("a body");
        Response::from_parts(head, ())
    }

    /// The number of requests to the provider.
    pub fn requests(&self) -> usize {
        self.provider.0.load(Ordering::SeqCst)
    }

    /// Starts a login and calls the callback with a code that the provider did not issue.
    ///
    /// # Panics
    /// If no login starts.
    pub async fn forge(&self) -> StatusCode {
        let started = self.send("GET", "/auth/acme/login", "").await;
        let location = started.headers()[LOCATION].to_str().expect("text");
        let location = Url::parse(location).expect("a URL");
        let state = location.query_pairs().find(|(name, _)| name == "state").expect("a state").1;
        let cookie = started.headers()[SET_COOKIE].to_str().expect("text");
        let cookie = cookie.split(';').next().expect("a cookie");
        let target = format!("/auth/acme/callback?code=forged&state={state}");
        self.send("GET", &target, cookie).await.status()
    }
}

impl Default for App {
    fn default() -> Self {
        Self::new()
    }
}

/// Method and prefix of the target. Each request needs a new target, to find state that is kept per
/// target.
pub const ROUTES: [(&str, &str); 10] = [
    ("GET", "/auth/acme/login?return_to=/"),
    ("GET", "/auth/acme/callback?code=x&state="),
    ("POST", "/auth/acme/callback?code=x&state="),
    ("HEAD", "/auth/acme/callback?code=x&state="),
    ("GET", "/auth/nobody/login?x="),
    ("GET", "/auth/acme/logged-out?state="),
    ("GET", "/auth/logout?x="),
    ("POST", "/auth/logout?x="),
    ("GET", "/tile?iss=https://other.example&x="),
    ("GET", "/?x="),
];
