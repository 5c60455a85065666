//! Plan `oidcc-client-config-certification-test-plan`: discovery of the provider's metadata and
//! keys.

use oauth_runtime::OAuthError;
use oauth_runtime::error::ProviderError;
use oauth_runtime::testing::{Endpoint, Fault, SigningAlgorithm, TestProviderBuilder};
use serde_json::json;
use tests::in_process::CLIENT_ID;

use crate::party::Party;

#[tokio::test]
async fn oidcc_client_test_discovery_openid_config() {
    let party = Party::start("code").await;
    party.accepts().await;
    let metadata = party.exchanged(Endpoint::Metadata);
    let expected = format!("{}/.well-known/openid-configuration", party.app.provider.issuer());
    assert_eq!((metadata.method().as_str(), metadata.uri().to_string()), ("GET", expected));
    assert_eq!(party.requests(Endpoint::Metadata), 1);
}

/// The suite has another `jwks_uri` for each run, so it is known only from the metadata.
#[tokio::test]
async fn oidcc_client_test_discovery_jwks_uri_keys() {
    let party = Party::start("code").await;
    party.app.provider.fault(Fault::JwksMoved);
    party.accepts().await;
    let keys = party.exchanged(Endpoint::Jwks).uri().to_string();
    assert_ne!(keys, party.app.provider.url(Endpoint::Jwks));
}

/// After metadata of another issuer, no endpoint is called and no user is redirected.
#[tokio::test]
async fn oidcc_client_test_discovery_issuer_mismatch() {
    let party = Party::start("code").await;
    let fault = Fault::DiscoveryIssuerMismatch;
    let error = party.rejects_before_with(fault, Endpoint::Authorization).await;
    assert_error!(error, OAuthError::Provider { error: ProviderError::MetadataIssuer { .. }, .. });
    party.wait_out_the_pause();
    party.accepts().await;
}

#[tokio::test]
async fn oidcc_client_test_idtoken_sig_none() {
    crate::modules::sig_none("code").await;
}

/// The key of the first login is withdrawn before the second login.
#[tokio::test]
async fn oidcc_client_test_signing_key_rotation() {
    let party = Party::start("code").await;
    party.accepts().await;
    assert_eq!(party.requests(Endpoint::Jwks), 1);
    party.app.provider.rotate_keys().expect("a key");
    party.app.provider.fault(Fault::PreviousKeysWithdrawn);
    party.accepts().await;
    assert_eq!(party.requests(Endpoint::Jwks), 2);
    party.accepts().await;
    assert_eq!(party.requests(Endpoint::Jwks), 2, "known keys are not fetched again");
}

/// The client has fetched the keys, but the token of its first login is signed with a newer one.
#[tokio::test]
async fn oidcc_client_test_signing_key_rotation_just_before_signing() {
    let party = Party::start("code").await;
    party.app.provider.fault(Fault::StaleJwksOnce);
    // The first response lacks the signing key.
    let (_, page) = party.log_in().await;
    assert!(page.status.is_success(), "{page:?}: {:?}", party.app.failures.take());
    assert_eq!(party.requests(Endpoint::Jwks), 2);
}

/// Registered for RS256 and accepted in no other form: a wrong response is not used.
#[tokio::test]
async fn oidcc_client_test_userinfo_signed() {
    let rs256 = |provider: TestProviderBuilder| provider.signing_algorithm(SigningAlgorithm::Rs256);
    let party = Party::with("signed", rs256).await;
    let claims = party.accepts().await["userinfo"].clone();
    assert_eq!((&claims["name"], &claims["aud"]), (&json!("Ada Lovelace"), &json!(CLIENT_ID)));
    for fault in [
        Fault::UserinfoNotSigned,
        Fault::UserinfoUnsigned,
        Fault::UserinfoBadSignature,
        Fault::UserinfoOfAnotherAlgorithm,
        Fault::UserinfoWrongIssuer,
        Fault::UserinfoWrongAudience,
    ] {
        party.app.provider.fault(fault);
        let error = party.rejects_before(Endpoint::Api).await;
        assert_error!(error, OAuthError::Provider { error: ProviderError::UserInfo(_), .. });
        party.app.provider.clear_faults();
    }
    party.app.provider.fault(Fault::UserinfoWithoutIssuerAndAudience);
    party.accepts().await;
}
