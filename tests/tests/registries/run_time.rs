//! Run-time providers, which are added, replaced and removed while the application runs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::extract::{FromRef, Path, Request};
use http::StatusCode;
use oauth_runtime::error::{BrowserError, TokenError};
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{Endpoint, TestProvider};
use oauth_runtime::{
    ComplianceFix, Connection, ProviderDescription, RuntimeApi, RuntimeProvider, RuntimeProviders,
    TokenUpdated,
};
use tests::in_process::{Browser, CLIENT_ID, CLIENT_SECRET, COOKIE_KEY, Op, config, failed};

use url::Url;

use super::site::{Site, listen, start_provider, tenant, visitor};

mod api;
mod replaced;

/// An application with only tenants.
struct Alone {
    site: Site,
    tenants: RuntimeProviders,
    acme: TestProvider,
    /// The token events.
    events: Arc<Mutex<Vec<TokenUpdated>>>,
}

async fn resource(
    State(tenants): State<RuntimeProviders>,
    user: User,
) -> Result<String, OAuthError> {
    tenants.api(&user).await?.get("resource").text().await
}

async fn begin(
    State(tenants): State<RuntimeProviders>,
    Path(name): Path<String>,
) -> Result<impl IntoResponse, OAuthError> {
    let client = tenants.get(&name).ok_or(BrowserError::UnknownProvider)?;
    client.authorize_redirect().return_to("/by-hand").await
}

async fn alone() -> Alone {
    let (listener, url) = listen().await;
    let config = Config::empty().set("OAUTH_PUBLIC_URL", &url).set("OAUTH_COOKIE_KEYS", COOKIE_KEY);
    let events = Arc::<Mutex<Vec<_>>>::default();
    let heard = Arc::clone(&events);
    let builder = RuntimeProviders::builder().config(config).on_token_updated(move |event| {
        heard.lock().expect("no panic").push(event);
        async {}
    });
    let tenants = builder.build().expect("valid settings");
    let acme = start_provider().await;
    tenants.insert(tenant("acme", &acme)).expect("a valid description");
    let app = Router::new()
        .route("/", get(visitor))
        .route("/resource", get(resource))
        .route("/extracted", get(async |api: RuntimeApi| api.get("resource").text().await))
        .route("/optional", get(async |api: Option<RuntimeApi>| api.is_some().to_string()))
        .route("/begin/{name}", get(begin))
        .merge(tenants.routes().on_error(failed))
        .with_state(tenants.clone());
    Alone { site: Site::serve(listener, &url, app), tenants, acme, events }
}

impl Alone {
    async fn log_in(&self, browser: &mut Browser) {
        let url = browser.start_login("acme").await;
        let callback = self.acme.sign_in(&url, "ada").expect("a valid request");
        assert_eq!(browser.finish(callback).await.location(), "/");
    }

    /// Replaces `acme` by another provider.
    async fn replace(&self) -> TestProvider {
        let other = start_provider().await;
        self.tenants.insert(tenant("acme", &other)).expect("a valid description");
        other
    }
}

#[tokio::test]
async fn tenant_serves_login_api_and_logout() {
    let app = alone().await;
    let mut browser = app.site.browser();
    app.log_in(&mut browser).await;
    assert_eq!(browser.get("/").await.body, "ada of acme");
    let answer = browser.get("/resource").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    browser.post("/auth/logout", &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(browser.get("/").await.body, "nobody");
}

/// OpenID Connect RP-Initiated Logout 1.0, if the description enables it and the session belongs to
/// it.
#[tokio::test]
async fn logout_visits_the_provider_of_the_tenant() {
    let app = alone().await;
    let leaving = tenant("acme", &app.acme).rp_initiated_logout(true);
    app.tenants.insert(leaving).expect("a valid description");
    let mut browser = app.site.browser();
    app.log_in(&mut browser).await;
    let page = browser.post("/auth/logout", &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(
        browser.get("/").await.body,
        "nobody",
        "the session here has ended before the redirect"
    );
    let url = Url::parse(page.location()).expect("a URL");
    assert!(url.as_str().starts_with(&app.acme.url(Endpoint::EndSession)), "{url}");
    let parameters: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    let back = &parameters["post_logout_redirect_uri"];
    assert!(back.ends_with("/auth/acme/logged-out"), "{back}");
    assert!(parameters.contains_key("id_token_hint"));
    let back = format!("{back}?state={}", parameters["state"]);
    let page = browser
        .get(
            back.split_once("/auth")
                .map(|(_, path)| format!("/auth{path}"))
                .expect("a path")
                .as_str(),
        )
        .await;
    assert_eq!(page.location(), "/auth/logout");
    // Without it, the logout ends here.
    app.tenants.insert(tenant("acme", &app.acme)).expect("a valid description");
    assert_eq!(browser.get("/auth/acme/logged-out").await.status, StatusCode::NOT_FOUND);
    app.log_in(&mut browser).await;
    let page = browser.post("/auth/logout", &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(page.location(), "/auth/logout");
}

/// The users of one tenant need not know the others.
#[tokio::test]
async fn login_page_shows_only_listed_providers() {
    let app = alone().await;
    let mut browser = app.site.browser();
    let shown = browser.get("/resource").await.body;
    assert!(!shown.contains("Sign in with"), "{shown}");
    let listed =
        |name: &str| tenant(name, &app.acme).display_name(format!("The {name}")).listed(true);
    for name in ["zebra", "best"] {
        app.tenants.insert(listed(name)).expect("a valid description");
    }
    let shown = browser.get("/resource").await.body;
    let links: Vec<_> =
        shown.split("/auth/").skip(1).filter_map(|rest| rest.split('/').next()).collect();
    assert_eq!(links, ["best", "zebra"], "{shown}");
    assert!(shown.contains("Sign in with The best") && !shown.contains("acme"), "{shown}");
    app.tenants.remove("best");
    assert!(!browser.get("/resource").await.body.contains("The best"));
}

#[tokio::test]
async fn compliance_fix_repairs_a_tenants_responses() {
    struct Named;
    impl ComplianceFix for Named {
        fn userinfo_response(&self, response: &mut http::Response<bytes::Bytes>) {
            let text = String::from_utf8_lossy(response.body())
                .replace("ada@example.org", "fixed@example.org");
            *response.body_mut() = text.into();
        }
    }
    let app = alone().await;
    let plain = ProviderDescription::new("acme")
        .authorize_url(app.acme.url(Endpoint::Authorization))
        .access_token_url(app.acme.url(Endpoint::Token))
        .userinfo_endpoint(format!("{}/user", app.acme.api_base_url()))
        .scopes(["email"])
        .identity("id", "email")
        .quirks(["loopback_http"])
        .client_id(CLIENT_ID)
        .client_secret(CLIENT_SECRET);
    // An address is not an identifier.
    let error = app.tenants.insert(plain.clone()).expect_err("a fault");
    assert!(error.to_string().contains("acme.identity"), "{error}");
    let plain = plain.identity("id", "id").identity("username", "email").compliance_fix(&Named);
    app.tenants.insert(plain.clone()).expect("a valid description");
    app.tenants.insert(plain).expect("the same");
    let client = app.tenants.get("acme").expect("it is there");
    let started = client.authorize_redirect().into_url().await.expect("a login starts");
    let callback = app.acme.sign_in(started.url(), "ada").expect("a valid request");
    let query = callback.split_once('?').expect("parameters").1.to_owned();
    let login = client.resume_login(started.into_pending(), &query).await.expect("a login");
    assert_eq!(login.identity().username(), Some("fixed@example.org"));
}

#[tokio::test]
async fn tenant_is_added_and_removed_at_once() {
    let app = alone().await;
    let mut browser = app.site.browser();
    assert_eq!(browser.get("/auth/late/login").await.status, StatusCode::NOT_FOUND);
    let late = start_provider().await;
    app.tenants.insert(tenant("late", &late)).expect("a valid description");
    let url = browser.start_login("late").await;
    let callback = late.sign_in(&url, "ada").expect("a valid request");
    browser.finish(&callback).await;
    assert_eq!(browser.get("/").await.body, "ada of late");

    let pending = late.sign_in(&browser.start_login("late").await, "ada").expect("valid settings");
    assert!(app.tenants.remove("late"));
    assert!(!app.tenants.remove("late"));
    assert_eq!(browser.get("/").await.body, "nobody", "its sessions end with it");
    assert_eq!(browser.finish(pending).await.status, StatusCode::NOT_FOUND);
    assert_eq!(late.requests(Endpoint::Token), 1);
    assert_eq!(app.tenants.names().len(), 1);
}

/// Names come from requests.
#[tokio::test]
async fn invalid_name_is_not_found() {
    let app = alone().await;
    let mut browser = app.site.browser();
    for name in ["best", "ACME", "acme%20", "acme%2F", "..%2Facme", "%00", "a%0d%0aset-cookie:x"] {
        for route in ["login", "callback?state=x&code=y"] {
            let page = browser.get(&format!("/auth/{name}/{route}")).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{name}/{route}");
            assert_matches!(
                app.site.failures.only(),
                OAuthError::Browser(BrowserError::UnknownProvider)
            );
        }
    }
    assert_eq!(browser.get("/auth/%ff/login").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn login_can_be_made_by_hand() {
    let app = alone().await;
    let mut browser = app.site.browser();
    let started = browser.get("/begin/acme").await;
    let callback = app.acme.sign_in(started.location(), "ada").expect("a valid request");
    assert_eq!(browser.finish(callback).await.location(), "/by-hand");
    assert_eq!(browser.get("/begin/best").await.status, StatusCode::NOT_FOUND);
}

/// The data of a handler of the application.
#[tokio::test]
async fn login_handler_receives_tokens_and_claims() {
    async fn signed_in(login: Login<RuntimeProvider>) -> Result<impl IntoResponse, OAuthError> {
        let issuer = login.id_token().map(|token| token.issuer().to_owned());
        let seen =
            format!("{} {issuer:?} {:?}", login.identity().subject(), login.token().scopes());
        Ok((login.sign_in().await?, seen))
    }
    async fn finish(
        State(tenants): State<RuntimeProviders>,
        request: Request,
    ) -> Result<String, OAuthError> {
        let client = tenants.get("acme").ok_or(BrowserError::UnknownProvider)?;
        let login = client.authorize_access_token(request).await?;
        Ok(format!("{} of {}", login.identity().subject(), client.provider().display_name()))
    }
    let (listener, url) = listen().await;
    let config = Config::empty().set("OAUTH_PUBLIC_URL", &url);
    let tenants = RuntimeProviders::builder().config(config).build().expect("valid settings");
    let acme = start_provider().await;
    tenants.insert(tenant("acme", &acme)).expect("a valid description");
    let app = Router::new()
        .route("/finish", get(finish))
        .merge(tenants.routes().on_login(signed_in))
        .with_state(tenants);
    let site = Site::serve(listener, &url, app);
    let mut browser = site.browser();
    let callback = acme.sign_in(browser.start_login("acme").await, "ada").expect("valid settings");
    let page = browser.finish(callback).await;
    assert!(page.body.starts_with(&format!("ada Some(\"{}\")", acme.issuer())), "{}", page.body);

    let callback = acme.sign_in(browser.start_login("acme").await, "ada").expect("valid settings");
    let (_, query) = callback.split_once('?').expect("a query");
    let page = browser.get(&format!("/finish?{query}")).await;
    assert_eq!(page.body, "ada of acme");
}

#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(mount = "/auth", on_error = failed)]
struct Declared {
    op: Client<Op>,
    github: Option<Client<GitHub>>,
}

#[derive(Debug, OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(Clone)]
struct AppState {
    oauth: Declared,
}

impl FromRef<AppState> for Sessions {
    fn from_ref(state: &AppState) -> Self {
        state.oauth.op.sessions()
    }
}

#[tokio::test]
async fn declared_providers_and_tenants_share_sessions() {
    let (listener, url) = listen().await;
    let provider = start_provider().await;
    let oauth =
        Declared::builder().config(config(&provider, &url)).build().expect("valid settings");
    let tenants = RuntimeProviders::beside(&oauth);
    let acme = start_provider().await;
    tenants.insert(tenant("acme", &acme)).expect("a valid description");
    let app = Router::new()
        .route("/", get(visitor))
        .merge(oauth.routes())
        .merge(tenants.routes())
        .with_state(AppState { oauth });
    let site = Site::serve(listener, &url, app);
    let mut browser = site.browser();
    for (name, provider) in [("op", &provider), ("acme", &acme), ("op", &provider)] {
        let callback =
            provider.sign_in(browser.start_login(name).await, "ada").expect("valid settings");
        browser.finish(callback).await;
        assert_eq!(browser.get("/").await.body, format!("ada of {name}"));
    }
    // A declared name is never free, even if the provider is not configured.
    for name in ["op", "github"] {
        let error = tenants.insert(tenant(name, &acme)).expect_err("taken");
        assert!(error.to_string().contains("is the name of a declared provider"), "{error}");
    }
    // A state of one provider cannot be used with another.
    let callback = acme.sign_in(browser.start_login("acme").await, "ada").expect("valid settings");
    let foreign = callback.as_str().replace("/auth/acme/", "/auth/op/");
    browser.finish(foreign).await;
    assert_matches!(site.failures.only(), OAuthError::Browser(BrowserError::ForeignPendingLogin));
}

#[tokio::test]
async fn api_of_a_declared_provider_is_not_a_tenants_api() {
    let app = alone().await;
    let (listener, url) = listen().await;
    let oauth =
        Declared::builder().config(config(&app.acme, &url)).build().expect("valid settings");
    let tenants = app.tenants.clone();
    let foreign = async move |user: User| match tenants.api(&user).await {
        Err(OAuthError::Token { error: TokenError::Missing, .. }) => "no token",
        _ => "a token",
    };
    let router =
        Router::new().route("/foreign", get(foreign)).merge(oauth.routes()).with_state(oauth);
    let site = Site::serve(listener, &url, router);
    let mut browser = site.browser();
    let callback =
        app.acme.sign_in(browser.start_login("op").await, "ada").expect("valid settings");
    browser.finish(callback).await;
    assert_eq!(browser.get("/foreign").await.body, "no token");
}

/// Without stored tokens: the application stores the identity.
#[tokio::test]
async fn identity_of_a_described_provider_is_linked() {
    async fn linked(
        connection: Connection<RuntimeProvider>,
    ) -> Result<impl IntoResponse, OAuthError> {
        let (user, identity) = (connection.user(), connection.identity());
        let seen =
            format!("{} is {} of {}", user.subject(), identity.subject(), identity.provider());
        Ok((connection.connect().await?, seen))
    }
    async fn begin(
        State(tenants): State<RuntimeProviders>,
        user: User,
    ) -> Result<impl IntoResponse, OAuthError> {
        let client = tenants.get("other").ok_or(BrowserError::UnknownProvider)?;
        client.connect_redirect(&user).redirect_uri("/by-hand").await
    }
    async fn by_hand(
        State(tenants): State<RuntimeProviders>,
        request: Request,
    ) -> Result<impl IntoResponse, OAuthError> {
        let client = tenants.get("other").ok_or(BrowserError::UnknownProvider)?;
        linked(client.finish_connection(request).await?).await
    }
    let (listener, url) = listen().await;
    let config = Config::empty().set("OAUTH_PUBLIC_URL", &url);
    let tenants = RuntimeProviders::builder().config(config).build().expect("valid settings");
    let (acme, other) = (start_provider().await, start_provider().await);
    for (name, provider) in [("acme", &acme), ("other", &other)] {
        tenants.insert(tenant(name, provider)).expect("a valid description");
    }
    let routes = tenants.routes().on_connect(linked).on_error(failed);
    let by_hand = Router::new().route("/begin", post(begin)).route("/by-hand", get(by_hand));
    let app = by_hand.merge(routes).with_state(tenants.clone());
    let site = Site::serve(listener, &url, app);
    let mut ada = site.browser();
    let callback = acme.sign_in(ada.start_login("acme").await, "ada").expect("valid settings");
    ada.finish(callback).await;
    let session = ada.session();
    let click = [("sec-fetch-site", "same-origin")];
    let started = ada.post("/auth/other/connect", &click).await;
    let callback = other.sign_in(started.location(), "alan").expect("valid settings");
    assert_eq!(ada.finish(callback).await.body, "ada is alan of other");
    assert_eq!((ada.session(), ada.pending()), (session.clone(), Vec::new()));
    let started = ada.post("/begin", &click).await;
    let callback = other.sign_in(started.location(), "grace").expect("valid settings");
    assert_eq!(ada.finish(callback).await.body, "ada is grace of other");
    assert_eq!((ada.session(), ada.pending()), (session, Vec::new()));

    // The client of the session is replaced while the user is at the other provider.
    let started = ada.post("/auth/other/connect", &click).await;
    let callback = other.sign_in(started.location(), "grace").expect("valid settings");
    tenants.insert(tenant("acme", &other)).expect("a valid description");
    assert_eq!(ada.finish(callback).await.status, StatusCode::BAD_REQUEST);
    assert_matches!(site.failures.only(), OAuthError::Browser(BrowserError::OtherSession));
}

#[tokio::test]
async fn connecting_accounts_needs_keep_tokens() {
    let alone = alone().await;
    let mut ada = alone.site.browser();
    alone.log_in(&mut ada).await;
    assert_eq!(ada.get("/auth/acme/connect").await.status, StatusCode::NOT_FOUND);

    let keeping = tenant("acme", &alone.acme).keep_tokens();
    let acme = alone.tenants.insert(keeping).expect("a valid description");
    alone.log_in(&mut ada).await;
    let session = ada.session();
    assert_eq!(ada.get("/auth/acme/connect").await.status, StatusCode::OK, "it asks first");
    let started = ada.post("/auth/acme/connect", &[("sec-fetch-site", "same-origin")]).await;
    let callback = alone.acme.sign_in(started.location(), "alan").expect("a valid request");
    assert!(ada.finish(callback).await.status.is_redirection());
    assert_eq!(ada.session(), session);
    let owner = acme.person(alone.acme.issuer(), "ada");
    let accounts = acme.accounts(owner).await.expect("a list");
    let subjects: Vec<_> = accounts.iter().map(|account| account.subject()).collect();
    assert_eq!(subjects, ["ada", "alan"]);
}
