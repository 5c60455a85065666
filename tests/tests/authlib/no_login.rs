//! A provider with which no user logs in: its tokens are the application's own.

use oauth_runtime::prelude::*;

use crate::scripted::Site;

#[derive(Debug, OAuthProvider)]
#[oauth_provider(name = "robot", configured, no_login, scopes("reports"))]
struct Robot;

#[tokio::test]
async fn metadata_need_no_authorization_endpoint() {
    let site = Site::<Robot>::with(&[
        ("AUTHORIZE_URL", ""),
        ("ACCESS_TOKEN_URL", ""),
        ("ISSUER", "https://acme.example"),
    ]);
    let metadata =
        r#"{"issuer":"https://acme.example","token_endpoint":"https://acme.example/token"}"#;
    site.network.respond("/.well-known/openid-configuration", 200, metadata);
    let api = site.client.client_credentials().api().await.expect("a token");
    api.get("reports").send().await.expect("a response");
    assert_eq!(site.network.form("/token")["scope"], "reports");
    assert_eq!(site.network.last("/api/reports").headers()["authorization"], "Bearer a");
}

#[test]
fn setting_of_logins_is_refused_without_logins() {
    let built = Site::<Robot>::built(&[("SCOPES", "openid")]);
    let error = built.err().expect("a fault").to_string();
    assert!(error.contains("ROBOT_AUTHORIZE_URL applies to logins only"), "{error}");
    let missing = Site::<Robot>::built(&[("AUTHORIZE_URL", ""), ("ACCESS_TOKEN_URL", "")]);
    let error = missing.err().expect("a fault").to_string();
    assert!(error.contains("ROBOT_ACCESS_TOKEN_URL is missing"), "{error}");
    assert!(Site::<Robot>::built(&[("AUTHORIZE_URL", "")]).is_ok());
}
