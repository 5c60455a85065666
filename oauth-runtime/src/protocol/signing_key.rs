//! The signing side of JSON Web Signature (RFC 7515): a key of the client with the one algorithm
//! that it signs with, and the JSON Web Tokens (RFC 7519) that it makes.

use std::sync::Arc;

use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512, digest};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaEncoding,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::jwk::JwsAlgorithm;
use super::private_key::{Curve, PrivateKey, PrivateKeyKind};
use crate::crypto::failure::Failure;
use crate::crypto::secret::Secret;
use crate::text::opaque_debug;

/// A key that signs with one algorithm.
#[derive(Clone)]
pub(crate) struct SigningKey {
    algorithm: JwsAlgorithm,
    key_id: Option<String>,
    key: Key,
}

#[derive(Clone)]
enum Key {
    Private(Arc<PrivateKey>),
    Shared(Arc<hmac::Key>),
}

impl PrivateKey {
    /// The algorithms that the key can sign with, the usual one first.
    pub(crate) fn signing_algorithms(&self) -> Vec<JwsAlgorithm> {
        use JwsAlgorithm as Alg;
        let all: &[Alg] = match &self.kind {
            PrivateKeyKind::Rsa(_) => {
                &[Alg::RS256, Alg::PS256, Alg::RS384, Alg::PS384, Alg::RS512, Alg::PS512]
            }
            PrivateKeyKind::Ec(Curve::P256, _) => &[Alg::ES256],
            PrivateKeyKind::Ec(Curve::P384, _) => &[Alg::ES384],
            PrivateKeyKind::Ec(Curve::P521, _) => &[Alg::ES512],
            PrivateKeyKind::Ed25519(_) => &[Alg::EdDSA],
        };
        let only = self.only_for.as_deref().map(JwsAlgorithm::from_name);
        all.iter().copied().filter(|own| only.is_none_or(|only| only == Some(*own))).collect()
    }
}

impl SigningKey {
    /// Returns `None` if the key does not support the algorithm. `key_id` identifies the key to the
    /// provider and defaults to the `kid` of a JSON Web Key.
    pub(crate) fn new(
        key: Arc<PrivateKey>,
        key_id: Option<String>,
        algorithm: JwsAlgorithm,
    ) -> Option<Self> {
        let fits = key.signing_algorithms().contains(&algorithm);
        let key_id = key_id.or_else(|| key.key_id.clone());
        fits.then_some(Self { algorithm, key_id, key: Key::Private(key) })
    }

    /// A key for HS256 with the client secret.
    pub(crate) fn of_client_secret(secret: &Secret) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
        Self { algorithm: JwsAlgorithm::HS256, key_id: None, key: Key::Shared(Arc::new(key)) }
    }

    /// Creates a JSON Web Token with these claims. Its header has `alg`, `kid` if there is one, and
    /// `typ` if it is given.
    ///
    /// # Errors
    /// [`Failure`].
    pub(crate) fn sign(
        &self,
        typ: Option<&str>,
        claims: &Map<String, Value>,
    ) -> Result<String, Failure> {
        let mut header = json!({"alg": self.algorithm.name()});
        if let Some(key_id) = &self.key_id {
            header["kid"] = json!(key_id);
        }
        if let Some(typ) = typ {
            header["typ"] = json!(typ);
        }
        let mut token = URL_SAFE_NO_PAD.encode(header.to_string());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(claims).unwrap_or_default(), &mut token);
        let signature = self.signature(token.as_bytes()).map_err(|_| Failure::Operation)?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        match &self.key {
            Key::Shared(key) => Ok(hmac::sign(key, message).as_ref().to_vec()),
            Key::Private(key) => key.signature(self.algorithm, message),
        }
    }
}

impl PrivateKey {
    /// The signature, in the form of RFC 7518 section 3.
    pub(super) fn signature(
        &self,
        algorithm: JwsAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, Unspecified> {
        match &self.kind {
            PrivateKeyKind::Rsa(key) => {
                let (encoding, hash) = rsa_encoding(algorithm).ok_or(Unspecified)?;
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign_digest(encoding, &digest(hash, message), &mut signature)?;
                Ok(signature)
            }
            PrivateKeyKind::Ec(curve, key) => {
                Ok(key.sign_digest(&digest(curve.hash(), message))?.as_ref().to_vec())
            }
            PrivateKeyKind::Ed25519(key) => Ok(key.try_sign(message)?.as_ref().to_vec()),
        }
    }
}

impl Curve {
    fn hash(self) -> &'static digest::Algorithm {
        match self {
            Self::P256 => &SHA256,
            Self::P384 => &SHA384,
            Self::P521 => &SHA512,
        }
    }
}

fn rsa_encoding(
    algorithm: JwsAlgorithm,
) -> Option<(&'static dyn RsaEncoding, &'static digest::Algorithm)> {
    Some(match algorithm {
        JwsAlgorithm::RS256 => (&RSA_PKCS1_SHA256, &SHA256),
        JwsAlgorithm::RS384 => (&RSA_PKCS1_SHA384, &SHA384),
        JwsAlgorithm::RS512 => (&RSA_PKCS1_SHA512, &SHA512),
        JwsAlgorithm::PS256 => (&RSA_PSS_SHA256, &SHA256),
        JwsAlgorithm::PS384 => (&RSA_PSS_SHA384, &SHA384),
        JwsAlgorithm::PS512 => (&RSA_PSS_SHA512, &SHA512),
        _ => return None,
    })
}

opaque_debug!(SigningKey, |it| it.algorithm);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::jws::{self, JwsError, VerificationKeys};
    use crate::protocol::signer::{Signer, key_set};

    fn signing_key(signer: &Signer, key_id: Option<&str>) -> SigningKey {
        SigningKey::new(signer.key(), key_id.map(str::to_owned), signer.algorithm).unwrap()
    }

    fn claims() -> Map<String, Value> {
        Map::from_iter([("sub".to_owned(), json!("ada")), ("text".to_owned(), json!("\"ä\n"))])
    }

    fn header(token: &str) -> Value {
        let (header, _) = token.split_once('.').unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap()
    }

    #[test]
    fn what_is_signed_is_verified_with_the_public_key() {
        for algorithm in JwsAlgorithm::ASYMMETRIC {
            let signer = Signer::new(algorithm);
            let token = signing_key(&signer, None).sign(None, &claims()).unwrap();
            let jwks = key_set(&[signer.jwk()]);
            let keys =
                VerificationKeys { jwks: &jwks, client_secret: None, algorithms: &[algorithm] };
            let payload = jws::verify(&token, &["jwt"], &keys).unwrap();
            assert_eq!(serde_json::from_slice::<Value>(&payload.bytes).unwrap(), json!(claims()));
            let foreign = key_set(&[Signer::new(JwsAlgorithm::EdDSA).jwk()]);
            let keys = VerificationKeys { jwks: &foreign, ..keys };
            assert!(matches!(
                jws::verify(&token, &["jwt"], &keys),
                Err(JwsError::UnknownKey { .. } | JwsError::BadSignature)
            ));
        }
    }

    #[test]
    fn the_client_secret_signs_with_hs256() {
        let secret = Secret::from("a secret of the client");
        let token = SigningKey::of_client_secret(&secret).sign(None, &claims()).unwrap();
        let jwks = key_set(&[]);
        let algorithms = &[JwsAlgorithm::HS256];
        let with =
            |secret| VerificationKeys { jwks: &jwks, client_secret: Some(secret), algorithms };
        assert!(jws::verify(&token, &["jwt"], &with(&secret)).is_ok());
        let other = Secret::from("another");
        assert!(jws::verify(&token, &["jwt"], &with(&other)).is_err());
    }

    #[test]
    fn header_names_only_algorithm_key_and_type() {
        let signer = Signer::new(JwsAlgorithm::ES256);
        let named = signing_key(&signer, Some("2026")).sign(Some("x+jwt"), &claims()).unwrap();
        assert_eq!(header(&named), json!({"alg": "ES256", "kid": "2026", "typ": "x+jwt"}));
        let plain = signing_key(&signer, None).sign(None, &claims()).unwrap();
        assert_eq!(header(&plain), json!({"alg": "ES256"}));
    }

    #[test]
    fn a_key_decides_what_it_signs_with() {
        use JwsAlgorithm as Alg;
        let rsa = [Alg::RS256, Alg::RS384, Alg::RS512, Alg::PS256, Alg::PS384, Alg::PS512];
        for algorithm in JwsAlgorithm::ASYMMETRIC {
            let key = Signer::new(algorithm).key();
            for other in JwsAlgorithm::ASYMMETRIC.into_iter().chain([Alg::HS256]) {
                let fits = other == algorithm || (rsa.contains(&algorithm) && rsa.contains(&other));
                let made = SigningKey::new(Arc::clone(&key), None, other);
                assert_eq!(made.is_some(), fits, "{algorithm} {other}");
            }
        }
    }

    #[test]
    fn json_web_key_signs_only_with_its_own_algorithm() {
        let jwk = include_str!("fixtures/keys/rsa.jwk.json");
        for (alg, expected) in [("PS384", &[JwsAlgorithm::PS384][..]), ("RSA-OAEP", &[])] {
            let mut jwk: Value = serde_json::from_str(jwk).unwrap();
            jwk["alg"] = json!(alg);
            let key = PrivateKey::parse(&Secret::from(jwk.to_string())).unwrap();
            assert_eq!(key.signing_algorithms(), expected);
            let key = Arc::new(key);
            assert!(SigningKey::new(Arc::clone(&key), None, JwsAlgorithm::RS256).is_none());
            let named = expected.first().and_then(|alg| SigningKey::new(key, None, *alg));
            assert_eq!(named.and_then(|key| key.key_id).is_some(), !expected.is_empty());
        }
    }
}
