//! Faults of the documents that a client fetches: metadata and JWK Set.

use aws_lc_rs::error::Unspecified;
use serde_json::{Value, json};

use super::ELSEWHERE;
use crate::testing::endpoint::Endpoint;
use crate::testing::fault::Fault;
use crate::testing::provider::Provider;

pub(in crate::testing) fn metadata(provider: &Provider, document: &mut Value) {
    for fault in provider.faults.active() {
        match fault {
            Fault::DiscoveryIssuerMismatch => document["issuer"] = json!(ELSEWHERE),
            Fault::ScriptAsAuthorizationEndpoint => {
                document["authorization_endpoint"] = json!("javascript:alert(document.domain)//");
            }
            Fault::JwksMoved => {
                document["jwks_uri"] = json!(format!("{}/moved", provider.url(Endpoint::Jwks)));
            }
            Fault::UnknownMetadata => {
                document["x_unknown"] = json!({ "nested": [1, null, "two"] });
                for list in [
                    "id_token_signing_alg_values_supported",
                    "token_endpoint_auth_methods_supported",
                    "code_challenge_methods_supported",
                    "response_types_supported",
                    "subject_types_supported",
                    "grant_types_supported",
                ] {
                    if let Some(values) = document[list].as_array_mut() {
                        values.insert(0, json!("urn:example:unknown"));
                    }
                }
            }
            _ => {}
        }
    }
}

pub(in crate::testing) fn jwks(
    provider: &Provider,
    keys: &mut Vec<Value>,
) -> Result<(), Unspecified> {
    for fault in provider.faults.active() {
        match fault {
            Fault::UnannouncedAlgorithm | Fault::UserinfoOfAnotherAlgorithm => {
                keys.push(provider.keys.unannounced()?.to_jwk())
            }
            Fault::UnknownKeyTypesInJwks => {
                keys.splice(0..0, unusable_keys());
            }
            Fault::DuplicateKeyIds => {
                let mut decoy = provider.keys.foreign_key()?.to_jwk();
                decoy["kid"] = json!(provider.keys.current().id());
                keys.insert(0, decoy);
            }
            Fault::MissingKeyIdsInJwks => keys.iter_mut().for_each(|key| remove(key, "kid")),
            Fault::SigningKeyForEncryption => {
                keys.iter_mut().for_each(|key| key["use"] = json!("enc"));
            }
            Fault::KeyOperationsWithoutVerify => {
                for key in keys.iter_mut() {
                    remove(key, "use");
                    key["key_ops"] = json!(["encrypt", "wrapKey"]);
                }
            }
            Fault::EmptyJwks => keys.clear(),
            Fault::PreviousKeysWithdrawn => {
                let withdrawn = provider.keys.previous();
                keys.retain(|key| withdrawn.iter().all(|it| key["kid"] != json!(it.id())));
            }
            Fault::StaleJwksOnce => {
                keys.retain(|key| key["kid"] != json!(provider.keys.current().id()));
                provider.faults.unset(fault);
            }
            Fault::TenThousandKeys => {
                let foreign_key = provider.keys.foreign_key()?.to_jwk();
                let crowd = (0..10_000).map(|number| {
                    let mut key = foreign_key.clone();
                    key["kid"] = json!(format!("crowd-{number}"));
                    key
                });
                keys.splice(0..0, crowd);
            }
            _ => {}
        }
    }
    Ok(())
}

/// Entries that a client skips (RFC 7517 section 5): unknown types, curves and uses, keys that
/// cannot verify, and entries without the members of their type.
fn unusable_keys() -> Vec<Value> {
    vec![
        json!({ "kty": "AKP", "alg": "ML-DSA-44", "kid": "post-quantum", "pub": "AAAA" }),
        json!({ "kty": "urn:example:unknown", "kid": "unknown" }),
        json!({ "kty": "oct", "kid": "symmetric", "k": "c2VjcmV0" }),
        json!({ "kty": "EC", "crv": "secp256k1", "kid": "unknown-curve", "x": "AQ", "y": "AQ" }),
        json!({ "kty": "OKP", "crv": "X25519", "use": "enc", "kid": "agreement", "x": "AQ" }),
        json!({ "kty": "RSA", "kid": "no-modulus", "e": "AQAB", "use": "sig" }),
        json!({ "kty": "RSA", "kid": "no-base64", "n": "!!!", "e": "AQAB" }),
        json!({ "kid": "no-type" }),
    ]
}

fn remove(object: &mut Value, member: &str) {
    object.as_object_mut().and_then(|object| object.remove(member));
}
