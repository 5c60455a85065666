//! `logout_redirect` and `validate_logout_response`: the session here ends, the
//! browser goes to the provider, and a return is trusted only if its `state` was sent from here.

use axum::http::request::Parts;
use axum::response::IntoResponse;
use http::header::{CACHE_CONTROL, LOCATION};
use oauth_runtime::error::{
    BrowserError, CallError, EndpointKind, LogoutResponseError, ProviderError,
};
use oauth_runtime::testing::{Endpoint, Fault};
use oauth_runtime::{OAuthError, RedirectUri, Secret};

use crate::site::{Cookies, PUBLIC_URL, Site, parameters};

/// A `state` with enough entropy.
const OWN_STATE: &str = "9f86d081884c7d659a2feaa0c55ad015";

#[tokio::test]
async fn logout_ends_the_session_here_and_at_the_provider() {
    let site = Site::start().await;
    let (mut browser, id_token) = site.signed_in(&site.oauth.op).await;
    let mut thief = browser.clone();
    let user = site.user(&browser).await.expect("a user");

    let logout = site.oauth.op.logout_redirect().sign_out(&user);
    let logout = logout.post_logout_redirect_uri("/logged-out").return_to("/bye?x=1");
    let response = logout.await.expect("a redirect").into_response();
    assert_eq!(response.status(), 302);
    assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
    let url = response.headers()[LOCATION].to_str().expect("text").to_owned();
    browser.keep(&response);
    assert!(url.starts_with(&site.provider.url(Endpoint::EndSession)), "{url}");
    let sent = parameters(&url);
    assert_eq!(sent["id_token_hint"], id_token);
    assert_eq!(sent["client_id"], "the-application");
    assert_eq!(sent["post_logout_redirect_uri"], format!("{PUBLIC_URL}/logged-out"));
    assert!(sent["state"].len() >= 32);

    // No request was sent to the provider.
    for browser in [&mut browser, &mut thief] {
        assert!(site.user(browser).await.is_none(), "the session is over");
    }

    let back = follow(&url).await;
    assert_eq!(back, format!("{PUBLIC_URL}/logged-out?state={}", sent["state"]));
    let done =
        site.oauth.op.validate_logout_response(&parts(&browser, &back)).await.expect("valid input");
    assert_eq!(done.return_to(), "/bye?x=1");
    browser.keep(&(done, "").into_response());
    assert!(browser.names().is_empty(), "{:?}", browser.names());
}

/// Conformance module `rp-init-logout-other-state`, and other forged returns.
#[tokio::test]
async fn a_return_with_another_state_is_not_trusted() {
    let (site, browser, state) = leaving().await;
    for (query, expected) in [
        (format!("state={OWN_STATE}"), LogoutResponseError::StateMismatch),
        (format!("state={state}x"), LogoutResponseError::StateMismatch),
        ("state=".to_owned(), LogoutResponseError::StateMismatch),
        (format!("state={state}&state={state}"), LogoutResponseError::RepeatedState),
    ] {
        assert_refused(&site, &browser, &query, &expected).await;
        assert!(site.user(&browser).await.is_none(), "it signs no user in");
    }
}

/// Conformance module `rp-init-logout-no-state`.
#[tokio::test]
async fn a_return_without_state_is_not_trusted() {
    let (site, browser, _) = leaving().await;
    for query in ["", "x=1"] {
        assert_refused(&site, &browser, query, &LogoutResponseError::StateMissing).await;
    }
    assert!(site.user(&browser).await.is_none());
}

#[tokio::test]
async fn logout_return_elsewhere_or_late_is_not_trusted() {
    let (site, browser, state) = leaving().await;
    let query = format!("state={state}");
    let stranger = Cookies::default();
    assert_refused(&site, &stranger, &query, &LogoutResponseError::NoPendingLogout).await;

    site.clock.advance(600);
    assert_refused(&site, &browser, &query, &LogoutResponseError::NoPendingLogout).await;
}

#[tokio::test]
async fn return_of_a_logout_is_valid_once() {
    let (site, browser, state) = leaving().await;
    site.clock.advance(599);
    let request = parts(&browser, &format!("/?state={state}"));
    assert!(site.oauth.op.validate_logout_response(&request).await.is_ok());
    // The browser has kept the cookie: the application did not remove it.
    let query = format!("state={state}");
    assert_refused(&site, &browser, &query, &LogoutResponseError::NoPendingLogout).await;
}

#[tokio::test]
async fn logout_gives_its_data_back() {
    let site = Site::start().await;
    let (mut browser, _) = site.signed_in(&site.oauth.op).await;
    let logout = || site.oauth.op.logout_redirect().post_logout_redirect_uri("/bye");
    let url = browser.follow(logout().data(&("closed", 7)).await.expect("started"));
    let back = format!("/bye?state={}", parameters(&url)["state"]);
    let done = site.oauth.op.validate_logout_response(&parts(&browser, &back)).await;
    let done = done.expect("valid input");
    assert_eq!(done.data::<(String, u32)>(), Some(("closed".to_owned(), 7)));
    assert_eq!(done.data::<u32>(), None, "it is of another type");

    let refused = logout().data(&"x".repeat(1023)).await.expect_err("too long");
    assert!(matches!(refused, OAuthError::Call(CallError::LogoutData(_))), "{refused:?}");
    assert!(site.user(&browser).await.is_some(), "nothing has happened");
}

#[tokio::test]
async fn a_return_from_another_provider_is_not_trusted() {
    let (site, browser, state) = leaving().await;
    let request = parts(&browser, &format!("/?state={state}"));
    let refused = site.oauth.leaving.validate_logout_response(&request).await.expect_err("foreign");
    assert_logout_error(&refused, &LogoutResponseError::NoPendingLogout);
}

/// Rule 5: a value sealed for one purpose opens for no other.
#[tokio::test]
async fn pending_logout_opens_from_no_other_cookie() {
    let (site, leaving, state) = leaving().await;
    let (mut other, _) = site.signed_in(&site.oauth.op).await;
    let started = site.oauth.op.authorize_redirect().await.expect("a login starts");
    other.follow(started);
    let [name] = leaving.names()[..] else { panic!("{leaving:?}") };
    for foreign in other.values() {
        let mut browser = leaving.clone();
        browser.plant(name, &foreign);
        let query = format!("state={state}");
        assert_refused(&site, &browser, &query, &LogoutResponseError::NoPendingLogout).await;
    }
}

#[tokio::test]
async fn missing_end_session_endpoint_is_a_typed_error() {
    let site = Site::start().await;
    let (browser, _) = site.signed_in(&site.oauth.stated).await;
    let user = site.user(&browser).await.expect("a user");
    let refused = site.oauth.stated.logout_redirect().sign_out(&user).await.expect_err("no such");
    assert!(
        matches!(
            &refused,
            OAuthError::Provider { provider, error: ProviderError::NoEndpoint(EndpointKind::EndSession) }
                if &**provider == "stated"
        ),
        "{refused:?}"
    );
    assert!(site.user(&browser).await.is_none(), "the session here has ended");
}

#[tokio::test]
async fn the_session_ends_even_if_the_call_is_wrong() {
    let site = Site::start().await;
    let (browser, _) = site.signed_in(&site.oauth.op).await;
    let user = site.user(&browser).await.expect("a user");
    let logout = site.oauth.op.logout_redirect().sign_out(&user).param("state", OWN_STATE);
    let refused = logout.await.expect_err("reserved");
    assert!(
        matches!(&refused, OAuthError::Call(CallError::ReservedParameter(name)) if name == "state"),
        "{refused:?}"
    );
    assert!(site.user(&browser).await.is_none());
}

#[tokio::test]
async fn session_of_another_provider_gives_no_hint() {
    let site = Site::start().await;
    let (browser, _) = site.signed_in(&site.oauth.plain).await;
    let user = site.user(&browser).await.expect("a user");
    let url = site.oauth.op.logout_redirect().sign_out(&user).into_url().await.expect("a URL");
    assert!(!parameters(url.url()).contains_key("id_token_hint"));
    assert!(site.user(&browser).await.is_none());
}

#[tokio::test]
async fn every_parameter_can_be_given_by_the_caller() {
    let site = Site::start().await;
    let (_, id_token) = site.signed_in(&site.oauth.op).await;
    let logout = site
        .oauth
        .op
        .logout_redirect()
        .sign_out(None)
        .id_token_hint(&Secret::from(id_token.clone()))
        .post_logout_redirect_uri(RedirectUri::configured("http://127.0.0.1:3000/bye"))
        .state(OWN_STATE)
        .logout_hint("ada")
        .ui_locales(["de", "en"])
        .param("audience", "api")
        .into_url()
        .await
        .expect("a URL");
    assert_eq!(logout.state(), Some(OWN_STATE));
    let sent = parameters(logout.url());
    let expected = [
        ("audience", "api"),
        ("client_id", "the-application"),
        ("id_token_hint", &id_token),
        ("logout_hint", "ada"),
        ("post_logout_redirect_uri", "http://127.0.0.1:3000/bye"),
        ("state", OWN_STATE),
        ("ui_locales", "de en"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(sent, expected.into());

    let mut browser = Cookies::default();
    browser.keep(&(logout, "a body of one's own").into_response());
    let back =
        follow(&format!("{}?{}", site.provider.url(Endpoint::EndSession), query(&sent))).await;
    assert!(site.oauth.op.validate_logout_response(&parts(&browser, &back)).await.is_ok());
}

#[tokio::test]
async fn guessable_logout_state_is_refused() {
    let site = Site::start().await;
    for state in ["", "1", "logout", &"x".repeat(32), &format!("{OWN_STATE}&x=1")] {
        let refused = site.oauth.op.logout_redirect().state(state).await.expect_err("weak");
        assert!(matches!(refused, OAuthError::Call(CallError::WeakValue { .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn logout_without_return_keeps_no_state() {
    let site = Site::start().await;
    let logout = site.oauth.op.logout_redirect().into_url().await.expect("a URL");
    assert_eq!(logout.state(), None);
    let sent = parameters(logout.url());
    assert_eq!(sent.keys().collect::<Vec<_>>(), ["client_id"]);
    let mut browser = Cookies::default();
    browser.keep(&(logout, "").into_response());
    assert!(browser.names().is_empty());
}

/// The ID token is stored with the tokens, so that the cookies stay small.
#[tokio::test]
async fn no_cookie_grows_with_the_id_token() {
    let site = Site::start().await;
    let (mut browser, id_token) = site.signed_in(&site.oauth.op).await;
    let user = site.user(&browser).await.expect("a user");
    let logout = site.oauth.op.logout_redirect().sign_out(&user);
    browser.follow(logout.post_logout_redirect_uri("/logged-out").await.expect("a redirect"));
    for value in browser.values() {
        assert!(value.len() < id_token.len() && value.len() < 400, "{} bytes", value.len());
    }
}

/// Spring Authorization Server answers an older hint with an error page.
#[tokio::test]
async fn logout_sends_the_newest_id_token() {
    let site = Site::start().await;
    let (browser, at_login) = site.signed_in(&site.oauth.op).await;
    assert_eq!(hint(&site, &browser).await.as_ref(), Some(&at_login));

    let (browser, at_login) = site.signed_in(&site.oauth.op).await;
    site.refresh(&browser).await;
    let sent = hint(&site, &browser).await.expect("a hint");
    assert_ne!(sent, at_login);
    let claims = site.oauth.op.parse_id_token_without_nonce(&Secret::from(sent.as_str())).await;
    assert_eq!(claims.expect("an ID token").subject(), "ada");
}

/// A refresh may bring no ID token.
#[tokio::test]
async fn hint_survives_a_refresh_without_id_token() {
    let site = Site::start().await;
    let (browser, at_login) = site.signed_in(&site.oauth.op).await;
    site.provider.fault(Fault::MissingIdToken);
    site.refresh(&browser).await;
    assert_eq!(hint(&site, &browser).await, Some(at_login));
}

/// The hint of a logout in this browser.
async fn hint(site: &Site, browser: &Cookies) -> Option<String> {
    let user = site.user(browser).await.expect("a user");
    let logout = site.oauth.op.logout_redirect().sign_out(&user).into_url().await;
    parameters(logout.expect("a logout").url()).remove("id_token_hint")
}

/// A browser during a logout at the provider, and the `state` of the logout.
async fn leaving() -> (Site, Cookies, String) {
    let site = Site::start().await;
    let (mut browser, _) = site.signed_in(&site.oauth.op).await;
    let user = site.user(&browser).await.expect("a user");
    let logout = site.oauth.op.logout_redirect().sign_out(&user);
    let url =
        browser.follow(logout.post_logout_redirect_uri("/logged-out").await.expect("started"));
    let state = parameters(&url)["state"].clone();
    (site, browser, state)
}

/// The target of the provider's redirect after it ended its session.
async fn follow(url: &str) -> String {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
    let response = client.expect("a client").get(url).send().await.expect("a response");
    let location = response.headers().get("location").expect("a redirect");
    location.to_str().expect("text").to_owned()
}

fn parts(browser: &Cookies, url: &str) -> Parts {
    browser.get(url).into_parts().0
}

fn query(pairs: &std::collections::BTreeMap<String, String>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

async fn assert_refused(
    site: &Site,
    browser: &Cookies,
    query: &str,
    expected: &LogoutResponseError,
) {
    let request = parts(browser, &format!("/logged-out?{query}"));
    let refused = site.oauth.op.validate_logout_response(&request).await.expect_err(query);
    assert_logout_error(&refused, expected);
}

#[track_caller]
fn assert_logout_error(error: &OAuthError, expected: &LogoutResponseError) {
    let OAuthError::Browser(BrowserError::LogoutResponse(found)) = error else {
        panic!("{error:?}")
    };
    assert_eq!(found, expected);
    assert_eq!(error.status(), 400);
}
