//! Tokens that the application stores or requests for itself, and their renewal.

use std::sync::{Arc, Mutex};

use oauth_runtime::error::{CallError, TokenError, TokenFault};
use oauth_runtime::prelude::*;
use oauth_runtime::{Clock, StoredToken, UnixTime};

use crate::scripted::{Acme, Scripted};

/// The access tokens that `update_token` received.
type Saved = Arc<Mutex<Vec<String>>>;

/// A token that expires in a minute.
fn row(clock: &Clock, access_token: &str, refresh_token: &str) -> StoredToken {
    StoredToken::new("acme", access_token)
        .with_refresh_token(refresh_token)
        .with_expires_at(UnixTime::from_secs(clock.now().as_secs() + 60))
}

fn renewing(site: &Scripted, row: StoredToken) -> (Api<Acme>, Saved) {
    let saved = Saved::default();
    let table = Arc::clone(&saved);
    let token = Token::from_stored(row).expect("a token");
    let api = site.acme.with_renewed_token(token, move |new| {
        table.lock().expect("no panic").push(new.access_token().expose().to_owned());
        async { Err::<(), _>("the table is full") }
    });
    (api, saved)
}

async fn sent(api: &Api<Acme>) -> String {
    api.get("user").json().await.expect("a response")
}

#[tokio::test]
async fn token_in_hand_is_renewed_once_it_expires() {
    let site = Scripted::start();
    let (api, saved) = renewing(&site, row(&site.clock, "mine", "r0"));
    assert_eq!(sent(&api).await, "mine");
    assert!(saved.lock().expect("no panic").is_empty());
    site.clock.advance(61);
    let (first, second, third) = tokio::join!(sent(&api), sent(&api), sent(&api));
    assert_eq!([first, second, third], ["a1", "a1", "a1"], "one refresh for all calls");
    assert_eq!(*saved.lock().expect("no panic"), ["a1"]);
    site.clock.advance(601);
    assert_eq!(sent(&api).await, "a2");
    let presented = site.provider.token_requests();
    assert!(presented[0].contains("refresh_token=r0"), "{presented:?}");
    assert!(presented[1].contains("refresh_token=r1"), "the rotated one: {presented:?}");
    let events = site.events().await;
    let new: Vec<_> = events.iter().filter_map(|event| event.new_token::<Acme>()).collect();
    assert_eq!(new[1].access_token().expose(), "a2");
    assert!(events.iter().all(|event| event.owner().is_none() && !event.is_of_application()));
}

/// New roles and scopes appear without a new login.
#[tokio::test]
async fn application_can_ask_for_a_refresh() {
    let site = Scripted::start();
    let (api, saved) = renewing(&site, row(&site.clock, "mine", "r0"));
    let (first, second) = tokio::join!(api.refresh(), api.refresh());
    let token = first.expect("a new token").access_token().expose().to_owned();
    assert_eq!((token.as_str(), second.expect("the same").access_token().expose()), ("a1", "a1"));
    assert_eq!(sent(&api).await, "a1");
    assert_eq!(*saved.lock().expect("no panic"), ["a1"]);
    assert_eq!(site.provider.token_requests().len(), 1);

    let own = site.acme.client_credentials().api().await.expect("a token");
    assert_eq!(sent(&own).await, "a2");
    own.refresh().await.expect("another token");
    assert_eq!(sent(&own).await, "a3");

    let passed = Token::from_stored(row(&site.clock, "mine", "r9")).expect("a token");
    let refused = site.acme.with_token(passed).refresh().await.expect_err("not renewed");
    assert!(matches!(refused, OAuthError::Token { error: TokenError::NotRefreshed, .. }));
    let (api, _) = renewing(&site, StoredToken::new("acme", "mine"));
    let refused = api.refresh().await.expect_err("no refresh token");
    assert!(matches!(refused, OAuthError::Token { error: TokenError::NoRefreshToken, .. }));
}

#[tokio::test]
async fn refused_token_in_hand_is_renewed_once() {
    let site = Scripted::start();
    site.clock.set(UnixTime::from_secs(site.clock.now().as_secs()));
    let (api, saved) = renewing(&site, row(&site.clock, "mine", "r0"));
    for token in ["mine", "a1"] {
        site.provider.refuse(token);
    }
    let refused = api.get("user").text().await.expect_err("both tokens are refused");
    assert!(matches!(refused, OAuthError::Token { error: TokenError::Refused, .. }), "{refused:?}");
    assert_eq!(*saved.lock().expect("no panic"), ["a1"]);
    api.get("user").text().await.expect_err("the token is new");
    assert_eq!(site.provider.token_requests().len(), 1, "no refresh for each call");
}

#[tokio::test]
async fn ended_grant_in_hand_is_not_presented_again() {
    let site = Scripted::start();
    let (api, saved) = renewing(&site, row(&site.clock, "mine", "ended"));
    site.clock.advance(61);
    for _ in 0..2 {
        let error = api.get("user").text().await.expect_err("the grant has ended");
        assert!(
            matches!(error, OAuthError::Token { error: TokenError::Ended(_), .. }),
            "{error:?}"
        );
    }
    assert_eq!(site.provider.token_requests().len(), 1);
    assert!(saved.lock().expect("no panic").is_empty());
    let events = site.events().await;
    assert_eq!(events[0].ended().expect("an end").error(), "invalid_grant");
    assert!(!events[0].is_removed());
}

#[tokio::test]
async fn token_in_hand_without_a_table_is_not_refreshed() {
    let site = Scripted::start();
    let token = Token::from_stored(row(&site.clock, "mine", "r0")).expect("a token");
    let api = site.acme.with_token(token);
    site.provider.refuse("mine");
    api.get("user").text().await.expect_err("refused");
    site.clock.advance(61);
    let error = api.get("user").text().await.expect_err("expired");
    let is_stale = matches!(error, OAuthError::Token { error: TokenError::NotRefreshed, .. });
    assert!(is_stale, "{error:?}");
    assert!(site.provider.token_requests().is_empty());
}

#[tokio::test]
async fn refresh_token_by_hand_returns_the_new_token() {
    let site = Scripted::start();
    let token = Token::from_stored(row(&site.clock, "mine", "r0")).expect("a token");
    let new = site.acme.refresh_token(&token).await.expect("a new token").expose();
    assert_eq!(new.access_token().expose(), "a1");
    assert_eq!(new.refresh_token().expect("a refresh token").expose(), "r1");
    assert_eq!(site.events().await.len(), 1);
    let bare = Token::from_stored(StoredToken::new("acme", "mine")).expect("a token");
    let error = site.acme.refresh_token(&bare).await.expect_err("no refresh token");
    assert!(matches!(error, OAuthError::Token { error: TokenError::Expired, .. }), "{error:?}");
}

#[tokio::test]
async fn client_credentials_renewal_is_an_event() {
    let site = Scripted::start();
    let api = site.acme.client_credentials().api().await.expect("an API");
    assert_eq!(sent(&api).await, "a1");
    assert!(site.events().await.is_empty(), "the first one replaces none");
    site.clock.advance(601);
    assert_eq!(sent(&api).await, "a2");
    site.clock.advance(11);
    site.provider.refuse("a2");
    assert_eq!(sent(&api).await, "a3", "the refused token is replaced");
    let events = site.events().await;
    let renewed: Vec<_> = events
        .iter()
        .map(|event| {
            let token =
                |token: Option<Token<Acme>>| token.map(|it| it.access_token().expose().to_owned());
            assert!(event.is_of_application() && event.owner().is_none());
            (token(event.old()), token(event.new_token()))
        })
        .collect();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(renewed, [(some("a1"), some("a2")), (some("a2"), some("a3"))]);
}

#[tokio::test]
async fn api_that_refuses_all_causes_few_token_requests() {
    let site = Scripted::start();
    let api = site.acme.client_credentials().api().await.expect("an API");
    for token in ["a1", "a2", "a3"] {
        site.provider.refuse(token);
    }
    site.clock.advance(11);
    for _ in 0..5 {
        api.get("user").text().await.expect_err("refused");
    }
    assert_eq!(site.provider.token_requests().len(), 2);
}

#[tokio::test]
async fn one_token_is_requested_for_several_resources() {
    let site = Scripted::start();
    let request = || {
        site.acme.client_credentials().resource("https://a.example/").resource("https://b.example/")
    };
    request().audience("c").audience("d").await.expect("a token");
    let body = site.provider.token_requests().remove(0);
    let sent: Vec<_> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    for (name, value) in [
        ("resource", "https://a.example/"),
        ("resource", "https://b.example/"),
        ("audience", "c"),
        ("audience", "d"),
    ] {
        assert!(sent.contains(&(name.to_owned(), value.to_owned())), "{sent:?}");
    }
    request().await.expect("a token");
    assert_eq!(site.provider.token_requests().len(), 2, "a token of its own");
}

#[tokio::test]
async fn exchanged_token_of_no_type_is_never_sent() {
    let site = Scripted::start();
    let exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
    let token = site.acme.fetch_access_token(exchange).await.expect("an assertion");
    assert_eq!((token.token_type(), token.access_token().expose()), ("N_A", "an-assertion"));
    let extra: serde_json::Value = token.extra().expect("the members");
    assert_eq!(extra["issued_token_type"], "urn:ietf:params:oauth:token-type:jwt");
    let stored = token.expose();
    let before = site.provider.requests().len();
    let error =
        site.acme.with_token(token).get("user").send().await.expect_err("not a bearer token");
    assert!(
        matches!(error, OAuthError::Token { error: TokenError::Unusable(TokenFault::Type), .. }),
        "{error:?}"
    );
    let error = Token::<Acme>::from_stored(stored).expect_err("not a bearer token");
    assert!(matches!(error, CallError::UnusableToken(TokenFault::Type)), "{error:?}");
    assert_eq!(site.provider.requests().len(), before, "nothing was sent");
}
