//! Faults of the ID token: its claims, its header, its signature.

use std::sync::Arc;

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::ELSEWHERE;
use crate::testing::fault::Fault;
use crate::testing::grant::Grant;
use crate::testing::id_token::signing_input;
use crate::testing::provider::Provider;
use crate::testing::signing_key::SigningKey;

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;

pub(in crate::testing) fn claims(
    provider: &Provider,
    grant: &Grant,
    claims: &mut Map<String, Value>,
) {
    let now = provider.clock.now();
    for fault in provider.faults.active() {
        match spoiled_claim(fault, provider, grant, now) {
            Some((name, Some(value))) => {
                claims.insert(name.to_owned(), value);
            }
            Some((name, None)) => {
                claims.remove(name);
            }
            None => {}
        }
        if fault == Fault::ExtraAudience {
            claims.insert("azp".to_owned(), json!(grant.client_id));
        }
    }
}

/// The claim that a fault changes, and its wrong value; without a value it is left out.
fn spoiled_claim(
    fault: Fault,
    provider: &Provider,
    grant: &Grant,
    now: i64,
) -> Option<(&'static str, Option<Value>)> {
    let (name, value) = match fault {
        Fault::WrongNonce => ("nonce", Some(json!("a nonce that nobody sent"))),
        Fault::MissingNonce => ("nonce", None),
        Fault::WrongIssuer => ("iss", Some(json!(ELSEWHERE))),
        Fault::MissingIssuer => ("iss", None),
        Fault::WrongAudience => ("aud", Some(json!(ELSEWHERE))),
        Fault::MissingAudience => ("aud", None),
        Fault::ExtraAudience => ("aud", Some(json!([grant.client_id, ELSEWHERE]))),
        Fault::AudienceAsList => ("aud", Some(json!([grant.client_id]))),
        Fault::WrongAuthorizedParty => ("azp", Some(json!(ELSEWHERE))),
        Fault::MissingAuthorizedParty => ("azp", None),
        Fault::Expired => ("exp", Some(json!(now - HOUR))),
        Fault::MissingExpiry => ("exp", None),
        Fault::NotYetValid => ("nbf", Some(json!(now + HOUR))),
        Fault::IssuedInTheFuture => ("iat", Some(json!(now + HOUR))),
        Fault::IssuedYesterday => ("iat", Some(json!(now - DAY))),
        Fault::MissingIssuedAt => ("iat", None),
        Fault::MissingSubject => ("sub", None),
        Fault::EmptySubject => ("sub", Some(json!(""))),
        Fault::SwappedSubject => {
            let other = provider.somebody_else(grant.sub());
            ("sub", Some(json!(other.sub())))
        }
        Fault::WrongAccessTokenHash => {
            let hash = provider
                .keys
                .algorithm()
                .left_half_hash("another access token");
            ("at_hash", Some(json!(hash)))
        }
        Fault::MissingAccessTokenHash => ("at_hash", None),
        _ => return None,
    };
    Some((name, value))
}

/// What makes the third part of the token.
enum Signer {
    Key(Arc<SigningKey>),
    /// HMAC with SHA-256 under these bytes.
    Hmac(Vec<u8>),
    /// Nothing: the part is empty.
    Nobody,
}

/// The token in compact form (RFC 7515 section 7.1), signed with `key` unless a fault says
/// otherwise.
pub(in crate::testing) fn signed(
    provider: &Provider,
    grant: &Grant,
    key: &Arc<SigningKey>,
    mut header: Value,
    claims: &Map<String, Value>,
) -> Result<String, Unspecified> {
    let faults = provider.faults.active();
    let mut signer = Signer::Key(Arc::clone(key));
    for fault in &faults {
        match fault {
            Fault::UnsignedToken => {
                header["alg"] = json!("none");
                signer = Signer::Nobody;
            }
            Fault::Hs256WithPublicKey => {
                header["alg"] = json!("HS256");
                signer = Signer::Hmac(key.public_pem()?.into_bytes());
            }
            Fault::Hs256WithPublicKeyDer => {
                header["alg"] = json!("HS256");
                signer = Signer::Hmac(key.public_der()?);
            }
            Fault::Hs256WithClientSecret => {
                let client = provider.client(&grant.client_id);
                let secret = client.and_then(|client| client.secret.clone());
                header["alg"] = json!("HS256");
                signer = Signer::Hmac(secret.unwrap_or_default().into_bytes());
            }
            Fault::UnannouncedAlgorithm => {
                let other = provider.keys.unannounced()?;
                header["alg"] = json!(other.algorithm().name());
                header["kid"] = json!(other.id());
                signer = Signer::Key(other);
            }
            Fault::UnknownKeyId => {
                let stranger = provider.keys.stranger()?;
                header["kid"] = json!(stranger.id());
                signer = Signer::Key(stranger);
            }
            Fault::EmbeddedJwk => {
                let stranger = provider.keys.stranger()?;
                header["kid"] = json!(stranger.id());
                header["jwk"] = stranger.to_jwk();
                signer = Signer::Key(stranger);
            }
            Fault::RemoteJwk => {
                let stranger = provider.keys.stranger()?;
                header["kid"] = json!(stranger.id());
                header["jku"] = json!(format!("{}/jwks", provider.bystander.url()));
                signer = Signer::Key(stranger);
            }
            Fault::CriticalHeader => {
                header["crit"] = json!([ELSEWHERE]);
                header[ELSEWHERE] = json!(true);
            }
            Fault::MissingKeyId => {
                header
                    .as_object_mut()
                    .and_then(|header| header.remove("kid"));
            }
            _ => {}
        }
    }
    let input = signing_input(&header, claims);
    let mut signature = match signer {
        Signer::Key(key) => key.sign(input.as_bytes())?,
        Signer::Hmac(secret) => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
            hmac::sign(&key, input.as_bytes()).as_ref().to_vec()
        }
        Signer::Nobody => Vec::new(),
    };
    for fault in &faults {
        match fault {
            Fault::BadSignature => {
                if let Some(byte) = signature.first_mut() {
                    *byte ^= 1;
                }
            }
            Fault::StrippedSignature => signature.clear(),
            _ => {}
        }
    }
    Ok(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature)))
}
