//! A second identity is linked only to the user and in the session that started the link. The
//! providers keep no tokens: the application stores the identity in its own table.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Extension;
use axum::response::Response;
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use oauth_runtime::error::{BrowserError, CallError, NetworkError};
use oauth_runtime::http::{BoxFuture, HttpClient, Limits, ReqwestClient};
use oauth_runtime::prelude::*;
use oauth_runtime::store::MemoryStore;
use oauth_runtime::testing::Endpoint;
use oauth_runtime::{Clock, Connection, Identity, OAuthError, Owner};
use tests::in_process::{App, AppBuilder, Browser, Leaving, Op, Page, Plain, Typed, failed};
use url::Url;

mod meanwhile;

/// The provider's page posts the response.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "posted",
    issuer = "{issuer}",
    scopes("openid"),
    response_mode = "form_post",
    quirks(loopback_http)
)]
struct Posted {
    issuer: String,
}

/// Its tokens outlive sessions.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "hub",
    issuer = "{issuer}",
    scopes("openid", "offline_access"),
    keep_tokens,
    quirks(loopback_http)
)]
struct Hub {
    issuer: String,
}

/// Its logout includes the provider, and nothing can be linked to it.
#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(mount = "/auth", on_login = signed_in, on_error = failed, state = Linking)]
struct Linking {
    #[oauth_registry(on_connect = linked)]
    op: Client<Op>,
    #[oauth_registry(on_connect = linked)]
    plain: Client<Plain>,
    #[oauth_registry(on_connect = linked)]
    posted: Client<Posted>,
    #[oauth_registry(on_connect = linked)]
    hub: Client<Hub>,
    leaving: Client<Leaving>,
}

/// Users by issuer and subject.
#[derive(Clone, Debug, Default)]
struct Identities(Arc<Mutex<Table>>);

#[derive(Debug, Default)]
struct Table {
    users: u64,
    identities: HashMap<(String, String), u64>,
    /// The earlier sessions that `on_login` received.
    seen: Vec<Option<String>>,
}

fn key(identity: &Identity) -> (String, String) {
    (identity.issuer().to_owned(), identity.subject().to_owned())
}

impl Identities {
    fn user_of(&self, identity: &Identity) -> Option<u64> {
        self.0.lock().expect("no panic").identities.get(&key(identity)).copied()
    }

    fn find_or_create(&self, identity: &Identity) -> u64 {
        let mut table = self.0.lock().expect("no panic");
        let next = table.users + 1;
        let user = *table.identities.entry(key(identity)).or_insert(next);
        table.users = table.users.max(user);
        user
    }

    /// Whether the identity belongs to the user now. An identity of another user stays there.
    fn link(&self, identity: &Identity, user: u64) -> bool {
        let mut table = self.0.lock().expect("no panic");
        *table.identities.entry(key(identity)).or_insert(user) == user
    }

    /// The subjects of a user.
    fn of(&self, user: u64) -> Vec<String> {
        let table = self.0.lock().expect("no panic");
        let own = table.identities.iter().filter(|(_, owner)| **owner == user);
        let mut subjects: Vec<_> = own.map(|((_, subject), _)| subject.clone()).collect();
        subjects.sort();
        subjects
    }
}

async fn signed_in<P: OAuthProvider>(
    earlier: Option<User>,
    Extension(table): Extension<Identities>,
    login: Login<P>,
) -> Result<impl IntoResponse, OAuthError> {
    let earlier = earlier.map(|user| user.subject().to_owned());
    table.0.lock().expect("no panic").seen.push(earlier);
    let user = table.find_or_create(login.identity());
    Ok((login.sign_in_as(user).await?, Redirect::to(login.return_to())))
}

async fn linked<P: OAuthProvider>(
    user: User,
    Extension(table): Extension<Identities>,
    connection: Connection<P>,
) -> Result<Response, OAuthError> {
    assert_eq!(key(&user), key(connection.user()), "both are the user of the session");
    let shown = format!("{connection:?}");
    assert!(!shown.contains(connection.token().access_token().expose()), "{shown}");
    let owner = table.user_of(&user).ok_or(BrowserError::NotLoggedIn)?;
    if !table.link(connection.identity(), owner) {
        return Ok((StatusCode::CONFLICT, "it belongs to another user").into_response());
    }
    Ok((connection.connect().await?, Redirect::to(connection.return_to())).into_response())
}

async fn whose(user: User, Extension(table): Extension<Identities>) -> String {
    assert_eq!(Some(user.owner()), table.user_of(&user).map(Owner::from));
    table.user_of(&user).unwrap_or_default().to_string()
}

/// An application with its table.
struct Site {
    app: App,
    table: Identities,
}

impl Site {
    async fn start() -> Self {
        Self::with(|builder| builder).await
    }

    async fn with(change: impl FnOnce(AppBuilder<Linking>) -> AppBuilder<Linking>) -> Self {
        let table = Identities::default();
        let builder = App::builder::<Linking>()
            .extension(table.clone())
            .extend(|router| router.route("/whose", get(whose)));
        Self { app: change(builder).start().await, table }
    }

    /// A browser in which this user has signed in, with the provider whose logout includes the
    /// provider.
    async fn signed_in(&self, person: &str) -> Browser {
        let mut browser = self.app.browser();
        self.app.log_in_as(&mut browser, "leaving", person).await;
        // Later logins are newer than the session.
        self.app.clock.advance(1);
        browser
    }

    /// The ID of the signed-in user.
    async fn user(&self, browser: &mut Browser) -> String {
        browser.get("/whose").await.body
    }

    /// Presses "Link", signs in at the provider as `person`, and returns the callback URL.
    async fn started(&self, browser: &mut Browser, provider: &str, person: &str) -> String {
        let started = press(browser, provider).await;
        self.app.provider.sign_in(started.location(), person).expect("valid settings")
    }

    /// The connection is refused with this error, before the code is exchanged.
    async fn assert_refused(&self, page: &Page, reason: fn(&BrowserError) -> bool) {
        assert!(page.status.is_client_error(), "{page:?}");
        let error = self.app.failures.only();
        assert!(matches!(&error, OAuthError::Browser(error) if reason(error)), "{error:?}");
    }
}

async fn press(browser: &mut Browser, provider: &str) -> Page {
    let path = format!("/auth/{provider}/connect?return_to=/settings");
    let page = browser.post(&path, &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(page.status, StatusCode::FOUND, "{page:?}");
    page
}

async fn sign_out(browser: &mut Browser) -> Page {
    browser.post("/auth/logout", &[("sec-fetch-site", "same-origin")]).await
}

fn other_session(error: &BrowserError) -> bool {
    matches!(error, BrowserError::OtherSession)
}

#[tokio::test]
async fn linked_identity_signs_in_as_the_same_user() {
    let site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    let session = ada.session();
    for (provider, person) in [("op", "alan"), ("plain", "grace")] {
        let callback = site.started(&mut ada, provider, person).await;
        let back = ada.finish(callback).await;
        assert_eq!((back.status, back.location()), (StatusCode::SEE_OTHER, "/settings"));
        assert_eq!((ada.session(), ada.pending()), (session.clone(), Vec::new()));
        assert_eq!(site.app.visitor(&mut ada).await, "ada", "the session is unchanged");
    }
    assert_eq!(site.table.of(1), ["ada", "alan", "grace"]);
    sign_out(&mut ada).await;
    for (provider, person) in [("op", "alan"), ("plain", "grace"), ("leaving", "ada")] {
        site.app.log_in_as(&mut ada, provider, person).await;
        assert_eq!(site.app.visitor(&mut ada).await, person);
        assert_eq!(site.user(&mut ada).await, "1", "{person}");
    }
}

#[tokio::test]
async fn logout_after_a_link_leaves_the_first_provider() {
    let site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    let callback = site.started(&mut ada, "op", "alan").await;
    ada.finish(callback).await;
    let page = sign_out(&mut ada).await;
    assert!(page.location().starts_with(&site.app.provider.url(Endpoint::EndSession)), "{page:?}");
    let url = Url::parse(page.location()).expect("a URL");
    let (_, hint) = url.query_pairs().find(|(name, _)| name == "id_token_hint").expect("a hint");
    assert_eq!(subject_of(&hint), "ada");
    assert_eq!(ada.session(), None);
}

/// The subject of a JWT, without verification.
fn subject_of(jwt: &str) -> String {
    use base64::Engine;
    let payload = jwt.split('.').nth(1).expect("a payload");
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload);
    let claims: serde_json::Value =
        serde_json::from_slice(&payload.expect("base64")).expect("JSON");
    claims["sub"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn replayed_link_is_refused() {
    let site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    let callback = site.started(&mut ada, "op", "alan").await;
    let mut again = ada.clone();
    ada.finish(&callback).await;
    let exchanged = site.app.requests(Endpoint::Token);
    let page = again.finish(&callback).await;
    site.assert_refused(&page, |error| matches!(error, BrowserError::Replayed)).await;
    assert_eq!(site.app.requests(Endpoint::Token), exchanged);
}

/// Signs out while the provider answers the token request.
struct SignOutDuringExchange(ReqwestClient, Arc<Mutex<Option<Browser>>>);

impl HttpClient for SignOutDuringExchange {
    fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, NetworkError>> {
        Box::pin(async move {
            let is_exchange = request.method() == Method::POST;
            let browser = self.1.lock().expect("no panic").take_if(|_| is_exchange);
            let answer = self.0.send(request, limits).await;
            if let Some(mut browser) = browser {
                sign_out(&mut browser).await;
            }
            answer
        })
    }
}

/// The linked account can sign in, and the user must know this beforehand.
#[tokio::test]
async fn question_says_that_the_account_will_sign_in() {
    let site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    let page = ada.get("/auth/op/connect?return_to=/settings").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("You are signed in as ada."), "{page:?}");
    assert!(page.body.contains("will be able to sign in here as this user"), "{page:?}");
    assert!(!page.body.contains("will then be able to use the account"), "{page:?}");
}

#[tokio::test]
async fn link_from_another_site_is_not_started() {
    let site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    for header in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let page = ada.post("/auth/op/connect", &[header]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{header:?}");
    }
    for origin in ["cross-site", "same-site", "none"] {
        let headers = [
            ("sec-fetch-site", origin),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
            ("sec-fetch-user", "?1"),
        ];
        let page = ada.send(Method::GET, "/auth/op/connect", &headers).await;
        assert_eq!(page.status, StatusCode::OK, "{origin}: it asks");
    }
    assert_eq!(ada.pending(), []);
}

#[tokio::test]
async fn visitor_signs_in_before_a_link() {
    let site = Site::start().await;
    let page = site.app.browser().get("/auth/op/connect?return_to=/settings").await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    assert!(page.body.contains("%2Fauth%2Fop%2Fconnect"), "and returns to it: {page:?}");
}

#[tokio::test]
async fn provider_without_handler_has_no_links() {
    let site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    assert_eq!(ada.get("/auth/leaving/connect").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn identity_is_linked_once_however_often() {
    let site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    for person in ["alan", "alan", "ada"] {
        let callback = site.started(&mut ada, "op", person).await;
        assert_eq!(ada.finish(callback).await.location(), "/settings", "{person}");
    }
    assert_eq!(site.table.of(1), ["ada", "alan"]);
}

#[tokio::test]
async fn identity_of_another_user_is_a_conflict() {
    let site = Site::start().await;
    let mut alan = site.signed_in("alan").await;
    let mut ada = site.signed_in("ada").await;
    let callback = site.started(&mut ada, "op", "alan").await;
    let page = ada.finish(callback).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert_eq!(ada.pending(), []);
    assert_eq!((site.table.of(1), site.table.of(2)), (vec!["alan".into()], vec!["ada".into()]));
    assert_eq!(site.user(&mut alan).await, "1");
    assert_eq!(site.user(&mut ada).await, "2");
}

/// The handler of the next user's login does not see the user who left.
#[tokio::test]
async fn earlier_user_is_hidden_from_a_login() {
    let site = Site::start().await;
    let mut shared = site.signed_in("ada").await;
    site.app.log_in_as(&mut shared, "op", "alan").await;
    assert_eq!(site.user(&mut shared).await, "2", "a separate user");
    assert_eq!(site.table.0.lock().expect("no panic").seen, [None, None]);
}

#[tokio::test]
async fn posted_response_links_in_its_session_only() {
    let site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    let session = ada.session();
    for (person, leaves) in [("alan", false), ("grace", true)] {
        let started = press(&mut ada, "posted").await;
        let form = site.app.provider.sign_in_by_form_post(started.location(), person);
        if leaves {
            sign_out(&mut ada).await;
        }
        let exchanged = site.app.requests(Endpoint::Token);
        let page = ada.post_form(&form.expect("valid input")).await;
        if leaves {
            site.assert_refused(&page, other_session).await;
            assert_eq!(site.app.requests(Endpoint::Token), exchanged);
        } else {
            assert_eq!((page.location(), ada.session()), ("/settings", session.clone()));
        }
    }
    assert_eq!(site.table.of(1), ["ada", "alan"]);
}

async fn by_hand(
    user: User,
    State(op): State<Client<Op>>,
) -> Result<impl IntoResponse, OAuthError> {
    op.connect_redirect(&user).return_to("/settings").await
}

/// The response arrives at a generated callback without `on_connect`: the application is at fault.
#[tokio::test]
async fn link_that_nothing_handles_is_not_exchanged() {
    let builder = App::builder::<Typed>();
    let app = builder.extend(|router| router.route("/link", post(by_hand))).start().await;
    let mut ada = app.browser();
    app.log_in_as(&mut ada, "leaving", "ada").await;
    let (session, exchanged) = (ada.session(), app.requests(Endpoint::Token));
    let started = ada.post("/link", &[("sec-fetch-site", "same-origin")]).await;
    let callback = app.provider.sign_in(started.location(), "alan").expect("valid input");
    let page = ada.finish(callback).await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_error!(app.failures.only(), OAuthError::Call(CallError::NoOnConnect));
    assert_eq!((ada.session(), app.requests(Endpoint::Token)), (session, exchanged));
}
