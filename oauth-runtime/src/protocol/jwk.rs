//! JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037) as verification keys, parsed once.
//!
//! The key determines which algorithms it can verify. A token's header can only choose among them.

use std::fmt;

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    ParsedPublicKey, RsaParameters, VerificationAlgorithm,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::json::{JsonError, Members};

/// Maximum number of keys in a key set: providers publish fewer than ten.
const MAX_KEYS: usize = 100;

/// A signature algorithm of JSON Web Signature (RFC 7518 section 3.1, RFC 8037, RFC 9864).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the specification's")]
#[non_exhaustive]
pub enum JwsAlgorithm {
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    ES512,
    EdDSA,
    HS256,
}

impl JwsAlgorithm {
    /// The algorithms whose verification key is public.
    pub(crate) const ASYMMETRIC: [Self; 10] = [
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::PS256,
        Self::PS384,
        Self::PS512,
        Self::ES256,
        Self::ES384,
        Self::ES512,
        Self::EdDSA,
    ];

    /// The algorithm with a registered name; `None` for an unsupported one.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::RS256,
            "RS384" => Self::RS384,
            "RS512" => Self::RS512,
            "PS256" => Self::PS256,
            "PS384" => Self::PS384,
            "PS512" => Self::PS512,
            "ES256" => Self::ES256,
            "ES384" => Self::ES384,
            "ES512" => Self::ES512,
            // RFC 9864 names the curve; both names mean the same signature.
            "EdDSA" | "Ed25519" => Self::EdDSA,
            "HS256" => Self::HS256,
            _ => return None,
        })
    }

    /// The registered name.
    pub fn name(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::PS384 => "PS384",
            Self::PS512 => "PS512",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::ES512 => "ES512",
            Self::EdDSA => "EdDSA",
            Self::HS256 => "HS256",
        }
    }
}

impl fmt::Display for JwsAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The public keys of a provider that can verify a signature, from its JSON Web Key Set (RFC 7517
/// section 5). [`Client::load_key_set`](crate::Client::load_key_set) returns it.
///
/// Keys of an unknown type, for another use or too weak are left out, and so is every member of a
/// key that is not public.
#[derive(Debug, Default)]
pub struct JwkSet {
    keys: Vec<Jwk>,
}

/// One public key (RFC 7517 section 4) with the algorithms that it can verify.
pub struct Jwk {
    document: JwkDocument,
    verifiers: Vec<(JwsAlgorithm, ParsedPublicKey)>,
}

/// A key that may have signed, and the issuer that it is for if the provider says so.
pub(crate) struct Candidate<'a> {
    pub(crate) key: &'a ParsedPublicKey,
    pub(crate) issuer: Option<&'a str>,
}

/// Why a key set cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum JwkSetError {
    /// Not a JSON Web Key Set.
    #[error("it is not a JSON Web Key Set (RFC 7517 section 5): {0}")]
    Malformed(JsonError),
    /// More keys than any real provider has.
    #[error("it holds {0} keys; at most {MAX_KEYS} are read")]
    TooManyKeys(usize),
}

#[derive(Deserialize)]
struct JwkSetDocument<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

/// The members of RFC 7517 section 4 and RFC 7518 section 6 that verification needs: all of them
/// are public.
#[derive(Deserialize, Serialize)]
struct JwkDocument {
    kty: String,
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    public_key_use: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_ops: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    /// The issuer that the key is for, if the provider says so: Microsoft publishes the keys of all
    /// tenants in one document.
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    crv: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    e: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
}

impl JwkSet {
    /// Reads a key set. A key that has an unknown type or use, is broken or is too weak is left
    /// out: it cannot verify anything, and must not break logins that need the other keys.
    ///
    /// # Errors
    /// [`JwkSetError`] if the document as a whole cannot be used.
    pub(crate) fn parse(document: &[u8]) -> Result<Self, JwkSetError> {
        let Members(document): Members<JwkSetDocument<'_>> = serde_json::from_slice(document)
            .map_err(|error| JwkSetError::Malformed(JsonError::of(error, document)))?;
        if document.keys.len() > MAX_KEYS {
            return Err(JwkSetError::TooManyKeys(document.keys.len()));
        }
        let keys = document
            .keys
            .iter()
            .filter_map(|key| serde_json::from_str(key.get()).ok())
            .filter_map(|Members(key)| Jwk::from_document(key))
            .collect();
        Ok(Self { keys })
    }

    /// The keys, in the order of the provider.
    pub fn keys(&self) -> impl Iterator<Item = &Jwk> {
        self.keys.iter()
    }

    /// The set as JSON, for another library that verifies with it.
    pub fn to_json(&self) -> Value {
        json!({ "keys": self.keys().map(Jwk::to_json).collect::<Vec<_>>() })
    }

    /// The prepared keys that may have signed with `algorithm`. A key without an identifier matches
    /// every identifier, and a token without an identifier matches every key (RFC 7515 section
    /// 4.1.4).
    pub(crate) fn candidates<'a>(
        &'a self,
        algorithm: JwsAlgorithm,
        key_id: Option<&'a str>,
    ) -> impl Iterator<Item = Candidate<'a>> {
        self.keys
            .iter()
            .filter(move |key| match (key_id, key.key_id()) {
                (Some(wanted), Some(own)) => wanted == own,
                _ => true,
            })
            .filter_map(move |key| {
                Some(Candidate {
                    key: key.verifier(algorithm)?,
                    issuer: key.document.issuer.as_deref(),
                })
            })
    }
}

impl Jwk {
    fn from_document(document: JwkDocument) -> Option<Self> {
        let is_for_signatures = document.public_key_use.as_deref().is_none_or(|u| u == "sig")
            && document.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        if !is_for_signatures {
            return None;
        }
        let verifiers = document.verifiers()?;
        Some(Self { document, verifiers })
    }

    /// `kid`, by which the header of a token names the key.
    pub fn key_id(&self) -> Option<&str> {
        self.document.kid.as_deref()
    }

    /// The algorithms whose signatures it can verify. Its type decides them, and its `alg` if it
    /// has one.
    pub fn algorithms(&self) -> impl Iterator<Item = JwsAlgorithm> {
        self.verifiers.iter().map(|(algorithm, _)| *algorithm)
    }

    /// The key as JSON, for another library that verifies with it.
    pub fn to_json(&self) -> Value {
        // A struct of strings can always be written.
        serde_json::to_value(&self.document).unwrap_or_default()
    }

    fn verifier(&self, algorithm: JwsAlgorithm) -> Option<&ParsedPublicKey> {
        self.verifiers.iter().find(|(own, _)| *own == algorithm).map(|(_, key)| key)
    }
}

impl JwkDocument {
    fn verifiers(&self) -> Option<Vec<(JwsAlgorithm, ParsedPublicKey)>> {
        let mut verifiers = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => self.rsa()?,
            ("EC", Some("P-256")) => self.ec(JwsAlgorithm::ES256, &ECDSA_P256_SHA256_FIXED, 32)?,
            ("EC", Some("P-384")) => self.ec(JwsAlgorithm::ES384, &ECDSA_P384_SHA384_FIXED, 48)?,
            ("EC", Some("P-521")) => self.ec(JwsAlgorithm::ES512, &ECDSA_P521_SHA512_FIXED, 66)?,
            ("OKP", Some("Ed25519")) => {
                let key = ParsedPublicKey::new(&ED25519, decode(self.x.as_deref())?).ok()?;
                vec![(JwsAlgorithm::EdDSA, key)]
            }
            _ => return None,
        };
        if let Some(alg) = &self.alg {
            let only = JwsAlgorithm::from_name(alg)?;
            verifiers.retain(|(own, _)| *own == only);
        }
        (!verifiers.is_empty()).then_some(verifiers)
    }

    /// The parameters refuse moduli below 2048 bits.
    fn rsa(&self) -> Option<Vec<(JwsAlgorithm, ParsedPublicKey)>> {
        const RSA: [(JwsAlgorithm, &RsaParameters); 6] = [
            (JwsAlgorithm::RS256, &signature::RSA_PKCS1_2048_8192_SHA256),
            (JwsAlgorithm::RS384, &signature::RSA_PKCS1_2048_8192_SHA384),
            (JwsAlgorithm::RS512, &signature::RSA_PKCS1_2048_8192_SHA512),
            (JwsAlgorithm::PS256, &signature::RSA_PSS_2048_8192_SHA256),
            (JwsAlgorithm::PS384, &signature::RSA_PSS_2048_8192_SHA384),
            (JwsAlgorithm::PS512, &signature::RSA_PSS_2048_8192_SHA512),
        ];
        let (n, e) = (decode(self.n.as_deref())?, decode(self.e.as_deref())?);
        // RFC 7518 section 6.3.1.1 forbids leading zero octets, but some providers send one.
        let components = PublicKeyComponents { n: without_zeros(&n), e: without_zeros(&e) };
        // With the exponent 1, every text is its own signature. An even exponent is not valid in
        // RSA.
        let has_sound_exponent = components.e.last()? % 2 == 1 && components.e != [1];
        if components.n.len() < 256 || !has_sound_exponent {
            return None;
        }
        RSA.into_iter()
            .map(|(alg, parameters)| Some((alg, components.to_parsed_public_key(parameters).ok()?)))
            .collect()
    }

    fn ec(
        &self,
        algorithm: JwsAlgorithm,
        verification: &'static dyn VerificationAlgorithm,
        coordinate: usize,
    ) -> Option<Vec<(JwsAlgorithm, ParsedPublicKey)>> {
        let (x, y) = (decode(self.x.as_deref())?, decode(self.y.as_deref())?);
        if x.len() != coordinate || y.len() != coordinate {
            return None;
        }
        // An uncompressed point: SEC 1 section 2.3.3.
        let point = [&[4], x.as_slice(), y.as_slice()].concat();
        Some(vec![(algorithm, ParsedPublicKey::new(verification, point).ok()?)])
    }
}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let algorithms: Vec<_> = self.algorithms().collect();
        f.debug_struct("Jwk")
            .field("key_id", &self.key_id())
            .field("algorithms", &algorithms)
            .finish()
    }
}

fn decode(text: Option<&str>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text?).ok()
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}

#[cfg(test)]
mod tests;
