//! Applications with sessions and tables of their own: one function for the owner, one for the
//! token.

use axum::extract::FromRequestParts;
use http::Request;
use http::request::Parts;
use oauth_runtime::error::TokenError;
use oauth_runtime::prelude::*;
use oauth_runtime::{Clock, Owner, RegistryBuilder, StoredToken, TokenAccount, UnixTime};

use crate::scripted::Provider;

#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "acme",
    authorize_url = "https://acme.example/authorize",
    access_token_url = "https://acme.example/token",
    api_base_url = "https://acme.example/api/",
    keep_tokens
)]
struct Acme;

#[derive(Clone, Debug, OAuthRegistry)]
struct Providers {
    acme: Client<Acme>,
}

/// The user of the application's own session.
#[derive(Clone)]
struct CurrentUser(u64);

fn providers(
    http: &Provider,
    clock: &Clock,
    configure: impl FnOnce(RegistryBuilder<Providers>) -> RegistryBuilder<Providers>,
) -> Providers {
    let config = Config::empty()
        .set("OAUTH_PUBLIC_URL", "http://127.0.0.1:3000")
        .set("ACME_CLIENT_ID", "id")
        .set("ACME_CLIENT_SECRET", "secret");
    let builder =
        Providers::builder().config(config).clock(clock.clone()).http_client(http.clone());
    configure(builder)
        .owner_of(|request| Some(request.extensions.get::<CurrentUser>()?.0.into()))
        .build()
        .expect("a valid configuration")
}

fn request(user: Option<u64>) -> Parts {
    let (mut parts, ()) = Request::new(()).into_parts();
    if let Some(id) = user {
        parts.extensions.insert(CurrentUser(id));
    }
    parts
}

/// The access token with which the API is called in a request of this user.
async fn sent(oauth: &Providers, user: Option<u64>) -> Option<String> {
    let api = Option::<Api<Acme>>::from_request_parts(&mut request(user), oauth).await;
    Some(api.expect("no failure")?.get("user").json().await.expect("a response"))
}

/// The table of tokens: user 7 has one.
async fn row(account: TokenAccount, clock: Clock) -> Result<Option<StoredToken>, &'static str> {
    if *account.owner() != Owner::from(7_u64) {
        return Ok(None);
    }
    let expires_at = UnixTime::from_secs(clock.now().as_secs() + 60);
    let stored = StoredToken::new(account.provider(), "of-seven");
    Ok(Some(stored.with_refresh_token("r0").with_expires_at(expires_at)))
}

#[tokio::test]
async fn owner_of_the_request_selects_the_token() {
    let (http, clock) = (Provider::default(), Clock::manual(Clock::system().now()));
    let now = clock.clone();
    let oauth = providers(&http, &clock, |builder| {
        builder.fetch_token(move |account| row(account, now.clone()))
    });
    assert_eq!(sent(&oauth, Some(7)).await.as_deref(), Some("of-seven"));
    assert_eq!(sent(&oauth, Some(8)).await, None, "another user");
    assert_eq!(sent(&oauth, None).await, None, "no user");
    let rejection = Api::<Acme>::from_request_parts(&mut request(None), &oauth).await;
    let rejection = rejection.expect_err("no user");
    assert_eq!(rejection.into_response().status(), 401);
}

#[tokio::test]
async fn token_of_a_reading_function_is_never_refreshed() {
    let (http, clock) = (Provider::default(), Clock::manual(Clock::system().now()));
    let fixed = Clock::manual(clock.now());
    let oauth = providers(&http, &clock, |builder| {
        builder.fetch_token(move |account| row(account, fixed.clone()))
    });
    clock.advance(61);
    let error = oauth.acme.api_for(7_u64).await.expect_err("expired");
    assert!(matches!(error, OAuthError::Token { error: TokenError::Expired, .. }), "{error:?}");
    assert!(http.token_requests().is_empty(), "a rotated token would be lost");
    let error = oauth.acme.disconnect(7_u64, "").await.expect_err("it cannot be removed");
    assert!(matches!(error, OAuthError::Store(_)), "{error:?}");
}

#[tokio::test]
async fn failing_reading_function_is_a_store_error() {
    let (http, clock) = (Provider::default(), Clock::manual(Clock::system().now()));
    let oauth = providers(&http, &clock, |builder| {
        builder.fetch_token(|_| async { Err::<Option<StoredToken>, _>("the table is locked") })
    });
    let api = Option::<Api<Acme>>::from_request_parts(&mut request(Some(7)), &oauth).await;
    let rejection = api.expect_err("the table is locked, which is not the lack of a token");
    assert!(matches!(rejection, oauth_runtime::ApiRejection::Failed(OAuthError::Store(_))));
}
