//! Plan `oidcc-client-rp-initiated-logout-rp-basic`: the user logs out here and at the provider,
//! and returns.

use oauth_runtime::testing::{Endpoint, Fault};
use reqwest::redirect::Policy;
use tests::in_process::{App, Browser, Page};
use url::Url;

/// Ada logs in and out, and follows the provider's redirect back.
async fn left(fault: Option<Fault>) -> (App, Browser, Url, Page) {
    let app = App::start().await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "leaving").await;
    assert_eq!(app.visitor(&mut browser).await, "ada");
    fault.into_iter().for_each(|fault| app.provider.fault(fault));

    let own = app.public_url.origin().ascii_serialization();
    let headers = [("sec-fetch-site", "same-origin"), ("origin", own.as_str())];
    let sent = browser.post("/auth/logout", &headers).await;
    let url = Url::parse(sent.location()).expect("a URL");
    assert!(url.as_str().starts_with(&app.provider.url(Endpoint::EndSession)), "{url}");
    assert!(url.query_pairs().any(|(name, value)| name == "state" && !value.is_empty()), "{url}");

    let client = reqwest::Client::builder().redirect(Policy::none()).no_proxy().build();
    let answer = client.expect("a client").get(url.clone()).send().await.expect("a response");
    let back = answer.headers()["location"].to_str().expect("text").to_owned();
    let page = browser.get(&back).await;
    assert_eq!(app.visitor(&mut browser).await, "nobody");
    assert_eq!(app.requests(Endpoint::EndSession), 1);
    (app, browser, Url::parse(&back).expect("a URL"), page)
}

#[tokio::test]
async fn oidcc_client_test_rp_init_logout() {
    let (_, browser, back, page) = left(None).await;
    assert!(back.query_pairs().any(|(name, _)| name == "state"), "{back}");
    assert_eq!((page.location(), browser.cookies()), ("/auth/logout", &[][..]));
}

/// It is not the expected return: it signs no user in and redirects to the home page.
#[tokio::test]
async fn oidcc_client_test_rp_init_logout_other_state() {
    let (_, _, back, page) = left(Some(Fault::LogoutWithAnotherState)).await;
    assert_eq!(back.query(), Some("state=a-state-that-nobody-sent"));
    assert_eq!(page.location(), "/");
}

#[tokio::test]
async fn oidcc_client_test_rp_init_logout_no_state() {
    let (_, _, back, page) = left(Some(Fault::LogoutWithoutState)).await;
    assert_eq!((back.query(), page.location()), (None, "/"));
}
