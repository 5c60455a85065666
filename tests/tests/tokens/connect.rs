//! An account is connected to the signed-in user, only in the session that started the connection.

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use http::{Method, StatusCode};
use oauth_runtime::error::BrowserError;
use oauth_runtime::prelude::*;
use oauth_runtime::{Connection, OAuthError, Owner};
use tests::in_process::{Browser, Page};
use url::Url;

use crate::back_ends::Place;
use crate::harness::LIFETIME;
use crate::site::{Hub, Keepers, Site, shown, subject};

on_every_store![
    connecting_an_account_keeps_the_session,
    accounts_belong_to_the_applications_owner,
    connection_needs_the_session_that_started_it,
    missing_scope_leads_to_a_connection_for_both,
    connected_accounts_are_bounded,
];

/// The headers of a click on a page of this site.
const CLICK: [(&str, &str); 4] = [
    ("sec-fetch-site", "same-origin"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
    ("sec-fetch-user", "?1"),
];

pub(crate) fn routes() -> Router<Keepers> {
    Router::new()
        .route("/by-hand", get(begin))
        .route("/by-hand/connected", get(connected))
        .route("/by-hand/login", get(login))
        .route("/owner", get(owner))
        .route("/needs/{scope}", get(needs))
        .route("/asks/{scope}", get(asks))
}

async fn begin(
    user: User,
    RawQuery(to): RawQuery,
    State(hub): State<Client<Hub>>,
) -> Result<impl IntoResponse, OAuthError> {
    let redirect = hub.connect_redirect(&user).return_to("/settings");
    match to.as_deref() {
        Some("login") => redirect.redirect_uri("/by-hand/login").await,
        _ => redirect.redirect_uri("/by-hand/connected").await,
    }
}

async fn connected(connection: Connection<Hub>) -> Result<Response, OAuthError> {
    let account = connection.identity().subject().to_owned();
    let answer = format!("{account} for {:?}, then {}", connection.owner(), connection.return_to());
    Ok((connection.connect().await?, answer).into_response())
}

async fn login(login: Login<Hub>) -> Result<impl IntoResponse, OAuthError> {
    Ok((login.sign_in().await?, Redirect::to("/")))
}

async fn owner(user: User) -> String {
    format!("{:?}", user.owner())
}

async fn needs(hub: Api<Hub>, Path(scope): Path<String>) -> Result<String, OAuthError> {
    hub.get("resource").needs_scopes([scope.as_str()]).text().await
}

/// Requests more scopes by hand.
async fn asks(
    user: User,
    hub: Api<Hub>,
    State(client): State<Client<Hub>>,
    Path(scope): Path<String>,
) -> Result<Response, OAuthError> {
    let call = hub.get("resource").needs_scopes([scope.as_str()]);
    let error = match call.text().await {
        Ok(answer) => return Ok(answer.into_response()),
        Err(error) => error,
    };
    let Some(needed) = error.scopes_needed() else { return Err(error) };
    let more = client.connect_redirect(&user).scopes(needed.scopes());
    Ok(more.return_to(&format!("/asks/{scope}")).await?.into_response())
}

impl Site {
    /// A browser in which this user is signed in with a provider without stored tokens.
    async fn at_op(&self, person: &str) -> Browser {
        let mut browser = self.app.browser();
        self.app.log_in_as(&mut browser, "op", person).await;
        browser
    }

    fn owner(&self, person: &str) -> Owner {
        self.oauth.op.person(self.app.provider.issuer(), person)
    }

    /// Presses the button, signs in at the provider as `person`, and returns the callback URL.
    async fn started(&self, browser: &mut Browser, person: &str) -> String {
        let path = "/auth/hub/connect?return_to=/settings";
        let started = browser.post(path, &[("sec-fetch-site", "same-origin")]).await;
        assert_eq!(started.status, StatusCode::FOUND, "{started:?}");
        self.app.provider.sign_in(started.location(), person).expect("valid input")
    }

    async fn accounts(&self, owner: &Owner) -> Vec<String> {
        let accounts = self.oauth.hub.accounts(owner).await.expect("a list");
        accounts.iter().map(|account| account.subject().to_owned()).collect()
    }

    /// The attempt is refused without any effect.
    async fn assert_refused(&self, page: &Page, reason: fn(&BrowserError) -> bool) {
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{page:?}");
        let error = self.app.failures.only();
        assert!(matches!(&error, OAuthError::Browser(error) if reason(error)), "{error:?}");
        for person in ["ada", "alan"] {
            assert_eq!(self.accounts(&self.owner(person)).await, [""; 0], "{person}");
        }
    }
}

async fn connecting_an_account_keeps_the_session(place: Place) {
    let site = Site::on(place).await;
    let mut ada = site.at_op("ada").await;
    let session = ada.session();
    let lacking = shown(&mut ada).await;
    assert_eq!(lacking.status, StatusCode::FORBIDDEN);
    assert!(lacking.body.contains("/auth/hub/connect?return_to=%2Fcalls"), "{lacking:?}");

    let asked = ada.get("/auth/hub/connect?return_to=/settings").await;
    assert_eq!(asked.status, StatusCode::OK, "it asks first");
    assert!(asked.body.contains("action=\"/auth/hub/connect?return_to=/settings\""), "{asked:?}");
    assert!(asked.body.contains("href=\"/\">Stay here</a>"), "{asked:?}");
    let callback = site.started(&mut ada, "alan").await;
    let back = ada.finish(callback).await;
    assert_eq!((back.status, back.location()), (StatusCode::SEE_OTHER, "/settings"));
    assert_eq!(ada.session(), session);
    assert_eq!(ada.pending(), []);
    assert_eq!(site.app.visitor(&mut ada).await, "ada");
    assert_eq!(shown(&mut ada).await.body, "alan", "with the connected account");
    let job = site.oauth.hub.api_for(site.owner("ada")).await.expect("an API");
    assert_eq!(subject(&job).await.expect("a response"), "alan");

    // A second account.
    let callback = site.started(&mut ada, "ada").await;
    ada.finish(callback).await;
    assert_eq!(site.accounts(&site.owner("ada")).await, ["alan", "ada"]);
    assert_eq!(site.accounts(&site.owner("alan")).await, [""; 0]);
}

#[tokio::test]
async fn question_says_that_the_site_will_use_the_account() {
    let site = Site::start().await;
    let mut ada = site.at_op("ada").await;
    let page = ada.get("/auth/hub/connect?return_to=/settings").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("This site will then be able to use the account"), "{page:?}");
    assert!(!page.body.contains("sign in here as this user"), "{page:?}");
}

async fn accounts_belong_to_the_applications_owner(place: Place) {
    let site = Site::on(place).await;
    let mut ada = site.signed_in_as("42", "ada").await;
    assert_eq!(ada.get("/owner").await.body, "Id(\"42\")");
    let callback = site.started(&mut ada, "alan").await;
    ada.finish(callback).await;
    assert_eq!(site.accounts(&Owner::from(42)).await, ["ada", "alan"]);
    assert_eq!(shown(&mut ada).await.body, "ada", "the account of her login");
}

#[tokio::test]
async fn connection_link_sent_to_another_user_is_refused() {
    let site = Site::start().await;
    let (mut attacker, mut victim) = (site.at_op("alan").await, site.at_op("ada").await);
    let token_requests = site.token_requests();
    let link = site.started(&mut attacker, "alan").await;
    let page = victim.finish(&link).await;
    site.assert_refused(&page, |error| matches!(error, BrowserError::NoPendingLogin)).await;

    // Planting cookies does not help: the session differs.
    let (name, value) = attacker.only_pending();
    victim.plant(&name, &value);
    let page = victim.finish(&link).await;
    site.assert_refused(&page, |error| matches!(error, BrowserError::OtherSession)).await;
    assert_eq!(site.token_requests(), token_requests, "no code was exchanged");

    // It still works in his own session.
    attacker.finish(&link).await;
    assert_eq!(site.accounts(&site.owner("alan")).await, ["alan"]);
}

async fn connection_needs_the_session_that_started_it(place: Place) {
    let site = Site::on(place).await;
    let mut browser = site.at_op("ada").await;
    let callback = site.started(&mut browser, "ada").await;
    browser.post("/auth/logout", &[]).await;
    let page = browser.clone().finish(&callback).await;
    site.assert_refused(&page, |error| matches!(error, BrowserError::OtherSession)).await;
    site.app.log_in_as(&mut browser, "op", "alan").await;
    let page = browser.finish(&callback).await;
    site.assert_refused(&page, |error| matches!(error, BrowserError::OtherSession)).await;
    assert_eq!(site.app.visitor(&mut browser).await, "alan");
}

#[tokio::test]
async fn another_site_does_not_start_a_connection() {
    let site = Site::start().await;
    let mut ada = site.at_op("ada").await;
    for headers in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let page = ada.post("/auth/hub/connect", &[headers]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{headers:?}");
    }
    // A link on another site or in a mail leads to the question. An image on this site has no
    // effect.
    let [site_of, mode, to, user] = CLICK;
    let image = [("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image"), ("x-none", "")];
    for (headers, status) in [
        ([("sec-fetch-site", "cross-site"), mode, to, user], StatusCode::OK),
        ([("sec-fetch-site", "none"), mode, to, user], StatusCode::OK),
        ([site_of, image[0], image[1], image[2]], StatusCode::FORBIDDEN),
        ([site_of, mode, to, ("sec-purpose", "prefetch")], StatusCode::FORBIDDEN),
    ] {
        let page = ada.send(Method::GET, "/auth/hub/connect", &headers).await;
        assert_eq!(page.status, status, "{headers:?}");
        assert_eq!(ada.pending(), [], "{headers:?}");
    }
    assert_eq!(ada.send(Method::HEAD, "/auth/hub/connect", &CLICK).await.status, 403);
    let page = ada.send(Method::GET, "/auth/hub/connect", &CLICK).await;
    assert_eq!(page.status, StatusCode::FOUND);
}

#[tokio::test]
async fn connection_without_session_asks_for_a_login() {
    let site = Site::start().await;
    let page = site.app.browser().get("/auth/hub/connect?return_to=/settings").await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    assert!(page.body.contains("Sign in with"), "{page:?}");
    assert!(page.body.contains("%2Fauth%2Fhub%2Fconnect"), "and returns: {page:?}");
    let page = site.app.browser().get("/auth/op/connect").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND, "its tokens are not stored");
}

#[tokio::test]
async fn login_and_connection_by_hand_are_distinct() {
    let site = Site::start().await;
    let mut ada = site.at_op("ada").await;
    let session = ada.session();
    let started = ada.get("/by-hand").await;
    let callback = site.app.provider.sign_in(started.location(), "alan").expect("valid input");
    let page = ada.finish(callback).await;
    let owner = format!("{:?}", site.owner("ada"));
    assert_eq!(page.body, format!("alan for {owner}, then /settings"));
    assert_eq!((ada.session(), ada.pending()), (session.clone(), Vec::new()));
    assert_eq!(site.accounts(&site.owner("ada")).await, ["alan"]);

    // The login route gets the response of a connection: it signs no user in.
    let started = ada.get("/by-hand?login").await;
    let callback = site.app.provider.sign_in(started.location(), "alan").expect("valid input");
    let token_requests = site.token_requests();
    let page = ada.finish(callback).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert_eq!(site.token_requests(), token_requests, "no code was exchanged");
    assert_eq!(ada.session(), session);
    assert_eq!(site.app.visitor(&mut ada).await, "ada");

    // The connection route gets the response of a login: nothing is connected.
    let started = ada.click("/auth/hub/login").await;
    let callback = site.app.provider.sign_in(started.location(), "grace").expect("valid input");
    let moved = callback.as_str().replace("/auth/hub/callback", "/by-hand/connected");
    assert_eq!(ada.finish(moved).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(site.token_requests(), token_requests, "no code was exchanged");
    assert_eq!(site.accounts(&site.owner("ada")).await, ["alan"]);
    assert_eq!(site.app.visitor(&mut ada).await, "ada");
}

async fn missing_scope_leads_to_a_connection_for_both(place: Place) {
    let site = Site::on(place).await;
    let mut ada = site.signed_in_as("42", "ada").await;
    let session = ada.session();
    assert_eq!(ada.get("/needs/profile").await.status, StatusCode::OK);
    let page = ada.get("/needs/phone").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let (_, link) = page.body.split_once("href=\"").expect("a link");
    let link = link.split('"').next().expect("its end").replace("&amp;", "&");
    assert!(link.starts_with("/auth/hub/connect?ask="), "{link}");
    let started = ada.send(Method::GET, &link, &CLICK).await;
    let location = Url::parse(started.location()).expect("a URL");
    let scope = location.query_pairs().find(|(name, _)| name == "scope").expect("a scope").1;
    assert_eq!(scope, "openid profile offline_access phone");
    let back = ada.finish(site.app.answer(started.location())).await;
    assert_eq!(back.location(), "/needs/phone");
    assert_eq!(ada.session(), session, "the session is unchanged");
    for _ in 0..2 {
        assert_eq!(ada.get("/needs/phone").await.status, StatusCode::OK);
        assert_eq!(ada.get("/needs/profile").await.status, StatusCode::OK);
        // A job has both too, even after a refresh.
        let job = site.oauth.hub.api_for(42).await.expect("an API");
        let call = job.get("resource").needs_scopes(["phone", "profile"]);
        assert!(call.text().await.is_ok());
        site.advance(LIFETIME);
    }
}

#[tokio::test]
async fn link_for_more_scopes_is_valid_for_an_hour() {
    let site = Site::start().await;
    let mut ada = site.signed_in_as("42", "ada").await;
    let page = ada.get("/needs/phone").await;
    let (_, link) = page.body.split_once("href=\"").expect("a link");
    let link = link.split('"').next().expect("its end").replace("&amp;", "&");
    for (seconds, asks) in [(3_599, true), (1, false)] {
        site.advance(seconds);
        let started = ada.send(Method::GET, &link, &CLICK).await;
        assert_eq!(started.location().contains("phone"), asks, "{}", started.location());
    }
}

#[tokio::test]
async fn connection_by_hand_keeps_granted_scopes() {
    let site = Site::start().await;
    let mut ada = site.signed_in_as("42", "ada").await;
    let started = ada.get("/asks/phone").await;
    let location = Url::parse(started.location()).expect("a URL");
    let scope = location.query_pairs().find(|(name, _)| name == "scope").expect("a scope").1;
    assert_eq!(scope, "openid profile offline_access phone");
    let back = ada.finish(site.app.answer(started.location())).await;
    assert_eq!(back.location(), "/asks/phone");
    for path in ["/asks/phone", "/asks/profile"] {
        assert_eq!(ada.get(path).await.status, StatusCode::OK, "{path}");
    }
    assert_eq!(site.accounts(&Owner::from(42)).await, ["ada"]);
}

#[tokio::test]
async fn job_learns_the_missing_scopes_without_redirect() {
    let site = Site::start().await;
    site.signed_in_as("42", "ada").await;
    let job = site.oauth.hub.api_for(42).await.expect("an API");
    let error = job.get("resource").needs_scopes(["phone"]).text().await.expect_err("it lacks it");
    let needed = error.scopes_needed().expect("scopes");
    assert_eq!(needed.missing(), ["phone"]);
    assert!(needed.scopes().eq(["openid", "profile", "offline_access", "phone"]));
    assert_eq!(needed.login(), None);
}

async fn connected_accounts_are_bounded(place: Place) {
    let site = Site::with_users(place, 34).await;
    let mut browser = site.signed_in_as("team", "p0").await;
    for number in 1..32 {
        let callback = site.started(&mut browser, &format!("p{number}")).await;
        assert_eq!(browser.finish(callback).await.status, StatusCode::SEE_OTHER);
    }
    let callback = site.started(&mut browser, "p32").await;
    assert_eq!(browser.finish(callback).await.status, StatusCode::BAD_REQUEST);
    let error = site.app.failures.only();
    assert!(matches!(error, OAuthError::Browser(BrowserError::TooManyAccounts)), "{error:?}");
    // An existing account may be connected again.
    let callback = site.started(&mut browser, "p7").await;
    assert_eq!(browser.finish(callback).await.status, StatusCode::SEE_OTHER);
    site.oauth.hub.disconnect("team", "p7").await.expect("a store");
    let callback = site.started(&mut browser, "p33").await;
    assert_eq!(browser.finish(callback).await.status, StatusCode::SEE_OTHER);
    assert_eq!(site.accounts(&Owner::from("team")).await.len(), 32);
}
