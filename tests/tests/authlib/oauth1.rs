//! OAuth 1.0a: every signature method in every placement, and the errors of providers and browsers.

use axum::Json;
use http::{Method, Request, StatusCode};
use oauth_runtime::error::{AuthorizationResponseError, BrowserError, EndpointKind, ProviderError};
use oauth_runtime::http::{HttpClient, Limits, ReqwestClient};
use oauth_runtime::prelude::*;
use oauth_runtime::{Connection, OAuth1Provider, RegistryBuilder};
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use tests::authlib::OAuth1Server;
use tests::in_process::{Browser, Failures, Page, Recorder, Trusting};
use tests::scenario;
use tests::scenario::Scenario;
use url::Url;

mod callbacks;
mod configured;

use self::configured::{Settled, settled};

pub(crate) const CLIENT_ID: &str = "consumer-key";
pub(crate) const CLIENT_SECRET: &str = "a consumer secret & more, only for these tests";

/// The profile identifies the user.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "photos",
    request_token_url = "{base}/initiate",
    authorize_url = "{base}/authorize",
    access_token_url = "{base}/token",
    userinfo_endpoint = "{base}/me",
    api_base_url = "{base}/api/",
    identity(id = "id", name = "name", username = "screen_name"),
    quirks(loopback_http)
)]
struct Photos {
    base: String,
}

/// The token response identifies the user.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "bird",
    request_token_url = "{base}/initiate",
    authorize_url = "{base}/authorize",
    access_token_url = "{base}/token",
    identity(id = "user_id", username = "screen_name"),
    quirks(loopback_http)
)]
struct Bird {
    base: String,
}

#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(
    mount = "/auth",
    on_login = signed_in,
    on_connect = connected,
    on_error = failed
)]
struct Providers {
    photos: Client<Photos>,
    bird: Client<Bird>,
    settled: Client<Settled>,
}

async fn signed_in<P: OAuth1Provider + OAuthProvider>(
    login: Login<P>,
) -> Result<impl IntoResponse, OAuthError> {
    let identity = login.identity();
    let seen = json!({
        "subject": identity.subject(),
        "username": identity.username(),
        "issuer": identity.issuer(),
        "has_secret": login.token().token_secret().is_some(),
        "debug": format!("{login:?} {:?}", login.token()),
    });
    Ok((login.sign_in().await?, Json(seen)))
}

async fn connected<P: OAuth1Provider + OAuthProvider>(
    connection: Connection<P>,
) -> Result<impl IntoResponse, OAuthError> {
    let seen = json!({
        "user": connection.user().provider(),
        "identity": connection.identity().provider(),
        "subject": connection.identity().subject(),
        "has_secret": connection.token().token_secret().is_some(),
    });
    Ok((connection.connect().await?, Json(seen)))
}

async fn failed(
    axum::Extension(failures): axum::Extension<Failures>,
    error: OAuthError,
) -> impl IntoResponse {
    let status = error.status();
    failures.push(error);
    status
}

/// Calls with parameters that are hard to sign: repeated names, empty values, UTF-8, `+`, `~`, and
/// a body that is not a form.
async fn calls(photos: Api<Photos>) -> Result<Json<Value>, OAuthError> {
    let odd = [("b", "2"), ("b", "1"), ("empty", ""), ("é ~+", "ä&=% ~+"), ("a", "1")];
    Ok(Json(json!([
        photos.get("echo?first=%20x+y").query(odd).json::<Value>().await?,
        photos.post("echo?q=1").body_form(odd).json::<Value>().await?,
        photos.put("echo").body_json(&json!({"note": "Grüße"})).json::<Value>().await?,
        photos.delete("echo").json::<Value>().await?,
        photos.post("echo").json::<Value>().await?,
        photos.userinfo().await?,
    ])))
}

async fn call(photos: Api<Photos>) -> Result<Json<Value>, OAuthError> {
    photos.get("echo").json().await.map(Json)
}

/// An application and its provider.
struct Site {
    server: OAuth1Server,
    browser: Browser,
    failures: Failures,
}

impl Site {
    async fn start(server: OAuth1Server, kwargs: &Value) -> Self {
        Self::with(server, kwargs, |builder| builder).await
    }

    async fn with(
        server: OAuth1Server,
        kwargs: &Value,
        configure: impl FnOnce(RegistryBuilder<Providers>) -> RegistryBuilder<Providers>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let public_url = format!("http://{address}");
        let mut builder = Providers::builder().config(Config::empty()).public_url(&public_url);
        for (key, path) in [
            ("REQUEST_TOKEN_URL", "/initiate"),
            ("AUTHORIZE_URL", "/authorize"),
            ("ACCESS_TOKEN_URL", "/token"),
            ("API_BASE_URL", "/api"),
        ] {
            builder = builder.set(format!("SETTLED_{key}"), format!("{}{path}", server.base));
        }
        for name in ["PHOTOS", "BIRD", "SETTLED"] {
            builder = builder
                .set(format!("{name}_BASE"), &server.base)
                .set(format!("{name}_CLIENT_ID"), CLIENT_ID)
                .set(format!("{name}_CLIENT_KWARGS"), kwargs.to_string());
            builder = match server.private_key.exists() {
                true => {
                    let file = server.private_key.display().to_string();
                    builder.set(format!("{name}_PRIVATE_KEY_FILE"), file)
                }
                false => builder.set(format!("{name}_CLIENT_SECRET"), CLIENT_SECRET),
            };
        }
        let oauth = configure(builder).build().expect("a valid configuration");
        let failures = Failures::default();
        let app = Router::new()
            .route("/calls", get(calls))
            .route("/call", get(call))
            .route("/settled", get(settled))
            .merge(oauth.routes())
            .layer(axum::Extension(failures.clone()))
            .with_state(oauth);
        tokio::spawn(async move { axum::serve(listener, app).await });
        let browser = Browser::new(Url::parse(&public_url).expect("a URL"), address);
        Self { server, browser, failures }
    }

    fn http(&self) -> reqwest::Client {
        let builder = reqwest::Client::builder().redirect(Policy::none()).no_proxy();
        let builder = match std::fs::read(&self.server.certificate) {
            Ok(pem) => builder.tls_certs_only([reqwest::Certificate::from_pem(&pem).expect("PEM")]),
            Err(_) => builder,
        };
        builder.build().expect("a client")
    }

    /// Visits the provider and returns its response for the callback.
    async fn answer(&mut self, provider: &str, more: &str) -> String {
        let location = self.browser.start_login(provider).await;
        self.answer_at(&location, more).await
    }

    async fn answer_at(&self, location: &str, more: &str) -> String {
        let response = self.http().get(format!("{location}{more}")).send().await;
        let response = response.expect("an answer of the provider");
        assert_eq!(response.status(), StatusCode::FOUND);
        response.headers()["location"].to_str().expect("a URL").to_owned()
    }

    async fn log_in(&mut self, provider: &str) -> Page {
        let callback = self.answer(provider, "").await;
        self.browser.finish(callback).await
    }

    async fn refused(&mut self, callback: &str) -> OAuthError {
        let page = self.browser.finish(callback).await;
        assert!(page.status.is_client_error() || page.status.is_server_error(), "{page:?}");
        assert_eq!(self.browser.session(), None, "a refused login creates no session");
        self.failures.only()
    }

    /// The requests to the provider, without those of this test.
    async fn seen(&self) -> Vec<Value> {
        let seen = self.http().get(format!("{}/seen", self.server.base)).send().await;
        seen.expect("a response").json().await.expect("JSON")
    }
}

/// Logs in and calls the API with one signature method, in every placement.
async fn every_placement(scenario: &Scenario, method: &str, key_format: &str) {
    let server = OAuth1Server::start(scenario, method, key_format).await;
    let mut site = Some(server);
    for placement in ["HEADER", "QUERY", "BODY"] {
        let server = site.take().expect("the provider");
        let kwargs = json!({
            "signature_method": method, "signature_type": placement, "realm": "Photos 7",
        });
        let certificate = std::fs::read(&server.certificate).ok();
        let mut here = Site::with(server, &kwargs, |builder| match &certificate {
            Some(pem) => builder.http_client(Trusting::new(pem)),
            None => builder,
        })
        .await;
        let page = here.log_in("photos").await;
        let failures = here.failures.take();
        assert_eq!(page.status, StatusCode::OK, "{method} {placement}: {failures:?}");
        let seen: Value = serde_json::from_str(&page.body).expect("JSON");
        assert_eq!((&seen["subject"], &seen["username"]), (&json!("815"), &json!("ada")));
        assert_eq!(
            (&seen["issuer"], &seen["has_secret"]),
            (&json!(here.server.base), &json!(true))
        );

        let page = here.browser.get("/calls").await;
        assert_eq!(page.status, StatusCode::OK, "{method} {placement}: {}", page.body);
        let answers: Value = serde_json::from_str(&page.body).expect("JSON");
        let odd = json!([["b", "2"], ["b", "1"], ["empty", ""], ["é ~+", "ä&=% ~+"], ["a", "1"]]);
        let with = |first: Value| {
            let mut all = vec![first];
            all.extend(odd.as_array().expect("a list").clone());
            Value::Array(all)
        };
        assert_eq!(answers[0]["parameters"], with(json!(["first", " x y"])), "{placement}");
        assert_eq!(answers[1]["parameters"], with(json!(["q", "1"])), "{placement}");
        assert_eq!(answers[2]["body"], r#"{"note":"Grüße"}"#);
        assert_eq!(
            (&answers[2]["method"], &answers[3]["method"]),
            (&json!("PUT"), &json!("DELETE"))
        );
        assert_eq!(answers[5]["name"], "Ada Lovelace");
        // Only a form can carry them in its body. Other requests have them in the header.
        let in_body = |has_form| match (placement, has_form) {
            ("BODY", false) => "HEADER",
            (placement, _) => placement,
        };
        let placements: Vec<_> = (0..5).map(|at| answers[at]["placement"].clone()).collect();
        assert_eq!(
            placements,
            [in_body(false), in_body(true), in_body(false), in_body(false), in_body(true)]
        );
        let realm = if in_body(false) == "HEADER" { json!("Photos 7") } else { Value::Null };
        assert_eq!(answers[0]["realm"], realm);
        site = Some(here.server);
    }
}

#[tokio::test]
async fn hmac_sha1_is_understood_in_every_placement() {
    every_placement(&scenario!(), "HMAC-SHA1", "").await;
}

#[tokio::test]
async fn hmac_sha256_is_understood_in_every_placement() {
    every_placement(&scenario!(), "HMAC-SHA256", "").await;
}

#[tokio::test]
async fn rsa_sha256_is_understood_in_every_placement() {
    every_placement(&scenario!(), "RSA-SHA256", "pkcs8").await;
}

#[tokio::test]
async fn rsa_sha1_is_understood_in_every_placement() {
    every_placement(&scenario!(), "RSA-SHA1", "pkcs1").await;
}

#[tokio::test]
async fn plaintext_is_understood_in_every_placement() {
    every_placement(&scenario!(), "PLAINTEXT", "").await;
}

async fn usual(scenario: &Scenario) -> Site {
    let server = OAuth1Server::start(scenario, "HMAC-SHA1", "").await;
    Site::start(server, &json!({})).await
}

#[tokio::test]
async fn who_it_is_may_come_with_the_token() {
    let mut site = usual(&scenario!()).await;
    let page = site.log_in("bird").await;
    assert_eq!(page.status, StatusCode::OK, "{:?}", site.failures.take());
    let seen: Value = serde_json::from_str(&page.body).expect("JSON");
    assert_eq!((&seen["subject"], &seen["username"]), (&json!("815"), &json!("ada")));
    let paths: Vec<_> = site.seen().await.iter().map(|one| one["path"].clone()).collect();
    assert_eq!(paths, ["/initiate", "/authorize", "/token", "/seen"], "no profile is asked for");
}

#[tokio::test]
async fn identity_is_linked_in_its_session_only() {
    let mut site = usual(&scenario!()).await;
    site.log_in("photos").await;
    let session = site.browser.session();
    let click = [("sec-fetch-site", "same-origin")];
    let started = site.browser.post("/auth/bird/connect", &click).await;
    let callback = site.answer_at(started.location(), "").await;
    let page = site.browser.finish(callback).await;
    let seen: Value = serde_json::from_str(&page.body).expect("JSON");
    assert_eq!(
        seen,
        json!({ "user": "photos", "identity": "bird", "subject": "815", "has_secret": true })
    );
    assert_eq!((site.browser.session(), site.browser.pending()), (session, Vec::new()));

    // The user signs out before the provider responds.
    let started = site.browser.post("/auth/bird/connect", &click).await;
    let callback = site.answer_at(started.location(), "").await;
    site.browser.post("/auth/logout", &click).await;
    let refused = site.refused(&callback).await;
    assert!(matches!(refused, OAuthError::Browser(BrowserError::OtherSession)), "{refused:?}");
    let seen = site.seen().await;
    let exchanged = seen.iter().filter(|one| one["path"] == "/token").count();
    assert_eq!(exchanged, 2, "those of the login and the first link");
}

#[tokio::test]
async fn login_without_a_session_replaces_none_later() {
    let mut site = usual(&scenario!()).await;
    let elsewhere = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
    let started = site.browser.send(Method::GET, "/auth/bird/login", &elsewhere).await;
    let callback = site.answer_at(started.location(), "").await;
    site.log_in("photos").await;
    let session = site.browser.session();
    let page = site.browser.finish(callback).await;
    assert_eq!(page.location(), "/", "{page:?}");
    assert_eq!((site.browser.session(), site.browser.pending()), (session, Vec::new()));
    let seen = site.seen().await;
    let exchanged = seen.iter().filter(|one| one["path"] == "/token").count();
    assert_eq!(exchanged, 1, "only the one of the first login");
}

#[tokio::test]
async fn callback_is_valid_for_one_login() {
    let mut site = usual(&scenario!()).await;
    let callback = site.answer("photos", "").await;
    let mut thief = site.browser.clone();
    assert_eq!(site.browser.finish(&callback).await.status, StatusCode::OK);
    thief.finish(&callback).await;
    let refused = site.failures.only();
    assert!(matches!(refused, OAuthError::Browser(BrowserError::Replayed)), "{refused:?}");
    assert_eq!(thief.session(), None);
    let exchanges = site.seen().await.iter().filter(|one| one["path"] == "/token").count();
    assert_eq!(exchanges, 1);
}

/// Authlib reports it as in OAuth 2.0, without the token that was refused.
#[tokio::test]
async fn denied_login_is_distinct_from_an_error() {
    let mut site = usual(&scenario!()).await;
    let callback = site.answer("photos", "&deny=1").await;
    assert!(callback.contains("error=access_denied"), "{callback}");
    let refused = site.refused(&callback).await;
    assert!(refused.is_access_denied(), "{refused:?}");
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);

    // Without a pending login there is nothing to deny.
    site.browser = site.browser.fresh();
    let refused = site.refused(&callback).await;
    assert!(matches!(refused, OAuthError::Browser(BrowserError::NoPendingLogin)), "{refused:?}");
}

#[tokio::test]
async fn signed_request_is_unique_and_accepted_once() {
    let server = OAuth1Server::start(&scenario!(), "HMAC-SHA1", "").await;
    let recorder = Recorder::new();
    let http = recorder.clone();
    let mut site = Site::with(server, &json!({}), |builder| builder.http_client(http)).await;
    site.log_in("photos").await;
    for _ in 0..2 {
        assert_eq!(site.browser.get("/call").await.status, StatusCode::OK);
    }
    let requests: Vec<Request<bytes::Bytes>> =
        recorder.exchanges().into_iter().map(|(request, _)| request).collect();
    let replayed = requests.last().expect("a request").clone();
    assert!(replayed.uri().path().ends_with("/echo"), "{:?}", replayed.uri());
    let client = ReqwestClient::new().expect("a client");
    let answer = client.send(replayed, Limits::API).await.expect("a response");
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert!(answer.body().windows(13).any(|part| part == b"invalid_nonce"), "{:?}", answer.body());

    let signed: Vec<_> = requests.iter().map(|one| &one.headers()["authorization"]).collect();
    for (at, one) in signed.iter().enumerate() {
        assert!(one.is_sensitive() && signed[..at].iter().all(|other| other != one), "{one:?}");
    }
}

#[tokio::test]
async fn token_unknown_to_the_provider_needs_a_login() {
    let mut site = usual(&scenario!()).await;
    site.log_in("photos").await;
    let url = format!("{}/forget-tokens", site.server.base);
    site.http().request(Method::POST, url).send().await.expect("a response");
    let page = site.browser.get("/call").await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{page:?}");
}

/// A provider that does not know the client's secret reports it, and no login starts.
#[tokio::test]
async fn a_wrong_secret_is_refused_at_the_first_step() {
    let server = OAuth1Server::start(&scenario!(), "HMAC-SHA1", "").await;
    let mut site =
        Site::with(server, &json!({}), |builder| builder.set("PHOTOS_CLIENT_SECRET", "another"))
            .await;
    let page = site.browser.get("/auth/photos/login").await;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY);
    let refused = site.failures.only();
    let OAuthError::Provider {
        error: ProviderError::Declined { endpoint: EndpointKind::TemporaryCredentials, response },
        ..
    } = refused
    else {
        panic!("{refused:?}")
    };
    assert_eq!(response.error(), "invalid_signature");
    assert_eq!(site.browser.pending(), []);
}
