//! ID token validation (OpenID Connect Core 1.0 sections 2 and 3.1.3.7).

pub(super) mod claims;
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
use self::rules::{check_claims, check_hash_binding, check_key_issuer};
use super::claims_request::Demands;
use super::jws::{self, JwsError, VerificationKeys};
use super::tenants::Tenants;
use crate::clock::UnixTime;
use crate::crypto::secret::Secret;
use crate::json::{self, JsonError, UnambiguousObject};

/// `typ` of an ID token; OpenID Connect registers none, and RFC 7519 section 5.1 recommends `JWT`.
const TYPES: &[&str] = &["jwt", "jose"];

/// The expected content of a valid ID token.
pub(crate) struct Expected<'a> {
    /// The issuer identifier, or its template if there are `tenants`.
    pub(crate) issuer: &'a str,
    pub(crate) tenants: Option<&'a Tenants>,
    pub(crate) client_id: &'a str,
    pub(crate) nonce: Nonce<'a>,
    pub(crate) hash_binding: HashBinding<'a>,
    /// `max_age` of the authorization request, in seconds.
    pub(crate) max_age: Option<u32>,
    /// The demands of the request parameter `claims`.
    pub(crate) demands: &'a Demands,
    /// `auth_time` of the login, for the ID token of a refresh: if that has one, it must be this
    /// one.
    pub(crate) authenticated_at: Option<u64>,
    /// Whether other audiences than this client are tolerated, provided that `azp` names this
    /// client.
    pub(crate) additional_audiences: bool,
    /// Tolerated clock skew, in seconds.
    pub(crate) leeway: u64,
    /// Seconds since 1970-01-01 UTC.
    pub(crate) now: u64,
}

/// The nonce that an ID token must have.
#[derive(Clone, Copy)]
pub(crate) enum Nonce<'a> {
    /// The nonce of the login that the token answers.
    Demanded(&'a str),
    /// The nonce of the login that the token continues, or none (section 12.2).
    Continued(Option<&'a str>),
    /// None: the request had none, so a token with one belongs to another login.
    Absent,
    /// Unknown, so not compared: the token does not come from a login of this library.
    Unknown,
}

/// The claims of a login's ID token that the ID tokens of its refreshes are compared with (section
/// 12.2).
#[derive(Clone)]
pub(crate) struct Original {
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) auth_time: Option<u64>,
    pub(crate) nonce: Option<String>,
}

impl Original {
    /// Reads a stored ID token that was validated at its login.
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

/// The access token or code that a hash claim binds an ID token to.
#[derive(Clone, Copy)]
pub(crate) enum HashBinding<'a> {
    /// From the token endpoint: `at_hash` is optional there.
    AccessToken(&'a Secret),
    /// In the authorization response of the hybrid flow: `c_hash` is required and must match the
    /// code (section 3.3.2.11). `s_hash` is optional, but must match the `state` (Financial-grade
    /// API Security Profile 1.0 Part 2 section 5.1).
    Code {
        /// The code of the same response.
        code: &'a str,
        /// The state of the login.
        state: &'a str,
    },
    /// The token came without either.
    Nothing,
}

/// A validated ID token. Only validation creates one.
#[derive(Clone)]
pub struct IdToken {
    issuer: String,
    subject: String,
    issued_at: UnixTime,
    expires_at: UnixTime,
    auth_time: Option<UnixTime>,
    acr: Option<String>,
    amr: Vec<String>,
    members: Arc<Map<String, Value>>,
    payload: Vec<u8>,
    compact: Secret,
}

impl IdToken {
    /// `iss`: the issuer.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// `sub`: the user, unique within the issuer and never reassigned.
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
    /// `None` if the provider does not say. A login that depends on it requests it with
    /// [`AuthorizeRedirect::require_acr`](crate::AuthorizeRedirect::require_acr).
    pub fn acr(&self) -> Option<&str> {
        self.acr.as_deref()
    }

    /// `amr`: the authentication methods, such as `pwd` or `otp` (RFC 8176). Empty if the provider
    /// does not say. A login that depends on it requests it with
    /// [`AuthorizeRedirect::require_amr`](crate::AuthorizeRedirect::require_amr).
    pub fn amr(&self) -> &[String] {
        &self.amr
    }

    /// All claims, deserialized into `T`.
    ///
    /// # Errors
    /// Returns an error if the claims do not fit `T`.
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, JsonError> {
        json::read(&self.payload)
    }

    /// All claims as JSON members.
    pub(crate) fn members(&self) -> &Arc<Map<String, Value>> {
        &self.members
    }

    /// Whether another ID token has the same `iss` and `sub`.
    pub(crate) fn has_same_subject_as(&self, other: &Self) -> bool {
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
/// [`IdTokenError`] for the first rule that is broken. The signature is checked first, so every
/// other variant is about claims that the issuer signed.
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
    check_hash_binding(&claims, verified.algorithm, expected.hash_binding)?;
    let amr = claims.methods();
    Ok(IdToken {
        issuer: claims.iss.into_owned(),
        subject: claims.sub.into_owned(),
        issued_at: UnixTime::from_secs(claims.iat.0),
        expires_at: UnixTime::from_secs(claims.exp.0),
        auth_time: claims.auth_time.map(|time| UnixTime::from_secs(time.0)),
        acr: claims.acr.as_ref().and_then(Value::as_str).map(str::to_owned),
        amr,
        members: Arc::new(members),
        payload: verified.bytes,
        compact: compact.clone(),
    })
}

/// Checks the claims of a compact ID token without its signature, and returns none of them. The
/// token endpoint's certificate vouches for the claims instead, which section 3.1.3.7 item 6 allows
/// for a token that came directly from there.
///
/// # Errors
/// [`IdTokenError`] for the first rule that is broken.
pub(crate) fn compare_unsigned(
    compact: &Secret,
    expected: &Expected<'_>,
) -> Result<(), IdTokenError> {
    check_claims(&Claims::of(&read(&payload(compact)?)?)?, expected)
}

/// When a stored ID token expires, in seconds since 1970-01-01 UTC. `None` for anything else.
pub(crate) fn expires_at(compact: &Secret) -> Option<u64> {
    let members = read(&payload(compact).ok()?).ok()?;
    Claims::of(&members).ok().map(|claims| claims.exp.0)
}

/// The claims. One that appears twice is an error, because nothing says which would count.
fn read(payload: &[u8]) -> Result<Map<String, Value>, IdTokenError> {
    let members = json::read(payload).map(|UnambiguousObject(members)| members);
    members.map_err(IdTokenError::Claims)
}

fn payload(compact: &Secret) -> Result<Vec<u8>, IdTokenError> {
    let part = compact.expose().split('.').nth(1).unwrap_or_default();
    let malformed = |_| IdTokenError::Signature(JwsError::Malformed);
    URL_SAFE_NO_PAD.decode(part).map_err(malformed)
}
