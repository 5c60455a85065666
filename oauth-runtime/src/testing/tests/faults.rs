//! The effects of the faults: each changes only what its name says.

use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use base64::Engine as _;
use serde_json::{Value, json};

use super::{Pair, Reply, URL_SAFE_NO_PAD, parameter, parts};
use crate::testing::{Endpoint, Fault, SigningAlgorithm, TestProvider};

mod transport;

const ELSEWHERE: &str = "https://elsewhere.example";

impl Pair {
    /// A provider whose keys are generated quickly.
    async fn quick() -> Self {
        Self::build(TestProvider::builder().signing_algorithm(SigningAlgorithm::Es256)).await
    }

    async fn jwks(&self) -> Vec<Value> {
        let jwks = self.get(self.provider.url(Endpoint::Jwks)).await.json();
        jwks["keys"].as_array().unwrap().clone()
    }

    fn callback(&self) -> String {
        self.provider.sign_in(self.authorization_url(&[]), "ada").unwrap()
    }
}

#[tokio::test]
async fn claims_of_the_id_token_are_spoiled_one_by_one() {
    let pair = Pair::quick().await;
    let (_, honest) = parts(&pair.login().await["id_token"]);
    let now = honest["iat"].as_i64().unwrap();
    let near = |value: &Value, expected: i64| (value.as_i64().unwrap() - expected).abs() < 60;
    for (fault, claim) in [
        (Fault::WrongNonce, "nonce"),
        (Fault::MissingNonce, "nonce"),
        (Fault::WrongIssuer, "iss"),
        (Fault::MissingIssuer, "iss"),
        (Fault::WrongAudience, "aud"),
        (Fault::MissingAudience, "aud"),
        (Fault::AudienceAsList, "aud"),
        (Fault::WrongAuthorizedParty, "azp"),
        (Fault::Expired, "exp"),
        (Fault::MissingExpiry, "exp"),
        (Fault::NotYetValid, "nbf"),
        (Fault::IssuedInTheFuture, "iat"),
        (Fault::IssuedYesterday, "iat"),
        (Fault::MissingIssuedAt, "iat"),
        (Fault::MissingSubject, "sub"),
        (Fault::EmptySubject, "sub"),
        (Fault::SwappedSubject, "sub"),
        (Fault::WrongAccessTokenHash, "at_hash"),
        (Fault::MissingAccessTokenHash, "at_hash"),
    ] {
        pair.provider.fault(fault);
        let (_, mut claims) = parts(&pair.login().await["id_token"]);
        pair.provider.clear_faults();
        let value = claims[claim].take();
        match fault {
            Fault::WrongIssuer | Fault::WrongAudience | Fault::WrongAuthorizedParty => {
                assert_eq!(value, ELSEWHERE);
            }
            Fault::AudienceAsList => assert_eq!(value, json!(["dev-client"])),
            Fault::WrongNonce => assert_ne!(value, "a nonce"),
            Fault::Expired => assert!(near(&value, now - 3600)),
            Fault::NotYetValid | Fault::IssuedInTheFuture => assert!(near(&value, now + 3600)),
            Fault::IssuedYesterday => assert!(near(&value, now - 86_400)),
            Fault::EmptySubject => assert_eq!(value, ""),
            Fault::SwappedSubject => assert_eq!(value, "alan"),
            Fault::WrongAccessTokenHash => assert_eq!(value.as_str().unwrap().len(), 22),
            _ => assert_eq!(value, Value::Null, "{fault:?}"),
        }
        // Nothing else has changed, except what differs between any two logins.
        let mut expected = honest.clone();
        for own in [claim, "iat", "exp", "auth_time", "at_hash", "sid"] {
            for claims in [&mut claims, &mut expected] {
                claims.as_object_mut().unwrap().remove(own);
            }
        }
        assert_eq!(claims, expected, "{fault:?}");
    }
}

#[tokio::test]
async fn extra_audience_names_the_client_in_azp() {
    let pair = Pair::quick().await;
    pair.provider.fault(Fault::ExtraAudience);
    let (_, claims) = parts(&pair.login().await["id_token"]);
    assert_eq!(claims["aud"], json!(["dev-client", ELSEWHERE]));
    assert_eq!(claims["azp"], "dev-client");

    pair.provider.fault(Fault::MissingAuthorizedParty);
    let (_, claims) = parts(&pair.login().await["id_token"]);
    assert_eq!(claims.get("azp"), None);
}

#[tokio::test]
async fn header_and_signature_are_spoiled() {
    let pair = Pair::start().await;
    let key = pair.provider.provider.keys.current();
    let foreign_key = pair.provider.provider.keys.foreign_key().unwrap();
    for fault in [
        Fault::BadSignature,
        Fault::StrippedSignature,
        Fault::UnsignedToken,
        Fault::Hs256WithPublicKey,
        Fault::Hs256WithPublicKeyDer,
        Fault::Hs256WithClientSecret,
        Fault::UnannouncedAlgorithm,
        Fault::UnknownKeyId,
        Fault::MissingKeyId,
        Fault::EmbeddedJwk,
        Fault::RemoteJwk,
        Fault::CriticalHeader,
    ] {
        pair.provider.fault(fault);
        let token = pair.login().await["id_token"].clone();
        let jwks = pair.jwks().await;
        pair.provider.clear_faults();

        let (header, _) = parts(&token);
        let (message, signature) = token.as_str().unwrap().rsplit_once('.').unwrap();
        let message = message.as_bytes();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let is_hmac = |secret: &[u8]| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
            header["alg"] == "HS256" && hmac::verify(&key, message, &signature).is_ok()
        };
        let is_honest = key.verifies(message, &signature);
        let is_forged = foreign_key.verifies(message, &signature);
        let expected = match fault {
            Fault::BadSignature => header["kid"] == key.id() && !signature.is_empty() && !is_honest,
            Fault::StrippedSignature => header["alg"] == "RS256" && signature.is_empty(),
            Fault::UnsignedToken => header["alg"] == "none" && signature.is_empty(),
            Fault::Hs256WithPublicKey => is_hmac(key.public_pem().unwrap().as_bytes()),
            Fault::Hs256WithPublicKeyDer => is_hmac(&key.public_der().unwrap()),
            Fault::Hs256WithClientSecret => is_hmac(pair.provider.client_secret().as_bytes()),
            Fault::UnannouncedAlgorithm => {
                header["alg"] == "ES256" && jwks[1]["kid"] == header["kid"] && jwks.len() == 2
            }
            Fault::UnknownKeyId => {
                header["kid"] == foreign_key.id() && is_forged && jwks.len() == 1
            }
            Fault::MissingKeyId => header.get("kid").is_none() && is_honest,
            Fault::EmbeddedJwk => header["jwk"] == foreign_key.to_jwk() && is_forged,
            Fault::RemoteJwk => {
                let url = format!("{}/jwks", pair.provider.bystander().url());
                header["jku"] == url && is_forged
            }
            Fault::CriticalHeader => header["crit"].is_array() && is_honest,
            _ => false,
        };
        assert!(expected, "{fault:?}: {header}");
    }
}

#[tokio::test]
async fn authorization_response_is_spoiled() {
    let pair = Pair::quick().await;
    for fault in [
        Fault::WrongResponseIssuer,
        Fault::MissingResponseIssuer,
        Fault::WrongState,
        Fault::MissingState,
        Fault::MissingCode,
        Fault::AuthorizationErrorWithMarkup,
    ] {
        pair.provider.fault(fault);
        let callback = pair.callback();
        pair.provider.clear_faults();
        let is = |name| parameter(&callback, name);
        let expected = match fault {
            Fault::WrongResponseIssuer => is("iss").unwrap() == ELSEWHERE,
            Fault::MissingResponseIssuer => is("iss").is_none(),
            Fault::WrongState => is("state").unwrap() != "a state",
            Fault::MissingState => is("state").is_none(),
            Fault::MissingCode => is("code").is_none() && is("error").is_none(),
            Fault::AuthorizationErrorWithMarkup => {
                is("code").is_none() && is("error_description").unwrap().contains("<script>")
            }
            _ => false,
        };
        assert!(expected, "{fault:?}: {callback}");
    }
}

#[tokio::test]
async fn token_response_is_spoiled() {
    let pair = Pair::quick().await;
    for (fault, member, value) in [
        (Fault::MissingIdToken, "id_token", Value::Null),
        (Fault::MissingAccessToken, "access_token", Value::Null),
        (Fault::AccessTokenWithLineBreak, "access_token", json!("token\r\nX-Injected: yes")),
        (Fault::TokenTypeMac, "token_type", json!("mac")),
        (Fault::TokenTypeInOddCase, "token_type", json!("bEARER")),
        (Fault::MissingTokenType, "token_type", Value::Null),
        (Fault::ExpiresInAsString, "expires_in", json!("3600")),
        (Fault::ExpiresInAsFraction, "expires_in", json!(3599.5)),
        (Fault::ExpiresInNegative, "expires_in", json!(-1)),
        (Fault::ExpiresInAbsurd, "expires_in", json!(u64::MAX)),
        (Fault::MissingExpiresIn, "expires_in", Value::Null),
        (Fault::ScopeMissing, "scope", Value::Null),
        (Fault::ScopeNarrowed, "scope", json!("openid")),
    ] {
        pair.provider.fault(fault);
        let tokens = pair.login().await;
        pair.provider.clear_faults();
        assert_eq!(tokens[member], value, "{fault:?}");
    }
}

#[tokio::test]
async fn kept_refresh_token_can_be_used_again() {
    let pair = Pair::quick().await;
    pair.provider.fault(Fault::RefreshTokenKept);
    let tokens = pair.login().await;
    for _ in 0..2 {
        let refreshed = pair.refresh(tokens["refresh_token"].as_str().unwrap(), &[]).await.json();
        assert!(refreshed["access_token"].is_string());
        assert_eq!(refreshed.get("refresh_token"), None);
    }
}

#[tokio::test]
async fn token_error_holds_markup_and_control_characters() {
    let pair = Pair::quick().await;
    pair.provider.fault(Fault::TokenErrorWithMarkup);
    let reply = pair.redeem(&pair.code(&[]), &[]).await;
    reply.assert_error(400, "invalid_request");
    let description = reply.json()["error_description"].as_str().unwrap().to_owned();
    assert!(description.contains("<script>") && description.contains("\r\n"));
}

#[tokio::test]
async fn userinfo_is_spoiled() {
    let pair = Pair::quick().await;
    let token = &pair.login().await["access_token"];
    pair.provider.fault(Fault::UserinfoSubjectSwapped);
    let swapped = pair.userinfo(token).await.json();
    assert_eq!((&swapped["sub"], &swapped["name"]), (&json!("alan"), &json!("Alan Turing")));

    pair.provider.clear_faults();
    pair.provider.fault(Fault::UserinfoWithoutSubject);
    let anonymous = pair.userinfo(token).await.json();
    assert_eq!((anonymous.get("sub"), &anonymous["name"]), (None, &json!("Ada Lovelace")));
}

#[tokio::test]
async fn jwks_is_spoiled() {
    let pair = Pair::quick().await;
    let honest = pair.jwks().await;
    let kid = honest[0]["kid"].clone();
    for fault in [
        Fault::UnknownKeyTypesInJwks,
        Fault::DuplicateKeyIds,
        Fault::MissingKeyIdsInJwks,
        Fault::SigningKeyForEncryption,
        Fault::KeyOperationsWithoutVerify,
        Fault::EmptyJwks,
        Fault::TenThousandKeys,
    ] {
        pair.provider.fault(fault);
        let keys = pair.jwks().await;
        pair.provider.clear_faults();
        let expected = match fault {
            Fault::UnknownKeyTypesInJwks => keys.len() > 5 && keys.last() == honest.last(),
            Fault::DuplicateKeyIds => {
                keys[0]["kid"] == kid && keys[0]["x"] != honest[0]["x"] && keys[1] == honest[0]
            }
            Fault::MissingKeyIdsInJwks => keys[0].get("kid").is_none() && keys.len() == 1,
            Fault::SigningKeyForEncryption => keys[0]["use"] == "enc",
            Fault::KeyOperationsWithoutVerify => {
                keys[0]["key_ops"] == json!(["encrypt", "wrapKey"])
            }
            Fault::EmptyJwks => keys.is_empty(),
            Fault::TenThousandKeys => keys.len() == 10_001 && keys.last() == honest.last(),
            _ => false,
        };
        assert!(expected, "{fault:?}");
    }
}

#[tokio::test]
async fn withdrawn_keys_vanish_and_stale_set_lacks_newest() {
    let pair = Pair::quick().await;
    let first = pair.jwks().await;
    pair.provider.rotate_keys().unwrap();
    let both = pair.jwks().await;
    assert_eq!(both[1], first[0]);
    pair.provider.fault(Fault::PreviousKeysWithdrawn);
    assert_eq!(pair.jwks().await, both[..1]);
    pair.provider.clear_faults();
    pair.provider.fault(Fault::StaleJwksOnce);
    assert_eq!(pair.jwks().await, first);
    assert_eq!(pair.jwks().await, both);
}

#[tokio::test]
async fn moved_keys_are_where_the_metadata_say() {
    let pair = Pair::quick().await;
    let usual = pair.provider.url(Endpoint::Jwks);
    let keys = pair.get(&usual).await.text;
    pair.provider.fault(Fault::JwksMoved);
    let metadata = pair.get(pair.provider.url(Endpoint::Metadata)).await.json();
    let moved = metadata["jwks_uri"].as_str().unwrap();
    assert_ne!(moved, usual);
    assert_eq!((pair.get(&usual).await.status, pair.get(moved).await.text), (404, keys));
    pair.provider.clear_faults();
    assert_eq!(pair.get(moved).await.status, 404);
}

#[tokio::test]
async fn metadata_is_spoiled() {
    let pair = Pair::quick().await;
    let url = pair.provider.url(Endpoint::Metadata);
    pair.provider.fault(Fault::DiscoveryIssuerMismatch);
    pair.provider.fault(Fault::ScriptAsAuthorizationEndpoint);
    pair.provider.fault(Fault::UnknownMetadata);
    let metadata = pair.get(&url).await.json();
    assert_eq!(metadata["issuer"], ELSEWHERE);
    assert!(metadata["authorization_endpoint"].as_str().unwrap().starts_with("javascript:"));
    let algorithms = &metadata["id_token_signing_alg_values_supported"];
    assert_eq!(algorithms, &json!(["urn:example:unknown", "ES256"]));

    pair.provider.clear_fault(Fault::DiscoveryIssuerMismatch);
    assert_eq!(pair.get(&url).await.json()["issuer"], pair.provider.issuer());
}

#[tokio::test]
async fn fault_at_one_endpoint_spares_the_others() {
    let pair = Pair::quick().await;
    pair.provider.fault(Fault::ServerError(Endpoint::Userinfo));
    pair.provider.fault(Fault::ServerError(Endpoint::Api));
    let tokens = pair.login().await;
    let reply: Reply = pair.userinfo(&tokens["access_token"]).await;
    assert_eq!(reply.status, 503);
    pair.provider.clear_fault(Fault::ServerError(Endpoint::Userinfo));
    assert_eq!(pair.userinfo(&tokens["access_token"]).await.status, 200);
    assert_eq!(pair.provider.requests(Endpoint::Userinfo), 2);
}

#[tokio::test]
async fn faults_combine_and_the_later_wins() {
    let pair = Pair::quick().await;
    pair.provider.fault(Fault::Expired);
    pair.provider.fault(Fault::MissingNonce);
    pair.provider.fault(Fault::WrongNonce);
    let (_, claims) = parts(&pair.login().await["id_token"]);
    assert!(claims["exp"].as_i64() < claims["iat"].as_i64());
    assert!(claims["nonce"].is_string());
}
