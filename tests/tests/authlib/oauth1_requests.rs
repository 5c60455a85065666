//! OAuth 1.0a as it is sent and read, with a provider in memory.

use oauth_runtime::StoredToken;
use oauth_runtime::error::{ConfigFault, ProviderError};
use oauth_runtime::prelude::*;

use crate::scripted::{Site, header, parameters};

#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "bird",
    request_token_url = "https://acme.example/request_token",
    authorize_url = "https://acme.example/authorize",
    access_token_url = "https://acme.example/token",
    api_base_url = "https://acme.example/api/",
    request_token_params(x_auth_access_type = "read"),
    authorize_params(force_login = "true"),
    access_token_params(lang = "en"),
    identity(id = "user_id", username = "screen_name")
)]
struct Bird;

const TEMPORARY: &str = "oauth_token=t&oauth_token_secret=s&oauth_callback_confirmed=true";
const TOKEN: &str = "oauth_token=a&oauth_token_secret=b&user_id=12345&screen_name=lepture";

fn start() -> Site<Bird> {
    let site = Site::with(&[("AUTHORIZE_URL", ""), ("ACCESS_TOKEN_URL", ""), ("API_BASE_URL", "")]);
    site.network.respond("/request_token", 200, TEMPORARY);
    site.network.respond("/token", 200, TOKEN);
    site
}

async fn log_in(site: &Site<Bird>) -> Result<Login<Bird>, OAuthError> {
    let started = site.client.authorize_redirect().into_url().await?;
    let sent = parameters(started.url());
    let names: Vec<_> = sent.keys().collect();
    assert_eq!(names, ["force_login", "oauth_token"]);
    let response = format!("oauth_token={}&oauth_verifier=v", sent["oauth_token"]);
    site.client.resume_login(started.into_pending(), &response).await
}

#[tokio::test]
async fn each_request_has_its_parameters_and_callback() {
    let site = start();
    let login = log_in(&site).await.expect("a login");
    let identity = login.identity();
    assert_eq!((identity.subject(), identity.username()), ("12345", Some("lepture")));
    let first = site.network.last("/request_token");
    let callback = "oauth_callback=\"http%3A%2F%2F127.0.0.1%3A3000%2Fauth%2Fbird%2Fcallback\"";
    assert!(header(&first, "authorization").contains(callback), "{first:?}");
    assert_eq!(site.network.form("/request_token")["x_auth_access_type"], "read");
    let second = site.network.last("/token");
    let signed = header(&second, "authorization");
    assert!(signed.contains("oauth_token=\"t\""), "{signed}");
    assert!(signed.contains("oauth_verifier=\"v\""), "{signed}");
    assert_eq!(site.network.form("/token")["lang"], "en");
}

/// They sign the token request, so their secret must stay on the server.
#[tokio::test]
async fn temporary_credentials_are_sealed() {
    let site = start();
    let temporary = TEMPORARY.replace("=s&", "=temporary-secret&");
    site.network.respond("/request_token", 200, &temporary);
    let started = site.client.authorize_redirect().into_url().await.expect("a login starts");
    assert!(!started.url().contains("temporary-secret"));
    let cookie = serde_json::to_string(&started.into_pending()).expect("text");
    assert!(!cookie.contains("temporary-secret") && cookie.len() > 40, "{cookie}");
}

#[test]
fn client_needs_an_identifier() {
    let error = Site::<Bird>::built(&[("CLIENT_ID", "")]).map(drop).expect_err("no identifier");
    let missing: Vec<_> = error.faults().iter().map(ConfigFault::key).collect();
    assert_eq!(missing, ["BIRD_CLIENT_ID"]);
}

/// As a dictionary from the application's database does in Authlib.
#[tokio::test]
async fn stored_credentials_sign_calls() {
    let site = start();
    let token = log_in(&site).await.expect("a login").into_token();
    let row = serde_json::to_string(&token.expose()).expect("JSON");
    let stored: StoredToken = serde_json::from_str(&row).expect("a row");
    let api = site.client.with_token(Token::from_stored(stored).expect("a token"));
    api.get("account").query([("skip_status", "true")]).send().await.expect("a response");
    let sent = site.network.last("/api/account");
    assert_eq!(sent.uri().query(), Some("skip_status=true"));
    let signed = header(&sent, "authorization");
    assert!(signed.starts_with("OAuth ") && signed.contains("oauth_token=\"a\""), "{signed}");
}

#[tokio::test]
async fn credentials_may_be_json() {
    let site = start();
    site.network.respond(
        "/request_token",
        200,
        r#"{"oauth_token":"t","oauth_token_secret":"s","oauth_callback_confirmed":true}"#,
    );
    site.network.respond(
        "/token",
        200,
        r#"{"oauth_token":"a","oauth_token_secret":"b","user_id":12345,"screen_name":"lepture"}"#,
    );
    let login = log_in(&site).await.expect("a login");
    assert_eq!(login.identity().subject(), "12345");
    assert_eq!(login.token().access_token().expose(), "a");
}

#[tokio::test]
async fn refused_temporary_credentials_start_no_login() {
    for status in [400, 401, 403] {
        let site = start();
        site.network.respond("/request_token", status, "valid=response");
        let error = log_in(&site).await.map(drop).expect_err("a refusal");
        assert!(
            matches!(
                error,
                OAuthError::Provider { error: ProviderError::Status { status: found, .. }, .. }
                    if found == status
            ),
            "{error:?}"
        );
    }
    let site = start();
    site.network.respond("/request_token", 200, "not valid urlencoded response!");
    let error = log_in(&site).await.map(drop).expect_err("no credentials");
    assert!(
        matches!(error, OAuthError::Provider { error: ProviderError::Unusable { .. }, .. }),
        "{error:?}"
    );
    assert!(site.network.requests("/token").is_empty());
}
