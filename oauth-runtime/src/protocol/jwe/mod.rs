//! JSON Web Encryption in compact serialization (RFC 7516), the decrypting side: RSA-OAEP and
//! ECDH-ES with AES-GCM and AES-CBC-HMAC (RFC 7518 sections 4 and 5).
//!
//! RSA1_5, whose padding is an oracle for an attacker (RFC 8725 section 3.2), and symmetric keys
//! are not supported. RSA-OAEP with SHA-1 is supported: its security does not depend on collision
//! resistance, and providers use it by default.

mod content_encryption;
mod key_management;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use aws_lc_rs::agreement;
use aws_lc_rs::encoding::{AsBigEndian, AsDer};
use aws_lc_rs::rsa::{OaepPrivateDecryptingKey, PrivateDecryptingKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

pub(crate) use self::content_encryption::ContentEncryption;
pub(crate) use self::key_management::KeyManagement;
use self::key_management::content_key;
use super::private_key::{Curve, PrivateKey, PrivateKeyKind};
use crate::crypto::secret::Secret;
use crate::json::Members;
use crate::text::{opaque_debug, shown};

/// Longest token that is decrypted, in bytes: a signed token may have 64 KiB, and grows by a third.
const MAX_LENGTH: usize = 96 * 1024;

/// The algorithms that the client registered for encryption by the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Encryption {
    pub(crate) key_management: KeyManagement,
    pub(crate) content: ContentEncryption,
}

/// Why a token could not be decrypted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JweError {
    /// It came unencrypted, although the declaration says that it is encrypted.
    #[error("it is not encrypted, although the declaration says that it is")]
    NotEncrypted,
    /// Not five parts of base64url, or the header is not a JSON object with `alg` and `enc`.
    #[error("it is not a JSON Web Encryption in compact form (RFC 7516 section 7.1)")]
    Malformed,
    /// It is encrypted with other algorithms than the declared ones.
    #[error("it is encrypted with `{found}`, but `{declared}` is declared")]
    AlgorithmNotDeclared {
        /// `alg` and `enc` of the header.
        found: String,
        /// `alg` and `enc` of the declaration.
        declared: String,
    },
    /// It has a `crit` or `zip` header: unknown extensions must be refused, and compressed content
    /// can grow without bound.
    #[error("its header has `crit` or `zip`, which are not supported")]
    CriticalHeader,
    /// It was encrypted for another key, or changed. The exact reason is not reported, because it
    /// would help an attacker who tries many tokens.
    #[error("it cannot be decrypted: it was encrypted for another key, or changed")]
    Undecryptable,
}

/// A private key that the client decrypts with.
pub(crate) struct DecryptionKey(Kind);

enum Kind {
    Rsa(Box<OaepPrivateDecryptingKey>),
    Ec(Curve, agreement::PrivateKey),
}

#[derive(Deserialize)]
struct Header<'a> {
    #[serde(borrow)]
    alg: Cow<'a, str>,
    #[serde(borrow)]
    enc: Cow<'a, str>,
    epk: Option<EphemeralKey>,
    apu: Option<String>,
    apv: Option<String>,
    #[serde(default)]
    crit: Present,
    #[serde(default)]
    zip: Present,
}

/// The provider's half of the key agreement (RFC 7518 section 4.6.1.1).
#[derive(Deserialize)]
struct EphemeralKey {
    kty: String,
    crv: String,
    x: String,
    y: String,
}

#[derive(Default)]
struct Present(bool);

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self(true))
    }
}

/// The parts of a token, and its encoded header, which is authenticated too.
struct Parts<'a> {
    header: &'a str,
    encrypted_key: Vec<u8>,
    iv: Vec<u8>,
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
}

/// Decrypts a token that must be encrypted as declared.
///
/// # Errors
/// [`JweError`]; all failures of the key or the content are the same error.
pub(crate) fn decrypt(
    token: &str,
    key: &DecryptionKey,
    declared: Encryption,
) -> Result<Zeroizing<Vec<u8>>, JweError> {
    let parts = Parts::read(token)?;
    let header = decode(parts.header)?;
    let Members(header): Members<Header<'_>> =
        serde_json::from_slice(&header).map_err(|_| JweError::Malformed)?;
    if header.crit.0 || header.zip.0 {
        return Err(JweError::CriticalHeader);
    }
    if header.alg != declared.key_management.name() || header.enc != declared.content.name() {
        return Err(JweError::AlgorithmNotDeclared {
            found: format!("{}, {}", shown(&header.alg, 40), shown(&header.enc, 40)),
            declared: declared.to_string(),
        });
    }
    content_key(key, &header, &parts.encrypted_key, declared)
        .and_then(|key| declared.content.open(&key, &parts))
        .ok_or(JweError::Undecryptable)
}

impl<'a> Parts<'a> {
    fn read(token: &'a str) -> Result<Self, JweError> {
        if token.len() > MAX_LENGTH {
            return Err(JweError::Malformed);
        }
        let parts: Vec<_> = token.split('.').take(6).collect();
        match *parts.as_slice() {
            [header, encrypted_key, iv, ciphertext, tag] => Ok(Self {
                header,
                encrypted_key: decode(encrypted_key)?,
                iv: decode(iv)?,
                ciphertext: decode(ciphertext)?,
                tag: decode(tag)?,
            }),
            [_, _, _] => Err(JweError::NotEncrypted),
            _ => Err(JweError::Malformed),
        }
    }
}

/// A key of the client, with the algorithms that it registered for encryption by the provider.
#[derive(Clone, Debug)]
pub(crate) struct Decryption {
    pub(crate) key: Arc<DecryptionKey>,
    pub(crate) declared: Encryption,
}

impl Decryption {
    /// The content of the token: a signed token, or JSON.
    ///
    /// # Errors
    /// [`JweError`].
    pub(crate) fn open(&self, token: &Secret) -> Result<Secret, JweError> {
        let text = decrypt(token.expose(), &self.key, self.declared)?;
        std::str::from_utf8(&text).map(Secret::from).map_err(|_| JweError::Undecryptable)
    }
}

impl DecryptionKey {
    /// Returns `None` for a kind of key that only signs.
    pub(crate) fn new(key: &PrivateKey) -> Option<Self> {
        match &key.kind {
            PrivateKeyKind::Rsa(key) => {
                let der = key.as_der().ok()?;
                let key = PrivateDecryptingKey::from_pkcs8(der.as_ref()).ok()?;
                let key = OaepPrivateDecryptingKey::new(key).ok()?;
                Some(Self(Kind::Rsa(Box::new(key))))
            }
            PrivateKeyKind::Ec(curve, key) => {
                let scalar = key.private_key().as_be_bytes().ok()?;
                let key =
                    agreement::PrivateKey::from_private_key(curve.agreement(), scalar.as_ref());
                Some(Self(Kind::Ec(*curve, key.ok()?)))
            }
            PrivateKeyKind::Ed25519(_) => None,
        }
    }
}

impl fmt::Display for Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.key_management.name(), self.content.name())
    }
}

opaque_debug!(DecryptionKey);

fn decode(text: &str) -> Result<Vec<u8>, JweError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| JweError::Malformed)
}
