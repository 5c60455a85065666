//! Faults of the ID token: its claims, its header, its signature.

use std::sync::Arc;

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::{ELSEWHERE, change};
use crate::testing::fault::Fault;
use crate::testing::grant::Grant;
use crate::testing::id_token::{Binding, signing_input};
use crate::testing::provider::Provider;
use crate::testing::signing_key::SigningKey;

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;

pub(in crate::testing) fn claims(
    provider: &Provider,
    grant: &Grant,
    binding: &Binding<'_>,
    claims: &mut Map<String, Value>,
) {
    let now = provider.clock.now();
    for fault in provider.faults.active() {
        let mut set = |name, value| change(claims, name, Some(value));
        match fault {
            Fault::WrongNonce => set("nonce", json!("another nonce")),
            Fault::MissingNonce => change(claims, "nonce", None),
            Fault::WrongIssuer => set("iss", json!(ELSEWHERE)),
            Fault::MissingIssuer => change(claims, "iss", None),
            Fault::WrongAudience => set("aud", json!(ELSEWHERE)),
            Fault::MissingAudience => change(claims, "aud", None),
            Fault::ExtraAudience => {
                set("aud", json!([grant.client_id, ELSEWHERE]));
                set("azp", json!(grant.client_id));
            }
            Fault::AudienceAsList => set("aud", json!([grant.client_id])),
            Fault::WrongAuthorizedParty => set("azp", json!(ELSEWHERE)),
            Fault::MissingAuthorizedParty => change(claims, "azp", None),
            Fault::Expired => set("exp", json!(now - HOUR)),
            Fault::MissingExpiry => change(claims, "exp", None),
            Fault::NotYetValid => set("nbf", json!(now + HOUR)),
            Fault::IssuedInTheFuture => set("iat", json!(now + HOUR)),
            Fault::IssuedYesterday => set("iat", json!(now - DAY)),
            Fault::MissingIssuedAt => change(claims, "iat", None),
            Fault::MissingSubject => change(claims, "sub", None),
            Fault::EmptySubject => set("sub", json!("")),
            Fault::SwappedSubject => {
                let other = provider.other_user(grant.sub());
                set("sub", json!(other.sub()));
            }
            Fault::WrongAccessTokenHash => {
                let algorithm = provider.keys.algorithm();
                set("at_hash", json!(algorithm.left_half_hash("another access token")));
            }
            Fault::MissingAccessTokenHash => change(claims, "at_hash", None),
            Fault::WrongCodeHash if binding.code.is_some() => {
                let algorithm = provider.keys.algorithm();
                set("c_hash", json!(algorithm.left_half_hash("another code")));
            }
            Fault::MissingCodeHash => change(claims, "c_hash", None),
            Fault::SecondSubjectSwapped if binding.access_token.is_some() => {
                let other = provider.other_user(grant.sub());
                set("sub", json!(other.sub()));
            }
            Fault::AuthenticatedYesterday => set("auth_time", json!(now - DAY)),
            Fault::MissingAuthenticationTime => change(claims, "auth_time", None),
            Fault::WrongAuthenticationContext => set("acr", json!("0")),
            Fault::TenantMismatch => set("tid", json!("00000000-0000-4000-8000-00000000ffff")),
            Fault::MissingTenant => change(claims, "tid", None),
            Fault::MissingAuthenticationContext => change(claims, "acr", None),
            _ => {}
        }
    }
}

/// The signer of a token.
enum Signer {
    Key(Arc<SigningKey>),
    /// HMAC with SHA-256 under these bytes.
    Hmac(Vec<u8>),
    /// None: the signature is empty.
    Nobody,
}

/// The signer that the active faults require, which the header then describes.
fn signer(
    provider: &Provider,
    grant: &Grant,
    key: &Arc<SigningKey>,
    header: &mut Value,
) -> Result<Signer, Unspecified> {
    let mut signer = Signer::Key(Arc::clone(key));
    for fault in &provider.faults.active() {
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
                let secret = client.and_then(|client| client.secret()).unwrap_or_default();
                header["alg"] = json!("HS256");
                signer = Signer::Hmac(secret.as_bytes().to_vec());
            }
            Fault::UnannouncedAlgorithm => {
                let other = provider.keys.unannounced()?;
                header["alg"] = json!(other.algorithm().name());
                header["kid"] = json!(other.id());
                signer = Signer::Key(other);
            }
            Fault::UnknownKeyId | Fault::EmbeddedJwk | Fault::RemoteJwk => {
                let foreign_key = provider.keys.foreign_key()?;
                header["kid"] = json!(foreign_key.id());
                if *fault == Fault::EmbeddedJwk {
                    header["jwk"] = foreign_key.to_jwk();
                } else if *fault == Fault::RemoteJwk {
                    header["jku"] = json!(format!("{}/jwks", provider.bystander.url()));
                }
                signer = Signer::Key(foreign_key);
            }
            Fault::CriticalHeader => {
                header["crit"] = json!([ELSEWHERE]);
                header[ELSEWHERE] = json!(true);
            }
            Fault::MissingKeyId => {
                header.as_object_mut().and_then(|header| header.remove("kid"));
            }
            _ => {}
        }
    }
    Ok(signer)
}

/// The token in compact form (RFC 7515 section 7.1), signed with `key` unless a fault requires
/// otherwise.
pub(in crate::testing) fn signed(
    provider: &Provider,
    grant: &Grant,
    key: &Arc<SigningKey>,
    mut header: Value,
    claims: &Map<String, Value>,
) -> Result<String, Unspecified> {
    let signer = signer(provider, grant, key, &mut header)?;
    let input = signing_input(&header, claims);
    let mut signature = match signer {
        Signer::Key(key) => key.sign(input.as_bytes())?,
        Signer::Hmac(secret) => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
            hmac::sign(&key, input.as_bytes()).as_ref().to_vec()
        }
        Signer::Nobody => Vec::new(),
    };
    for fault in &provider.faults.active() {
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
