//! Encrypted ID tokens, and encrypted or signed userinfo: accepted only as declared.

use axum::body::Body;
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use oauth_runtime::RegistryBuilder;
use oauth_runtime::error::{
    FaultKind, IdTokenError, JweError, JwsError, ProviderError, UserInfoError,
};
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{
    ContentEncryptionAlgorithm as Enc, Fault, KeyManagementAlgorithm as Alg, RegisteredClient,
    SigningAlgorithm, TestProvider,
};
use serde_json::Value;

macro_rules! key_file {
    ($name:literal) => {
        include_str!(concat!("../../../oauth-runtime/src/protocol/fixtures/keys/", $name))
    };
}

const RSA: &str = key_file!("rsa-pkcs8.pem");
const EC: &str = key_file!("p384-sec1.pem");

macro_rules! providers {
    ($($name:ident = $key:literal, ($($more:tt)*);)+) => {
        $(
            #[derive(Debug, OAuthProvider)]
            #[oauth_provider(
                name = $key,
                issuer = "{issuer}",
                scopes("openid", "profile"),
                token_endpoint_auth_method = "client_secret_post",
                quirks(loopback_http),
                $($more)*
            )]
            pub struct $name {
                issuer: String,
            }
        )+
    };
}

providers! {
    Plain = "plain", (userinfo = UserInfo);
    Rsa = "rsa", (
        id_token_encrypted_response_alg = "RSA-OAEP-256",
        id_token_encrypted_response_enc = "A256GCM"
    );
    Agreed = "agreed", (
        id_token_encrypted_response_alg = "ECDH-ES",
        id_token_encrypted_response_enc = "A128GCM"
    );
    Wrapped = "wrapped", (id_token_encrypted_response_alg = "ECDH-ES+A256KW");
    Signed = "signed", (userinfo = UserInfo, userinfo_signed_response_alg = "ES256");
    Sealed = "sealed", (
        userinfo = UserInfo,
        userinfo_encrypted_response_alg = "ECDH-ES",
        userinfo_encrypted_response_enc = "A256GCM"
    );
    Both = "both", (
        userinfo = UserInfo,
        userinfo_signed_response_alg = "ES256",
        userinfo_encrypted_response_alg = "RSA-OAEP-256"
    );
}

#[derive(Clone, Debug, OAuthRegistry)]
struct Every {
    plain: Client<Plain>,
    rsa: Option<Client<Rsa>>,
    agreed: Option<Client<Agreed>>,
    wrapped: Option<Client<Wrapped>>,
    signed: Option<Client<Signed>>,
    sealed: Option<Client<Sealed>>,
    both: Option<Client<Both>>,
}

fn settings(name: &str, issuer: &str, key: Option<&str>) -> RegistryBuilder<Every> {
    let mut config = Config::empty().set("OAUTH_PUBLIC_URL", "http://127.0.0.1:3000");
    for name in ["PLAIN", name] {
        config = config
            .set(&format!("{name}_ISSUER"), issuer)
            .set(&format!("{name}_CLIENT_ID"), "shop")
            .set(&format!("{name}_CLIENT_SECRET"), "a secret");
    }
    if let Some(key) = key {
        config = config.set(&format!("{name}_DECRYPTION_KEY"), key);
    }
    Every::builder().config(config)
}

fn jwks(oauth: &Every) -> Value {
    let own = [
        oauth.rsa.as_ref().map(Client::jwks),
        oauth.agreed.as_ref().map(Client::jwks),
        oauth.wrapped.as_ref().map(Client::jwks),
        oauth.sealed.as_ref().map(Client::jwks),
        oauth.both.as_ref().map(Client::jwks),
    ];
    own.into_iter().flatten().next().unwrap_or_else(|| oauth.plain.jwks())
}

/// A client of one declaration, and a provider where it is registered accordingly.
async fn pair(
    name: &str,
    key: Option<&str>,
    register: impl Fn(RegisteredClient) -> RegisteredClient,
) -> (TestProvider, Every) {
    let early = settings(name, "http://127.0.0.1:9", key).build().expect("an early client");
    let client = RegisteredClient::confidential("shop", "a secret").jwks(&jwks(&early));
    let provider = TestProvider::builder()
        .signing_algorithm(SigningAlgorithm::Es256)
        .client(register(client))
        .start()
        .await
        .expect("a provider");
    let oauth = settings(name, provider.issuer(), key).build().expect("a client");
    (provider, oauth)
}

async fn log_in<P: OAuthProvider>(
    provider: &TestProvider,
    client: Option<&Client<P>>,
) -> Result<Login<P>, OAuthError> {
    let client = client.expect("it is configured");
    let started = client.authorize_redirect().await?.into_response();
    let location = started.headers()[LOCATION].to_str().expect("a URL");
    let cookie = started.headers()[SET_COOKIE].to_str().expect("a cookie");
    let callback = provider.sign_in(location, "ada").expect("a code");
    let request = http::Request::builder()
        .uri(callback)
        .header(COOKIE, cookie.split(';').next().expect("a pair"))
        .body(Body::empty())
        .expect("a request");
    client.authorize_access_token(request).await
}

async fn refused<P: OAuthProvider>(
    provider: &TestProvider,
    client: Option<&Client<P>>,
) -> ProviderError {
    match log_in(provider, client).await {
        Err(OAuthError::Provider { error, .. }) => error,
        other => panic!("it is the provider's fault: {other:?}"),
    }
}

fn with_id_token(alg: Alg, enc: Enc) -> impl Fn(RegisteredClient) -> RegisteredClient {
    move |client| client.id_token_encrypted_response(alg, enc)
}

#[tokio::test]
async fn an_encrypted_id_token_that_is_declared_is_a_login() {
    let (provider, oauth) =
        pair("RSA", Some(RSA), with_id_token(Alg::RsaOaep256, Enc::A256Gcm)).await;
    let login = log_in(&provider, oauth.rsa.as_ref()).await.expect("RSA-OAEP-256");
    assert_eq!(login.identity().subject(), "ada");
    // The stored `id_token_hint` is the signed token (OpenID Connect Core 1.0 section 3.1.2.1).
    let kept = login.token().id_token().expect("an ID token").expose();
    assert_eq!(kept.split('.').count(), 3);
    assert_eq!(oauth.rsa.as_ref().map(Client::jwks).expect("keys")["keys"][0]["use"], "enc");

    let (provider, oauth) =
        pair("AGREED", Some(EC), with_id_token(Alg::EcdhEs, Enc::A128Gcm)).await;
    log_in(&provider, oauth.agreed.as_ref()).await.expect("ECDH-ES");
    let register = with_id_token(Alg::EcdhEsA256Kw, Enc::A128CbcHs256);
    let (provider, oauth) = pair("WRAPPED", Some(EC), register).await;
    log_in(&provider, oauth.wrapped.as_ref()).await.expect("ECDH-ES+A256KW");
}

#[tokio::test]
async fn id_token_not_encrypted_as_declared_is_refused() {
    let register = with_id_token(Alg::EcdhEs, Enc::A128Gcm);
    let (provider, oauth) = pair("AGREED", Some(EC), register).await;
    let client = oauth.agreed.as_ref();
    type Id = ProviderError;
    for (fault, expected) in [
        (Fault::NotEncrypted, JweError::NotEncrypted),
        (Fault::DamagedEncryption, JweError::Undecryptable),
        (Fault::EncryptedForAnotherKey, JweError::Undecryptable),
        (Fault::InvalidEphemeralKey, JweError::Undecryptable),
        (Fault::CompressedBeforeEncryption, JweError::CriticalHeader),
    ] {
        provider.fault(fault);
        let error = refused(&provider, client).await;
        assert_matches!(error, Id::IdToken(IdTokenError::Encryption(found)) if *found == expected);
        provider.clear_faults();
    }
    provider.fault(Fault::OtherContentEncryption);
    assert_matches!(
        refused(&provider, client).await,
        Id::IdToken(IdTokenError::Encryption(JweError::AlgorithmNotDeclared { .. }))
    );
    provider.clear_faults();
    // Anyone can encrypt with the public key, so the content must be signed.
    provider.fault(Fault::EncryptedUnsigned);
    assert_matches!(refused(&provider, client).await, Id::IdToken(IdTokenError::Signature(_)));
    provider.clear_faults();
    log_in(&provider, client).await.expect("a login without a fault succeeds");

    let (provider, oauth) = pair("AGREED", Some(EC), |client| client).await;
    assert_matches!(
        refused(&provider, oauth.agreed.as_ref()).await,
        Id::IdToken(IdTokenError::Encryption(JweError::NotEncrypted))
    );
    let register = with_id_token(Alg::RsaOaep256, Enc::A128Gcm);
    let (provider, oauth) = pair("PLAIN", Some(RSA), register).await;
    assert_matches!(
        refused(&provider, Some(&oauth.plain)).await,
        Id::IdToken(IdTokenError::Signature(JwsError::Encrypted))
    );
}

#[tokio::test]
async fn userinfo_is_signed_and_encrypted_as_declared() {
    let signed =
        |client: RegisteredClient| client.userinfo_signed_response(SigningAlgorithm::Es256);
    let sealed =
        |client: RegisteredClient| client.userinfo_encrypted_response(Alg::EcdhEs, Enc::A256Gcm);
    let both = |client: RegisteredClient| {
        let client = client.userinfo_signed_response(SigningAlgorithm::Es256);
        client.userinfo_encrypted_response(Alg::RsaOaep256, Enc::A128CbcHs256)
    };
    let (provider, oauth) = pair("SIGNED", None, signed).await;
    let login = log_in(&provider, oauth.signed.as_ref()).await.expect("signed");
    assert_eq!(login.identity().display_name(), "Ada Lovelace");
    let (provider, oauth) = pair("SEALED", Some(EC), sealed).await;
    log_in(&provider, oauth.sealed.as_ref()).await.expect("encrypted");
    let (provider, oauth) = pair("BOTH", Some(RSA), both).await;
    log_in(&provider, oauth.both.as_ref()).await.expect("both");
    provider.rotate_keys().expect("new keys");
    log_in(&provider, oauth.both.as_ref()).await.expect("new keys are fetched");
}

#[tokio::test]
async fn userinfo_in_any_other_form_is_refused() {
    let signed =
        |client: RegisteredClient| client.userinfo_signed_response(SigningAlgorithm::Es256);
    let (provider, oauth) = pair("SIGNED", None, signed).await;
    let client = oauth.signed.as_ref();
    for (fault, expected) in [
        (Fault::UserinfoNotSigned, UserInfoError::InClear),
        (Fault::UserinfoBadSignature, UserInfoError::Signature(JwsError::BadSignature)),
        (Fault::UserinfoWrongIssuer, UserInfoError::Issuer),
        (Fault::UserinfoWrongAudience, UserInfoError::Audience),
    ] {
        provider.fault(fault);
        let error = refused(&provider, client).await;
        assert_matches!(error, ProviderError::UserInfo(found) if *found == expected);
        provider.clear_faults();
    }
    for fault in [Fault::UserinfoUnsigned, Fault::UserinfoOfAnotherAlgorithm] {
        provider.fault(fault);
        assert_matches!(
            refused(&provider, client).await,
            ProviderError::UserInfo(UserInfoError::Signature(JwsError::AlgorithmNotAllowed { .. }))
        );
        provider.clear_faults();
    }
    provider.fault(Fault::UserinfoSubjectSwapped);
    assert_matches!(refused(&provider, client).await, ProviderError::SubjectMismatch);
    provider.clear_faults();
    // Section 5.3.2 of OpenID Connect Core 1.0: they SHOULD be present.
    provider.fault(Fault::UserinfoWithoutIssuerAndAudience);
    log_in(&provider, client).await.expect("the endpoint and the subject are sufficient");

    let (provider, oauth) = pair("SIGNED", None, |client| client).await;
    assert_matches!(
        refused(&provider, oauth.signed.as_ref()).await,
        ProviderError::UserInfo(UserInfoError::InClear)
    );
    let (provider, oauth) = pair("PLAIN", None, signed).await;
    assert_matches!(
        refused(&provider, Some(&oauth.plain)).await,
        ProviderError::UserInfo(UserInfoError::NotDeclared)
    );
}

#[test]
fn unusable_decryption_key_fails_at_the_start() {
    for (name, key, kind, says) in [
        ("RSA", None, FaultKind::Missing, "RSA_DECRYPTION_KEY is missing"),
        (
            "RSA",
            Some(EC),
            FaultKind::Conflict,
            "cannot decrypt the declared RSA-OAEP-256 with A256GCM",
        ),
        (
            "AGREED",
            Some(RSA),
            FaultKind::Conflict,
            "cannot decrypt the declared ECDH-ES with A128GCM",
        ),
        ("BOTH", Some(key_file!("ed25519-pkcs8.pem")), FaultKind::Malformed, "which only signs"),
        ("SEALED", Some("hunter2"), FaultKind::Malformed, "is not a private key"),
    ] {
        let error = settings(name, "http://127.0.0.1:9", key).build().expect_err(name);
        assert_eq!(error.faults()[0].kind(), kind, "{error}");
        assert!(error.to_string().contains(says), "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
