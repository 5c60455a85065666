//! `examples/quickstart`: a user links a second identity and unlinks one.

use tests::browser::{Browser, Page};
use tests::programs::Quickstart;
use tests::scenario;

const DEVELOPMENT: &str = "Continue with Development provider";
const ACME: &str = "Continue with Acme";

/// Signs this user in with this provider and returns the profile page.
async fn sign_in(site: &Quickstart, browser: &Browser, provider: &str, person: &str) -> Page {
    browser.open(&site.url("/")).await;
    browser.press(provider).await;
    let profile = browser.press(person).await;
    assert_eq!(profile.status, 200, "{profile:#?}");
    profile
}

/// Whether the page lists exactly these identities.
#[track_caller]
fn assert_ways(page: &Page, ways: &[&str]) {
    let (_, list) = page.text.split_once("Ways to sign in").unwrap_or_else(|| panic!("{page:#?}"));
    for way in ways {
        assert!(list.contains(way), "{way}: {page:#?}");
    }
    assert_eq!(list.matches(" at ").count(), ways.len(), "{page:#?}");
}

#[tokio::test]
async fn user_links_an_identity_and_unlinks_one() {
    let scenario = scenario!();
    let site = Quickstart::start(&scenario).await;
    let browser = Browser::start(&scenario).await;
    let both = ["Ada Lovelace at Development provider", "Grace Hopper at Acme"];

    let profile = sign_in(&site, &browser, DEVELOPMENT, "Ada Lovelace").await;
    assert_ways(&profile, &both[..1]);
    assert!(!profile.text.contains("Unlink"), "the last one cannot be unlinked: {profile:#?}");
    browser.press("Link Acme").await;
    let profile = browser.press("Grace Hopper").await;
    assert_eq!((profile.status, profile.url.as_str()), (200, site.url("/").as_str()));
    assert_eq!(profile.title, "Ada Lovelace", "the session stays");
    assert_ways(&profile, &both);
    browser.assert_page_is_sound().await;

    // Either identity signs in as the same user.
    browser.press("Sign out").await;
    let profile = sign_in(&site, &browser, ACME, "Grace Hopper").await;
    assert_ways(&profile, &both);
    let profile = browser.press("Unlink Development provider").await;
    assert_ways(&profile, &both[1..]);
    browser.press("Sign out").await;

    // The unlinked identity is now another user, without access to this one.
    let profile = sign_in(&site, &browser, DEVELOPMENT, "Ada Lovelace").await;
    assert_ways(&profile, &both[..1]);
    browser.press("Link Acme").await;
    let conflict = browser.press("Grace Hopper").await;
    assert_eq!(conflict.status, 409, "{conflict:#?}");
    browser.assert_page_is_sound().await;
    let profile = browser.press("Back to the profile").await;
    assert_ways(&profile, &both[..1]);
}

/// Ada starts a link and leaves. Alan signs in and continues on the page that she left open.
#[tokio::test]
async fn next_user_of_the_computer_gets_no_link() {
    let scenario = scenario!();
    let site = Quickstart::start(&scenario).await;
    let browser = Browser::start(&scenario).await;

    let left_open = browser.tab().await;
    sign_in(&site, &browser, DEVELOPMENT, "Ada Lovelace").await;
    browser.press("Link Acme").await;
    browser.open_tab().await;
    browser.open(&site.url("/")).await;
    browser.press("Sign out").await;
    sign_in(&site, &browser, DEVELOPMENT, "Alan Turing").await;

    browser.switch_to(&left_open).await;
    let refused = browser.press("Grace Hopper").await;
    assert_eq!(refused.status, 400, "{refused:#?}");
    browser.assert_page_is_sound().await;
    let profile = browser.open(&site.url("/")).await;
    assert_ways(&profile, &["Alan Turing at Development provider"]);
}
