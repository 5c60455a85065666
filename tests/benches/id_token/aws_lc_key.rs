//! A key for `openidconnect` that verifies with aws-lc-rs, to measure that library without its
//! pure-Rust cryptography.

use std::sync::Arc;

use aws_lc_rs::digest;
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{CoreJsonWebKeyType, CoreJsonWebKeyUse, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKey, JsonWebKeyAlgorithm, JsonWebKeyId, SignatureVerificationError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A public key, parsed during deserialization.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "Document")]
pub(crate) struct AwsLcKey {
    id: JsonWebKeyId,
    key_type: CoreJsonWebKeyType,
    algorithm: CoreJwsSigningAlgorithm,
    public: Arc<ParsedPublicKey>,
}

#[derive(Deserialize)]
struct Document {
    kid: JsonWebKeyId,
    kty: CoreJsonWebKeyType,
    alg: CoreJwsSigningAlgorithm,
    #[serde(default)]
    n: String,
    #[serde(default)]
    e: String,
    #[serde(default)]
    x: String,
    #[serde(default)]
    y: String,
}

impl From<Document> for AwsLcKey {
    fn from(document: Document) -> Self {
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let Document { n, e, x, y, .. } = &document;
        let public = match document.alg {
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256 => {
                PublicKeyComponents { n: bytes(n), e: bytes(e) }
                    .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
            }
            CoreJwsSigningAlgorithm::EcdsaP256Sha256 => {
                let point = [vec![4], bytes(x), bytes(y)].concat();
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            }
            _ => ParsedPublicKey::new(&ED25519, bytes(x)),
        };
        Self {
            id: document.kid,
            key_type: document.kty,
            algorithm: document.alg,
            public: Arc::new(public.unwrap()),
        }
    }
}

impl AwsLcKey {
    /// The key of a set with this identifier.
    pub(crate) fn of(key_set: &Value, id: &str) -> Self {
        let keys = key_set["keys"].as_array().unwrap();
        let key = keys.iter().find(|key| key["kid"] == id).unwrap();
        serde_json::from_value(key.clone()).unwrap()
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Unspecified> {
        self.public.verify_sig(message, signature)
    }
}

impl JsonWebKey for AwsLcKey {
    type KeyUse = CoreJsonWebKeyUse;
    type SigningAlgorithm = CoreJwsSigningAlgorithm;

    fn key_id(&self) -> Option<&JsonWebKeyId> {
        Some(&self.id)
    }

    fn key_type(&self) -> &CoreJsonWebKeyType {
        &self.key_type
    }

    fn key_use(&self) -> Option<&CoreJsonWebKeyUse> {
        Some(&CoreJsonWebKeyUse::Signature)
    }

    fn signing_alg(&self) -> JsonWebKeyAlgorithm<&CoreJwsSigningAlgorithm> {
        JsonWebKeyAlgorithm::Algorithm(&self.algorithm)
    }

    fn new_symmetric(_: Vec<u8>) -> Self {
        unreachable!("no algorithm with a shared secret is allowed here")
    }

    fn verify_signature(
        &self,
        algorithm: &CoreJwsSigningAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureVerificationError> {
        if *algorithm != self.algorithm {
            return Err(SignatureVerificationError::InvalidKey(self.id.to_string()));
        }
        self.verify(message, signature)
            .map_err(|error| SignatureVerificationError::CryptoError(error.to_string()))
    }

    fn hash_bytes(
        &self,
        bytes: &[u8],
        algorithm: &CoreJwsSigningAlgorithm,
    ) -> Result<Vec<u8>, String> {
        let hash = match algorithm {
            CoreJwsSigningAlgorithm::EdDsa => &digest::SHA512,
            _ => &digest::SHA256,
        };
        Ok(digest::digest(hash, bytes).as_ref().to_vec())
    }
}

impl Serialize for AwsLcKey {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        unreachable!("the trait requires it, but the benchmark serializes no keys")
    }
}
