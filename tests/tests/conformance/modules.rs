//! The modules of several plans, each for any configuration of a relying party.

use oauth_runtime::OAuthError;
use oauth_runtime::error::{IdTokenError, JwsError, ProviderError};
use oauth_runtime::testing::{Endpoint, Fault, SigningAlgorithm};
use serde_json::json;
use tests::in_process::{CLIENT_ID, CLIENT_SECRET};

use crate::party::Party;

/// `Provider` and `IdToken` around the reason.
macro_rules! id_token {
    ($reason:pat) => {
        oauth_runtime::OAuthError::Provider {
            error: oauth_runtime::error::ProviderError::IdToken($reason),
            ..
        }
    };
}
pub(crate) use id_token;

/// Turns each function into a test of the plan of this file.
macro_rules! plan {
    ($party:expr => $($test:ident: $module:ident,)+) => {
        $(#[tokio::test]
        async fn $test() {
            crate::modules::$module($party).await;
        })+
    };
}
pub(crate) use plan;

/// `oidcc-client-test`: authorization, token and userinfo request in this order, once each.
pub(crate) async fn happy(name: &'static str) {
    let party = Party::start(name).await;
    let seen = party.accepts().await;
    assert_eq!((&seen["subject"], &seen["id_token"]["sub"]), (&json!("ada"), &json!("ada")));
    let called = [Endpoint::Metadata, Endpoint::Authorization, Endpoint::Token, Endpoint::Jwks];
    for endpoint in called {
        assert_eq!(party.requests(endpoint), 1, "{endpoint:?}");
    }
}

pub(crate) async fn invalid_iss(name: &'static str) {
    let error = Party::start(name).await.rejects_id_token(Fault::WrongIssuer).await;
    assert_error!(error, id_token!(IdTokenError::Issuer { .. }));
}

pub(crate) async fn missing_sub(name: &'static str) {
    let error = Party::start(name).await.rejects_id_token(Fault::MissingSubject).await;
    assert_error!(error, id_token!(IdTokenError::Claims(_)));
}

pub(crate) async fn invalid_aud(name: &'static str) {
    let error = Party::start(name).await.rejects_id_token(Fault::WrongAudience).await;
    assert_error!(error, id_token!(IdTokenError::Audience { .. }));
}

pub(crate) async fn missing_iat(name: &'static str) {
    let error = Party::start(name).await.rejects_id_token(Fault::MissingIssuedAt).await;
    assert_error!(error, id_token!(IdTokenError::Claims(_)));
}

/// One RSA key without `kid`, and a token that names none.
pub(crate) async fn kid_absent_single_jwks(name: &'static str) {
    let party = signing_with(name, SigningAlgorithm::Rs256).await;
    party.app.provider.fault(Fault::MissingKeyId);
    party.app.provider.fault(Fault::MissingKeyIdsInJwks);
    party.accepts().await;
}

/// Several RSA keys without `kid`, and a token that names none: all are tried.
pub(crate) async fn kid_absent_multiple_jwks(name: &'static str) {
    let party = signing_with(name, SigningAlgorithm::Rs256).await;
    party.app.provider.fault(Fault::MissingKeyId);
    party.app.provider.fault(Fault::MissingKeyIdsInJwks);
    for _ in 0..2 {
        party.app.provider.rotate_keys().expect("a key");
    }
    party.accepts().await;
    party.rejects_id_token(Fault::BadSignature).await;
}

pub(crate) async fn sig_rs256(name: &'static str) {
    signing_with(name, SigningAlgorithm::Rs256).await.accepts().await;
}

/// The suite lets a client registered for `none` accept it, but no declaration can register this.
pub(crate) async fn sig_none(name: &'static str) {
    let error = Party::start(name).await.rejects_id_token(Fault::UnsignedToken).await;
    assert_error!(error, id_token!(IdTokenError::Signature(JwsError::AlgorithmNotAllowed { .. })));
}

/// The suite lets a client skip the check for tokens of the token endpoint, but this client does
/// not.
pub(crate) async fn invalid_sig_rs256(name: &'static str) {
    invalid_sig(name, SigningAlgorithm::Rs256).await;
}

pub(crate) async fn invalid_sig(name: &'static str, algorithm: SigningAlgorithm) {
    let party = signing_with(name, algorithm).await;
    let error = party.rejects_id_token(Fault::BadSignature).await;
    assert_error!(error, id_token!(IdTokenError::Signature(JwsError::BadSignature)));
}

/// Userinfo about another user: it is fetched but not used.
pub(crate) async fn userinfo_invalid_sub(name: &'static str) {
    let party = Party::start(name).await;
    let error = party.rejects_fault_before(Fault::UserinfoSubjectSwapped, Endpoint::Api).await;
    assert_error!(error, OAuthError::Provider { error: ProviderError::SubjectMismatch, .. });
    assert_eq!(party.requests(Endpoint::Userinfo), 2);
}

pub(crate) async fn nonce_invalid(name: &'static str) {
    let error = Party::start(name).await.rejects_id_token(Fault::WrongNonce).await;
    assert_error!(error, id_token!(IdTokenError::Nonce));
}

/// A nonce is sent, and it cannot be guessed.
pub(crate) async fn nonce(name: &'static str) {
    let party = Party::start(name).await;
    let url = party.app.browser().start_login(name).await;
    let url = url::Url::parse(&url).expect("a URL");
    let nonce = url.query_pairs().find(|(own, _)| own == "nonce").expect("a nonce").1.into_owned();
    assert!(nonce.len() >= 22, "{nonce}");
    let seen = party.accepts().await["id_token"]["nonce"].clone();
    assert_eq!(seen.as_str().map(str::len), Some(nonce.len()));
}

pub(crate) async fn invalid_chash(name: &'static str) {
    let error = Party::start(name).await.rejects_id_token(Fault::WrongCodeHash).await;
    assert_error!(error, id_token!(IdTokenError::CodeHash));
}

pub(crate) async fn missing_chash(name: &'static str) {
    let error = Party::start(name).await.rejects_id_token(Fault::MissingCodeHash).await;
    assert_error!(error, id_token!(IdTokenError::CodeHash));
}

/// The claims of `profile`, `email`, `address` and `phone` are requested by scope and read.
pub(crate) async fn scope_userinfo_claims(name: &'static str) {
    let party = Party::start(name).await;
    let claims = party.accepts().await["userinfo"].clone();
    assert_eq!(claims["name"], "Ada Lovelace");
    assert_eq!(
        (&claims["email"], &claims["email_verified"]),
        (&json!("ada@example.org"), &json!(true))
    );
    assert_eq!(claims["address"]["locality"], "London");
    assert_eq!(claims["phone_number"], "+442079460815");
}

/// Only `client_secret_basic` is used.
pub(crate) async fn client_secret_basic(name: &'static str) {
    let party = Party::start(name).await;
    party.accepts().await;
    let request = party.exchanged(Endpoint::Token);
    let authorization = &request.headers()["authorization"];
    let credentials = format!("Basic {}", base64(&format!("{CLIENT_ID}:{CLIENT_SECRET}")));
    assert_eq!(authorization, &credentials);
    let form = std::str::from_utf8(request.body()).expect("a form");
    assert!(!form.contains("client_secret") && !form.contains("client_assertion"), "{form}");
}

async fn signing_with(name: &'static str, algorithm: SigningAlgorithm) -> Party {
    Party::with(name, |provider| provider.signing_algorithm(algorithm)).await
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
