//! Rules 4 and 8: a token response is taken literally.

use oauth_runtime::OAuthError;
use oauth_runtime::error::{CallError, NetworkError, ProviderError};
use oauth_runtime::testing::{Endpoint, Fault};
use serde_json::{Value, json};
use tests::in_process::{App, Handled};

use crate::table::{assert_harmless, assert_refused, refused};

macro_rules! unusable {
    () => {
        OAuthError::Provider { error: ProviderError::Unusable { .. }, .. }
    };
}

#[tokio::test]
async fn a_token_response_that_cannot_be_used_is_refused() {
    let app = App::start().await;
    let faults = refused![
        Fault::MissingAccessToken => unusable!(),
        Fault::AccessTokenWithLineBreak => unusable!(),
        Fault::TokenTypeMac => unusable!(),
        Fault::MissingTokenType => unusable!(),
        Fault::TokenErrorWithMarkup => OAuthError::Provider {
            error: ProviderError::Declined { .. }, ..
        },
    ];
    for provider in ["op", "plain"] {
        assert_refused(&app, provider, &faults).await;
    }
    assert_eq!(app.requests(Endpoint::Userinfo), 0, "no such token was used");
}

#[tokio::test]
async fn deviations_without_harm_are_accepted() {
    let app = App::start().await;
    let faults = [
        Fault::TokenTypeInOddCase,
        Fault::ExpiresInAsString,
        Fault::ExpiresInAsFraction,
        Fault::ExpiresInNegative,
        Fault::ExpiresInAbsurd,
        Fault::MissingExpiresIn,
        Fault::ScopeMissing,
        Fault::ScopeNarrowed,
    ];
    for provider in ["op", "plain"] {
        assert_harmless(&app, provider, &faults).await;
    }
}

async fn scopes(app: &App) -> (Value, Value) {
    let page = app.log_in(&mut app.browser(), "op").await;
    let seen: Value = serde_json::from_str(&page.body).expect("JSON");
    (seen["scopes"].clone(), seen["has_openid"].clone())
}

#[tokio::test]
async fn missing_scope_is_unknown_and_never_widened() {
    let app = App::builder::<Handled>().start().await;
    let granted = json!(["openid", "email", "profile", "offline_access"]);
    assert_eq!(scopes(&app).await, (granted, json!(true)));
    app.provider.fault(Fault::ScopeMissing);
    assert_eq!(scopes(&app).await, (Value::Null, json!(false)));
    app.provider.clear_faults();
    app.provider.fault(Fault::ScopeNarrowed);
    assert_eq!(scopes(&app).await, (json!(["openid"]), json!(true)));
}

#[tokio::test]
async fn the_token_goes_to_the_api_and_nowhere_else() {
    let app = App::start().await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "op").await;
    assert!(browser.get("/resource").await.body.contains("\"sub\":\"ada\""));

    let bystander = app.provider.bystander().url();
    let host = bystander.trim_start_matches("http:");
    for url in [
        format!("{bystander}/x"),
        format!("{host}/x"),
        format!("\\\\{}/x", host.trim_start_matches('/')),
        format!("http:{}/x", host),
        format!("{}@{}/x", app.provider.issuer(), host.trim_start_matches('/')),
        "https://elsewhere.example/x".to_owned(),
        "file:///etc/passwd".to_owned(),
        "javascript:alert(1)".to_owned(),
    ] {
        let query: String = url::form_urlencoded::byte_serialize(url.as_bytes()).collect();
        let page = browser.get(&format!("/call?url={query}")).await;
        assert!(page.status.is_server_error(), "{url}: {page:?}");
    }
    assert_eq!(app.provider.bystander().requests(), []);
    assert_eq!(app.requests(Endpoint::Api), 1, "one call was valid");
}

#[tokio::test]
async fn a_call_follows_no_redirect() {
    let app = App::start().await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "op").await;
    app.provider.fault(Fault::Redirects(Endpoint::Api));
    assert!(browser.get("/resource").await.status.is_server_error());
    assert_eq!(app.provider.bystander().requests(), []);
}

/// The application gets the reasons that the pages above hide from visitors.
#[test]
fn errors_of_a_call_tell_their_reason() {
    let foreign = OAuthError::from(CallError::ForeignOrigin("https://x.example/".into()));
    assert!(foreign.to_string().contains("leads out of the API"), "{foreign}");
    let redirected = NetworkError::Redirected { host: "op.example".to_owned(), status: 307 };
    assert!(redirected.to_string().contains("never followed"), "{redirected}");
}
