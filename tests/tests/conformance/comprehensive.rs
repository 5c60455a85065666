//! Plan `oidcc-client-test-plan`, which is not a certification: the modules that the other plans
//! lack.

use oauth_runtime::error::{IdTokenError, JwsError};
use oauth_runtime::testing::{Endpoint, Fault, SigningAlgorithm};

use crate::modules::{self, id_token};
use crate::party::Party;

#[tokio::test]
async fn oidcc_client_test_missing_aud() {
    let error = Party::start("code").await.rejects_id_token(Fault::MissingAudience).await;
    assert_error!(error, id_token!(IdTokenError::Claims(_)));
}

#[tokio::test]
async fn oidcc_client_test_userinfo_bearer_header() {
    let party = Party::start("code").await;
    party.accepts().await;
    let request = party.exchanged(Endpoint::Userinfo);
    let authorization = request.headers()["authorization"].to_str().expect("text");
    assert!(authorization.starts_with("Bearer "), "{authorization}");
    assert_eq!((request.method().as_str(), request.uri().query()), ("GET", None));
    assert!(request.body().is_empty(), "the token appears only in the header");
}

#[tokio::test]
async fn oidcc_client_test_invalid_sig_es256() {
    modules::invalid_sig("code", SigningAlgorithm::Es256).await;
}

/// The client is registered for HS256.
#[tokio::test]
async fn oidcc_client_test_invalid_sig_hs256() {
    let party = Party::start("hs256").await;
    party.app.provider.fault(Fault::Hs256WithClientSecret);
    let error = party.rejects_id_token(Fault::BadSignature).await;
    assert_error!(error, id_token!(IdTokenError::Signature(JwsError::BadSignature)));
}

/// The suite requires a nonce in all other flows. This client sends one in this flow too.
#[tokio::test]
async fn oidcc_client_test_nonce_unless_code_flow() {
    modules::nonce("code").await;
}

/// The suite does not run it in this flow, but the client still checks the hash.
#[tokio::test]
async fn oidcc_client_test_invalid_athash() {
    let error = Party::start("code").await.rejects_id_token(Fault::WrongAccessTokenHash).await;
    assert_error!(error, id_token!(IdTokenError::AccessTokenHash));
}
