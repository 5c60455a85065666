//! `response_mode = "form_post"`, and the hybrid flow that needs it.

use std::sync::Arc;

use axum::Json;
use http::StatusCode;
use oauth_runtime::error::{AuthorizationResponseError, BrowserError, IdTokenError, ProviderError};
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{Endpoint, Fault, SigningAlgorithm, TestProvider};
use oauth_runtime::{Email, OAuthError};
use serde_json::{Value, json};
use tests::in_process::post_without_end;
use url::form_urlencoded;

use crate::site::{self, Site, failed};

/// Only the code, in a form.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "posted",
    issuer = "{issuer}",
    scopes("openid", "profile"),
    response_mode = "form_post",
    quirks(loopback_http)
)]
struct Posted {
    issuer: String,
}

/// Like Apple: an ID token next to the code, and an unsigned name.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "hybrid",
    issuer = "{issuer}",
    scopes("openid"),
    response_type = "code id_token",
    response_mode = "form_post",
    quirks(loopback_http, user_in_response)
)]
struct Hybrid {
    issuer: String,
}

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(on_error = failed, state = Providers)]
struct Providers {
    posted: Client<Posted>,
    #[oauth_registry(on_login = seen)]
    hybrid: Client<Hybrid>,
}

async fn seen(login: Login<Hybrid>) -> Result<impl IntoResponse, OAuthError> {
    let identity = login.identity();
    let given_name = login.unverified_profile().and_then(|profile| profile.given_name());
    let email = match identity.email() {
        Some(Email::Verified(email)) => format!("verified {email}"),
        Some(Email::Unverified(email)) => format!("unverified {email}"),
        None => String::new(),
    };
    let seen = json!({
        "subject": identity.subject(),
        "name": identity.name(),
        "email": email,
        "given_name": given_name,
    });
    Ok((login.sign_in().await?, Json(seen)))
}

async fn whoami(user: User) -> String {
    user.subject().to_owned()
}

async fn site_with(algorithm: SigningAlgorithm) -> Site {
    let provider = site::provider().signing_algorithm(algorithm).start().await;
    let provider: Arc<TestProvider> = Arc::new(provider.expect("a provider"));
    let config = site::config(&["posted", "hybrid"], &provider);
    Site::start::<Providers>(provider, config, Router::new().route("/whoami", get(whoami))).await
}

async fn site() -> Site {
    site_with(SigningAlgorithm::Es256).await
}

/// The form that the provider's page posts when this user signs in.
async fn answer(site: &mut Site, provider: &str, person: &str) -> String {
    let url = site.browser.start_login(provider).await;
    site.provider.sign_in_by_form_post(url, person).expect("valid input").body()
}

async fn post(site: &mut Site, provider: &str, form: String) -> tests::in_process::Page {
    let callback = format!("/auth/{provider}/callback");
    let page = site.browser.post_from_elsewhere(&callback, form).await;
    match page.form_to_post() {
        Some(form) => site.browser.post_here(&callback, form).await,
        None => page,
    }
}

#[tokio::test]
async fn form_post_without_cookies_is_posted_again() {
    let mut site = site().await;
    let form = answer(&mut site, "posted", "ada").await;
    let page = site.browser.post_from_elsewhere("/auth/posted/callback", form.clone()).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.header("cache-control"), "no-store");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'sha256-") && policy.contains("frame-ancestors 'none'"));
    assert_eq!(site.provider.requests(Endpoint::Token), 0, "nothing is trusted yet");
    assert_eq!(site.failures.take().len(), 0, "it is not a failure");

    let again = page.form_to_post().expect("a form");
    let inner: Vec<_> = form_urlencoded::parse(again.as_bytes()).into_owned().collect();
    assert_eq!(inner.len(), 1);
    assert_eq!(inner[0].1, form);
    let page = site.browser.post_here("/auth/posted/callback", again).await;
    assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(site.browser.get("/whoami").await.body, "ada");
    assert!(site.browser.pending().is_empty(), "the cookie is deleted");
}

#[tokio::test]
async fn form_post_of_another_browser_is_refused() {
    let mut site = site().await;
    let form = answer(&mut site, "posted", "ada").await;
    site.browser = site.browser.fresh();
    let page = post(&mut site, "posted", form).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert_matches!(site.failures.only(), OAuthError::Browser(BrowserError::NoPendingLogin));
}

#[tokio::test]
async fn form_is_valid_for_one_login() {
    let mut site = site().await;
    let form = answer(&mut site, "posted", "ada").await;
    let cookies = site.browser.clone();
    assert!(post(&mut site, "posted", form.clone()).await.status.is_redirection());
    site.browser = cookies;
    post(&mut site, "posted", form).await;
    assert_matches!(site.failures.only(), OAuthError::Browser(BrowserError::Replayed));
}

#[tokio::test]
async fn response_in_the_query_is_refused_unless_an_error() {
    let mut site = site().await;
    let form = answer(&mut site, "posted", "ada").await;
    let page = site.browser.get(&format!("/auth/posted/callback?{form}")).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    let not_posted = AuthorizationResponseError::NotPosted;
    assert_matches!(site.failures.only(), OAuthError::Browser(BrowserError::Response(error)) if *error == not_posted);
    assert_eq!(site.provider.requests(Endpoint::Token), 0);

    let url = site.browser.start_login("posted").await;
    let denial = site.provider.deny_by_form_post(url).expect("valid input").body();
    site.browser.get(&format!("/auth/posted/callback?{denial}")).await;
    let error = site.failures.only();
    assert!(error.is_access_denied(), "{error:?}");
}

#[tokio::test]
async fn oversized_form_is_not_read() {
    let mut site = site().await;
    let page = post(&mut site, "posted", "a".repeat(200_000)).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    let too_long = AuthorizationResponseError::TooLong;
    assert_matches!(site.failures.only(), OAuthError::Browser(BrowserError::Response(error)) if *error == too_long);
}

#[tokio::test]
async fn id_token_vouches_for_the_code_in_every_algorithm() {
    for algorithm in SigningAlgorithm::ALL {
        let mut site = site_with(algorithm).await;
        let form = answer(&mut site, "hybrid", "ada").await;
        assert!(form.contains("id_token="), "{form}");
        let page = post(&mut site, "hybrid", form).await;
        let failures = site.failures.take();
        assert_eq!(page.status, StatusCode::OK, "{algorithm}: {failures:?}");
    }
}

/// The callback gets the session cookie, although the provider's page posted to it.
#[tokio::test]
async fn earlier_session_ends_with_a_posted_login() {
    let mut site = site().await;
    let form = answer(&mut site, "hybrid", "ada").await;
    post(&mut site, "hybrid", form).await;
    let before = site.browser.clone();
    let form = answer(&mut site, "hybrid", "grace").await;
    let page = post(&mut site, "hybrid", form).await;
    let seen: Value = serde_json::from_str(&page.body).expect("JSON");
    assert_eq!(seen["subject"], json!("grace"));
    site.browser = before;
    let status = site.browser.get("/whoami").await.status;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "the earlier session has ended");
}

#[tokio::test]
async fn code_without_a_matching_id_token_is_not_used() {
    let mut site = site().await;
    for fault in [
        Fault::WrongCodeHash,
        Fault::MissingCodeHash,
        Fault::WrongNonce,
        Fault::MissingNonce,
        Fault::WrongIssuer,
        Fault::WrongAudience,
        Fault::Expired,
        Fault::BadSignature,
        Fault::UnsignedToken,
    ] {
        site.provider.clear_faults();
        site.provider.fault(fault);
        let form = answer(&mut site, "hybrid", "ada").await;
        let page = post(&mut site, "hybrid", form).await;
        assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{fault:?}");
        let error = site.failures.only();
        let is_code_hash = matches!(fault, Fault::WrongCodeHash | Fault::MissingCodeHash);
        match &error {
            OAuthError::Provider { error: ProviderError::IdToken(reason), .. } => {
                assert_eq!(matches!(reason, IdTokenError::CodeHash), is_code_hash, "{error:?}");
            }
            other => panic!("{fault:?}: {other:?}"),
        }
    }
    assert_eq!(site.provider.requests(Endpoint::Token), 0, "no code was sent");
}

/// The code of one login with the ID token of another.
#[tokio::test]
async fn code_of_another_login_fails_its_hash() {
    let mut site = site().await;
    let stolen = answer(&mut site, "hybrid", "grace").await;
    let stolen_code = form_urlencoded::parse(stolen.as_bytes()).find(|(name, _)| name == "code");
    let (_, stolen_code) = stolen_code.expect("a code");
    let form = answer(&mut site, "hybrid", "ada").await;
    let pairs = form_urlencoded::parse(form.as_bytes()).map(|(name, value)| {
        if name == "code" { (name, stolen_code.clone()) } else { (name, value) }
    });
    let swapped = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    post(&mut site, "hybrid", swapped).await;
    assert_matches!(
        site.failures.only(),
        OAuthError::Provider { error: ProviderError::IdToken(IdTokenError::CodeHash), .. }
    );
}

#[tokio::test]
async fn an_id_token_must_come_where_it_was_asked_for() {
    let mut site = site().await;
    let form = answer(&mut site, "hybrid", "ada").await;
    let pairs = form_urlencoded::parse(form.as_bytes()).filter(|(name, _)| name != "id_token");
    let without = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    post(&mut site, "hybrid", without).await;
    let missing = AuthorizationResponseError::IdTokenMissing;
    assert_matches!(site.failures.only(), OAuthError::Browser(BrowserError::Response(error)) if *error == missing);
}

#[tokio::test]
async fn both_id_tokens_must_name_one_user() {
    let mut site = site().await;
    site.provider.fault(Fault::SecondSubjectSwapped);
    let form = answer(&mut site, "hybrid", "ada").await;
    post(&mut site, "hybrid", form).await;
    assert_matches!(
        site.failures.only(),
        OAuthError::Provider { error: ProviderError::IdTokensDiffer, .. }
    );
    assert_eq!(site.browser.session(), None);
}

#[tokio::test]
async fn unsigned_claims_are_never_verified() {
    let mut site = site().await;
    let user = r#"{"name":{"firstName":"Augusta","lastName":"King"},"email":"victim@example.org"}"#;
    let form = answer(&mut site, "hybrid", "ada").await;
    let with_user = form_urlencoded::Serializer::new(form).append_pair("user", user).finish();
    let page = post(&mut site, "hybrid", with_user).await;
    let seen: Value = serde_json::from_str(&page.body).expect("JSON");
    assert_eq!(seen["subject"], "ada");
    assert_eq!(seen["name"], "Augusta King");
    assert_eq!(seen["given_name"], "Augusta");
    assert_eq!(seen["email"], "unverified victim@example.org");
}

/// A browser can post anything, so the response is sent before the whole form is read.
#[tokio::test]
async fn of_an_endless_form_little_is_read() {
    let site = site().await;
    let (answer, sent) = post_without_end(site.browser.server(), "/auth/posted/callback").await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}, after {sent} bytes");
    // This includes the buffers of the operating system on both sides.
    assert!(sent < 16 * 1024 * 1024, "{sent}");
}
