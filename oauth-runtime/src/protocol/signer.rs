//! Keys of a provider for the tests of this module, and tokens signed as a test requires.

use std::sync::{Arc, LazyLock};

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::jwk::{JwkSet, JwsAlgorithm as Alg};
use super::private_key::{Curve, PrivateKey, PrivateKeyKind};

/// One key of a provider.
pub(crate) struct Signer {
    pub(crate) algorithm: Alg,
    key: Arc<PrivateKey>,
}

impl Signer {
    pub(crate) fn new(algorithm: Alg) -> Self {
        // One for all tests, because generating an RSA key is slow.
        static RSA: LazyLock<Arc<PrivateKey>> = LazyLock::new(|| {
            private_key(PrivateKeyKind::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()))
        });
        let ec = |curve: Curve| {
            let key = EcdsaKeyPair::generate(curve.signing()).unwrap();
            private_key(PrivateKeyKind::Ec(curve, key))
        };
        let key = match algorithm {
            Alg::ES256 => ec(Curve::P256),
            Alg::ES384 => ec(Curve::P384),
            Alg::ES512 => ec(Curve::P521),
            Alg::EdDSA => private_key(PrivateKeyKind::Ed25519(Ed25519KeyPair::generate().unwrap())),
            _ => Arc::clone(&RSA),
        };
        Self { algorithm, key }
    }

    /// The private key itself.
    pub(crate) fn key(&self) -> Arc<PrivateKey> {
        Arc::clone(&self.key)
    }

    pub(crate) fn jwk(&self) -> Value {
        self.key.public_jwk()
    }

    /// The public key as an X.509 SubjectPublicKeyInfo.
    pub(crate) fn public_der(&self) -> Vec<u8> {
        match &self.key.kind {
            PrivateKeyKind::Rsa(key) => key.public_key().as_der().unwrap().as_ref().to_vec(),
            PrivateKeyKind::Ec(_, key) => key.public_key().as_der().unwrap().as_ref().to_vec(),
            PrivateKeyKind::Ed25519(key) => key.public_key().as_der().unwrap().as_ref().to_vec(),
        }
    }

    pub(crate) fn sign(&self, message: &str) -> Vec<u8> {
        self.key.signature(self.algorithm, message.as_bytes()).unwrap()
    }

    /// A token with this header and payload.
    pub(crate) fn token(&self, header: &Value, payload: &[u8]) -> String {
        let input = signing_input(header, payload);
        let signature = URL_SAFE_NO_PAD.encode(self.sign(&input));
        format!("{input}.{signature}")
    }
}

fn private_key(kind: PrivateKeyKind) -> Arc<PrivateKey> {
    Arc::new(PrivateKey { kind, key_id: None, only_for: None })
}

pub(crate) fn signing_input(header: &Value, payload: &[u8]) -> String {
    let header = URL_SAFE_NO_PAD.encode(header.to_string());
    format!("{header}.{}", URL_SAFE_NO_PAD.encode(payload))
}

pub(crate) fn key_set(keys: &[Value]) -> JwkSet {
    JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}
