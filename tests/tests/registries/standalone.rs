//! Applications with one provider, which need no registry, and the handlers of `#[oauth_login]`.

use http::StatusCode;
use oauth_runtime::error::ConfigFault;
use oauth_runtime::prelude::*;
use tests::in_process::{App, Browser, Op, config_of};

use super::site::{Site, listen, start_provider, visitor};

/// A provider whose logins have a handler.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(name = "solo", issuer = "{issuer}", scopes("openid"), quirks(loopback_http))]
struct Solo {
    issuer: String,
}

/// A provider whose handler extracts the state of a whole application.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(name = "stated", issuer = "{issuer}", scopes("openid"), quirks(loopback_http))]
struct Stated {
    issuer: String,
}

#[oauth_login(Solo)]
async fn signed_in(login: Login<Solo>) -> Result<impl IntoResponse, OAuthError> {
    let text = format!("handler of solo: {}", login.identity().subject());
    Ok((login.sign_in().await?, text))
}

#[oauth_login(Stated)]
async fn signed_in_with_state(
    State(app): State<AppState>,
    login: Login<Stated>,
) -> Result<impl IntoResponse, OAuthError> {
    let text = format!("{}: {}", app.greeting, login.identity().subject());
    Ok((login.sign_in().await?, text))
}

/// The handler of the registry, for providers without a handler.
async fn registry_handler<P: OAuthProvider>(login: Login<P>) -> String {
    format!("handler of the registry: {}", login.identity().subject())
}

#[derive(Clone, Debug)]
struct AppState {
    greeting: &'static str,
    oauth: Providers,
}

#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(on_login = registry_handler, state = AppState)]
struct Providers {
    op: Client<Op>,
    solo: Client<Solo>,
    stated: Client<Stated>,
}

impl FromRef<AppState> for Providers {
    fn from_ref(app: &AppState) -> Self {
        app.oauth.clone()
    }
}

async fn resource(op: Api<Op>) -> Result<String, OAuthError> {
    op.get("resource").text().await
}

async fn by_hand(State(op): State<Client<Op>>) -> Result<impl IntoResponse, OAuthError> {
    op.authorize_redirect().await
}

/// Logs in as Ada; the response of the callback.
async fn log_in(
    provider: &oauth_runtime::testing::TestProvider,
    browser: &mut Browser,
    name: &str,
) -> tests::in_process::Page {
    let started = browser.start_login(name).await;
    let callback = provider.sign_in(&started, "ada").expect("a valid request");
    browser.finish(callback).await
}

#[tokio::test]
async fn one_provider_needs_no_registry() {
    let app = App::builder::<Standalone<Op>>()
        .extend(|router| router.route("/who", get(visitor)).route("/by-hand", get(by_hand)))
        .start()
        .await;
    let mut browser = app.browser();
    let anonymous = browser.get("/whoami").await;
    assert_eq!(anonymous.status, StatusCode::UNAUTHORIZED);
    assert_eq!(log_in(&app.provider, &mut browser, "op").await.location(), "/");
    assert_eq!(browser.get("/who").await.body, "ada of op");
    let by_hand = browser.get("/by-hand").await;
    assert!(by_hand.location().starts_with(app.provider.issuer()), "{by_hand:?}");

    let left = browser.post("/auth/logout", &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(left.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/who").await.body, "nobody");
}

#[tokio::test]
async fn api_of_the_one_provider_has_the_users_token() {
    let app = App::builder::<Standalone<Op>>()
        .extend(|router| router.route("/own", get(resource)))
        .start()
        .await;
    let mut browser = app.browser();
    log_in(&app.provider, &mut browser, "op").await;
    let own = browser.get("/own").await;
    assert_eq!(own.status, StatusCode::OK, "{own:?}");
}

#[test]
fn one_provider_reports_every_missing_setting() {
    let built = Solo::builder().config(Config::empty()).build();
    let error = built.expect_err("missing settings");
    let missing: Vec<_> = error.faults().iter().map(ConfigFault::key).collect();
    assert_eq!(missing, ["SOLO_ISSUER", "SOLO_CLIENT_ID", "SOLO_CLIENT_SECRET"]);
}

#[tokio::test]
async fn declared_handler_ends_logins_without_registry() {
    let (listener, url) = listen().await;
    let provider = start_provider().await;
    let config = config_of::<Standalone<Solo>>(&provider, &url);
    let solo = Solo::builder().config(config).build().expect("a configuration");
    assert_eq!(format!("{:?}", solo.client()), "Client(solo)");
    let app = Router::new().route("/", get(visitor)).merge(solo.routes()).with_state(solo);
    let site = Site::serve(listener, &url, app);
    let mut browser = site.browser();
    assert_eq!(log_in(&provider, &mut browser, "solo").await.body, "handler of solo: ada");
    assert_eq!(browser.get("/").await.body, "ada of solo");
}

/// A handler that ended logins silently in one kind of registry only would be a trap.
#[tokio::test]
async fn declared_handler_precedes_that_of_the_registry() {
    let (listener, url) = listen().await;
    let provider = start_provider().await;
    let config = config_of::<Providers>(&provider, &url);
    let oauth = Providers::builder().config(config).build().expect("a configuration");
    let state = AppState { greeting: "Good morning", oauth: oauth.clone() };
    let app = Router::new().route("/", get(visitor)).merge(oauth.routes()).with_state(state);
    let site = Site::serve(listener, &url, app);
    for (name, body) in [
        ("op", "handler of the registry: ada"),
        ("solo", "handler of solo: ada"),
        ("stated", "Good morning: ada"),
    ] {
        let mut browser = site.browser();
        assert_eq!(log_in(&provider, &mut browser, name).await.body, body);
    }
}

/// The checks of the login come before the handler.
#[tokio::test]
async fn declared_handler_sees_verified_logins_only() {
    let (listener, url) = listen().await;
    let provider = start_provider().await;
    let config = config_of::<Standalone<Solo>>(&provider, &url);
    let solo = Solo::builder().config(config).build().expect("a configuration");
    let site = Site::serve(listener, &url, solo.routes().with_state(solo.clone()));
    let started = site.browser().start_login("solo").await;
    let callback = provider.sign_in(&started, "ada").expect("a valid request");
    // Another browser, without the cookie of the attempt.
    let refused = site.browser().finish(callback).await;
    assert!(refused.status.is_client_error(), "{refused:?}");
    assert!(!refused.body.contains("handler of solo"), "{refused:?}");
}
