//! OAuth 2.0 and OpenID Connect: the server demands PKCE and a nonce, rotates refresh tokens, and
//! authenticates the client at every endpoint.

use axum::Json;
use http::StatusCode;
use oauth_runtime::Clock;
use oauth_runtime::prelude::*;
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use tests::authlib::OpenIdServer;
use tests::in_process::{Browser, Page};
use tests::scenario;
use tests::scenario::Scenario;
use url::Url;

use super::tokens::configured;

#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "authlib",
    issuer = "{issuer}",
    api_base_url = "{issuer}/api/",
    scopes("openid", "profile", "email", "offline_access"),
    userinfo = UserInfo,
    quirks(loopback_http)
)]
pub(super) struct Authlib {
    issuer: String,
}

#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(mount = "/auth", on_login = signed_in)]
pub(super) struct Providers {
    pub(super) authlib: Client<Authlib>,
}

async fn signed_in(login: Login<Authlib>) -> Result<impl IntoResponse, OAuthError> {
    let seen = json!({
        "subject": login.identity().subject(),
        "issuer": login.identity().issuer(),
        "email": login.identity().verified_email().map(ToString::to_string),
        "name": login.identity().name(),
        "scopes": login.token().scopes(),
        "refresh_token": login.token().refresh_token().map(|token| token.expose().to_owned()),
    });
    Ok((login.sign_in().await?, Json(seen)))
}

async fn resource(authlib: Api<Authlib>) -> Result<Json<Value>, OAuthError> {
    authlib.get("resource").json().await.map(Json)
}

/// An application and its authorization server.
pub(super) struct Site {
    pub(super) server: OpenIdServer,
    pub(super) browser: Browser,
}

impl Site {
    async fn start(scenario: &Scenario, token_endpoint_auth_method: &str) -> Self {
        Self::start_with(scenario, token_endpoint_auth_method, &Clock::system(), 3600).await
    }

    pub(super) async fn start_with(
        scenario: &Scenario,
        token_endpoint_auth_method: &str,
        clock: &Clock,
        expires_in: u32,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let base = format!("http://{address}");
        let redirect_uri = format!("{base}/auth/authlib/callback");
        let server = OpenIdServer::start(scenario, &redirect_uri, expires_in).await;
        let kwargs = json!({ "token_endpoint_auth_method": token_endpoint_auth_method });
        let oauth = configured(&server, &base, clock)
            .set("AUTHLIB_CLIENT_KWARGS", kwargs.to_string())
            .build()
            .expect("a valid configuration");
        let app =
            Router::new().route("/resource", get(resource)).merge(oauth.routes()).with_state(oauth);
        tokio::spawn(async move { axum::serve(listener, app).await });
        let browser = Browser::new(Url::parse(&base).expect("a URL"), address);
        Self { server, browser }
    }

    /// Visits the server and calls the callback with its response.
    pub(super) async fn log_in(&mut self, more: &str) -> Page {
        let url = self.browser.start_login("authlib").await;
        let callback = at_server(&format!("{url}{more}")).await;
        self.browser.finish(callback).await
    }
}

/// The target of the server's redirect.
pub(super) async fn at_server(url: &str) -> String {
    let http = reqwest::Client::builder().redirect(Policy::none()).no_proxy().build();
    let answer = http.expect("a client").get(url).send().await.expect("a response");
    assert_eq!(answer.status(), StatusCode::FOUND, "{url}");
    let location = answer.headers().get("location").expect("a redirect leads somewhere");
    location.to_str().expect("an address is plain text").to_owned()
}

async fn user_logs_in_and_calls_the_api(scenario: &Scenario, auth_method: &str) {
    let mut site = Site::start(scenario, auth_method).await;
    let page = site.log_in("").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let seen: Value = serde_json::from_str(&page.body).expect("JSON");
    assert_eq!(seen["subject"], "ada");
    assert_eq!(seen["issuer"], site.server.issuer.as_str());
    assert_eq!(seen["email"], "ada@example.com");
    assert_eq!(seen["name"], "Ada Lovelace");
    assert_eq!(seen["scopes"], json!(["openid", "profile", "email", "offline_access"]));
    assert!(seen["refresh_token"].is_string());

    let page = site.browser.get("/resource").await;
    assert_eq!((page.status, page.body.as_str()), (StatusCode::OK, r#"{"owner":"ada"}"#));
}

#[tokio::test]
async fn authlib_accepts_client_secret_basic() {
    user_logs_in_and_calls_the_api(&scenario!(), "client_secret_basic").await;
}

#[tokio::test]
async fn authlib_accepts_client_secret_post() {
    user_logs_in_and_calls_the_api(&scenario!(), "client_secret_post").await;
}

#[tokio::test]
async fn access_denied_at_authlib_ends_the_login() {
    let mut site = Site::start(&scenario!(), "client_secret_basic").await;
    let page = site.log_in("&deny=1").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
    assert_eq!(site.browser.get("/resource").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(site.log_in("").await.status, StatusCode::OK, "another attempt succeeds");
}

/// The server stores the code challenge: a code needs its verifier and is valid once.
#[tokio::test]
async fn code_of_authlib_is_bound_to_browser_and_one_login() {
    let mut site = Site::start(&scenario!(), "client_secret_basic").await;
    let callback = at_server(&site.browser.start_login("authlib").await).await;
    let mut stranger = site.browser.fresh();
    assert_eq!(stranger.finish(&callback).await.status, StatusCode::BAD_REQUEST);

    let mut thief = site.browser.clone();
    assert_eq!(site.browser.finish(&callback).await.status, StatusCode::OK);
    assert_eq!(thief.finish(&callback).await.status, StatusCode::BAD_REQUEST);
}
