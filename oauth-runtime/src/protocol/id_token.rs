//! ID token validation (OpenID Connect Core 1.0 sections 2 and 3.1.3.7).

use std::borrow::Cow;
use std::fmt;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::claims_request::Demands;
use super::jwe::JweError;
use super::jwk::SigningAlgorithm;
use super::jws::{self, JwsError, VerificationKeys};
use super::tenants::{Tenants, issuer_of};
use crate::json::{self, JsonError};
use crate::secret::{Secret, equal_in_constant_time};
use crate::text::shown;

/// Oldest acceptable `iat`, in seconds: an ID token answers a request that was just made.
const MAX_AGE_OF_TOKEN: u64 = 3600;
/// Longest subject identifier (OpenID Connect Core 1.0 section 2).
const MAX_SUBJECT_LENGTH: usize = 255;
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
        let payload = payload(compact)?;
        let claims = Claims::read(&payload)?;
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
    issued_at: u64,
    expires_at: u64,
    auth_time: Option<u64>,
    acr: Option<String>,
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

    /// `iat`, in seconds since 1970-01-01 UTC.
    pub fn issued_at(&self) -> u64 {
        self.issued_at
    }

    /// `exp`, in seconds since 1970-01-01 UTC.
    pub fn expires_at(&self) -> u64 {
        self.expires_at
    }

    /// `auth_time`: when the person last authenticated, in seconds since 1970-01-01 UTC. `None`
    /// when the provider does not say, which it must only if `max_age` was asked for.
    pub fn auth_time(&self) -> Option<u64> {
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

/// Why an ID token was refused.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum IdTokenError {
    /// Its signature was not accepted.
    #[error(transparent)]
    Signature(#[from] JwsError),
    /// It could not be decrypted, or came in clear where it has to be encrypted.
    #[error(transparent)]
    Encryption(#[from] JweError),
    /// A claim is missing or of the wrong type.
    #[error("its claims are malformed: {0}")]
    Claims(JsonError),
    /// Issued by somebody else.
    #[error("`iss` is `{found}`, not `{expected}`")]
    Issuer {
        /// The configured issuer.
        expected: String,
        /// The token's.
        found: String,
    },
    /// Issued by a tenant whose people may not log in.
    #[error("`tid` is `{found}`, which is none of the tenants whose people may log in")]
    Tenant {
        /// The token's tenant; empty if it names none.
        found: String,
    },
    /// Signed with a key that is for another issuer.
    #[error("the key that signed it is for another issuer")]
    KeyIssuer,
    /// Issued for another client, or for others besides this one.
    #[error(
        "`aud` is {found}, not `{expected}` alone; a provider that always names others needs `quirks(additional_audiences)`"
    )]
    Audience {
        /// This client's identifier.
        expected: String,
        /// The token's audiences.
        found: String,
    },
    /// Authorized for another client.
    #[error("`azp` is {found}, not `{expected}`")]
    AuthorizedParty {
        /// This client's identifier.
        expected: String,
        /// The token's authorized party.
        found: String,
    },
    /// Expired.
    #[error("it expired at {expires_at}; now it is {now} (seconds since 1970, leeway {leeway})")]
    Expired {
        /// `exp`.
        expires_at: u64,
        /// The local time.
        now: u64,
        /// Tolerated skew in seconds.
        leeway: u64,
    },
    /// Not valid yet.
    #[error(
        "it is valid from {not_before}; now it is {now} (seconds since 1970, leeway {leeway}): are the clocks right?"
    )]
    NotYetValid {
        /// `nbf`.
        not_before: u64,
        /// The local time.
        now: u64,
        /// Tolerated skew in seconds.
        leeway: u64,
    },
    /// Issued in the future or too long ago.
    #[error(
        "it was issued at {issued_at}; now it is {now} (seconds since 1970, leeway {leeway}): are the clocks right?"
    )]
    IssuedAt {
        /// `iat`.
        issued_at: u64,
        /// The local time.
        now: u64,
        /// Tolerated skew in seconds.
        leeway: u64,
    },
    /// Not the nonce of this login.
    #[error("`nonce` is not the one of this login")]
    Nonce,
    /// No subject, or one that is too long.
    #[error("`sub` is empty or longer than {MAX_SUBJECT_LENGTH} bytes")]
    Subject,
    /// Another access token came with it than the one it was issued with.
    #[error("`at_hash` does not belong to the access token")]
    AccessTokenHash,
    /// In the hybrid flow: another code came with it than the one it was issued with.
    #[error("`c_hash` is missing or does not belong to the code")]
    CodeHash,
    /// The person's authentication is older than asked for, or its time is missing.
    #[error("`auth_time` is missing or older than the `max_age` of {max_age} s that was asked for")]
    AuthenticationTooOld {
        /// What was asked for, in seconds.
        max_age: u32,
    },
    /// The time of the person's authentication was demanded, and is missing.
    #[error("`auth_time` is missing, which was asked for as essential")]
    AuthenticationTimeMissing,
    /// The person authenticated in another way than was demanded.
    #[error("`acr` is {found}; asked for as essential: {expected}")]
    AuthenticationContext {
        /// The classes that were asked for, separated by commas.
        expected: String,
        /// The token's, or `missing`.
        found: String,
    },
    /// One person was asked for, and another one came.
    #[error("`sub` is not the one that was asked for")]
    OtherSubject,
    /// A claim breaks a rule of the application:
    /// [`ParseIdToken::claim`](crate::ParseIdToken::claim) or
    /// [`check`](crate::ParseIdToken::check).
    #[error("`{claim}` is not as the application demands it")]
    Rule {
        /// The name of the claim.
        claim: String,
    },
    /// The ID token of a refresh speaks of another authentication than that of the login.
    #[error("`auth_time` is not that of the login which is refreshed")]
    OtherAuthentication,
}

#[derive(Deserialize)]
struct Claims<'a> {
    #[serde(borrow)]
    iss: Cow<'a, str>,
    // Of any type, as it means something to providers with tenants alone.
    tid: Option<Value>,
    #[serde(borrow)]
    sub: Cow<'a, str>,
    #[serde(borrow)]
    aud: Audience<'a>,
    #[serde(borrow)]
    azp: Option<Cow<'a, str>>,
    exp: NumericDate,
    iat: NumericDate,
    nbf: Option<NumericDate>,
    auth_time: Option<NumericDate>,
    // Of any type: a login that does not ask for it does not end with it.
    acr: Option<Value>,
    #[serde(borrow)]
    nonce: Option<Cow<'a, str>>,
    #[serde(borrow)]
    at_hash: Option<Cow<'a, str>>,
    #[serde(borrow)]
    c_hash: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience<'a> {
    One(#[serde(borrow)] Cow<'a, str>),
    Many(#[serde(borrow)] Vec<Cow<'a, str>>),
}

impl<'a> Claims<'a> {
    fn read(payload: &'a [u8]) -> Result<Self, IdTokenError> {
        serde_json::from_slice(payload).map_err(|error| IdTokenError::Claims(error.into()))
    }
}

impl Audience<'_> {
    fn list(&self) -> &[Cow<'_, str>] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// Seconds since 1970, which may have a fraction (RFC 7519 section 2).
#[derive(Clone, Copy)]
struct NumericDate(u64);

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = NumericDate;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("seconds since 1970-01-01 UTC")
            }
            fn visit_u64<E: serde::de::Error>(self, seconds: u64) -> Result<NumericDate, E> {
                Ok(NumericDate(seconds))
            }
            fn visit_f64<E: serde::de::Error>(self, seconds: f64) -> Result<NumericDate, E> {
                // 2^53: beyond it a float no longer tells seconds apart.
                if (0.0..9_007_199_254_740_992.0).contains(&seconds) {
                    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                    Ok(NumericDate(seconds as u64))
                } else {
                    Err(E::custom("not a time"))
                }
            }
        }
        deserializer.deserialize_any(Visitor)
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
    let claims = Claims::read(&verified.bytes)?;
    check_claims(&claims, expected)?;
    check_key_issuer(&claims, verified.key_issuer.as_deref(), expected)?;
    check_companion(&claims, verified.algorithm, expected.companion)?;
    Ok(IdToken {
        issuer: claims.iss.into_owned(),
        subject: claims.sub.into_owned(),
        issued_at: claims.iat.0,
        expires_at: claims.exp.0,
        auth_time: claims.auth_time.map(|time| time.0),
        acr: claims.acr.as_ref().and_then(Value::as_str).map(str::to_owned),
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
    check_claims(&Claims::read(&payload(compact)?)?, expected)
}

fn check_claims(claims: &Claims<'_>, expected: &Expected<'_>) -> Result<(), IdTokenError> {
    check_issuer(claims, expected)?;
    check_audience(claims, expected)?;
    check_times(claims, expected)?;
    check_nonce(claims, expected)?;
    check_subject(claims)?;
    check_authentication_time(claims, expected)?;
    check_demands(claims, expected.demands)
}

fn payload(compact: &Secret) -> Result<Vec<u8>, IdTokenError> {
    let part = compact.expose().split('.').nth(1).unwrap_or_default();
    let malformed = |_| IdTokenError::Signature(JwsError::Malformed);
    URL_SAFE_NO_PAD.decode(part).map_err(malformed)
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

/// The keys of all tenants stand in one document, and some are for one tenant alone.
fn check_key_issuer(
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
        let found = audiences.iter().take(5).map(|a| format!("`{}`", shorten(a)));
        return Err(IdTokenError::Audience {
            expected: expected.client_id.to_owned(),
            found: found.collect::<Vec<_>>().join(", "),
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
    if exp <= earliest {
        return Err(IdTokenError::Expired { expires_at: exp, now, leeway });
    }
    if let Some(NumericDate(not_before)) = claims.nbf
        && not_before > latest
    {
        return Err(IdTokenError::NotYetValid { not_before, now, leeway });
    }
    if iat > latest || iat < earliest.saturating_sub(MAX_AGE_OF_TOKEN) {
        return Err(IdTokenError::IssuedAt { issued_at: iat, now, leeway });
    }
    Ok(())
}

fn check_nonce(claims: &Claims<'_>, expected: &Expected<'_>) -> Result<(), IdTokenError> {
    let is_right = match (&claims.nonce, expected.nonce) {
        (Some(found), Nonce::Demanded(nonce) | Nonce::Continued(Some(nonce))) => {
            equal_in_constant_time(found, nonce)
        }
        (None, Nonce::Continued(_) | Nonce::Absent) | (_, Nonce::Unknown) => true,
        (None, Nonce::Demanded(_)) | (Some(_), Nonce::Continued(None) | Nonce::Absent) => false,
    };
    if is_right { Ok(()) } else { Err(IdTokenError::Nonce) }
}

fn check_subject(claims: &Claims<'_>) -> Result<(), IdTokenError> {
    if claims.sub.is_empty() || claims.sub.len() > MAX_SUBJECT_LENGTH {
        return Err(IdTokenError::Subject);
    }
    Ok(())
}

/// Section 3.1.3.6: `at_hash` is optional beside an access token, but never wrong. Section 3.3.2.11:
/// `c_hash` is required beside a code.
fn check_companion(
    claims: &Claims<'_>,
    algorithm: SigningAlgorithm,
    companion: Companion<'_>,
) -> Result<(), IdTokenError> {
    let is_hash_of = |found: &str, text| found == half_hash(algorithm, text);
    match companion {
        Companion::AccessToken(token) => match &claims.at_hash {
            Some(found) if !is_hash_of(found, token.expose()) => Err(IdTokenError::AccessTokenHash),
            _ => Ok(()),
        },
        Companion::Code(code) => match &claims.c_hash {
            Some(found) if is_hash_of(found, code) => Ok(()),
            _ => Err(IdTokenError::CodeHash),
        },
        Companion::Nothing => Ok(()),
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
/// that was asked for one person must not answer with another.
fn check_demands(claims: &Claims<'_>, demands: &Demands) -> Result<(), IdTokenError> {
    if demands.subject.as_ref().is_some_and(|subject| claims.sub != *subject) {
        return Err(IdTokenError::OtherSubject);
    }
    if demands.auth_time && claims.auth_time.is_none() {
        return Err(IdTokenError::AuthenticationTimeMissing);
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
fn half_hash(algorithm: SigningAlgorithm, text: &str) -> String {
    use SigningAlgorithm as Alg;
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::signer::{Signer, key_set};

    const NOW: u64 = 1_700_000_000;
    const LEEWAY: u64 = 60;
    const ISSUER: &str = "https://op.example";
    const CLIENT: &str = "this-client";
    const NONCE: &str = "n-0S6_WzA2Mj";

    /// What a login expects; a test says what differs.
    struct Login {
        signer: Signer,
        access_token: Secret,
        code: Option<&'static str>,
        template: Option<&'static str>,
        tenants: Option<Tenants>,
        key_issuer: Option<&'static str>,
        max_age: Option<u32>,
        demands: Demands,
        additional_audiences: bool,
    }

    impl Default for Login {
        fn default() -> Self {
            Self::signed_with(SigningAlgorithm::EdDSA)
        }
    }

    impl Login {
        fn signed_with(algorithm: SigningAlgorithm) -> Self {
            Self {
                signer: Signer::new(algorithm),
                access_token: Secret::from("the access token"),
                code: None,
                template: None,
                tenants: None,
                key_issuer: None,
                max_age: None,
                demands: Demands::default(),
                additional_audiences: false,
            }
        }

        fn token(&self, claims: &str) -> Secret {
            let header = json!({"alg": self.signer.algorithm.name(), "typ": "JWT"});
            Secret::from(self.signer.token(&header, claims.as_bytes()))
        }

        fn validate_text(&self, claims: &str) -> Result<IdToken, IdTokenError> {
            let token = self.token(claims);
            let mut jwk = self.signer.jwk();
            if let Some(issuer) = self.key_issuer {
                jwk["issuer"] = json!(issuer);
            }
            let keys = VerificationKeys {
                jwks: &key_set(&[jwk]),
                client_secret: None,
                algorithms: &[self.signer.algorithm],
            };
            let expected = Expected {
                issuer: self.template.unwrap_or(ISSUER),
                tenants: self.tenants.as_ref(),
                client_id: CLIENT,
                nonce: Nonce::Demanded(NONCE),
                companion: match &self.code {
                    Some(code) => Companion::Code(code),
                    None => Companion::AccessToken(&self.access_token),
                },
                max_age: self.max_age,
                demands: &self.demands,
                authenticated_at: None,
                additional_audiences: self.additional_audiences,
                leeway: LEEWAY,
                now: NOW,
            };
            validate(&token, &keys, &expected)
        }

        /// The usual claims with one changed; `null` takes it away.
        fn with(&self, name: &str, value: Value) -> Result<IdToken, IdTokenError> {
            let mut claims = claims();
            match value {
                Value::Null => claims.as_object_mut().and_then(|claims| claims.remove(name)),
                value => {
                    claims.as_object_mut().and_then(|claims| claims.insert(name.into(), value))
                }
            };
            self.validate_text(&claims.to_string())
        }
    }

    fn claims() -> Value {
        json!({
            "iss": ISSUER,
            "sub": "ada",
            "aud": CLIENT,
            "exp": NOW + 600,
            "iat": NOW,
            "nonce": NONCE,
            "email": "ada@example.org",
        })
    }

    fn with(name: &str, value: Value) -> Result<IdToken, IdTokenError> {
        Login::default().with(name, value)
    }

    macro_rules! assert_refused {
        ($result:expr, $pattern:pat) => {
            let result = $result;
            assert!(matches!(&result, Err($pattern)), "{result:?}");
        };
    }

    #[test]
    fn a_token_in_order_says_who_it_is() {
        let token = with("auth_time", json!(NOW - 5)).unwrap();
        assert_eq!((token.issuer(), token.subject()), (ISSUER, "ada"));
        assert_eq!((token.issued_at(), token.expires_at()), (NOW, NOW + 600));
        assert_eq!(token.auth_time(), Some(NOW - 5));
        assert_eq!(token.claims::<Value>().unwrap()["email"], "ada@example.org");
        assert!(token.compact().expose().starts_with("eyJ"));
    }

    #[test]
    fn no_claim_is_believed_before_the_signature() {
        let mut login = Login::default();
        let stranger = Signer::new(SigningAlgorithm::EdDSA);
        let keys = key_set(&[stranger.jwk()]);
        let token = Secret::from(login.signer.token(&json!({"alg": "EdDSA"}), b"not even JSON"));
        login.signer = stranger;
        let keys = VerificationKeys {
            jwks: &keys,
            client_secret: None,
            algorithms: &[SigningAlgorithm::EdDSA],
        };
        let expected = Expected {
            issuer: ISSUER,
            tenants: None,
            client_id: CLIENT,
            nonce: Nonce::Demanded(NONCE),
            companion: Companion::AccessToken(&login.access_token),
            max_age: None,
            demands: &login.demands,
            authenticated_at: None,
            additional_audiences: false,
            leeway: 0,
            now: NOW,
        };
        let refused = validate(&token, &keys, &expected);
        assert_refused!(refused, IdTokenError::Signature(JwsError::BadSignature));
    }

    #[test]
    fn the_issuer_is_compared_character_by_character() {
        for other in [
            "https://op.example/",
            "https://OP.example",
            "http://op.example",
            "https://op.example.evil.example",
            "https://op.example ",
            "",
        ] {
            assert_refused!(with("iss", json!(other)), IdTokenError::Issuer { .. });
        }
        for malformed in [Value::Null, json!(1), json!([ISSUER])] {
            assert_refused!(with("iss", malformed), IdTokenError::Claims(_));
        }
    }

    const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
    const OTHER_TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
    const TEMPLATE: &str = "https://login.example/{tenantid}/v2.0";

    fn of_tenant(login: &Login, issuer: &str, tid: Value) -> Result<IdToken, IdTokenError> {
        let mut claims = claims();
        claims["iss"] = json!(issuer);
        claims["tid"] = tid;
        login.validate_text(&claims.to_string())
    }

    #[test]
    fn a_template_of_an_issuer_is_filled_with_the_tokens_own_tenant() {
        let tenants = Some(Tenants::parse([TENANT]).unwrap());
        let login = Login { template: Some(TEMPLATE), tenants, ..Login::default() };
        let own = issuer_of(TEMPLATE, TENANT);
        let token = of_tenant(&login, &own, json!(TENANT)).unwrap();
        assert_eq!(token.issuer(), own);
        let other = issuer_of(TEMPLATE, OTHER_TENANT);
        for (issuer, tid) in [(&*other, TENANT), (TEMPLATE, TENANT), (ISSUER, TENANT)] {
            let refused = of_tenant(&login, issuer, json!(tid));
            assert_refused!(refused, IdTokenError::Issuer { .. });
        }
        for tid in [json!(OTHER_TENANT), json!("{tenantid}"), json!(""), json!(1), Value::Null] {
            for issuer in [&own, &other] {
                let refused = of_tenant(&login, issuer, tid.clone());
                assert_refused!(refused, IdTokenError::Tenant { .. });
            }
        }
        let anybody = Login { tenants: Some(Tenants::Any), ..login };
        assert!(of_tenant(&anybody, &other, json!(OTHER_TENANT)).is_ok());
        assert_refused!(
            of_tenant(&anybody, &own, json!(OTHER_TENANT)),
            IdTokenError::Issuer { .. }
        );
        assert_refused!(of_tenant(&anybody, &other, json!("common")), IdTokenError::Tenant { .. });
    }

    #[test]
    fn a_key_for_one_tenant_signs_for_no_other() {
        let login = |key_issuer| Login {
            template: Some(TEMPLATE),
            tenants: Some(Tenants::Any),
            key_issuer: Some(key_issuer),
            ..Login::default()
        };
        let own = issuer_of(TEMPLATE, TENANT);
        assert!(of_tenant(&login(TEMPLATE), &own, json!(TENANT)).is_ok(), "for every tenant");
        let consumers = "https://login.example/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0";
        assert!(of_tenant(&login(consumers), consumers, json!(OTHER_TENANT)).is_ok());
        assert_refused!(of_tenant(&login(consumers), &own, json!(TENANT)), IdTokenError::KeyIssuer);
    }

    #[test]
    fn the_audience_is_this_client_alone() {
        for own in [json!(CLIENT), json!([CLIENT])] {
            assert!(with("aud", own).is_ok());
        }
        for other in [
            json!("other"),
            json!(""),
            json!("this-client "),
            json!("This-Client"),
            json!([]),
            json!(["other"]),
            json!([CLIENT, "other"]),
            json!(["other", CLIENT]),
            json!([CLIENT, CLIENT]),
            json!("this-client other"),
        ] {
            assert_refused!(with("aud", other), IdTokenError::Audience { .. });
        }
        for malformed in
            [Value::Null, json!(1), json!([1]), json!({"a": CLIENT}), json!([[CLIENT]])]
        {
            assert_refused!(with("aud", malformed), IdTokenError::Claims(_));
        }
    }

    #[test]
    fn other_audiences_are_tolerated_by_declaration_if_azp_names_this_client() {
        let login = Login { additional_audiences: true, ..Login::default() };
        let both = |azp: Value| {
            let mut claims = claims();
            claims["aud"] = json!(["other", CLIENT]);
            claims["azp"] = azp;
            login.validate_text(&claims.to_string())
        };
        assert!(both(json!(CLIENT)).is_ok());
        for azp in [Value::Null, json!("other"), json!("")] {
            assert_refused!(both(azp), IdTokenError::AuthorizedParty { .. });
        }
        assert_refused!(
            login.with("aud", json!(["other", "third"])),
            IdTokenError::Audience { .. }
        );
        assert_refused!(login.with("aud", json!("other")), IdTokenError::Audience { .. });
    }

    #[test]
    fn the_authorized_party_is_this_client_if_there_is_one() {
        assert!(with("azp", json!(CLIENT)).is_ok());
        assert_refused!(with("azp", json!("other")), IdTokenError::AuthorizedParty { .. });
        assert_refused!(with("azp", json!("")), IdTokenError::AuthorizedParty { .. });
        assert_refused!(with("azp", json!([CLIENT])), IdTokenError::Claims(_));
    }

    #[test]
    fn expiry_is_exact_to_the_second_of_the_leeway() {
        assert!(with("exp", json!(NOW - LEEWAY + 1)).is_ok());
        assert_refused!(with("exp", json!(NOW - LEEWAY)), IdTokenError::Expired { .. });
        assert_refused!(with("exp", json!(0)), IdTokenError::Expired { .. });
        assert!(with("exp", json!(u64::MAX)).is_ok());
    }

    #[test]
    fn not_before_is_exact_to_the_second_of_the_leeway() {
        assert!(with("nbf", json!(NOW + LEEWAY)).is_ok());
        assert_refused!(with("nbf", json!(NOW + LEEWAY + 1)), IdTokenError::NotYetValid { .. });
        assert_refused!(with("nbf", json!(u64::MAX)), IdTokenError::NotYetValid { .. });
        assert_refused!(with("nbf", json!("soon")), IdTokenError::Claims(_));
    }

    #[test]
    fn the_time_of_issue_is_neither_ahead_nor_long_ago() {
        assert!(with("iat", json!(NOW + LEEWAY)).is_ok());
        assert_refused!(with("iat", json!(NOW + LEEWAY + 1)), IdTokenError::IssuedAt { .. });
        let oldest = NOW - LEEWAY - MAX_AGE_OF_TOKEN;
        assert!(with("iat", json!(oldest)).is_ok());
        assert_refused!(with("iat", json!(oldest - 1)), IdTokenError::IssuedAt { .. });
        assert_refused!(with("iat", json!(u64::MAX)), IdTokenError::IssuedAt { .. });
    }

    #[test]
    fn a_time_is_a_number_of_seconds() {
        assert!(with("exp", json!(NOW as f64 + 0.5)).is_ok());
        for name in ["exp", "iat"] {
            for malformed in [
                Value::Null,
                json!(-1),
                json!(-1.5),
                json!(1e300),
                json!(NOW.to_string()),
                json!(true),
                json!([NOW]),
            ] {
                assert_refused!(with(name, malformed), IdTokenError::Claims(_));
            }
        }
    }

    #[test]
    fn the_nonce_is_the_one_of_this_login() {
        for other in [Value::Null, json!(""), json!("n-0S6_WzA2MJ"), json!("n-0S6_WzA2Mj ")] {
            assert_refused!(with("nonce", other), IdTokenError::Nonce);
        }
        assert_refused!(with("nonce", json!([NONCE])), IdTokenError::Claims(_));
    }

    #[test]
    fn a_subject_is_some_text_and_not_too_much() {
        assert!(with("sub", json!("x".repeat(255))).is_ok());
        assert_refused!(with("sub", json!("x".repeat(256))), IdTokenError::Subject);
        assert_refused!(with("sub", json!("")), IdTokenError::Subject);
        for malformed in [Value::Null, json!(1), json!(["ada"])] {
            assert_refused!(with("sub", malformed), IdTokenError::Claims(_));
        }
    }

    /// The example of OpenID Connect Core 1.0 appendix A.3.
    #[test]
    fn access_token_hash_of_the_specification() {
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(half_hash(SigningAlgorithm::RS256, token), "77QmUPtjPfzWtF2AnpK9RQ");
    }

    #[test]
    fn the_access_token_hash_is_that_of_the_algorithm() {
        for algorithm in SigningAlgorithm::ASYMMETRIC {
            let bytes = match algorithm.name() {
                name if name.ends_with("256") => 16,
                name if name.ends_with("384") => 24,
                _ => 32,
            };
            let login = Login::signed_with(algorithm);
            let right = half_hash(algorithm, login.access_token.expose());
            assert_eq!(URL_SAFE_NO_PAD.decode(&right).unwrap().len(), bytes, "{algorithm}");
            assert!(login.with("at_hash", json!(right)).is_ok(), "{algorithm}");
            assert!(login.with("at_hash", Value::Null).is_ok(), "optional in the code flow");
            for wrong in [
                half_hash(algorithm, "another access token"),
                right[..right.len() - 2].to_owned(),
                format!("{right}="),
                String::new(),
            ] {
                assert_refused!(login.with("at_hash", json!(wrong)), IdTokenError::AccessTokenHash);
            }
        }
    }

    /// The example of OpenID Connect Core 1.0 appendix A.4.
    #[test]
    fn code_hash_of_the_specification() {
        let code = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
        assert_eq!(half_hash(SigningAlgorithm::RS256, code), "LDktKdoQak3Pk0cnXxCltA");
    }

    #[test]
    fn in_the_hybrid_flow_the_code_hash_is_there_and_that_of_the_algorithm() {
        for algorithm in SigningAlgorithm::ASYMMETRIC {
            let login = Login { code: Some("the code"), ..Login::signed_with(algorithm) };
            let right = half_hash(algorithm, "the code");
            assert!(login.with("c_hash", json!(right)).is_ok(), "{algorithm}");
            for wrong in [
                Value::Null,
                json!(half_hash(algorithm, "another code")),
                json!(right[..right.len() - 2]),
                json!(""),
            ] {
                assert_refused!(login.with("c_hash", wrong), IdTokenError::CodeHash);
            }
        }
        assert!(
            with("c_hash", json!("anything")).is_ok(),
            "beside an access token it says nothing"
        );
    }

    #[test]
    fn an_authentication_is_as_young_as_asked_for() {
        let login = Login { max_age: Some(300), ..Login::default() };
        let oldest = NOW - 300 - LEEWAY;
        assert!(login.with("auth_time", json!(oldest)).is_ok());
        for old in [json!(oldest - 1), json!(0), Value::Null] {
            assert_refused!(
                login.with("auth_time", old),
                IdTokenError::AuthenticationTooOld { max_age: 300 }
            );
        }
        assert!(with("auth_time", json!(0)).is_ok(), "nobody asked");
        let at_once = Login { max_age: Some(0), ..Login::default() };
        assert!(at_once.with("auth_time", json!(NOW)).is_ok());
        assert_refused!(
            at_once.with("auth_time", json!(NOW - LEEWAY - 1)),
            IdTokenError::AuthenticationTooOld { .. }
        );
        let longest = Login { max_age: Some(u32::MAX), ..Login::default() };
        assert!(longest.with("auth_time", json!(0)).is_ok());
    }

    #[test]
    fn a_demanded_authentication_context_is_met_or_the_token_refused() {
        let acr = vec!["phr".to_owned(), "phrh".to_owned()];
        let demands = Demands { acr, ..Demands::default() };
        let login = Login { demands, ..Login::default() };
        assert_eq!(login.with("acr", json!("phrh")).unwrap().acr(), Some("phrh"));
        for other in [json!("0"), json!("PHR"), json!("phr phrh"), json!(["phr"]), Value::Null] {
            let refused = login.with("acr", other);
            assert_refused!(refused, IdTokenError::AuthenticationContext { .. });
        }
        assert_eq!(with("acr", json!(1)).unwrap().acr(), None, "nobody asked");
    }

    #[test]
    fn a_demanded_person_or_time_is_there_or_the_token_refused() {
        let demands = Demands { subject: Some("ada".to_owned()), ..Demands::default() };
        let login = Login { demands, ..Login::default() };
        assert!(login.with("sub", json!("ada")).is_ok());
        assert_refused!(login.with("sub", json!("grace")), IdTokenError::OtherSubject);
        let demands = Demands { auth_time: true, ..Demands::default() };
        let login = Login { demands, ..Login::default() };
        assert!(login.with("auth_time", json!(NOW)).is_ok());
        let refused = login.with("auth_time", Value::Null);
        assert_refused!(refused, IdTokenError::AuthenticationTimeMissing);
    }

    #[test]
    fn a_claim_that_comes_twice_is_refused() {
        let usual = claims().to_string();
        for (name, value) in [
            ("iss", json!(ISSUER)),
            ("sub", json!("eve")),
            ("aud", json!(CLIENT)),
            ("exp", json!(NOW + 600)),
            ("nonce", json!(NONCE)),
        ] {
            for doubled in [
                usual.replacen('{', &format!("{{\"{name}\":{value},"), 1),
                format!("{},\"{name}\":{value}}}", &usual[..usual.len() - 1]),
            ] {
                assert_refused!(Login::default().validate_text(&doubled), IdTokenError::Claims(_));
            }
        }
    }

    #[test]
    fn a_payload_that_is_no_object_is_refused() {
        for payload in ["", "null", "[]", "\"x\"", "{", "{}", "<html>", "\u{feff}{}"] {
            assert_refused!(Login::default().validate_text(payload), IdTokenError::Claims(_));
        }
        let deep = "[".repeat(30_000);
        assert_refused!(Login::default().validate_text(&deep), IdTokenError::Claims(_));
    }

    /// The texts go to logs; what a token says must not write there what it likes.
    #[test]
    fn an_error_shows_a_claim_without_control_characters_and_not_all_of_it() {
        let evil = "\r\n\u{1b}[2J\u{202e}x".repeat(1000);
        for name in ["iss", "aud", "azp"] {
            let shown = with(name, json!(evil)).unwrap_err().to_string();
            assert!(shown.len() < 2000, "{name}");
            assert!(!shown.contains(['\n', '\r', '\u{1b}', '\u{202e}']), "{name}");
        }
    }

    /// The ID token of a refresh, after a login whose ID token had the usual claims and `at_login`.
    fn refreshed(at_login: &Value, changed: &Value) -> Result<(), IdTokenError> {
        let merged = |changes: &Value| {
            let mut all = claims();
            let changes = changes.as_object().unwrap().clone();
            all.as_object_mut().unwrap().extend(changes);
            all.as_object_mut().unwrap().retain(|_, value| !value.is_null());
            all.to_string()
        };
        let login = Login::default();
        let original = Original::read(&login.token(&merged(at_login))).unwrap();
        let token = login.token(&merged(changed));
        let demands = Demands { subject: Some(original.subject), ..Demands::default() };
        let expected = Expected {
            issuer: &original.issuer,
            tenants: None,
            client_id: CLIENT,
            nonce: Nonce::Continued(original.nonce.as_deref()),
            companion: Companion::AccessToken(&login.access_token),
            max_age: None,
            demands: &demands,
            authenticated_at: original.auth_time,
            additional_audiences: false,
            leeway: LEEWAY,
            now: NOW,
        };
        let keys = VerificationKeys {
            jwks: &key_set(&[login.signer.jwk()]),
            client_secret: None,
            algorithms: &[login.signer.algorithm],
        };
        let signed = validate(&token, &keys, &expected).map(|_| ());
        let unsigned = compare_unsigned(&token, &expected);
        assert_eq!(format!("{signed:?}"), format!("{unsigned:?}"));
        signed
    }

    #[test]
    fn the_id_token_of_a_refresh_continues_that_of_the_login() {
        let at_login = json!({"auth_time": NOW - 4_000, "nonce": NONCE});
        for accepted in [
            json!({"auth_time": NOW - 4_000, "nonce": NONCE}),
            json!({"auth_time": null, "nonce": null}),
        ] {
            assert!(refreshed(&at_login, &accepted).is_ok(), "{accepted}");
        }
        let with = |changed| refreshed(&at_login, &changed);
        assert_refused!(with(json!({"sub": "grace"})), IdTokenError::OtherSubject);
        assert_refused!(with(json!({"iss": "https://evil.example"})), IdTokenError::Issuer { .. });
        assert_refused!(with(json!({"aud": "another"})), IdTokenError::Audience { .. });
        assert_refused!(with(json!({"nonce": "another"})), IdTokenError::Nonce);
        assert_refused!(with(json!({"auth_time": NOW})), IdTokenError::OtherAuthentication);
        assert_refused!(with(json!({"exp": NOW - 3_600})), IdTokenError::Expired { .. });
        // What the login did not say may be said later, but for a nonce that nobody gave.
        assert!(
            refreshed(&json!({"nonce": null}), &json!({"auth_time": NOW, "nonce": null})).is_ok()
        );
        assert_refused!(
            refreshed(&json!({"nonce": null}), &json!({"nonce": "x"})),
            IdTokenError::Nonce
        );
    }

    #[test]
    fn only_what_was_an_id_token_is_read_as_the_original() {
        for text in ["", "a.b.c", "a.e30.c", "a.bm8.c"] {
            assert!(Original::read(&Secret::from(text)).is_err(), "{text}");
        }
    }
}
