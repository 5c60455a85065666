//! `token_placement`: the access token appears only where the declaration says.

use axum::extract::FromRequestParts;
use axum::response::IntoResponse;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{Method, Request};
use oauth_runtime::error::{CallError, TokenError};
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{Endpoint, Fault, RegisteredClient, SigningAlgorithm, TestProvider};
use oauth_runtime::{
    ProviderDescription, RuntimeProvider, RuntimeProviders, StoredToken, UnixTime,
};
use serde_json::Value;
use tests::in_process::{CLIENT_ID, CLIENT_SECRET, COOKIE_KEY, Recorder};

use crate::site::{Cookies, PUBLIC_URL};

struct Site {
    provider: TestProvider,
    clients: RuntimeProviders,
    client: Client<RuntimeProvider>,
    http: Recorder,
    browser: Cookies,
    login: Login<RuntimeProvider>,
}

impl Site {
    /// Ada, signed in with a client with this token placement.
    async fn start(placement: &str) -> Self {
        let provider = TestProvider::builder()
            .signing_algorithm(SigningAlgorithm::Es256)
            .client(RegisteredClient::confidential(CLIENT_ID, CLIENT_SECRET))
            .start()
            .await
            .expect("a provider");
        match placement {
            "body" => provider.fault(Fault::TokenInBodyOnly),
            "uri" => provider.fault(Fault::TokenInQueryOnly),
            _ => {}
        }
        let http = Recorder::new();
        let config = Config::empty()
            .set("OAUTH_PUBLIC_URL", PUBLIC_URL)
            .set("OAUTH_COOKIE_KEYS", COOKIE_KEY);
        let builder = RuntimeProviders::builder().config(config).http_client(http.clone());
        let clients = builder.build().expect("valid settings");
        let description = ProviderDescription::new("acme")
            .issuer(provider.issuer())
            .api_base_url(provider.api_base_url())
            .scopes(["openid", "email", "profile"])
            .token_placement(placement)
            .quirks(["loopback_http"])
            .client_id(CLIENT_ID)
            .client_secret(CLIENT_SECRET);
        let client = clients.insert(description).expect("a valid description");
        let mut browser = Cookies::default();
        let url = browser.follow(client.authorize_redirect().await.expect("a login starts"));
        let callback = provider.sign_in(&url, "ada").expect("a valid request");
        let (_, answer) = callback.split_once('?').expect("parameters");
        let request = browser.get(&format!("/?{answer}"));
        let login = client.authorize_access_token(request).await.expect("a login");
        browser.keep(&(login.sign_in().await.expect("a session"), "").into_response());
        Self { provider, clients, client, http, browser, login }
    }

    async fn api(&self) -> Api<RuntimeProvider> {
        let (mut parts, _) = self.browser.get("/").into_parts();
        let user = User::from_request_parts(&mut parts, &self.clients).await.expect("a user");
        self.clients.api(&user).await.expect("a token")
    }

    /// The last request: whether it has the token in header, query and body.
    fn places(&self) -> (bool, bool, bool) {
        let exchanges = self.http.exchanges();
        let (request, _): &(Request<Bytes>, _) = exchanges.last().expect("a request");
        let is_in = |text: &str| text.contains("access_token=");
        (
            request.headers().contains_key(AUTHORIZATION),
            is_in(request.uri().query().unwrap_or_default()),
            is_in(&String::from_utf8_lossy(request.body())),
        )
    }
}

const HEADER: (bool, bool, bool) = (true, false, false);
const QUERY: (bool, bool, bool) = (false, true, false);
const BODY: (bool, bool, bool) = (false, false, true);

#[tokio::test]
async fn token_placement_applies_to_calls_and_userinfo() {
    for (placement, place) in [("header", HEADER), ("body", BODY), ("uri", QUERY)] {
        let site = Site::start(placement).await;
        let api = site.api().await;
        let answer: Value = api
            .post("resource")
            .body_form([("a", "1")])
            .json()
            .await
            .unwrap_or_else(|error| panic!("{placement}: {error}"));
        assert_eq!((answer["sub"].as_str(), site.places()), (Some("ada"), place), "{placement}");
        let profile = api.userinfo().await.expect("a profile");
        assert_eq!((profile.text("sub"), site.places()), (Some("ada"), place), "{placement}");
        site.client.userinfo(site.login.token()).await.expect("a profile");
        assert_eq!(site.places(), place, "{placement}");
    }
}

#[tokio::test]
async fn request_without_form_has_the_token_in_its_header() {
    let site = Site::start("body").await;
    site.provider.clear_faults();
    let api = site.api().await;
    api.get("resource").text().await.expect("a response");
    assert_eq!(site.places(), HEADER);
    api.post("resource").body_json(&[1]).text().await.expect("a response");
    assert_eq!(site.places(), HEADER);
    site.provider.fault(Fault::TokenInBodyOnly);
    api.request(Method::DELETE, "resource").text().await.expect("a response");
    assert_eq!(site.places(), BODY);
}

#[tokio::test]
async fn the_pages_of_a_list_have_the_token_once_each() {
    let site = Site::start("uri").await;
    let api = site.api().await;
    let mut pages = api.get("user/repos").query([("per_page", "2")]).pages();
    let mut count = 0;
    while let Some(page) = pages.next_json::<Vec<Value>>().await.expect("a page") {
        count += page.len();
        assert_eq!(site.places(), QUERY);
    }
    assert_eq!(count, 3);
}

/// URLs are logged in many places, but never by this library.
#[tokio::test]
async fn token_in_the_query_leaks_to_no_error_or_origin() {
    let site = Site::start("uri").await;
    let token = site.client.client_credentials().await.expect("a token");
    let secret = token.access_token().expose().to_owned();
    let api = site.client.with_token(token);
    site.provider.fault(Fault::ServerError(Endpoint::Api));
    let request = api.get("resource");
    let shown = format!("{request:?} {api:?}");
    let error = request.text().await.expect_err("status 503");
    let shown = format!("{shown} {error} {error:?}");
    assert!(!shown.contains(&secret), "{shown}");

    let before = site.http.exchanges().len();
    let elsewhere = site.provider.bystander().url();
    let refused = api.get(&elsewhere).text().await.expect_err("another origin");
    assert!(matches!(refused, OAuthError::Call(CallError::ForeignOrigin(_))), "{refused:?}");
    assert_eq!(site.http.exchanges().len(), before);
    api.get(&elsewhere).withhold_token().send().await.expect("a response");
    assert_eq!(site.places(), (false, false, false));
}

/// The API of one tenant, named by the path, is not the API of another.
#[tokio::test]
async fn token_stays_below_the_api_base() {
    let site = Site::start("header").await;
    let api = site.api().await;
    let issuer = site.provider.issuer().to_owned();
    let (_, authority) = issuer.split_once("//").expect("a URL");
    let before = site.http.exchanges().len();
    for path in [
        format!("{issuer}/userinfo?token=hunter2"),
        format!("{issuer}/apis?token=hunter2"),
        format!("{issuer}/api/../userinfo?token=hunter2"),
        format!("{issuer}/api/%2e%2e/userinfo?token=hunter2"),
        format!("{issuer}/api/..%2fuserinfo?token=hunter2"),
        format!("{issuer}\\api\\..\\userinfo?token=hunter2"),
        format!("http://{authority}:1/api/resource?token=hunter2"),
        format!("http://user:hunter2@{authority}/api/resource"),
        format!("http://{authority}@elsewhere.example/api/resource?token=hunter2"),
        format!("https://{authority}/api/resource?token=hunter2"),
        "../userinfo?token=hunter2".to_owned(),
        "..\\userinfo?token=hunter2".to_owned(),
        "a/../../userinfo?token=hunter2".to_owned(),
        "%2e%2E/userinfo?token=hunter2".to_owned(),
        "..%2Fuserinfo?token=hunter2".to_owned(),
        "%252e%252e%252fuserinfo?token=hunter2".to_owned(),
        "..%5cuserinfo?token=hunter2".to_owned(),
        "..;/userinfo?token=hunter2".to_owned(),
        ".\t./userinfo?token=hunter2".to_owned(),
        "resource#token=hunter2".to_owned(),
    ] {
        let request = api.get(&path);
        let mut shown = format!("{request:?}");
        let refused = request.text().await.expect_err(&path);
        let is_call = matches!(
            &refused,
            OAuthError::Call(CallError::ForeignOrigin(_) | CallError::BadUrl { .. })
        );
        assert!(is_call, "{path}: {refused:?}");
        shown += &format!("{refused} {refused:?}");
        assert!(!shown.contains("hunter2"), "{path}: {shown}");
    }
    assert_eq!(site.http.exchanges().len(), before, "nothing was sent");
    let absolute = format!("{issuer}/api/resource");
    for path in [&*absolute, "resource", "/resource", "//resource", "a/../resource"] {
        api.get(path).send().await.expect(path);
    }
    // A declared origin may receive the token.
    let named = api.get(&format!("{issuer}/userinfo")).with_token_at(&issuer);
    named.send().await.expect("a response");
}

#[tokio::test]
async fn expired_token_in_hand_is_said_not_to_be_refreshed() {
    let site = Site::start("header").await;
    let stored = StoredToken::new("acme", "a")
        .with_refresh_token("r")
        .with_expires_at(UnixTime::from_secs(1));
    let token = Token::from_stored(stored).expect("a token");
    let error = site.client.with_token(token).get("resource").text().await.expect_err("expired");
    assert!(
        matches!(error, OAuthError::Token { error: TokenError::NotRefreshed, .. }),
        "{error:?}"
    );
    let text = error.to_string();
    assert!(text.contains("not refreshed") && !text.contains("no refresh token"), "{text}");
}

#[tokio::test]
async fn header_is_refused_where_the_query_is_expected() {
    let site = Site::start("header").await;
    site.provider.fault(Fault::TokenInQueryOnly);
    let refused = site.api().await.get("resource").text().await.expect_err("no token");
    assert!(matches!(refused, OAuthError::Token { error: TokenError::Refused, .. }), "{refused:?}");
}
