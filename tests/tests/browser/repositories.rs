//! `examples/repositories` as three instances behind a proxy, which sends each request to the next
//! one.

use std::collections::BTreeSet;

use tests::browser::{Browser, Page};
use tests::programs::Repositories;
use tests::scenario;

/// The instance that the page names.
fn instance(page: &Page) -> String {
    let (_, rest) = page.text.split_once("instance ").unwrap_or_else(|| panic!("{page:#?}"));
    rest.chars().take(1).collect()
}

#[tokio::test]
async fn processes_behind_a_proxy_survive_the_loss_of_one() {
    let scenario = scenario!();
    let mut site = Repositories::start(&scenario).await;
    let browser = Browser::start(&scenario).await;

    browser.open(&site.url("/")).await;
    browser.assert_page_is_sound().await;
    browser.press("Continue with GitHub").await;
    let list = browser.press("Ada Lovelace").await;
    assert_eq!(list.url, site.url("/repositories"), "{list:#?}");
    assert!(list.text.contains("ada/analytical-engine"), "{list:#?}");
    browser.assert_page_is_sound().await;

    // A scope that is not granted yet is requested when it is needed, and the user returns.
    let question = browser.press("Show private ones too").await;
    assert!(!question.text.contains("analytical-engine"), "{question:#?}");
    browser.press("Continue").await;
    let all = browser.press("Ada Lovelace").await;
    assert_eq!(all.url, site.url("/repositories?all=true"), "{all:#?}");
    assert!(all.text.contains("ada/analytical-engine"), "{all:#?}");

    let mut seen = BTreeSet::new();
    for _ in 0..9 {
        let list = browser.open(&site.url("/repositories")).await;
        assert_eq!(list.status, 200, "{list:#?}");
        seen.insert(instance(&list));
    }
    assert_eq!(seen.len(), 3, "every instance has the session: {seen:?}");

    site.kill(2).await;
    for _ in 0..6 {
        let list = browser.open(&site.url("/repositories")).await;
        assert!(list.text.contains("ada/analytical-engine"), "{list:#?}");
        assert_ne!(instance(&list), "2");
    }
    let farewell = browser.press("Sign out").await;
    assert!(farewell.url.starts_with(&site.base), "{farewell:#?}");
    for _ in 0..3 {
        let list = browser.open(&site.url("/repositories")).await;
        assert!(!list.text.contains("analytical-engine"), "{list:#?}");
    }
}

#[tokio::test]
async fn instances_that_share_nothing_do_not_start() {
    let said = Repositories::refused(&scenario!()).await;
    for told in ["OAUTH_COOKIE_KEYS=$(openssl rand", "OAUTH_STORE_URL=sqlite:", "--features sqlite"]
    {
        assert!(said.contains(told), "{said}");
    }
}
