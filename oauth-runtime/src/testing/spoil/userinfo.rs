//! Faults of the userinfo response.

use std::sync::Arc;

use aws_lc_rs::error::Unspecified;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::ELSEWHERE;
use crate::testing::fault::Fault;
use crate::testing::id_token::signing_input;
use crate::testing::person::Person;
use crate::testing::provider::Provider;
use crate::testing::scope::Scope;
use crate::testing::signing_key::SigningKey;

pub(in crate::testing) fn userinfo(
    provider: &Provider,
    person: &Person,
    scope: &Scope,
    claims: &mut Map<String, Value>,
) {
    for fault in provider.faults.active() {
        match fault {
            Fault::UserinfoSubjectSwapped => {
                *claims = provider.other_user(person.sub()).claims(scope, |_| false);
            }
            Fault::UserinfoWithoutSubject => {
                claims.remove("sub");
            }
            _ => {}
        }
    }
}

/// The claims as a token (OpenID Connect Core 1.0 section 5.3.2); `None` leaves them unchanged.
pub(in crate::testing) fn signed_userinfo(
    provider: &Provider,
    key: &Arc<SigningKey>,
    claims: &mut Map<String, Value>,
) -> Result<Option<String>, Unspecified> {
    let mut header = json!({ "alg": key.algorithm().name(), "kid": key.id(), "typ": "JWT" });
    let mut signer = Some(Arc::clone(key));
    let mut is_damaged = false;
    for fault in provider.faults.active() {
        match fault {
            Fault::UserinfoNotSigned => return Ok(None),
            Fault::UserinfoUnsigned => {
                header["alg"] = json!("none");
                signer = None;
            }
            Fault::UserinfoBadSignature => is_damaged = true,
            Fault::UserinfoOfAnotherAlgorithm => {
                let other = provider.keys.unannounced()?;
                header["alg"] = json!(other.algorithm().name());
                header["kid"] = json!(other.id());
                signer = Some(other);
            }
            Fault::UserinfoWrongIssuer => claims["iss"] = json!(ELSEWHERE),
            Fault::UserinfoWithoutIssuerAndAudience => {
                claims.remove("iss");
                claims.remove("aud");
            }
            Fault::UserinfoWrongAudience => claims["aud"] = json!(ELSEWHERE),
            _ => {}
        }
    }
    let input = signing_input(&header, claims);
    let mut signature = match signer {
        Some(key) => key.sign(input.as_bytes())?,
        None => Vec::new(),
    };
    if let Some(byte) = signature.first_mut().filter(|_| is_damaged) {
        *byte ^= 1;
    }
    Ok(Some(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))))
}
