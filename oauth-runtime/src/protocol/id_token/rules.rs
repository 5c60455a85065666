//! The rules for the claims of an ID token, one per function (OpenID Connect Core 1.0 section
//! 3.1.3.7).

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::claims::{Claims, NumericDate};
use super::error::{EMPTY_AUDIENCE, IdTokenError};
use super::{Expected, HashBinding, Nonce};
use crate::clock::UnixTime;
use crate::crypto::secret::equal_in_constant_time;
use crate::identity::is_subject;
use crate::protocol::claims_request::Demands;
use crate::protocol::jwk::JwsAlgorithm;
use crate::protocol::tenants::issuer_of;
use crate::text::shown;

/// Oldest acceptable `iat`, in seconds: an ID token answers a recent request.
pub(super) const MAX_AGE_OF_TOKEN: u64 = 3600;
/// Longest subject identifier (OpenID Connect Core 1.0 section 2).
pub(super) const MAX_SUBJECT_LENGTH: usize = 255;

pub(super) fn check_claims(
    claims: &Claims<'_>,
    expected: &Expected<'_>,
) -> Result<(), IdTokenError> {
    check_issuer(claims, expected)?;
    check_audience(claims, expected)?;
    check_times(claims, expected)?;
    check_nonce(claims, expected)?;
    check_subject(claims)?;
    check_authentication_time(claims, expected)?;
    check_demands(claims, expected.demands)
}

fn check_issuer(claims: &Claims<'_>, expected: &Expected<'_>) -> Result<(), IdTokenError> {
    let Some(tenants) = expected.tenants else {
        return compare_issuer(claims, expected.issuer);
    };
    let tenant = claims.tid.as_ref().and_then(Value::as_str).unwrap_or_default();
    if !tenants.allow(tenant) {
        return Err(IdTokenError::Tenant { found: shorten(tenant) });
    }
    compare_issuer(claims, &issuer_of(expected.issuer, tenant))
}

fn compare_issuer(claims: &Claims<'_>, expected: &str) -> Result<(), IdTokenError> {
    if claims.iss == expected {
        return Ok(());
    }
    Err(IdTokenError::Issuer { expected: expected.to_owned(), found: shorten(&claims.iss) })
}

/// The keys of all tenants are in one document, and some are for one tenant only.
pub(super) fn check_key_issuer(
    claims: &Claims<'_>,
    key_issuer: Option<&str>,
    expected: &Expected<'_>,
) -> Result<(), IdTokenError> {
    let (Some(_), Some(key_issuer)) = (expected.tenants, key_issuer) else { return Ok(()) };
    let tenant = claims.tid.as_ref().and_then(Value::as_str).unwrap_or_default();
    if claims.iss == issuer_of(key_issuer, tenant) {
        return Ok(());
    }
    Err(IdTokenError::KeyIssuer)
}

/// Section 3.1.3.7 items 3 to 5. An audience that this client does not know may replay the token
/// elsewhere, so there must be none, and `azp` must not name another client.
fn check_audience(claims: &Claims<'_>, expected: &Expected<'_>) -> Result<(), IdTokenError> {
    let audiences = claims.aud.list();
    let has_this_client = audiences.iter().any(|audience| audience == expected.client_id);
    let has_others = audiences.len() > 1;
    if !has_this_client || (has_others && !expected.additional_audiences) {
        let found = audiences.iter().filter(|audience| !audience.is_empty()).take(5);
        let found: Vec<_> = found.map(|audience| format!("`{}`", shorten(audience))).collect();
        return Err(IdTokenError::Audience {
            expected: expected.client_id.to_owned(),
            found: match found.is_empty() {
                true => EMPTY_AUDIENCE.to_owned(),
                false => found.join(", "),
            },
        });
    }
    match &claims.azp {
        Some(azp) if azp == expected.client_id => Ok(()),
        None if !has_others => Ok(()),
        azp => Err(IdTokenError::AuthorizedParty {
            expected: expected.client_id.to_owned(),
            found: azp.as_ref().map_or("missing".to_owned(), |azp| format!("`{}`", shorten(azp))),
        }),
    }
}

fn check_times(claims: &Claims<'_>, expected: &Expected<'_>) -> Result<(), IdTokenError> {
    let &Expected { now, leeway, .. } = expected;
    let latest = now.saturating_add(leeway);
    let earliest = now.saturating_sub(leeway);
    let (exp, iat) = (claims.exp.0, claims.iat.0);
    let local = UnixTime::from_secs(now);
    if exp <= earliest {
        let expires_at = UnixTime::from_secs(exp);
        return Err(IdTokenError::Expired { expires_at, now: local, leeway });
    }
    if let Some(NumericDate(not_before)) = claims.nbf
        && not_before > latest
    {
        let not_before = UnixTime::from_secs(not_before);
        return Err(IdTokenError::NotYetValid { not_before, now: local, leeway });
    }
    if iat > latest || iat < earliest.saturating_sub(MAX_AGE_OF_TOKEN) {
        let issued_at = UnixTime::from_secs(iat);
        return Err(IdTokenError::IssuedAt { issued_at, now: local, leeway });
    }
    Ok(())
}

fn check_nonce(claims: &Claims<'_>, expected: &Expected<'_>) -> Result<(), IdTokenError> {
    let is_right = match (&claims.nonce, expected.nonce) {
        (Some(found), Nonce::Demanded(nonce) | Nonce::Continued(Some(nonce))) => {
            equal_in_constant_time(found, nonce)
        }
        (None, Nonce::Continued(_) | Nonce::Absent) | (_, Nonce::Unknown) => true,
        (None, Nonce::Demanded(_)) => return Err(IdTokenError::NonceMissing),
        (Some(_), Nonce::Continued(None) | Nonce::Absent) => false,
    };
    if is_right { Ok(()) } else { Err(IdTokenError::Nonce) }
}

fn check_subject(claims: &Claims<'_>) -> Result<(), IdTokenError> {
    if !is_subject(&claims.sub) || claims.sub.len() > MAX_SUBJECT_LENGTH {
        return Err(IdTokenError::Subject);
    }
    Ok(())
}

/// Section 3.1.3.6: `at_hash` is optional with an access token, but must not be wrong. Section
/// 3.3.2.11: `c_hash` is required with a code.
pub(super) fn check_hash_binding(
    claims: &Claims<'_>,
    algorithm: JwsAlgorithm,
    hash_binding: HashBinding<'_>,
) -> Result<(), IdTokenError> {
    let is_hash_of = |found: &str, text| found == half_hash(algorithm, text);
    match hash_binding {
        HashBinding::AccessToken(token) => match &claims.at_hash {
            Some(found) if !is_hash_of(found, token.expose()) => Err(IdTokenError::AccessTokenHash),
            _ => Ok(()),
        },
        HashBinding::Code { code, state } => match (&claims.c_hash, &claims.s_hash) {
            (Some(found), _) if !is_hash_of(found, code) => Err(IdTokenError::CodeHash),
            (None, _) => Err(IdTokenError::CodeHash),
            (_, Some(found)) if !is_hash_of(found, state) => Err(IdTokenError::StateHash),
            _ => Ok(()),
        },
        HashBinding::Nothing => Ok(()),
    }
}

fn check_authentication_time(
    claims: &Claims<'_>,
    expected: &Expected<'_>,
) -> Result<(), IdTokenError> {
    if let (Some(NumericDate(found)), Some(expected)) =
        (claims.auth_time, expected.authenticated_at)
        && found != expected
    {
        return Err(IdTokenError::OtherAuthentication);
    }
    let Some(max_age) = expected.max_age else { return Ok(()) };
    let oldest = expected.now.saturating_sub(u64::from(max_age) + expected.leeway);
    match claims.auth_time {
        Some(NumericDate(time)) if time >= oldest => Ok(()),
        _ => Err(IdTokenError::AuthenticationTooOld { max_age }),
    }
}

/// Section 5.5.1.1: a provider that cannot meet an essential `acr` with values must fail, and one
/// that was asked for a certain user must not answer with another.
fn check_demands(claims: &Claims<'_>, demands: &Demands) -> Result<(), IdTokenError> {
    if demands.subject.as_ref().is_some_and(|subject| claims.sub != *subject) {
        return Err(IdTokenError::OtherSubject);
    }
    if demands.auth_time && claims.auth_time.is_none() {
        return Err(IdTokenError::AuthenticationTimeMissing);
    }
    let methods = claims.methods();
    if let Some(missing) = demands.amr.iter().find(|method| !methods.contains(method)) {
        let found: Vec<_> = methods.iter().take(5).map(|method| shorten(method)).collect();
        let found = if found.is_empty() { "missing".to_owned() } else { found.join(", ") };
        return Err(IdTokenError::AuthenticationMethods { expected: missing.clone(), found });
    }
    let acr = claims.acr.as_ref().and_then(Value::as_str);
    if demands.acr.is_empty() || acr.is_some_and(|acr| demands.acr.iter().any(|own| own == acr)) {
        return Ok(());
    }
    Err(IdTokenError::AuthenticationContext {
        expected: demands.acr.join(", "),
        found: acr.map_or("missing".to_owned(), |acr| format!("`{}`", shorten(acr))),
    })
}

/// The left half of the hash that belongs to the signature algorithm, as base64url.
pub(super) fn half_hash(algorithm: JwsAlgorithm, text: &str) -> String {
    use JwsAlgorithm as Alg;
    let hash = match algorithm {
        Alg::RS256 | Alg::PS256 | Alg::ES256 | Alg::HS256 => &digest::SHA256,
        Alg::RS384 | Alg::PS384 | Alg::ES384 => &digest::SHA384,
        // Ed25519 hashes with SHA-512.
        Alg::RS512 | Alg::PS512 | Alg::ES512 | Alg::EdDSA => &digest::SHA512,
    };
    let digest = digest::digest(hash, text.as_bytes());
    URL_SAFE_NO_PAD.encode(&digest.as_ref()[..digest.as_ref().len() / 2])
}

fn shorten(text: &str) -> String {
    shown(text, 200)
}
