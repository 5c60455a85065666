//! The configuration chooses OAuth 1.0a.

use axum::Json;
use http::StatusCode;
use oauth_runtime::prelude::*;
use serde_json::{Value, json};
use tests::authlib::OAuth1Server;
use tests::scenario;

use super::Site;

/// The configuration decides that it speaks OAuth 1.0a.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "settled",
    configured,
    identity(id = "user_id", username = "screen_name"),
    quirks(loopback_http)
)]
pub(super) struct Settled;

pub(super) async fn settled(settled: Api<Settled>) -> Result<Json<Value>, OAuthError> {
    settled.get("echo").json().await.map(Json)
}

#[tokio::test]
async fn configuration_alone_makes_it_oauth1() {
    let server = OAuth1Server::start(&scenario!(), "HMAC-SHA1", "").await;
    let mut here = Site::start(server, &json!({"signature_type": "QUERY"})).await;
    let page = here.log_in("settled").await;
    assert_eq!(page.status, StatusCode::OK, "{:?}", here.failures.take());
    let seen: Value = serde_json::from_str(&page.body).expect("JSON");
    assert_eq!((&seen["username"], &seen["has_secret"]), (&json!("ada"), &json!(true)));
    let page = here.browser.get("/settled").await;
    let answer: Value = serde_json::from_str(&page.body).expect("JSON");
    assert_eq!(answer["placement"], "QUERY");
}
