//! ID tokens from outside a login, with rules of the application; scopes other than the declared
//! ones; and the metadata.

use oauth_runtime::OAuthRegistry;
use oauth_runtime::error::{IdTokenError, ProviderError};
use oauth_runtime::{Claim, OAuthError, ParseIdToken, Secret};
use serde_json::Value;

use crate::site::{Cookies, Site, parameters};

/// An ID token of Ada as issued to a mobile app, and its nonce.
async fn of_app(site: &Site) -> (Secret, String) {
    let nonce = "kJ3vQ9_xZ1mW8tR5yB2nL7cP4dF6gH0sA-uEiOq".to_owned();
    let started = site.oauth.op.authorize_redirect().nonce(&*nonce).await.expect("a login starts");
    let mut browser = Cookies::default();
    let answer = site.answer(&browser.follow(started));
    let request = browser.get(&format!("/callback?{answer}"));
    let login = site.oauth.op.authorize_access_token(request).await.expect("a login");
    (login.id_token().expect("an ID token").compact().clone(), nonce)
}

#[track_caller]
fn refused(result: Result<oauth_runtime::IdToken, OAuthError>) -> IdTokenError {
    match result {
        Err(OAuthError::Provider { error: ProviderError::IdToken(error), .. }) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn id_token_of_an_app_is_validated_as_in_a_login() {
    let site = Site::start().await;
    let (jwt, nonce) = of_app(&site).await;
    let client = &site.oauth.op;
    let token = client.parse_id_token(&jwt, &nonce).await.expect("a valid token");
    assert_eq!((token.subject(), token.issuer()), ("ada", site.provider.issuer()));

    assert!(matches!(
        refused(client.parse_id_token(&jwt, "another nonce").await),
        IdTokenError::Nonce
    ));
    let changed = jwt.expose().replace(".e", ".f");
    assert!(matches!(
        refused(client.parse_id_token(&Secret::from(changed), &nonce).await),
        IdTokenError::Signature(_)
    ));
    let other = client.parse_id_token(&jwt, &nonce).access_token(&Secret::from("of another login"));
    assert!(matches!(refused(other.await), IdTokenError::AccessTokenHash));
    site.clock.advance(2 * 3600);
    let error = refused(client.parse_id_token(&jwt, &nonce).await);
    assert!(matches!(error, IdTokenError::Expired { .. }), "{error:?}");
}

/// `aud` names the application that a token is for. A token issued to another client, such as a
/// stranger's app, must not sign a user in here.
#[tokio::test]
async fn a_token_for_another_client_is_refused() {
    let site = Site::start().await;
    let (jwt, nonce) = of_app(&site).await;
    let config = tests::in_process::config(&site.provider, crate::site::PUBLIC_URL)
        .set("STATED_ISSUER", site.provider.issuer())
        .set("STATED_CLIENT_ID", "another-client")
        .set("STATED_CLIENT_SECRET", "secret");
    let builder = crate::site::Providers::builder().config(config).clock(site.clock.clone());
    let other = builder.build().expect("a valid configuration");
    let error = refused(other.stated.parse_id_token(&jwt, &nonce).await);
    assert!(matches!(error, IdTokenError::Audience { .. }), "{error:?}");
    site.oauth.stated.parse_id_token(&jwt, &nonce).await.expect("a token for this client");
}

#[tokio::test]
async fn own_rules_for_claims_are_enforced() {
    let site = Site::start().await;
    let (jwt, nonce) = of_app(&site).await;
    let parse = || site.oauth.op.parse_id_token(&jwt, &nonce);
    let is_met = async |token: ParseIdToken| match token.await {
        Ok(_) => true,
        Err(error) => {
            let error = refused(Err(error));
            assert!(matches!(&error, IdTokenError::Rule { .. }), "{error:?}");
            false
        }
    };
    assert!(is_met(parse().claim("hd")).await, "asked for, not demanded");
    assert!(!is_met(parse().claim(Claim::new("hd").essential())).await);
    assert!(!is_met(parse().claim(Claim::new("hd").value("acme.example"))).await);
    assert!(is_met(parse().claim(Claim::new("sub").value("ada"))).await);
    assert!(!is_met(parse().claim(Claim::new("sub").value("alan"))).await);
    assert!(is_met(parse().claim(Claim::new("sub").values(["alan", "ada"]))).await);
    let is_verified = |value: Option<&Value>| value == Some(&Value::Bool(true));
    assert!(is_met(parse().check("email_verified", is_verified)).await);
    assert!(!is_met(parse().check("phone_number_verified", is_verified)).await);
    let error = parse().claim(Claim::new("hd").essential()).await.expect_err("a rule");
    assert!(error.to_string().contains("`hd` does not meet the application's rule"), "{error}");
}

#[tokio::test]
async fn a_nonce_is_left_out_under_a_name_that_says_so() {
    let site = Site::start().await;
    let (jwt, _) = of_app(&site).await;
    let token = site.oauth.op.parse_id_token_without_nonce(&jwt).await.expect("a valid token");
    assert_eq!(token.subject(), "ada");
    let old = site.oauth.op.parse_id_token_without_nonce(&jwt).max_age(0);
    site.clock.advance(120);
    let error = refused(old.await);
    assert!(matches!(error, IdTokenError::AuthenticationTooOld { max_age: 0 }), "{error:?}");
}

#[tokio::test]
async fn other_scopes_never_lose_the_id_token() {
    let site = Site::start().await;
    let scope = async |scopes: &[&str]| {
        let started = site.oauth.op.authorize_redirect().scopes(scopes.iter().copied());
        parameters(started.into_url().await.expect("a URL").url())["scope"].clone()
    };
    assert_eq!(scope(&["email"]).await, "openid email");
    assert_eq!(scope(&["email", "openid"]).await, "email openid");
    let started =
        site.oauth.op.authorize_redirect().scopes(["email"]).await.expect("a login starts");
    let mut browser = Cookies::default();
    let answer = site.answer(&browser.follow(started));
    let request = browser.get(&format!("/callback?{answer}"));
    let login = site.oauth.op.authorize_access_token(request).await.expect("a login");
    assert_eq!(login.id_token().map(oauth_runtime::IdToken::subject), Some("ada"));
    // An OAuth 2.0 provider does not have this scope.
    let plain = site.oauth.plain.authorize_redirect().scopes(["email"]).into_url();
    assert_eq!(parameters(plain.await.expect("a URL").url())["scope"], "email");
}

#[tokio::test]
async fn metadata_can_be_read() {
    let site = Site::start().await;
    let metadata = site.oauth.op.load_server_metadata().await.expect("metadata");
    assert_eq!(metadata.issuer(), Some(site.provider.issuer()));
    let token_endpoint = format!("{}/token", site.provider.issuer());
    assert_eq!(metadata.token_endpoint(), Some(&*token_endpoint));
    assert!(metadata.code_challenge_methods_supported().any(|method| method == "S256"));
    assert_eq!(metadata.document()["jwks_uri"], metadata.text("jwks_uri").expect("text"));
    // A provider without metadata has nothing to read.
    let plain = site.oauth.plain.load_server_metadata().await.expect("no metadata");
    assert!(plain.is_empty() && plain.issuer().is_none());
}
