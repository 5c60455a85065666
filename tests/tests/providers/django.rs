//! django-oauth-toolkit, an OpenID Provider on Django.

use tests::browser::Browser;
use tests::django::{Django, sign_in};
use tests::scenario;

use crate::site::{Bound, SECRET};

#[tokio::test]
async fn django_serves_login_refresh_and_logout() {
    let scenario = scenario!();
    let bound = Bound::new().await;
    let provider = Django::start(&scenario, &bound.base).await;
    let site = bound.serve(&provider.issuer, &[SECRET]);
    let browser = Browser::start(&scenario).await;

    let question = browser.open(&site.url("/login")).await;
    assert!(question.url.starts_with(&provider.issuer), "{question:#?}");
    sign_in(&browser).await;
    let refused = browser.press("Cancel").await;
    assert_eq!(refused.status, 403, "{refused:#?}");

    browser.open(&site.url("/login")).await;
    let arrived = browser.press("Authorize").await;
    assert_eq!(arrived.status, 200, "{arrived:#?}");
    let login = browser.json().await;
    assert_eq!(login["name"], "Ada Lovelace", "{login:#}");
    assert_eq!(browser.open(&site.url("/whoami")).await.text, login["subject"]);

    // Access tokens live a minute, and refresh tokens rotate.
    for _ in 0..2 {
        site.clock.advance(60);
        let page = browser.open(&site.url("/userinfo")).await;
        assert_eq!(page.status, 200, "{page:#?}");
        assert_eq!(browser.json().await["email"], "ada@example.com");
    }

    let left = browser.open(&site.url("/logout")).await;
    assert_eq!((left.status, left.text.as_str()), (200, "signed out"), "{left:#?}");
    assert_eq!(browser.open(&site.url("/whoami")).await.status, 401);
    let question = browser.open(&site.url("/login")).await;
    assert_eq!(question.title, "Sign in", "{question:#?}");
}
