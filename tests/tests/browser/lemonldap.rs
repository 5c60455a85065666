//! `examples/relying_party` with LemonLDAP::NG: a second, independent OpenID Provider, written in
//! Perl.

use tests::browser::Browser;
use tests::lemonldap::sign_in_and_accept;
use tests::programs::RelyingParty;
use tests::provider::{Make, Registration};
use tests::scenario;

/// Its userinfo is signed and has neither `iss` nor `aud`. A user logs out here and there, and
/// another logs in.
#[tokio::test]
async fn lemonldap_serves_login_userinfo_and_logout() {
    let scenario = scenario!();
    let registration = Registration {
        make: Make::LemonLdap,
        // It uses the credentials of Basic as they are, without decoding them.
        client_secret: "a-secret-only-for-these-tests",
        userinfo_alg: "RS256",
        ..Registration::default()
    };
    let site = RelyingParty::start(&scenario, registration).await;
    let browser = Browser::start(&scenario).await;

    let question = browser.open(&site.url("/login")).await;
    assert!(question.url.starts_with(&site.provider.issuer), "{question:#?}");
    let arrived = sign_in_and_accept(&browser, "ada").await;
    assert!(arrived.url.starts_with(&site.url("/callback")), "{arrived:#?}");
    assert_eq!((arrived.status, arrived.text.as_str()), (200, "ada"));
    assert_eq!(browser.open(&site.url("/whoami")).await.text, "ada");

    let page = browser.open(&site.url("/userinfo")).await;
    assert_eq!(page.status, 200, "{page:#?}");
    let userinfo = browser.json().await;
    assert_eq!(userinfo["sub"], "ada");
    assert_eq!(userinfo["name"], "Ada Lovelace");
    assert_eq!(userinfo["email"], "ada@example.com");

    // It ends its own session for the ID token of the hint, and then shows its own page.
    let left = browser.open(&site.url("/logout")).await;
    assert!(left.url.starts_with(&site.provider.issuer), "{left:#?}");
    assert_eq!(browser.open(&site.url("/whoami")).await.status, 401);

    browser.open(&site.url("/login?next=/whoami")).await;
    let arrived = sign_in_and_accept(&browser, "grace").await;
    assert_eq!((arrived.url, arrived.text.as_str()), (site.url("/whoami"), "grace"));
}
