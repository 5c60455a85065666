//! `authorize_access_token`: the end of a login, from a `GET` or from a `POST`.

use axum::body::Body;
use http::header::CONTENT_TYPE;
use oauth_runtime::OAuthError;
use oauth_runtime::error::{AuthorizationResponseError, BrowserError};
use oauth_runtime::testing::Endpoint;

use crate::site::{Cookies, Site};

#[tokio::test]
async fn a_callback_is_read_from_its_query() {
    let (site, browser, answer) = answered().await;
    let request = browser.get(&format!("/auth/op/callback?{answer}"));
    let login = site.oauth.op.authorize_access_token(request).await.expect("a login");
    assert_eq!(login.identity().subject(), "ada");
}

#[tokio::test]
async fn a_callback_is_read_from_its_form() {
    let (site, browser, answer) = answered().await;
    let request = browser.post("/auth/op/callback", &answer);
    let login = site.oauth.op.authorize_access_token(request).await.expect("a login");
    assert_eq!(login.identity().subject(), "ada");
}

/// Parameters of the URL do not mix with those of the provider's form.
#[tokio::test]
async fn query_of_a_post_is_ignored() {
    let (site, browser, answer) = answered().await;
    let request = browser.post(&format!("/auth/op/callback?{answer}"), "");
    let refused = site.oauth.op.authorize_access_token(request).await.expect_err("no form");
    assert!(is_response_error(&refused, &AuthorizationResponseError::StateMissing), "{refused:?}");

    let request = browser.post("/auth/op/callback?state=x&code=y&error=z", &answer);
    site.oauth.op.authorize_access_token(request).await.expect("a login");
}

#[tokio::test]
async fn access_denied_is_a_typed_error_in_query_and_form() {
    for is_post in [false, true] {
        let site = Site::start().await;
        let mut browser = Cookies::default();
        let started = site.oauth.op.authorize_redirect().await.expect("a login starts");
        let denial = site.denial(&browser.follow(started));
        let denial = format!("{denial}&error_uri=https%3A%2F%2Fop.example%2Fwhy");
        let request = match is_post {
            true => browser.post("/auth/op/callback", &denial),
            false => browser.get(&format!("/auth/op/callback?{denial}")),
        };
        let error = site.oauth.op.authorize_access_token(request).await.expect_err("a denial");
        assert!(error.is_access_denied(), "{error:?}");
        assert_eq!(error.status(), 403);
        let response = error.error_response().expect("the provider's error response");
        assert_eq!(response.error(), "access_denied");
        assert!(response.description().is_some(), "{response:?}");
        assert_eq!(response.uri(), Some("https://op.example/why"));
        assert_eq!(site.provider.requests(Endpoint::Token), 0);
    }
}

#[tokio::test]
async fn denial_of_another_login_is_not_trusted() {
    let (site, browser, _) = answered().await;
    let request = browser.post("/auth/op/callback", "error=access_denied&state=somebody-elses");
    let refused = site.oauth.op.authorize_access_token(request).await.expect_err("foreign");
    assert!(!refused.is_access_denied(), "{refused:?}");
    assert!(matches!(refused, OAuthError::Browser(_)), "{refused:?}");
}

#[tokio::test]
async fn a_post_without_form_or_without_end_is_refused() {
    let (site, browser, answer) = answered().await;
    let mut request = browser.post("/auth/op/callback", &answer);
    request.headers_mut().insert(CONTENT_TYPE, "text/plain".parse().expect("a header"));
    let refused = site.oauth.op.authorize_access_token(request).await.expect_err("no form");
    assert!(is_response_error(&refused, &AuthorizationResponseError::NotAForm), "{refused:?}");
    assert_eq!(refused.status(), 400);

    let mut request = browser.post("/auth/op/callback", "");
    *request.body_mut() = Body::from("a".repeat(1024 * 1024));
    let refused = site.oauth.op.authorize_access_token(request).await.expect_err("too long");
    assert!(is_response_error(&refused, &AuthorizationResponseError::TooLong), "{refused:?}");
}

/// A login of Ada, up to the authorization response.
async fn answered() -> (Site, Cookies, String) {
    let site = Site::start().await;
    let mut browser = Cookies::default();
    let started = site.oauth.op.authorize_redirect().await.expect("a login starts");
    let answer = site.answer(&browser.follow(started));
    (site, browser, answer)
}

fn is_response_error(error: &OAuthError, expected: &AuthorizationResponseError) -> bool {
    matches!(error, OAuthError::Browser(BrowserError::Response(response)) if response == expected)
}
