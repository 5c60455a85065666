//! Calls to an API with any body, with a time limit, and without a token.

use std::time::Duration;

use axum::extract::FromRequestParts;
use http::Method;
use oauth_runtime::error::CallError;
use oauth_runtime::prelude::*;
use oauth_runtime::{Multipart, StoredToken};
use tests::in_process::{Op, Plain};

use crate::scripted::{Acme, Scripted};
use crate::site::{Cookies, Providers, Site};

fn api(site: &Scripted) -> Api<Acme> {
    let token = Token::from_stored(StoredToken::new("acme", "the-token")).expect("a token");
    site.acme.with_token(token)
}

#[tokio::test]
async fn raw_body_is_sent_with_its_content_type() {
    let site = Scripted::start();
    let body = vec![0_u8, 255, 13, 10];
    api(&site).put("file").body("application/zip", body.clone()).send().await.expect("a response");
    let (request, _) = &site.provider.requests()[0];
    assert_eq!(request.headers()["content-type"], "application/zip");
    assert_eq!(request.headers()["authorization"], "Bearer the-token");
    assert_eq!(request.body(), &body);
    let forged = api(&site).put("file").body("text/plain\r\nx-evil: 1", body).send().await;
    let error = forged.expect_err("a header in the content type");
    assert!(matches!(error, OAuthError::Call(CallError::Unsendable(_))), "{error:?}");
    assert_eq!(site.provider.requests().len(), 1, "nothing was sent");
}

#[tokio::test]
async fn multipart_body_is_sent_as_a_form_with_files() {
    let site = Scripted::start();
    let form =
        Multipart::new().text("title", "A loom").file("photo", "a.png", "image/png", "pixels");
    api(&site).post("photos").body_multipart(form).send().await.expect("a response");
    let (request, _) = &site.provider.requests()[0];
    let kind = request.headers()["content-type"].to_str().expect("text");
    let boundary = kind.strip_prefix("multipart/form-data; boundary=").expect("a boundary");
    let body = String::from_utf8_lossy(request.body());
    assert!(body.ends_with(&format!("pixels\r\n--{boundary}--\r\n")), "{body}");
    let forged = Multipart::new().file("photo", "a.png", "image/png\r\nx-evil: 1", "pixels");
    let error = api(&site).post("photos").body_multipart(forged).send().await.expect_err("forged");
    assert!(matches!(error, OAuthError::Call(CallError::Unsendable(_))), "{error:?}");
}

#[tokio::test]
async fn time_limit_of_a_call_is_bounded() {
    let site = Scripted::start();
    let api = api(&site);
    api.get("slow").timeout(Duration::from_secs(120)).send().await.expect("a response");
    api.get("usual").send().await.expect("a response");
    let limits: Vec<_> =
        site.provider.requests().iter().map(|(_, limits)| limits.deadline).collect();
    assert_eq!(limits, [Duration::from_secs(120), Duration::from_secs(30)]);
    for limit in [Duration::ZERO, Duration::from_secs(601), Duration::MAX] {
        let error = api.get("slow").timeout(limit).send().await.expect_err("out of bounds");
        assert!(matches!(error, OAuthError::Call(CallError::Unsendable(_))), "{error:?}");
    }
    assert_eq!(site.provider.requests().len(), 2, "nothing was sent");
}

#[tokio::test]
async fn first_fault_of_a_request_is_the_error() {
    let site = Scripted::start();
    let api = api(&site);
    let call = api.get("https://other.example/").timeout(Duration::ZERO);
    let error = call.body_multipart(Multipart::new()).send().await.expect_err("two faults");
    assert!(matches!(error, OAuthError::Call(CallError::Unsendable(_))), "{error:?}");
    let error = api.get("\n").timeout(Duration::ZERO).send().await.expect_err("two faults");
    assert!(matches!(error, OAuthError::Call(CallError::BadUrl { .. })), "{error:?}");
}

#[tokio::test]
async fn client_calls_public_resources_without_token() {
    let site = Scripted::start();
    let text: String = site.acme.get("license").json().await.expect("a response");
    assert_eq!(text, "", "no token");
    let other = site.acme.request(Method::POST, "https://other.example/x").query([("a", "b")]);
    other.body("text/plain", "hello").text().await.expect("a response");
    let requests = site.provider.requests();
    let urls: Vec<_> = requests.iter().map(|(request, _)| request.uri().to_string()).collect();
    assert_eq!(urls, ["https://acme.example/api/license", "https://other.example/x?a=b"]);
    for (request, _) in &requests {
        assert!(!request.headers().contains_key("authorization"), "{request:?}");
        assert!(!request.headers().contains_key("cookie"), "{request:?}");
    }
    for url in ["http://other.example/x", "https://user@other.example/"] {
        let error = site.acme.get(url).send().await.expect_err(url);
        assert!(matches!(error, OAuthError::Call(CallError::BadUrl { .. })), "{url}: {error:?}");
    }
    let error = site.acme.get("license").with_token_at("https://acme.example");
    assert!(error.send().await.is_ok(), "there is still no token to send");
    assert!(!site.provider.requests()[2].0.headers().contains_key("authorization"));
}

/// The optional API of a provider in a request of this browser.
async fn optional<A>(site: &Site, browser: &Cookies) -> Option<A>
where
    Option<A>: FromRequestParts<Providers, Rejection: std::fmt::Debug>,
{
    let (mut parts, _) = browser.get("/").into_parts();
    Option::<A>::from_request_parts(&mut parts, &site.oauth).await.expect("no failure")
}

#[tokio::test]
async fn optional_api_is_none_without_a_token() {
    let site = Site::start().await;
    let stranger = optional::<Api<Op>>(&site, &Cookies::default()).await;
    assert!(stranger.is_none());
    let (ada, _) = site.signed_in(&site.oauth.op).await;
    let api = optional::<Api<Op>>(&site, &ada).await.expect("signed in");
    assert!(api.get("resource").text().await.is_ok());
    let other = optional::<Api<Plain>>(&site, &ada).await;
    assert!(other.is_none(), "the user is signed in with another provider");
}
