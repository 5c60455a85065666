//! Logout tokens (OpenID Connect Back-Channel Logout 1.0 sections 2.4 and 2.6): the provider states
//! which of its sessions has ended.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::id_token::claims::{Audience, NumericDate};
use super::jwe::JweError;
use super::jws::{self, JwsError, VerificationKeys};
use super::tenants::{Tenants, issuer_of};
use crate::crypto::secret::Secret;
use crate::json::{self, JsonError, UnambiguousObject};
use crate::text::shown;

/// `typ` of a logout token, and the one that providers used before it was registered. An ID token
/// is told apart by its claims: it has no `events`.
const TYPES: &[&str] = &["logout+jwt", "jwt"];
/// The member of `events`.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Oldest acceptable `iat`, in seconds: a provider may repeat a request while the application is
/// down.
pub(crate) const MAX_AGE: u64 = 3600;

/// The expected content of a valid logout token.
pub(crate) struct Expected<'a> {
    /// The issuer identifier, or its template if there are `tenants`.
    pub(crate) issuer: &'a str,
    pub(crate) tenants: Option<&'a Tenants>,
    pub(crate) client_id: &'a str,
    /// Whether other audiences than this client are tolerated.
    pub(crate) additional_audiences: bool,
    /// Tolerated clock skew, in seconds.
    pub(crate) leeway: u64,
    /// Seconds since 1970-01-01 UTC.
    pub(crate) now: u64,
}

/// A validated logout token. Only validation creates one.
#[derive(Debug)]
pub(crate) struct LogoutToken {
    pub(crate) issuer: String,
    /// `jti`: a token is valid once.
    pub(crate) id: String,
    pub(crate) ended: EndedAtProvider,
}

/// The sessions that the provider has ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum EndedAtProvider {
    /// The one with this `sid`.
    Session(String),
    /// All sessions of the user with this `sub`.
    User(String),
}

/// Why a logout token was refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LogoutTokenError {
    #[error(transparent)]
    Signature(#[from] JwsError),
    #[error(transparent)]
    Encryption(#[from] JweError),
    #[error("its claims are malformed: {0}")]
    Claims(JsonError),
    #[error("`iss` is `{0}`, not the issuer of this provider")]
    Issuer(String),
    #[error("the key that signed it is for another issuer")]
    KeyIssuer,
    #[error("`aud` does not name only this client")]
    Audience,
    #[error("it has expired")]
    Expired,
    #[error("`iat` is in the future or more than an hour ago")]
    IssuedAt,
    #[error("`events` is not that of a back-channel logout")]
    Event,
    #[error("it has a `nonce`, so it is an ID token")]
    Nonce,
    #[error("it names neither a session (`sid`) nor a user (`sub`)")]
    NothingEnded,
    #[error("it is signed with a key that the provider's description contains")]
    SharedKey,
    #[error("it has been used before")]
    Replayed,
}

#[derive(Deserialize)]
struct Claims<'a> {
    #[serde(borrow)]
    iss: Cow<'a, str>,
    tid: Option<Value>,
    #[serde(borrow)]
    aud: Audience<'a>,
    exp: NumericDate,
    iat: NumericDate,
    #[serde(borrow)]
    jti: Cow<'a, str>,
    events: Value,
    #[serde(borrow)]
    sub: Option<Cow<'a, str>>,
    #[serde(borrow)]
    sid: Option<Cow<'a, str>>,
}

/// Validates a compact logout token.
///
/// # Errors
/// [`LogoutTokenError`] for the first rule that is broken. Claims are checked before the signature
/// and again with it: a stranger's token costs no verification.
pub(crate) fn validate(
    compact: &Secret,
    keys: &VerificationKeys<'_>,
    expected: &Expected<'_>,
) -> Result<LogoutToken, LogoutTokenError> {
    let verified = jws::verify(compact.expose(), TYPES, keys)?;
    let members = read(&verified.bytes)?;
    let claims = check(&members, expected)?;
    if let (Some(_), Some(key_issuer)) = (expected.tenants, &verified.key_issuer)
        && claims.iss != issuer_of(key_issuer, tenant_of(&claims))
    {
        return Err(LogoutTokenError::KeyIssuer);
    }
    let ended = match (not_empty(claims.sid), not_empty(claims.sub)) {
        (Some(sid), _) => EndedAtProvider::Session(sid.into_owned()),
        (None, Some(sub)) => EndedAtProvider::User(sub.into_owned()),
        (None, None) => return Err(LogoutTokenError::NothingEnded),
    };
    Ok(LogoutToken { issuer: claims.iss.into_owned(), id: claims.jti.into_owned(), ended })
}

fn not_empty(claim: Option<Cow<'_, str>>) -> Option<Cow<'_, str>> {
    claim.filter(|claim| !claim.is_empty())
}

/// Checks the claims of a compact logout token without its signature, and returns none of them.
///
/// # Errors
/// [`LogoutTokenError`] for the first rule that is broken.
pub(crate) fn check_unsigned(
    compact: &Secret,
    expected: &Expected<'_>,
) -> Result<(), LogoutTokenError> {
    if compact.expose().len() > jws::MAX_LENGTH {
        return Err(JwsError::TooLong.into());
    }
    let part = compact.expose().split('.').nth(1).unwrap_or_default();
    let payload = URL_SAFE_NO_PAD.decode(part).map_err(|_| JwsError::Malformed)?;
    check(&read(&payload)?, expected).map(drop)
}

fn read(payload: &[u8]) -> Result<Map<String, Value>, LogoutTokenError> {
    let members = json::read(payload).map(|UnambiguousObject(members)| members);
    members.map_err(LogoutTokenError::Claims)
}

fn check<'a>(
    members: &'a Map<String, Value>,
    expected: &Expected<'_>,
) -> Result<Claims<'a>, LogoutTokenError> {
    let claims = Claims::deserialize(members)
        .map_err(|error| LogoutTokenError::Claims(JsonError::from(error)))?;
    if !claims.events.get(EVENT).is_some_and(Value::is_object) {
        return Err(LogoutTokenError::Event);
    }
    // Whatever its value: an ID token must not pass as a logout token.
    if members.contains_key("nonce") {
        return Err(LogoutTokenError::Nonce);
    }
    check_issuer(&claims, expected)?;
    check_audience(&claims, expected)?;
    check_times(&claims, expected)?;
    Ok(claims)
}

fn check_issuer(claims: &Claims<'_>, expected: &Expected<'_>) -> Result<(), LogoutTokenError> {
    let is_right = match expected.tenants {
        None => claims.iss == expected.issuer,
        Some(tenants) => {
            let tenant = tenant_of(claims);
            tenants.allow(tenant) && claims.iss == issuer_of(expected.issuer, tenant)
        }
    };
    is_right.then_some(()).ok_or_else(|| LogoutTokenError::Issuer(shown(&claims.iss, 200)))
}

fn tenant_of<'c>(claims: &'c Claims<'_>) -> &'c str {
    claims.tid.as_ref().and_then(Value::as_str).unwrap_or_default()
}

fn check_audience(claims: &Claims<'_>, expected: &Expected<'_>) -> Result<(), LogoutTokenError> {
    let audiences = claims.aud.list();
    let has_this_client = audiences.iter().any(|audience| audience == expected.client_id);
    let has_only_it = audiences.len() == 1 || expected.additional_audiences;
    (has_this_client && has_only_it).then_some(()).ok_or(LogoutTokenError::Audience)
}

fn check_times(claims: &Claims<'_>, expected: &Expected<'_>) -> Result<(), LogoutTokenError> {
    let latest = expected.now.saturating_add(expected.leeway);
    let earliest = expected.now.saturating_sub(expected.leeway);
    let (exp, iat) = (claims.exp.0, claims.iat.0);
    if exp <= earliest {
        return Err(LogoutTokenError::Expired);
    }
    if iat > latest || iat < earliest.saturating_sub(MAX_AGE) {
        return Err(LogoutTokenError::IssuedAt);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
