//! Content encryption (RFC 7518 section 5): AES-GCM, and AES-CBC with an HMAC.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{
    AES_128, AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey,
};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;
use zeroize::Zeroizing;

use super::Parts;

/// The algorithm that encrypts the content: `enc` (RFC 7518 section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ContentEncryption {
    A128CbcHs256,
    A256CbcHs512,
    A128Gcm,
    A256Gcm,
}

impl ContentEncryption {
    pub(crate) const ALL: [Self; 4] =
        [Self::A128CbcHs256, Self::A256CbcHs512, Self::A128Gcm, Self::A256Gcm];

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.name() == name)
    }

    /// The registered name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::A128CbcHs256 => "A128CBC-HS256",
            Self::A256CbcHs512 => "A256CBC-HS512",
            Self::A128Gcm => "A128GCM",
            Self::A256Gcm => "A256GCM",
        }
    }

    /// The length of the key in bytes.
    pub(super) fn key_length(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A256Gcm | Self::A128CbcHs256 => 32,
            Self::A256CbcHs512 => 64,
        }
    }

    pub(super) fn open(self, key: &[u8], parts: &Parts<'_>) -> Option<Zeroizing<Vec<u8>>> {
        match self {
            Self::A128Gcm => open_gcm(&AES_128_GCM, key, parts),
            Self::A256Gcm => open_gcm(&AES_256_GCM, key, parts),
            Self::A128CbcHs256 => open_cbc(&AES_128, hmac::HMAC_SHA256, key, parts),
            Self::A256CbcHs512 => open_cbc(&AES_256, hmac::HMAC_SHA512, key, parts),
        }
    }
}

/// RFC 7518 section 5.3.
fn open_gcm(
    algorithm: &'static aws_lc_rs::aead::Algorithm,
    key: &[u8],
    parts: &Parts<'_>,
) -> Option<Zeroizing<Vec<u8>>> {
    if parts.tag.len() != algorithm.tag_len() {
        return None;
    }
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?);
    let nonce = Nonce::try_assume_unique_for_key(&parts.iv).ok()?;
    let mut sealed = Zeroizing::new([parts.ciphertext.as_slice(), &parts.tag].concat());
    let aad = Aad::from(parts.header.as_bytes());
    let length = key.open_in_place(nonce, aad, &mut sealed).ok()?.len();
    sealed.truncate(length);
    Some(sealed)
}

/// RFC 7518 section 5.2. The tag is compared before anything is decrypted, so that the padding
/// reveals nothing to an attacker who cannot make a tag.
fn open_cbc(
    cipher: &'static aws_lc_rs::cipher::Algorithm,
    hash: hmac::Algorithm,
    key: &[u8],
    parts: &Parts<'_>,
) -> Option<Zeroizing<Vec<u8>>> {
    let (mac_key, encryption_key) = key.split_at(key.len() / 2);
    let header_bits = u64::try_from(parts.header.len()).ok()?.checked_mul(8)?;
    let mut mac = hmac::Context::with_key(&hmac::Key::new(hash, mac_key));
    mac.update(parts.header.as_bytes());
    mac.update(&parts.iv);
    mac.update(&parts.ciphertext);
    mac.update(&header_bits.to_be_bytes());
    let tag = mac.sign();
    verify_slices_are_equal(tag.as_ref().get(..mac_key.len())?, &parts.tag).ok()?;

    let iv: [u8; 16] = parts.iv.as_slice().try_into().ok()?;
    let key = UnboundCipherKey::new(cipher, encryption_key).ok()?;
    let key = PaddedBlockDecryptingKey::cbc_pkcs7(key).ok()?;
    let mut text = Zeroizing::new(parts.ciphertext.clone());
    let context = DecryptionContext::Iv128(FixedLength::from(iv));
    let length = key.decrypt(&mut text, context).ok()?.len();
    text.truncate(length);
    Some(text)
}
