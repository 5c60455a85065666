//! The private key of a client whose signature method is RSA.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};

use crate::crypto::failure::Failure;
use crate::protocol::private_key::{PrivateKey, PrivateKeyKind};
use crate::text::opaque_debug;

/// An RSA key of at least 2048 bits.
#[derive(Clone)]
pub(crate) struct RsaKey(Arc<PrivateKey>);

impl RsaKey {
    /// Returns `None` for a key of another kind.
    pub(crate) fn new(key: Arc<PrivateKey>) -> Option<Self> {
        let key = Self(key);
        key.pair().is_some().then_some(key)
    }

    fn pair(&self) -> Option<&RsaKeyPair> {
        match &self.0.kind {
            PrivateKeyKind::Rsa(pair) => Some(pair),
            PrivateKeyKind::Ec(..) | PrivateKeyKind::Ed25519(_) => None,
        }
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256.
    pub(super) fn sign_sha256(&self, text: &str) -> Result<Vec<u8>, Failure> {
        let pair = self.pair().ok_or(Failure::Operation)?;
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign_digest(&RSA_PKCS1_SHA256, &digest(&SHA256, text.as_bytes()), &mut signature)
            .map_err(|_| Failure::Operation)?;
        Ok(signature)
    }
}

opaque_debug!(RsaKey);

/// An RSA key for signatures with SHA-1, which aws-lc-rs can verify but not make.
#[cfg(feature = "rsa-sha1")]
#[derive(Clone)]
pub(crate) struct RsaSha1Key(Arc<rsa::PrivateKey>);

#[cfg(feature = "rsa-sha1")]
impl RsaSha1Key {
    /// Returns `None` for a key that the `rsa` crate does not accept.
    pub(crate) fn new(key: &RsaKey) -> Option<Self> {
        use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
        use rsa::pkcs8::DecodePrivateKey;

        let der: Pkcs8V1Der<'_> = key.pair()?.as_der().ok()?;
        Some(Self(Arc::new(rsa::PrivateKey::from_pkcs8_der(der.as_ref()).ok()?)))
    }

    /// RSASSA-PKCS1-v1_5 with SHA-1 (RFC 5849 section 3.4.3). Each signature is blinded.
    pub(super) fn sign(&self, text: &str) -> Result<Vec<u8>, Failure> {
        self.0.pkcs1v15_sign::<sha1::Sha1>(text.as_bytes()).map_err(|_| Failure::Operation)
    }
}

#[cfg(feature = "rsa-sha1")]
opaque_debug!(RsaSha1Key);

#[cfg(test)]
pub(super) mod tests {
    use std::sync::LazyLock;

    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::KeyPair;

    use super::*;

    /// A key and its public half.
    pub(in super::super) static KEY: LazyLock<(RsaKey, Vec<u8>)> = LazyLock::new(|| {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let public = pair.public_key().as_ref().to_vec();
        let kind = PrivateKeyKind::Rsa(pair);
        let key = PrivateKey { kind, key_id: None, only_for: None };
        (RsaKey::new(Arc::new(key)).unwrap(), public)
    });

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", KEY.0), "RsaKey(…)");
    }
}
