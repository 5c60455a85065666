//! The API of a tenant in a request, and the events about its tokens.

use http::StatusCode;
use oauth_runtime::RuntimeProvider;

use super::alone;

#[tokio::test]
async fn tenant_api_is_extracted_from_the_request() {
    let app = alone().await;
    let mut browser = app.site.browser();
    assert_eq!(browser.get("/extracted").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.get("/optional").await.body, "false");
    app.log_in(&mut browser).await;
    assert_eq!(browser.get("/extracted").await.status, StatusCode::OK);
    assert_eq!(browser.get("/optional").await.body, "true");
    app.replace().await;
    assert_eq!(browser.get("/extracted").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.get("/optional").await.body, "false", "another provider of this name");
}

#[tokio::test]
async fn sign_out_is_a_token_event_of_the_tenant() {
    let app = alone().await;
    let mut browser = app.site.browser();
    app.log_in(&mut browser).await;
    browser.post("/auth/logout", &[("sec-fetch-site", "same-origin")]).await;
    let event = loop {
        if let Some(event) = app.events.lock().expect("no panic").pop() {
            break event;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(event.provider(), "acme");
    assert!(event.is_removed() && event.ended().is_none());
    assert!(event.old::<RuntimeProvider>().is_some());
    assert!(event.new_token::<RuntimeProvider>().is_none());
}
