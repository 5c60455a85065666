//! Rule 2: keys come from the issuer's key set and never from a token, the key decides the
//! algorithm, and an ID token that does not match this login is refused.

use oauth_runtime::OAuthError;
use oauth_runtime::error::{IdTokenError, JwsError, ProviderError};
use oauth_runtime::testing::{Endpoint, Fault, SigningAlgorithm};
use tests::in_process::{App, Typed};

use crate::table::{assert_harmless, assert_refused, refused};

/// `Provider`, `IdToken` and `Signature` around the reason.
macro_rules! id_token {
    ($reason:pat) => {
        OAuthError::Provider { error: ProviderError::IdToken($reason), .. }
    };
}
macro_rules! signature {
    ($reason:pat) => {
        id_token!(IdTokenError::Signature($reason))
    };
}

async fn signing_with(algorithm: SigningAlgorithm) -> App {
    App::builder::<Typed>().provider(|provider| provider.signing_algorithm(algorithm)).start().await
}

#[tokio::test]
async fn every_signing_algorithm_is_accepted() {
    for algorithm in SigningAlgorithm::ALL {
        let app = signing_with(algorithm).await;
        let page = app.log_in(&mut app.browser(), "op").await;
        assert!(page.status.is_redirection(), "{algorithm}: {:?}", app.failures.take());
    }
}

#[tokio::test]
async fn a_claim_that_is_wrong_or_missing_is_refused() {
    let app = App::start().await;
    let faults = refused![
        Fault::WrongNonce => id_token!(IdTokenError::Nonce),
        Fault::MissingNonce => id_token!(IdTokenError::NonceMissing),
        Fault::WrongIssuer => id_token!(IdTokenError::Issuer { .. }),
        Fault::MissingIssuer => id_token!(IdTokenError::Claims(_)),
        Fault::WrongAudience => id_token!(IdTokenError::Audience { .. }),
        Fault::MissingAudience => id_token!(IdTokenError::Claims(_)),
        Fault::ExtraAudience => id_token!(IdTokenError::Audience { .. }),
        Fault::WrongAuthorizedParty => id_token!(IdTokenError::AuthorizedParty { .. }),
        Fault::Expired => id_token!(IdTokenError::Expired { .. }),
        Fault::MissingExpiry => id_token!(IdTokenError::Claims(_)),
        Fault::NotYetValid => id_token!(IdTokenError::NotYetValid { .. }),
        Fault::IssuedInTheFuture => id_token!(IdTokenError::IssuedAt { .. }),
        Fault::IssuedYesterday => id_token!(IdTokenError::IssuedAt { .. }),
        Fault::MissingIssuedAt => id_token!(IdTokenError::Claims(_)),
        Fault::MissingSubject => id_token!(IdTokenError::Claims(_)),
        Fault::EmptySubject => id_token!(IdTokenError::Subject),
        Fault::WrongAccessTokenHash => id_token!(IdTokenError::AccessTokenHash),
        Fault::MissingIdToken => OAuthError::Provider {
            error: ProviderError::IdTokenMissing,
            ..
        },
    ];
    assert_refused(&app, "op", &faults).await;
}

/// RSA, because the attack uses the RSA public key as an HMAC secret.
#[tokio::test]
async fn header_or_signature_without_proof_is_refused() {
    for algorithm in [SigningAlgorithm::Rs256, SigningAlgorithm::Es256, SigningAlgorithm::EdDsa] {
        let app = signing_with(algorithm).await;
        let faults = refused![
            Fault::BadSignature => signature!(JwsError::BadSignature),
            Fault::StrippedSignature => signature!(JwsError::BadSignature),
            Fault::UnsignedToken => signature!(JwsError::AlgorithmNotAllowed { .. }),
            Fault::Hs256WithPublicKey => signature!(JwsError::AlgorithmNotAllowed { .. }),
            Fault::Hs256WithPublicKeyDer => signature!(JwsError::AlgorithmNotAllowed { .. }),
            Fault::Hs256WithClientSecret => signature!(JwsError::AlgorithmNotAllowed { .. }),
            Fault::UnannouncedAlgorithm => signature!(JwsError::AlgorithmNotAllowed { .. }),
            Fault::UnknownKeyId => signature!(JwsError::UnknownKey { .. }),
            Fault::EmbeddedJwk => signature!(JwsError::UnknownKey { .. }),
            Fault::RemoteJwk => signature!(JwsError::UnknownKey { .. }),
            Fault::CriticalHeader => signature!(JwsError::CriticalHeader),
        ];
        assert_refused(&app, "op", &faults).await;
        assert_eq!(
            app.provider.bystander().requests(),
            [],
            "a key URL in a token is not requested"
        );
    }
}

/// The key in the header verifies the signature. Without `kid`, only its origin is wrong.
#[tokio::test]
async fn key_inside_the_token_is_never_used() {
    for fault in [Fault::EmbeddedJwk, Fault::RemoteJwk] {
        let app = App::start().await;
        app.provider.fault(fault);
        app.provider.fault(Fault::MissingKeyId);
        assert_error!(app.refused("op").await, signature!(JwsError::BadSignature));
        assert_eq!(app.provider.bystander().requests(), []);
    }
}

#[tokio::test]
async fn deviations_without_harm_are_accepted() {
    let app = App::start().await;
    let faults = [
        Fault::AudienceAsList,
        Fault::MissingAuthorizedParty,
        Fault::MissingAccessTokenHash,
        Fault::MissingKeyId,
    ];
    assert_harmless(&app, "op", &faults).await;
}

#[tokio::test]
async fn odd_entries_of_the_key_set_end_no_login() {
    for fault in [Fault::UnknownKeyTypesInJwks, Fault::DuplicateKeyIds, Fault::MissingKeyIdsInJwks]
    {
        assert_harmless(&App::start().await, "op", &[fault]).await;
    }
}

#[tokio::test]
async fn key_not_for_signatures_is_not_used() {
    for fault in
        [Fault::SigningKeyForEncryption, Fault::KeyOperationsWithoutVerify, Fault::EmptyJwks]
    {
        let app = App::start().await;
        let faults = refused![fault => signature!(JwsError::UnknownKey { .. }),];
        assert_refused(&app, "op", &faults).await;
    }
}

/// With the quirk `hs256_id_token`, only the client secret is the key.
#[tokio::test]
async fn hs256_is_accepted_only_where_it_is_declared() {
    let app = signing_with(SigningAlgorithm::Rs256).await;
    assert_harmless(&app, "hmac", &[Fault::Hs256WithClientSecret]).await;
    let faults = refused![
        Fault::Hs256WithPublicKey => signature!(JwsError::BadSignature),
        Fault::Hs256WithPublicKeyDer => signature!(JwsError::BadSignature),
        Fault::UnsignedToken => signature!(JwsError::AlgorithmNotAllowed { .. }),
        // RS256, the provider's default: the declaration requires HS256.
        Fault::UnknownMetadata => signature!(JwsError::AlgorithmNotAllowed { .. }),
    ];
    assert_refused(&app, "hmac", &faults).await;
}

/// With the quirk `additional_audiences`, `azp` decides (OpenID Connect Core 1.0 section 3.1.3.7
/// items 4 and 5).
#[tokio::test]
async fn other_audiences_need_declaration_and_azp() {
    let app = App::start().await;
    assert_harmless(&app, "wide", &[Fault::ExtraAudience]).await;
    for azp in [Fault::MissingAuthorizedParty, Fault::WrongAuthorizedParty] {
        app.provider.fault(Fault::ExtraAudience);
        app.provider.fault(azp);
        assert_error!(app.refused("wide").await, id_token!(IdTokenError::AuthorizedParty { .. }));
        app.provider.clear_faults();
    }
    let faults = refused![Fault::WrongAudience => id_token!(IdTokenError::Audience { .. }),];
    assert_refused(&app, "wide", &faults).await;
}

/// Otherwise a declaration that requires a recent authentication would silently get an old one.
#[tokio::test]
async fn declared_max_age_is_requested() {
    let app = App::start().await;
    let url = app.browser().start_login("recent").await;
    let query: Vec<_> = url::Url::parse(&url).expect("a URL").query_pairs().into_owned().collect();
    for (name, value) in [("max_age", "300"), ("prompt", "login")] {
        let sent = query.iter().filter(|(own, _)| own == name).map(|(_, value)| value.as_str());
        assert_eq!(sent.collect::<Vec<_>>(), [value], "{name} in {url}");
    }
}

#[tokio::test]
async fn old_or_missing_auth_time_is_refused_with_max_age() {
    let app = App::start().await;
    let faults = refused![
        Fault::AuthenticatedYesterday => id_token!(IdTokenError::AuthenticationTooOld { .. }),
        Fault::MissingAuthenticationTime => id_token!(IdTokenError::AuthenticationTooOld { .. }),
    ];
    assert_refused(&app, "recent", &faults).await;
    let harmless = [
        Fault::AuthenticatedYesterday,
        Fault::MissingAuthenticationTime,
        Fault::WrongAuthenticationContext,
        Fault::MissingAuthenticationContext,
    ];
    assert_harmless(&app, "op", &harmless).await;
}

#[tokio::test]
async fn key_rotated_between_two_logins_is_found() {
    let app = App::start().await;
    app.log_in(&mut app.browser(), "op").await.location();
    app.provider.rotate_keys().expect("a key");
    app.log_in(&mut app.browser(), "op").await.location();
    assert_eq!(app.requests(Endpoint::Jwks), 2);
}

#[tokio::test]
async fn key_rotated_just_before_signing_is_found() {
    let app = App::start().await;
    app.log_in(&mut app.browser(), "op").await.location();
    let mut browser = app.browser();
    let callback = app.answer(&browser.start_login("op").await);
    app.provider.rotate_keys().expect("a key");
    assert_eq!(browser.finish(callback).await.location(), "/");
    assert_eq!(app.requests(Endpoint::Jwks), 2);
}

/// Another key with the same `kid`: the signature fails, so the keys are fetched again.
#[tokio::test]
async fn a_key_that_was_replaced_under_no_name_is_found() {
    let app = App::start().await;
    app.provider.fault(Fault::MissingKeyIdsInJwks);
    app.provider.fault(Fault::MissingKeyId);
    app.log_in(&mut app.browser(), "op").await.location();
    app.provider.rotate_keys().expect("a key");
    app.log_in(&mut app.browser(), "op").await.location();
}
