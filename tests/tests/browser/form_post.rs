//! `response_mode=form_post`: the provider's page posts the response, from another site.

use tests::browser::Browser;
use tests::programs::RelyingParty;
use tests::provider::{Registration, sign_in, sign_in_and_allow};
use tests::scenario;
use tests::scenario::Scenario;
use thirtyfour::cookie::SameSite;

async fn start(scenario: &Scenario) -> (RelyingParty, Browser) {
    let registration = Registration { response_mode: "form_post", ..Registration::default() };
    let site = RelyingParty::start(scenario, registration).await;
    (site, Browser::start(scenario).await)
}

#[tokio::test]
async fn user_logs_in_by_form_post() {
    let scenario = scenario!();
    let (site, browser) = start(&scenario).await;
    browser.open(&site.url("/login")).await;
    let arrived = sign_in_and_allow(&browser, "ada").await;
    // The address contains nothing of the response.
    assert_eq!(arrived.url, site.url("/callback"));
    assert_eq!((arrived.status, arrived.text.as_str()), (200, "ada"));

    let known = browser.open(&site.url("/whoami")).await;
    assert_eq!((known.status, known.text.as_str()), (200, "ada"));
    for (name, cookie) in browser.cookies().await {
        assert_eq!(cookie.same_site, Some(SameSite::Lax), "{name}");
    }
}

#[tokio::test]
async fn form_post_login_returns_to_the_requested_page() {
    let scenario = scenario!();
    let (site, browser) = start(&scenario).await;
    browser.open(&site.url("/login?next=/whoami")).await;
    let arrived = sign_in_and_allow(&browser, "ada").await;
    assert_eq!((arrived.url, arrived.text.as_str()), (site.url("/whoami"), "ada"));
}

#[tokio::test]
async fn denied_consent_is_shown_after_a_form_post() {
    let scenario = scenario!();
    let (site, browser) = start(&scenario).await;
    browser.open(&site.url("/login")).await;
    sign_in(&browser, "ada").await;
    let refused = browser.press("Deny").await;
    assert_eq!(refused.url, site.url("/callback"));
    assert!((400..500).contains(&refused.status), "{refused:#?}");
    assert!(refused.text.contains("You cancelled the sign-in"), "{refused:#?}");
    assert_eq!(browser.open(&site.url("/whoami")).await.status, 401);
}

/// The first POST has no cookies: only the second one shows which session it replaces.
#[tokio::test]
async fn the_earlier_session_ends_with_a_form_post() {
    let scenario = scenario!();
    let (site, browser) = start(&scenario).await;
    browser.open(&site.url("/login")).await;
    assert_eq!(sign_in_and_allow(&browser, "ada").await.text, "ada");
    browser.open(&site.url("/whoami")).await;
    let before = browser.cookies().await;
    let (name, session) = before.iter().next().expect("a session");

    browser.open(&format!("{}/session/end", site.provider.issuer)).await;
    browser.press("Sign out").await;
    browser.open(&site.url("/login")).await;
    assert_eq!(sign_in_and_allow(&browser, "grace").await.text, "grace");

    // A copy of the first cookie is not logged in any more.
    let copy = format!("{name}={}", session.value);
    let thief = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = thief.get(site.url("/whoami")).header("cookie", copy);
    let response = request.send().await.expect("a response");
    assert_eq!(response.status(), 401);
}

#[tokio::test]
async fn form_post_of_another_browser_is_refused() {
    let scenario = scenario!();
    let (site, browser) = start(&scenario).await;
    browser.open(&site.start_login_elsewhere().await).await;
    let refused = sign_in_and_allow(&browser, "ada").await;
    assert!((400..500).contains(&refused.status), "{refused:#?}");
    assert_eq!(browser.open(&site.url("/whoami")).await.status, 401);
}
