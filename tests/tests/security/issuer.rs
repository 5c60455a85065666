//! Rules 1 and 2: data of a provider must come from the configured issuer.

use oauth_runtime::OAuthError;
use oauth_runtime::error::{AuthorizationResponseError, BrowserError, ProviderError};
use oauth_runtime::testing::{Endpoint, Fault};
use tests::in_process::App;

use crate::table::{assert_harmless, assert_refused, refused};

#[tokio::test]
async fn metadata_of_another_issuer_is_refused() {
    let app = App::start().await;
    let faults = refused![
        Fault::DiscoveryIssuerMismatch => OAuthError::Provider {
            error: ProviderError::MetadataIssuer { .. }, ..
        },
        Fault::ScriptAsAuthorizationEndpoint => OAuthError::Provider {
            error: ProviderError::BadEndpoint { .. }, ..
        },
    ];
    assert_refused(&app, "op", &faults).await;
    assert_eq!(app.requests(Endpoint::Authorization), 0, "no browser was redirected");
    assert_harmless(&app, "op", &[Fault::UnknownMetadata]).await;
}

/// RFC 9207: `iss` identifies the response of another provider if `state` does not.
#[tokio::test]
async fn a_response_of_another_issuer_is_refused() {
    let app = App::start().await;
    let faults = refused![
        Fault::WrongResponseIssuer => OAuthError::Browser(BrowserError::Response(
            AuthorizationResponseError::IssuerMismatch
        )),
        Fault::MissingResponseIssuer => OAuthError::Browser(BrowserError::Response(
            AuthorizationResponseError::IssuerMissing
        )),
    ];
    assert_refused(&app, "op", &faults).await;
    assert_eq!(app.requests(Endpoint::Token), 0, "the code was not sent");
}

/// This applies to errors too: another provider's denial is not this provider's.
#[tokio::test]
async fn error_of_another_issuer_is_not_trusted() {
    let app = App::start().await;
    app.provider.fault(Fault::WrongResponseIssuer);
    let mut browser = app.browser();
    let denied = app.provider.deny(browser.start_login("op").await).expect("a response");
    browser.finish(denied).await;
    assert_error!(
        app.failures.only(),
        OAuthError::Browser(BrowserError::Response(AuthorizationResponseError::IssuerMismatch))
    );
}
