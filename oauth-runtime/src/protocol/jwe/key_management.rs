//! The content encryption key (RFC 7518 section 4): decrypted by RSA-OAEP, or agreed on by ECDH-ES.

use aws_lc_rs::agreement::{self, UnparsedPublicKey, agree};
use aws_lc_rs::digest;
use aws_lc_rs::key_wrap::{self, AesKek, KeyWrap};
use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey};
use zeroize::Zeroizing;

use super::{DecryptionKey, Encryption, Header, Kind, decode};
use crate::protocol::private_key::Curve;

/// The algorithm that determines the content encryption key: `alg` (RFC 7518 section 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyManagement {
    RsaOaep,
    RsaOaep256,
    EcdhEs,
    EcdhEsA128Kw,
    EcdhEsA256Kw,
}

impl KeyManagement {
    pub(crate) const ALL: [Self; 5] =
        [Self::RsaOaep, Self::RsaOaep256, Self::EcdhEs, Self::EcdhEsA128Kw, Self::EcdhEsA256Kw];

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.name() == name)
    }

    /// The registered name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RsaOaep => "RSA-OAEP",
            Self::RsaOaep256 => "RSA-OAEP-256",
            Self::EcdhEs => "ECDH-ES",
            Self::EcdhEsA128Kw => "ECDH-ES+A128KW",
            Self::EcdhEsA256Kw => "ECDH-ES+A256KW",
        }
    }

    /// Whether the key can be used with this algorithm.
    pub(crate) fn fits(self, key: &DecryptionKey) -> bool {
        let is_rsa = matches!(self, Self::RsaOaep | Self::RsaOaep256);
        is_rsa == matches!(key.0, Kind::Rsa(_))
    }
}

/// Determines the content encryption key.
pub(super) fn content_key(
    key: &DecryptionKey,
    header: &Header<'_>,
    encrypted_key: &[u8],
    declared: Encryption,
) -> Option<Zeroizing<Vec<u8>>> {
    let length = declared.content.key_length();
    let agreed = |algorithm: &str, length| match &key.0 {
        Kind::Ec(curve, key) => agreed_key(*curve, key, header, algorithm, length),
        Kind::Rsa(_) => None,
    };
    let wrapped = |length| {
        let key = agreed(declared.key_management.name(), length)?;
        unwrapped(&key, encrypted_key)
    };
    let key = match (declared.key_management, &key.0) {
        (KeyManagement::RsaOaep, Kind::Rsa(key)) => {
            opened(key, &OAEP_SHA1_MGF1SHA1, encrypted_key)?
        }
        (KeyManagement::RsaOaep256, Kind::Rsa(key)) => {
            opened(key, &OAEP_SHA256_MGF1SHA256, encrypted_key)?
        }
        // RFC 7518 section 4.6: the agreed key encrypts the content, so the encrypted key is empty.
        (KeyManagement::EcdhEs, _) if encrypted_key.is_empty() => {
            agreed(declared.content.name(), length)?
        }
        (KeyManagement::EcdhEsA128Kw, _) => wrapped(16)?,
        (KeyManagement::EcdhEsA256Kw, _) => wrapped(32)?,
        _ => return None,
    };
    (key.len() == length).then_some(key)
}

fn opened(
    key: &OaepPrivateDecryptingKey,
    algorithm: &'static aws_lc_rs::rsa::OaepAlgorithm,
    encrypted_key: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let mut output = Zeroizing::new(vec![0; key.min_output_size()]);
    let length = key.decrypt(algorithm, encrypted_key, &mut output, None).ok()?.len();
    output.truncate(length);
    Some(output)
}

/// RFC 3394.
fn unwrapped(kek: &[u8], encrypted_key: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = if kek.len() == 16 { &key_wrap::AES_128 } else { &key_wrap::AES_256 };
    let kek = AesKek::new(cipher, kek).ok()?;
    let mut output = Zeroizing::new(vec![0; encrypted_key.len()]);
    let length = kek.unwrap(encrypted_key, &mut output).ok()?.len();
    output.truncate(length);
    Some(output)
}

/// The key derived from the provider's ephemeral key and the client's own (RFC 7518 section 4.6.2).
/// aws-lc refuses a point that is not on the client's curve, which would leak the key bit by bit.
pub(super) fn agreed_key(
    curve: Curve,
    key: &agreement::PrivateKey,
    header: &Header<'_>,
    algorithm: &str,
    length: usize,
) -> Option<Zeroizing<Vec<u8>>> {
    let ephemeral = header.epk.as_ref()?;
    if ephemeral.kty != "EC" || ephemeral.crv != curve.name() {
        return None;
    }
    let (x, y) = (decode(&ephemeral.x).ok()?, decode(&ephemeral.y).ok()?);
    if x.len() != curve.coordinate() || y.len() != curve.coordinate() {
        return None;
    }
    let point = [&[4], x.as_slice(), y.as_slice()].concat();
    let party = |info: &Option<String>| decode(info.as_deref().unwrap_or_default()).ok();
    let (apu, apv) = (party(&header.apu)?, party(&header.apv)?);
    let peer = UnparsedPublicKey::new(curve.agreement(), point);
    agree(key, peer, (), |secret| Ok(concat_kdf(secret, algorithm, &apu, &apv, length))).ok()
}

/// The Concat KDF of NIST SP 800-56A section 5.8.1 with SHA-256.
fn concat_kdf(
    secret: &[u8],
    algorithm: &str,
    apu: &[u8],
    apv: &[u8],
    length: usize,
) -> Zeroizing<Vec<u8>> {
    fn number(number: usize) -> [u8; 4] {
        u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes()
    }
    let mut key = Zeroizing::new(Vec::with_capacity(64));
    for round in 1..=length.div_ceil(32) {
        let mut hash = digest::Context::new(&digest::SHA256);
        hash.update(&number(round));
        hash.update(secret);
        for part in [algorithm.as_bytes(), apu, apv] {
            hash.update(&number(part.len()));
            hash.update(part);
        }
        hash.update(&number(length * 8));
        key.extend_from_slice(hash.finish().as_ref());
    }
    key.truncate(length);
    key
}

impl Curve {
    pub(super) fn agreement(self) -> &'static agreement::Algorithm {
        match self {
            Self::P256 => &agreement::ECDH_P256,
            Self::P384 => &agreement::ECDH_P384,
            Self::P521 => &agreement::ECDH_P521,
        }
    }

    /// The length of a coordinate in bytes.
    fn coordinate(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}
