//! Spring Authorization Server, an OpenID Provider on Spring Boot.

use tests::browser::Browser;
use tests::scenario;
use tests::spring::{Spring, sign_in};

use crate::site::{Bound, SECRET};

#[tokio::test]
async fn spring_serves_login_refresh_and_logout() {
    let scenario = scenario!();
    let bound = Bound::new().await;
    let provider = Spring::start(&scenario, &bound.base).await;
    let site = bound.serve(&provider.issuer, &[SECRET]);
    let browser = Browser::start(&scenario).await;

    let question = browser.open(&site.url("/login")).await;
    assert!(question.url.starts_with(&provider.issuer), "{question:#?}");
    sign_in(&browser).await;
    let refused = browser.press("Cancel").await;
    assert_eq!(refused.status, 403, "{refused:#?}");

    browser.open(&site.url("/login")).await;
    for scope in ["profile", "email"] {
        browser.check(scope).await;
    }
    let arrived = browser.press("Submit Consent").await;
    assert_eq!(arrived.status, 200, "{arrived:#?}");
    let subject = browser.json().await["subject"].clone();
    assert_eq!(subject, "ada");
    assert_eq!(browser.open(&site.url("/whoami")).await.text, subject);

    // Access tokens live five minutes, and refresh tokens rotate.
    site.clock.advance(300);
    let page = browser.open(&site.url("/userinfo")).await;
    assert_eq!(page.status, 200, "{page:#?}");

    // It accepts only its newest ID token as the hint of a logout.
    let left = browser.open(&site.url("/logout")).await;
    assert_eq!((left.status, left.text.as_str()), (200, "signed out"), "{left:#?}");
    assert_eq!(browser.open(&site.url("/whoami")).await.status, 401);
    let question = browser.open(&site.url("/login")).await;
    assert!(question.text.contains("Password"), "{question:#?}");
}
