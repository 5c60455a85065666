//! Measures the cost of a login in the application: the generated routes, called without sockets,
//! with prepared responses of the provider.
//!
//! ```text
//! cargo bench --package oauth-runtime
//! ```

#![allow(clippy::expect_used, reason = "a benchmark may panic")]
#![allow(missing_docs, reason = "criterion generates an undocumented function")]

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use oauth_runtime::error::NetworkError;
use oauth_runtime::http::{BoxFuture, HttpClient, Limits};
use oauth_runtime::prelude::axum::body::Body;
use oauth_runtime::prelude::axum::http::header::{COOKIE, LOCATION, SET_COOKIE};
use oauth_runtime::prelude::axum::http::{Request, Response, StatusCode};
use oauth_runtime::prelude::*;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tower::Service;
use url::Url;

const ISSUER: &str = "https://acme.example";
const CLIENT_ID: &str = "bench";

#[derive(OAuthProvider)]
#[oauth_provider(name = "acme", issuer = "https://acme.example", scopes("openid", "profile"))]
struct Acme;

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(mount = "/auth")]
struct Providers {
    acme: Client<Acme>,
}

/// A provider that responds from a table, so that only the application is measured.
#[derive(Clone)]
struct PreparedProvider {
    answers: Arc<Mutex<HashMap<String, Bytes>>>,
    key: Arc<RsaKeyPair>,
}

impl PreparedProvider {
    fn new() -> Self {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key is made");
        let public = PublicKeyComponents::<Vec<u8>>::from(key.public_key());
        let (n, e) = (URL_SAFE_NO_PAD.encode(public.n), URL_SAFE_NO_PAD.encode(public.e));
        let provider = Self { answers: Arc::default(), key: Arc::new(key) };
        provider.prepare(
            "/.well-known/openid-configuration",
            &json!({
                "issuer": ISSUER,
                "authorization_endpoint": "https://acme.example/authorize",
                "token_endpoint": "https://acme.example/token",
                "jwks_uri": "https://acme.example/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
                "authorization_response_iss_parameter_supported": true,
            }),
        );
        let jwk = json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1", "n": n, "e": e});
        provider.prepare("/keys", &json!({ "keys": [jwk] }));
        provider
    }

    fn prepare(&self, key: impl Into<String>, answer: &Value) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.insert(key.into(), answer.to_string().into());
    }

    /// Makes `code` valid for the tokens of the login with `nonce`.
    fn grant(&self, code: &str, nonce: &str) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let claims = json!({
            "iss": ISSUER, "sub": "583231", "aud": CLIENT_ID, "nonce": nonce,
            "iat": now, "exp": now + 3600, "name": "Ada Lovelace", "preferred_username": "ada",
        });
        self.prepare(
            code,
            &json!({
                "access_token": "2YotnFZFEjr1zCsicMWpAA2YotnFZFEjr1zCsicMWpAA",
                "token_type": "Bearer",
                "expires_in": 3600,
                "id_token": self.sign(&claims),
            }),
        );
    }

    fn sign(&self, claims: &Value) -> String {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"1","typ":"JWT"}"#);
        let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
            .expect("a signature is made");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

impl HttpClient for PreparedProvider {
    fn send(
        &self,
        request: Request<Bytes>,
        _: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, NetworkError>> {
        let key = match request.uri().path() {
            // A code is valid once, as at a real provider.
            "/token" => parameter(request.body(), "code"),
            path => path.to_owned(),
        };
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = match request.uri().path() {
            "/token" => answers.remove(&key),
            _ => answers.get(&key).cloned(),
        };
        let response = Response::new(answer.expect("every answer is prepared"));
        Box::pin(std::future::ready(Ok(response)))
    }
}

/// An application with one provider, its browser, and the thread that both run on.
struct Application {
    runtime: Runtime,
    router: Router,
    provider: PreparedProvider,
    logins: u64,
}

impl Application {
    fn new() -> Self {
        let provider = PreparedProvider::new();
        let oauth = Providers::builder()
            .config(Config::empty())
            .public_url("https://app.example")
            .set("OAUTH_COOKIE_KEYS", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
            .set("ACME_CLIENT_ID", CLIENT_ID)
            .set("ACME_CLIENT_SECRET", "secret")
            .http_client(provider.clone())
            .build()
            .expect("the configuration is complete");
        let router = Router::new()
            .route("/", get(async || "signed out"))
            .route("/profile", get(async |user: User| user.subject().to_owned()))
            .merge(oauth.routes())
            .with_state(oauth);
        let runtime =
            tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts");
        Self { runtime, router, provider, logins: 0 }
    }

    fn call(&mut self, request: Request<Body>) -> Response<Body> {
        let Ok(response) = self.runtime.block_on(self.router.call(request));
        response
    }

    /// Starts a login and returns the request for its callback.
    fn answered_login(&mut self) -> Request<Body> {
        self.logins += 1;
        let redirect = self.call(get_request("/auth/acme/login", None));
        assert_eq!(redirect.status(), StatusCode::FOUND);
        let location = redirect.headers()[LOCATION].to_str().expect("a URL is text");
        let query = Url::parse(location).expect("a URL").query().unwrap_or_default().to_owned();
        let (state, nonce) =
            (parameter(query.as_bytes(), "state"), parameter(query.as_bytes(), "nonce"));
        let code = format!("SplxlOBeZQQYbYS6WxSbIA{}", self.logins);
        self.provider.grant(&code, &nonce);
        let path =
            format!("/auth/acme/callback?code={code}&state={state}&iss=https://acme.example");
        get_request(&path, Some(&cookie(&redirect, "__Host-oauth-login-")))
    }
}

fn get_request(path: &str, cookie: Option<&str>) -> Request<Body> {
    let mut request = Request::get(path);
    if let Some(cookie) = cookie {
        request = request.header(COOKIE, cookie);
    }
    request.body(Body::empty()).expect("a request")
}

/// The cookie with this prefix, as the browser would send it.
fn cookie(response: &Response<Body>, prefix: &str) -> String {
    let cookies = response.headers().get_all(SET_COOKIE).iter();
    let texts = cookies.filter_map(|value| value.to_str().ok());
    let mut pairs = texts.filter_map(|text| text.split(';').next());
    pairs.find(|pair| pair.starts_with(prefix)).expect("the cookie is set").to_owned()
}

fn parameter(form: &[u8], name: &str) -> String {
    url::form_urlencoded::parse(form)
        .find_map(|(own, value)| (own == name).then(|| value.into_owned()))
        .expect("the parameter is there")
}

fn login(criterion: &mut Criterion) {
    let mut application = Application::new();
    let callback = application.answered_login();
    let session = cookie(&application.call(callback), "__Host-oauth-session");

    let mut group = criterion.benchmark_group("login");
    let mut page = |name: &str, path: &str, cookie: Option<&str>, status: StatusCode| {
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                || get_request(path, cookie),
                |request| {
                    let response = application.call(black_box(request));
                    assert_eq!(response.status(), status);
                    response
                },
                BatchSize::SmallInput,
            );
        });
    };
    page("page without a login, for comparison", "/", None, StatusCode::OK);
    page("page with a session", "/profile", Some(&session), StatusCode::OK);
    page("redirect to the provider", "/auth/acme/login", None, StatusCode::FOUND);

    // Two closures share the application: one prepares, and the other is measured.
    let application = std::cell::RefCell::new(application);
    // The provider's signatures, made before each batch, take most of the time.
    group.measurement_time(Duration::from_secs(30));
    group.bench_function("callback, RS256", |bencher| {
        bencher.iter_batched(
            || application.borrow_mut().answered_login(),
            |request| {
                let response = application.borrow_mut().call(black_box(request));
                assert_eq!(response.status(), StatusCode::SEE_OTHER);
                response
            },
            BatchSize::NumIterations(100),
        );
    });
    group.finish();
}

criterion_group!(benches, login);
criterion_main!(benches);
