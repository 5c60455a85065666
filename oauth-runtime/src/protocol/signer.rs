//! Keys that sign, for the tests of this folder: what a provider has and this crate never needs.

use std::sync::LazyLock;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self as sign, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::jwk::{JwkSet, SigningAlgorithm as Alg};

/// One key of a provider.
pub(crate) struct Signer {
    pub(crate) algorithm: Alg,
    key: Key,
}

enum Key {
    Rsa(&'static RsaKeyPair),
    Ecdsa(Box<EcdsaKeyPair>, &'static str),
    Ed25519(Ed25519KeyPair),
}

impl Signer {
    pub(crate) fn new(algorithm: Alg) -> Self {
        // One for all tests: making an RSA key takes long.
        static RSA: LazyLock<RsaKeyPair> =
            LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());
        let ecdsa = |parameters, curve| {
            Key::Ecdsa(Box::new(EcdsaKeyPair::generate(parameters).unwrap()), curve)
        };
        let key = match algorithm {
            Alg::ES256 => ecdsa(&sign::ECDSA_P256_SHA256_FIXED_SIGNING, "P-256"),
            Alg::ES384 => ecdsa(&sign::ECDSA_P384_SHA384_FIXED_SIGNING, "P-384"),
            Alg::ES512 => ecdsa(&sign::ECDSA_P521_SHA512_FIXED_SIGNING, "P-521"),
            Alg::EdDSA => Key::Ed25519(Ed25519KeyPair::generate().unwrap()),
            _ => Key::Rsa(&RSA),
        };
        Self { algorithm, key }
    }

    pub(crate) fn jwk(&self) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match &self.key {
            Key::Rsa(key) => {
                let public = key.public_key();
                json!({
                    "kty": "RSA",
                    "n": text(public.modulus().big_endian_without_leading_zero()),
                    "e": text(public.exponent().big_endian_without_leading_zero()),
                })
            }
            Key::Ecdsa(key, curve) => {
                let (x, y) = key.public_key().as_ref()[1..]
                    .split_at((key.public_key().as_ref().len() - 1) / 2);
                json!({"kty": "EC", "crv": curve, "x": text(x), "y": text(y)})
            }
            Key::Ed25519(key) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": text(key.public_key().as_ref())})
            }
        }
    }

    /// The public key as an X.509 SubjectPublicKeyInfo.
    pub(crate) fn public_der(&self) -> Vec<u8> {
        match &self.key {
            Key::Rsa(key) => key.public_key().as_der().unwrap().as_ref().to_vec(),
            Key::Ecdsa(key, _) => key.public_key().as_der().unwrap().as_ref().to_vec(),
            Key::Ed25519(key) => key.public_key().as_der().unwrap().as_ref().to_vec(),
        }
    }

    pub(crate) fn sign(&self, message: &str) -> Vec<u8> {
        let (random, message) = (SystemRandom::new(), message.as_bytes());
        match &self.key {
            Key::Rsa(key) => {
                let encoding: &'static dyn sign::RsaEncoding = match self.algorithm {
                    Alg::RS256 => &sign::RSA_PKCS1_SHA256,
                    Alg::RS384 => &sign::RSA_PKCS1_SHA384,
                    Alg::RS512 => &sign::RSA_PKCS1_SHA512,
                    Alg::PS256 => &sign::RSA_PSS_SHA256,
                    Alg::PS384 => &sign::RSA_PSS_SHA384,
                    _ => &sign::RSA_PSS_SHA512,
                };
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(encoding, &random, message, &mut signature).unwrap();
                signature
            }
            Key::Ecdsa(key, _) => key.sign(&random, message).unwrap().as_ref().to_vec(),
            Key::Ed25519(key) => key.sign(message).as_ref().to_vec(),
        }
    }

    /// A token with this header and payload.
    pub(crate) fn token(&self, header: &Value, payload: &[u8]) -> String {
        let input = signing_input(header, payload);
        let signature = URL_SAFE_NO_PAD.encode(self.sign(&input));
        format!("{input}.{signature}")
    }
}

pub(crate) fn signing_input(header: &Value, payload: &[u8]) -> String {
    let header = URL_SAFE_NO_PAD.encode(header.to_string());
    format!("{header}.{}", URL_SAFE_NO_PAD.encode(payload))
}

pub(crate) fn key_set(keys: &[Value]) -> JwkSet {
    JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}
