//! `examples/quickstart` with its own development provider.

use std::net::TcpListener;

use tests::browser::Browser;
use tests::programs::Quickstart;
use tests::scenario;

#[tokio::test]
async fn quickstart_logs_in_and_out_right_after_cloning() {
    let scenario = scenario!();
    let site = Quickstart::start(&scenario).await;
    let browser = Browser::start(&scenario).await;

    let welcome = browser.open(&site.url("/")).await;
    assert_eq!(welcome.status, 200, "{welcome:#?}");
    browser.assert_page_is_sound().await;
    browser.press("Development provider").await;
    browser.assert_page_is_sound().await;

    let profile = browser.press("Ada Lovelace").await;
    assert!(profile.url.starts_with(&site.base), "{profile:#?}");
    assert_eq!(profile.status, 200, "{profile:#?}");
    assert!(profile.text.contains("Ada Lovelace"), "{profile:#?}");
    assert!(profile.text.contains("ada@example.org"), "{profile:#?}");
    browser.assert_page_is_sound().await;

    let answer = browser.press("Call the API").await;
    assert_eq!(answer.status, 200, "{answer:#?}");
    assert!(answer.text.contains("ada"), "{answer:#?}");
    browser.assert_page_is_sound().await;

    browser.open(&site.url("/")).await;
    let farewell = browser.press("Sign out").await;
    assert!(farewell.url.starts_with(&site.base), "{farewell:#?}");
    let again = browser.open(&site.url("/")).await;
    assert!(!again.text.contains("Ada Lovelace"), "{again:#?}");
}

#[tokio::test]
async fn development_provider_serves_two_tabs_at_once() {
    let scenario = scenario!();
    let site = Quickstart::start(&scenario).await;
    let browser = Browser::start(&scenario).await;

    let first = browser.tab().await;
    browser.open(&site.url("/")).await;
    browser.press("Development provider").await;
    let second = browser.open_tab().await;
    browser.open(&site.url("/")).await;
    browser.press("Development provider").await;

    for (tab, person) in [(first, "Ada Lovelace"), (second, "Grace Hopper")] {
        browser.switch_to(&tab).await;
        let profile = browser.press(person).await;
        assert_eq!(profile.status, 200, "{profile:#?}");
        assert!(profile.text.contains(person), "{profile:#?}");
    }
}

#[tokio::test]
async fn denied_login_is_reported_and_can_be_repeated() {
    let scenario = scenario!();
    let site = Quickstart::start(&scenario).await;
    let browser = Browser::start(&scenario).await;

    browser.open(&site.url("/")).await;
    browser.press("Development provider").await;
    let refused = browser.press("Deny and go back").await;
    assert!(refused.url.starts_with(&site.base), "{refused:#?}");
    assert!((400..500).contains(&refused.status), "{refused:#?}");
    browser.assert_page_is_sound().await;
    // The example sets up no log, so the reason is on standard error.
    let said = site.output();
    assert!(said.contains("403 Forbidden") && said.contains("access_denied"), "{said}");

    browser.open(&site.url("/")).await;
    browser.press("Development provider").await;
    let profile = browser.press("Ada Lovelace").await;
    assert!(profile.text.contains("Ada Lovelace"), "{profile:#?}");
}

#[tokio::test]
async fn taken_port_is_reported_with_the_remedy() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = taken.local_addr().expect("an address").port();
    let said = Quickstart::refused_at(&scenario!(), port).await;
    assert!(said.contains(&format!("port {port}: ")) && said.contains("PORT="), "{said}");
}
