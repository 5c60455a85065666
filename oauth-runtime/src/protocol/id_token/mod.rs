//! ID token validation (OpenID Connect Core 1.0 sections 2 and 3.1.3.7).

mod claims;
mod error;
mod rules;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use self::claims::Claims;
pub use self::error::IdTokenError;
use self::rules::{check_claims, check_companion, check_key_issuer};
use super::claims_request::Demands;
use super::jws::{self, JwsError, VerificationKeys};
use super::tenants::Tenants;
use crate::clock::UnixTime;
use crate::crypto::secret::Secret;
use crate::json::{self, JsonError, UnambiguousObject};

/// `typ` of an ID token; OpenID Connect registers none, RFC 7519 section 5.1 recommends `JWT`.
const TYPES: &[&str] = &["jwt", "jose"];

/// What a valid ID token must say.
pub(crate) struct Expected<'a> {
    /// The issuer identifier; the template of it where there are `tenants`.
    pub(crate) issuer: &'a str,
    pub(crate) tenants: Option<&'a Tenants>,
    pub(crate) client_id: &'a str,
    pub(crate) nonce: Nonce<'a>,
    pub(crate) companion: Companion<'a>,
    /// `max_age` of the authorization request, in seconds.
    pub(crate) max_age: Option<u32>,
    /// What the request demanded with its parameter `claims`.
    pub(crate) demands: &'a Demands,
    /// `auth_time` of the login, for the ID token of a refresh: where it has one, it has this one.
    pub(crate) authenticated_at: Option<u64>,
    /// Whether other audiences are tolerated beside this client, provided that `azp` names it.
    pub(crate) additional_audiences: bool,
    /// Tolerated clock skew, in seconds.
    pub(crate) leeway: u64,
    /// Seconds since 1970-01-01 UTC.
    pub(crate) now: u64,
}

/// The nonce that an ID token must name.
#[derive(Clone, Copy)]
pub(crate) enum Nonce<'a> {
    /// That of the login that it answers.
    Demanded(&'a str),
    /// That of the login that it continues, or none (section 12.2).
    Continued(Option<&'a str>),
    /// None: the request had none, so one that is there belongs to another login.
    Absent,
    /// Nobody knows it: the token came by another way than a login of this library.
    Unknown,
}

/// What the ID token of a login said, for the ID tokens of its refreshes to be compared with
/// (section 12.2).
#[derive(Clone)]
pub(crate) struct Original {
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) auth_time: Option<u64>,
    pub(crate) nonce: Option<String>,
}

impl Original {
    /// Reads an ID token that was validated at its login and kept since.
    ///
    /// # Errors
    /// [`IdTokenError::Claims`] for anything else.
    pub(crate) fn read(compact: &Secret) -> Result<Self, IdTokenError> {
        let members = read(&payload(compact)?)?;
        let claims = Claims::of(&members)?;
        Ok(Self {
            issuer: claims.iss.into_owned(),
            subject: claims.sub.into_owned(),
            auth_time: claims.auth_time.map(|time| time.0),
            nonce: claims.nonce.map(Cow::into_owned),
        })
    }
}

/// What an ID token came with, to which a hash in it may bind it.
#[derive(Clone, Copy)]
pub(crate) enum Companion<'a> {
    /// From the token endpoint: `at_hash` is optional there.
    AccessToken(&'a Secret),
    /// In the authorization response of the hybrid flow: `c_hash` must vouch for the code
    /// (section 3.3.2.11).
    Code(&'a str),
    /// Nothing: it came alone.
    Nothing,
}

/// A validated ID token. Only validation makes one.
#[derive(Clone)]
pub struct IdToken {
    issuer: String,
    subject: String,
    issued_at: UnixTime,
    expires_at: UnixTime,
    auth_time: Option<UnixTime>,
    acr: Option<String>,
    members: Arc<Map<String, Value>>,
    payload: Vec<u8>,
    compact: Secret,
}

impl IdToken {
    /// `iss`: who issued it.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// `sub`: the person, unique within the issuer and never reassigned.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// `iat`: when it was issued.
    pub fn issued_at(&self) -> UnixTime {
        self.issued_at
    }

    /// `exp`: when it expires.
    pub fn expires_at(&self) -> UnixTime {
        self.expires_at
    }

    /// `auth_time`: when the user last authenticated. `None` when the provider does not say, which
    /// it must only if `max_age` was requested.
    pub fn auth_time(&self) -> Option<UnixTime> {
        self.auth_time
    }

    /// `acr`: the authentication context class, a name that the provider and its clients agreed on.
    /// `None` when the provider does not say. A login that depends on it asks with
    /// [`AuthorizeRedirect::require_acr`](crate::AuthorizeRedirect::require_acr).
    pub fn acr(&self) -> Option<&str> {
        self.acr.as_deref()
    }

    /// All claims, typed.
    ///
    /// # Errors
    /// When the claims do not fit `T`.
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, JsonError> {
        json::read(&self.payload)
    }

    /// The same without a type.
    pub(crate) fn members(&self) -> &Arc<Map<String, Value>> {
        &self.members
    }

    /// Whether another ID token has the same `iss` and `sub`.
    pub(crate) fn is_about_the_person_of(&self, other: &Self) -> bool {
        self.issuer == other.issuer && self.subject == other.subject
    }

    /// The token as the provider sent it, for `id_token_hint`.
    pub fn compact(&self) -> &Secret {
        &self.compact
    }
}

impl fmt::Debug for IdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdToken")
            .field("issuer", &self.issuer)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

/// Validates a compact ID token.
///
/// # Errors
/// [`IdTokenError`] by the first rule that is broken; the signature comes first, so every other
/// variant speaks of what the issuer really said.
pub(crate) fn validate(
    compact: &Secret,
    keys: &VerificationKeys<'_>,
    expected: &Expected<'_>,
) -> Result<IdToken, IdTokenError> {
    let verified = jws::verify(compact.expose(), TYPES, keys)?;
    let members = read(&verified.bytes)?;
    let claims = Claims::of(&members)?;
    check_claims(&claims, expected)?;
    check_key_issuer(&claims, verified.key_issuer.as_deref(), expected)?;
    check_companion(&claims, verified.algorithm, expected.companion)?;
    Ok(IdToken {
        issuer: claims.iss.into_owned(),
        subject: claims.sub.into_owned(),
        issued_at: UnixTime::from_secs(claims.iat.0),
        expires_at: UnixTime::from_secs(claims.exp.0),
        auth_time: claims.auth_time.map(|time| UnixTime::from_secs(time.0)),
        acr: claims.acr.as_ref().and_then(Value::as_str).map(str::to_owned),
        members: Arc::new(members),
        payload: verified.bytes,
        compact: compact.clone(),
    })
}

/// Compares the claims of a compact ID token without its signature, and gives nothing of them. The
/// token endpoint's own certificate vouches for them then, as section 3.1.3.7 item 6 allows it for a
/// token that came from there directly.
///
/// # Errors
/// [`IdTokenError`] by the first rule that is broken.
pub(crate) fn compare_unsigned(
    compact: &Secret,
    expected: &Expected<'_>,
) -> Result<(), IdTokenError> {
    check_claims(&Claims::of(&read(&payload(compact)?)?)?, expected)
}

/// The claims, each of them once: which of two would count?
fn read(payload: &[u8]) -> Result<Map<String, Value>, IdTokenError> {
    let members = json::read(payload).map(|UnambiguousObject(members)| members);
    members.map_err(IdTokenError::Claims)
}

fn payload(compact: &Secret) -> Result<Vec<u8>, IdTokenError> {
    let part = compact.expose().split('.').nth(1).unwrap_or_default();
    let malformed = |_| IdTokenError::Signature(JwsError::Malformed);
    URL_SAFE_NO_PAD.decode(part).map_err(malformed)
}
