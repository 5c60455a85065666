//! JSON Web Signature in compact serialization (RFC 7515): from text to a verified payload.

use std::borrow::Cow;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use super::jwk::{JwkSet, JwsAlgorithm};
use crate::crypto::secret::Secret;
use crate::json::Members;
use crate::text::shown;

/// Longest token that is read, in bytes.
pub(crate) const MAX_LENGTH: usize = 64 * 1024;
/// Maximum number of keys that are tried for a token that does not name its key.
const MAX_CANDIDATES: usize = 16;

/// Why a token's signature was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwsError {
    /// Not three parts of base64url, or the header is not a JSON object with `alg`.
    #[error("it is not a JSON Web Signature in compact form (RFC 7515 section 7.1)")]
    Malformed,
    /// Longer than any provider's tokens.
    #[error("it is longer than {MAX_LENGTH} bytes")]
    TooLong,
    /// It has five parts, so it is encrypted (RFC 7516).
    #[error("it is encrypted, but the declaration does not say so (`…_encrypted_response_alg`)")]
    Encrypted,
    /// An algorithm that is not allowed; `none` never is.
    #[error("it is signed with `{found}`; allowed: {allowed}")]
    AlgorithmNotAllowed {
        /// `alg` of the header.
        found: String,
        /// The allowed names, separated by commas.
        allowed: String,
    },
    /// A `crit` header, which must be understood or the token refused (RFC 7515 section 4.1.11).
    #[error("its header has `crit`, an extension that is not understood")]
    CriticalHeader,
    /// A token issued for another purpose, such as an access token.
    #[error("its type is `{0}`, which is not the expected type")]
    WrongType(String),
    /// No key of the provider matches.
    #[error("no key of the provider matches (key identifier {key_id}, algorithm {algorithm})")]
    UnknownKey {
        /// `kid` of the header, or `none`.
        key_id: String,
        /// `alg` of the header.
        algorithm: JwsAlgorithm,
    },
    /// The signature does not belong to this payload and key.
    #[error("its signature is invalid")]
    BadSignature,
}

/// The keys to verify with.
pub(crate) struct VerificationKeys<'a> {
    /// The provider's public keys.
    pub(crate) jwks: &'a JwkSet,
    /// The client secret, used only if HS256 is allowed.
    pub(crate) client_secret: Option<&'a Secret>,
    /// Allowed algorithms, from the declaration or the metadata, never from the token.
    pub(crate) algorithms: &'a [JwsAlgorithm],
}

/// A payload whose signature was verified, but whose content was not examined.
#[derive(Debug)]
pub(crate) struct VerifiedPayload {
    pub(crate) bytes: Vec<u8>,
    pub(crate) algorithm: JwsAlgorithm,
    /// The issuer that the key is for, if the provider says so.
    pub(crate) key_issuer: Option<Box<str>>,
}

#[derive(Deserialize)]
struct Header<'a> {
    #[serde(borrow)]
    alg: Cow<'a, str>,
    kid: Option<String>,
    typ: Option<String>,
    #[serde(default)]
    crit: Present,
}

/// Whether a member is present, with any value, even `null`.
#[derive(Default)]
struct Present(bool);

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self(true))
    }
}

/// Verifies the signature of `token`. `types` are the accepted `typ` values, in lower case and
/// without `application/`. A missing `typ` is accepted.
///
/// # Errors
/// [`JwsError`]; after [`JwsError::UnknownKey`], another attempt with newer keys may succeed.
pub(crate) fn verify(
    token: &str,
    types: &[&str],
    keys: &VerificationKeys<'_>,
) -> Result<VerifiedPayload, JwsError> {
    if token.len() > MAX_LENGTH {
        return Err(JwsError::TooLong);
    }
    let (message, encoded_signature) = token.rsplit_once('.').ok_or(JwsError::Malformed)?;
    let (encoded_header, payload) = message.split_once('.').ok_or(JwsError::Malformed)?;
    if payload.contains('.') {
        let is_encrypted = token.bytes().filter(|byte| *byte == b'.').count() == 4;
        return Err(if is_encrypted { JwsError::Encrypted } else { JwsError::Malformed });
    }
    let header = decode(encoded_header)?;
    let Members(header): Members<Header<'_>> =
        serde_json::from_slice(&header).map_err(|_| JwsError::Malformed)?;
    let algorithm = check_header(&header, types, keys.algorithms)?;
    let signature = decode(encoded_signature)?;
    let key_issuer = check_signature(&header, algorithm, message.as_bytes(), &signature, keys)?;
    Ok(VerifiedPayload { bytes: decode(payload)?, algorithm, key_issuer })
}

fn check_header(
    header: &Header<'_>,
    types: &[&str],
    allowed: &[JwsAlgorithm],
) -> Result<JwsAlgorithm, JwsError> {
    if header.crit.0 {
        return Err(JwsError::CriticalHeader);
    }
    if let Some(typ) = &header.typ {
        let lower = typ.to_ascii_lowercase();
        let name = lower.strip_prefix("application/").unwrap_or(&lower);
        if !types.contains(&name) {
            return Err(JwsError::WrongType(shown(typ, 40)));
        }
    }
    JwsAlgorithm::from_name(&header.alg).filter(|alg| allowed.contains(alg)).ok_or_else(|| {
        JwsError::AlgorithmNotAllowed {
            found: shown(&header.alg, 40),
            allowed: allowed.iter().map(|alg| alg.name()).collect::<Vec<_>>().join(", "),
        }
    })
}

fn check_signature(
    header: &Header<'_>,
    algorithm: JwsAlgorithm,
    message: &[u8],
    signature: &[u8],
    keys: &VerificationKeys<'_>,
) -> Result<Option<Box<str>>, JwsError> {
    let unknown_key = || JwsError::UnknownKey {
        key_id: shown(header.kid.as_deref().unwrap_or("none"), 80),
        algorithm,
    };
    if algorithm == JwsAlgorithm::HS256 {
        let secret = keys.client_secret.ok_or_else(unknown_key)?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
        let verified = hmac::verify(&key, message, signature);
        return verified.map(|()| None).map_err(|_| JwsError::BadSignature);
    }
    let mut candidates =
        keys.jwks.candidates(algorithm, header.kid.as_deref()).take(MAX_CANDIDATES).peekable();
    if candidates.peek().is_none() {
        return Err(unknown_key());
    }
    let signer = candidates.find(|candidate| candidate.key.verify_sig(message, signature).is_ok());
    signer.map(|signer| signer.issuer.map(Box::from)).ok_or(JwsError::BadSignature)
}

fn decode(text: &str) -> Result<Vec<u8>, JwsError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| JwsError::Malformed)
}

#[cfg(test)]
mod tests;
