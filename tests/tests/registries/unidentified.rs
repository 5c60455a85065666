//! Providers that identify no users: their logins grant access to an API, and a user who signed in
//! elsewhere connects them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Method, StatusCode};
use oauth_runtime::error::CallError;
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{Endpoint, Fault};
use oauth_runtime::{OAuthError, RegistryBuilder};
use tests::in_process::{App, Browser, Op, Page, failed};

/// Its tokens end with the session.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "desk",
    issuer = "{issuer}",
    authorize_url = "{issuer}/authorize",
    access_token_url = "{issuer}/token",
    api_base_url = "{issuer}/api/",
    scopes("read", "write"),
    quirks(loopback_http)
)]
struct Desk {
    issuer: String,
}

/// Its tokens outlive the session.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "vault",
    issuer = "{issuer}",
    authorize_url = "{issuer}/authorize",
    access_token_url = "{issuer}/token",
    api_base_url = "{issuer}/api/",
    keep_tokens,
    quirks(loopback_http)
)]
struct Vault {
    issuer: String,
}

/// Its logins have a handler.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "hook",
    issuer = "{issuer}",
    authorize_url = "{issuer}/authorize",
    access_token_url = "{issuer}/token",
    api_base_url = "{issuer}/api/",
    quirks(loopback_http)
)]
struct Hook {
    issuer: String,
}

#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(mount = "/auth", on_error = failed)]
struct Providers {
    op: Client<Op>,
    desk: Client<Desk>,
    vault: Client<Vault>,
    #[oauth_registry(on_login = called)]
    hook: Client<Hook>,
}

/// The configuration says everything.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(name = "ten", configured, quirks(loopback_http))]
struct Ten;

#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(mount = "/auth", on_error = failed)]
struct Configured {
    op: Client<Op>,
    ten: Client<Ten>,
}

async fn called(login: Login<Hook>) -> Result<String, OAuthError> {
    login.api().get("resource").text().await
}

async fn at_desk(desk: Api<Desk>) -> Result<String, OAuthError> {
    desk.get("resource").text().await
}

async fn needs_to_read(desk: Api<Desk>) -> Result<String, OAuthError> {
    desk.get("resource").needs_scopes(["read"]).text().await
}

async fn at_vault(vault: Api<Vault>) -> Result<String, OAuthError> {
    vault.get("resource").text().await
}

async fn start() -> App {
    App::builder::<Providers>()
        .extend(|router| {
            let router = router.route("/desk", get(at_desk)).route("/vault", get(at_vault));
            router.route("/needs", get(needs_to_read))
        })
        .start()
        .await
}

/// Begins a login by hand.
async fn begin(State(ten): State<Client<Ten>>) -> Result<impl IntoResponse, OAuthError> {
    ten.authorize_redirect().redirect_uri("/by-hand").await
}

/// Finishes it.
async fn by_hand(login: Login<Ten>) -> Result<String, OAuthError> {
    let identity = login.known_identity().map(|identity| identity.subject().to_owned());
    Ok(format!("{identity:?} {}", login.api().get("resource").text().await?))
}

/// Another application beside this one, with these settings of `Ten`.
async fn configured(beside: &App, settings: Vec<(&'static str, String)>) -> App {
    let set =
        |registry: RegistryBuilder<_>, (key, value): (&str, String)| registry.set(key, &value);
    App::builder::<Configured>()
        .beside(beside)
        .configure(move |registry| settings.into_iter().fold(registry, set))
        .extend(|router| router.route("/begin", get(begin)).route("/by-hand", get(by_hand)))
        .start()
        .await
}

/// The settings of Authlib's list that a login needs.
fn ten_keys(app: &App) -> Vec<(&'static str, String)> {
    let at = |path: &str| format!("{}{path}", app.provider.issuer());
    vec![
        ("TEN_AUTHORIZE_URL", at("/authorize")),
        ("TEN_ACCESS_TOKEN_URL", at("/token")),
        ("TEN_API_BASE_URL", at("/api/")),
    ]
}

/// Presses the button, and answers at the provider as `person`.
async fn connect(app: &App, browser: &mut Browser, provider: &str, person: &str) -> Page {
    let path = format!("/auth/{provider}/connect?return_to=/{provider}");
    let begun = browser.post(&path, &[("sec-fetch-site", "same-origin")]).await;
    let callback = app.provider.sign_in(begun.location(), person).expect("in order");
    browser.finish(callback).await
}

/// Waits for what happens in the background.
async fn eventually<T>(look: impl Fn() -> Option<T>) -> T {
    for _ in 0..2_000 {
        if let Some(found) = look() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("it has not happened in ten seconds")
}

#[tokio::test]
async fn connection_without_identity_lasts_as_the_session() {
    let app = start().await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "op").await;
    let before = browser.session();
    let page = connect(&app, &mut browser, "desk", "alan").await;
    assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/desk"), "{page:?}");
    assert_eq!(browser.session(), before, "the session stays that of the login");
    assert!(browser.get("/desk").await.body.contains("alan"));

    browser.post("/auth/logout", &[("sec-fetch-site", "same-origin")]).await;
    app.log_in(&mut browser, "op").await;
    let page = browser.get("/desk").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "another session has no tokens: {page:?}");
    assert!(page.body.contains("/auth/desk/connect?return_to=%2Fdesk"), "{page:?}");
    assert_eq!(app.requests(Endpoint::Userinfo), 0);
}

/// As a session ends the tokens of its own login, it ends those of its connections.
#[tokio::test]
async fn sign_out_removes_tokens_of_connections() {
    let removed = Arc::<Mutex<Vec<String>>>::default();
    let events = Arc::clone(&removed);
    let app = App::builder::<Providers>()
        .configure(move |registry| {
            registry.on_token_updated(move |event| {
                let names = Arc::clone(&events);
                async move {
                    assert!(event.is_removed(), "{event:?}");
                    names.lock().expect("no panic").push(event.provider().to_owned());
                }
            })
        })
        .start()
        .await;
    for ends in ["/auth/logout", "/auth/op/login"] {
        removed.lock().expect("no panic").clear();
        let mut browser = app.browser();
        app.log_in(&mut browser, "op").await;
        connect(&app, &mut browser, "desk", "alan").await;
        match ends {
            "/auth/logout" => _ = browser.post(ends, &[("sec-fetch-site", "same-origin")]).await,
            // A new login replaces the session.
            _ => _ = app.log_in(&mut browser, "op").await,
        }
        let names = eventually(|| {
            let mut names = removed.lock().expect("no panic").clone();
            names.sort();
            (names.len() == 2).then_some(names)
        });
        assert_eq!(names.await, ["desk", "op"], "{ends}");
    }
}

/// A provider that grants less than it says would otherwise be asked for ever.
#[tokio::test]
async fn connection_is_asked_for_scopes_once() {
    async fn asks(browser: &mut Browser) -> Option<String> {
        let page = browser.send(Method::GET, "/needs", &[("accept", "application/json")]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{page:?}");
        let json: serde_json::Value = serde_json::from_str(&page.body).expect("JSON");
        Some(json.get("url")?.as_str()?.to_owned())
    }
    let app = start().await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "op").await;
    app.provider.fault(Fault::ScopeWithCommas);
    connect(&app, &mut browser, "desk", "alan").await;
    let login = asks(&mut browser).await.expect("it asks for the scope");
    let connection = browser.click(&login).await.location().to_owned();
    assert!(connection.starts_with("/auth/desk/connect?"), "{connection}");
    let started = browser.click(&connection).await;
    let callback = app.provider.sign_in(started.location(), "alan").expect("in order");
    assert_eq!(browser.finish(callback).await.status, StatusCode::SEE_OTHER);
    assert_eq!(asks(&mut browser).await, None);
}

#[tokio::test]
async fn connection_without_identity_is_kept_for_the_owner() {
    let app = start().await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "op").await;
    for person in ["alan", "ada"] {
        connect(&app, &mut browser, "vault", person).await;
        assert!(browser.get("/vault").await.body.contains(person), "the last connection counts");
    }
    // It is the same owner in another session.
    let mut other = app.browser();
    app.log_in(&mut other, "op").await;
    assert!(other.get("/vault").await.body.contains("ada"));
}

#[tokio::test]
async fn login_without_identity_leads_to_a_connection() {
    let app = start().await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "op").await;
    let page = browser.click("/auth/desk/login?return_to=/desk").await;
    let to = (page.status, page.location());
    assert_eq!(to, (StatusCode::SEE_OTHER, "/auth/desk/connect?return_to=/desk"), "{page:?}");
}

#[tokio::test]
async fn sign_in_page_offers_only_providers_with_identity() {
    let app = start().await;
    let headers = [("accept", "application/json")];
    let page = app.browser().send(Method::GET, "/desk", &headers).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{page:?}");
    assert!(page.body.contains("/auth/op/login"), "{page:?}");
    for other in ["desk", "vault", "hook"] {
        assert!(!page.body.contains(&format!("/auth/{other}/login")), "{other}: {page:?}");
    }
}

#[tokio::test]
async fn handler_of_a_login_without_identity_calls_the_api() {
    let app = start().await;
    let mut browser = app.browser();
    let page = app.log_in(&mut browser, "hook").await;
    assert_eq!(page.status, StatusCode::OK, "{page:?}");
    assert!(page.body.contains("ada"), "{page:?}");
    assert_eq!(browser.session(), None);
}

/// The settings of Authlib's list alone, and an application that calls the API.
#[tokio::test]
async fn authlib_keys_alone_make_a_login() {
    let app = start().await;
    let app = configured(&app, ten_keys(&app)).await;
    let mut browser = app.browser();
    let begun = browser.get("/begin").await;
    let page = browser.finish(app.answer(begun.location())).await;
    assert!(page.body.starts_with("None ") && page.body.contains("ada"), "{page:?}");

    let page = app.log_in(&mut browser, "ten").await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR, "a session needs a user: {page:?}");
    let error = app.failures.only();
    let is_expected = |name: &str| name == "ten";
    assert!(
        matches!(&error, OAuthError::Call(CallError::NoIdentity(name)) if is_expected(name)),
        "{error:?}"
    );
    assert_eq!(browser.session(), None);
}

#[tokio::test]
async fn configured_openid_scope_identifies_users() {
    let app = start().await;
    let scope = ("TEN_CLIENT_KWARGS", r#"{"scope": "openid"}"#.to_owned());
    let app = configured(&app, [ten_keys(&app), vec![scope]].concat()).await;
    let mut browser = app.browser();
    let begun = browser.get("/begin").await;
    let page = browser.finish(app.answer(begun.location())).await;
    assert!(page.body.starts_with("Some(\"ada\") "), "{page:?}");
    let page = app.log_in(&mut browser, "ten").await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
    assert!(browser.session().is_some());
}
