//! JSON Web Encryption in compact serialization (RFC 7516), the decrypting side: RSA-OAEP and ECDH-ES
//! with AES-GCM and AES-CBC-HMAC (RFC 7518 sections 4 and 5).
//!
//! Not here: RSA1_5, whose padding tells an attacker what it decrypts to (RFC 8725 section 3.2), and
//! keys that the provider has as well. RSA-OAEP with SHA-1 is: its security does not rest on that
//! hash being free of collisions, and providers have it as their default.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{self, UnparsedPublicKey, agree};
use aws_lc_rs::cipher::{
    AES_128, AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey,
};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::encoding::{AsBigEndian, AsDer};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::key_wrap::{self, AesKek, KeyWrap};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey,
};
use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use super::private_key::{Curve, PrivateKey, PrivateKeyKind};
use crate::secret::Secret;
use crate::text::shown;

/// Longest token that is decrypted: what is signed may have 64 KiB, and grows by a third.
const MAX_LENGTH: usize = 96 * 1024;

/// How the key of the content comes to the client: `alg` (RFC 7518 section 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyManagement {
    RsaOaep,
    RsaOaep256,
    EcdhEs,
    EcdhEsA128Kw,
    EcdhEsA256Kw,
}

/// How the content is encrypted: `enc` (RFC 7518 section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ContentEncryption {
    A128CbcHs256,
    A256CbcHs512,
    A128Gcm,
    A256Gcm,
}

/// What a provider was asked to encrypt with when the client was registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Encryption {
    pub(crate) key_management: KeyManagement,
    pub(crate) content: ContentEncryption,
}

/// Why a token could not be decrypted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JweError {
    /// It came in clear, though the declaration says that it is encrypted.
    #[error("it is not encrypted, as the declaration says that it is")]
    NotEncrypted,
    /// Not five parts of base64url, or the header is not a JSON object with `alg` and `enc`.
    #[error("it is not a JSON Web Encryption in compact form (RFC 7516 section 7.1)")]
    Malformed,
    /// Other algorithms than the declared ones.
    #[error("it is encrypted with `{found}`, and declared is `{declared}`")]
    AlgorithmNotDeclared {
        /// `alg` and `enc` of the header.
        found: String,
        /// `alg` and `enc` of the declaration.
        declared: String,
    },
    /// A `crit` or `zip` header: what is not understood must be refused, and what is compressed can
    /// grow without bound.
    #[error("its header has `crit` or `zip`, which is not understood")]
    CriticalHeader,
    /// Encrypted for another key, or changed. What exactly is wrong is nobody's business: to tell
    /// would help an attacker who tries many.
    #[error("it cannot be decrypted: it was made for another key, or changed")]
    Undecryptable,
}

/// A private key of the client by which it decrypts.
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

/// The provider's half of the agreement (RFC 7518 section 4.6.1.1).
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

/// The parts of a token, with the header as it stands there, which is authenticated too.
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
/// [`JweError`]; whatever goes wrong with the key or the content is one and the same.
pub(crate) fn decrypt(
    token: &str,
    key: &DecryptionKey,
    declared: Encryption,
) -> Result<Zeroizing<Vec<u8>>, JweError> {
    let parts = Parts::read(token)?;
    let header = decode(parts.header)?;
    let header: Header<'_> = serde_json::from_slice(&header).map_err(|_| JweError::Malformed)?;
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

/// The key that the content is encrypted with.
fn content_key(
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
        // RFC 7518 section 4.6: the agreed key is the content's, so there is none beside it.
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

/// The key that follows from the provider's ephemeral key and the client's own (RFC 7518
/// section 4.6.2). A point that is not on the client's curve, which would betray the key bit by bit,
/// is refused by aws-lc.
fn agreed_key(
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

impl KeyManagement {
    const ALL: [Self; 5] =
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

    /// Whether the key is one for this algorithm.
    pub(crate) fn fits(self, key: &DecryptionKey) -> bool {
        let is_rsa = matches!(self, Self::RsaOaep | Self::RsaOaep256);
        is_rsa == matches!(key.0, Kind::Rsa(_))
    }
}

impl ContentEncryption {
    const ALL: [Self; 4] = [Self::A128CbcHs256, Self::A256CbcHs512, Self::A128Gcm, Self::A256Gcm];

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

    /// Bytes.
    fn key_length(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A256Gcm | Self::A128CbcHs256 => 32,
            Self::A256CbcHs512 => 64,
        }
    }

    fn open(self, key: &[u8], parts: &Parts<'_>) -> Option<Zeroizing<Vec<u8>>> {
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

/// RFC 7518 section 5.2. The tag is compared before anything is decrypted, so that the padding tells
/// nothing to whoever cannot make a tag.
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

/// A key of the client, with what the provider was asked to encrypt with.
#[derive(Clone, Debug)]
pub(crate) struct Decryption {
    pub(crate) key: Arc<DecryptionKey>,
    pub(crate) declared: Encryption,
}

impl Decryption {
    /// What is in the token, as text: a signed token, or JSON.
    ///
    /// # Errors
    /// [`JweError`].
    pub(crate) fn open(&self, token: &Secret) -> Result<Secret, JweError> {
        let text = decrypt(token.expose(), &self.key, self.declared)?;
        std::str::from_utf8(&text).map(Secret::from).map_err(|_| JweError::Undecryptable)
    }
}

impl DecryptionKey {
    /// `None` for a key of a kind that only signs.
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

impl Curve {
    fn agreement(self) -> &'static agreement::Algorithm {
        match self {
            Self::P256 => &agreement::ECDH_P256,
            Self::P384 => &agreement::ECDH_P384,
            Self::P521 => &agreement::ECDH_P521,
        }
    }

    /// Bytes of a coordinate.
    fn coordinate(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

impl fmt::Display for Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.key_management.name(), self.content.name())
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DecryptionKey(…)")
    }
}

fn decode(text: &str) -> Result<Vec<u8>, JweError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| JweError::Malformed)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn private_key(text: &str) -> PrivateKey {
        PrivateKey::parse(&Secret::from(text)).unwrap()
    }

    fn key(name: &str) -> DecryptionKey {
        let text = match name {
            "rsa" => include_str!("fixtures/keys/rsa-pkcs1.pem"),
            "p256" => include_str!("fixtures/keys/p256-sec1.pem"),
            "p384" => include_str!("fixtures/keys/p384-sec1.pem"),
            _ => include_str!("fixtures/keys/p521-sec1.pem"),
        };
        DecryptionKey::new(&private_key(text)).unwrap()
    }

    fn encryption(alg: &str, enc: &str) -> Encryption {
        Encryption {
            key_management: KeyManagement::from_name(alg).unwrap(),
            content: ContentEncryption::from_name(enc).unwrap(),
        }
    }

    /// Tokens of another implementation, joserfc 1.6: every algorithm, and every curve.
    fn examples() -> Vec<(String, Encryption, String)> {
        let text = include_str!("fixtures/jwe/joserfc.json");
        let examples: Vec<Value> = serde_json::from_str(text).unwrap();
        let member = |example: &Value, name: &str| example[name].as_str().unwrap().to_owned();
        let example = |e: &Value| {
            let declared = encryption(&member(e, "alg"), &member(e, "enc"));
            (member(e, "key"), declared, member(e, "token"))
        };
        examples.iter().map(example).collect()
    }

    #[test]
    fn what_another_implementation_encrypted_is_decrypted() {
        let examples = examples();
        assert_eq!(examples.len(), 28);
        for (name, declared, token) in examples {
            let text = decrypt(&token, &key(&name), declared).unwrap();
            let expected = declared.to_string().replace(',', "");
            assert_eq!(String::from_utf8_lossy(&text), expected, "{name}");
        }
    }

    /// RFC 7516 appendix A.1.
    #[test]
    fn the_example_of_the_specification_is_decrypted() {
        let example: Value =
            serde_json::from_str(include_str!("fixtures/jwe/rfc7516-a1.json")).unwrap();
        let key = DecryptionKey::new(&private_key(&example["jwk"].to_string())).unwrap();
        let token = example["token"].as_str().unwrap();
        let text = decrypt(token, &key, encryption("RSA-OAEP", "A256GCM")).unwrap();
        let expected = "The true sign of intelligence is not knowledge but imagination.";
        assert_eq!(text.as_slice(), expected.as_bytes());
    }

    /// RFC 7518 appendix C.
    #[test]
    fn the_agreed_key_is_that_of_the_specification() {
        let bob = private_key(
            r#"{"kty":"EC","crv":"P-256",
            "x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
            "y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
            "d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}"#,
        );
        let Kind::Ec(curve, bob) = DecryptionKey::new(&bob).unwrap().0 else { panic!("EC") };
        let header: Header<'_> = serde_json::from_str(
            r#"{"alg":"ECDH-ES","enc":"A128GCM","apu":"QWxpY2U","apv":"Qm9i","epk":{
            "kty":"EC","crv":"P-256",
            "x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
            "y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps"}}"#,
        )
        .unwrap();
        let agreed = agreed_key(curve, &bob, &header, "A128GCM", 16).unwrap();
        assert_eq!(URL_SAFE_NO_PAD.encode(&agreed), "VqqN6vgjbSBcIijNcacQGg");
    }

    /// RFC 7518 appendix B.1.
    #[test]
    fn the_authenticated_encryption_is_that_of_the_specification() {
        let hex = |text: &str| -> Vec<u8> {
            let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
            (0..text.len()).step_by(2).map(digit).collect()
        };
        let key: Vec<u8> = (0..32).collect();
        let mut parts = Parts {
            header: "The second principle of Auguste Kerckhoffs",
            encrypted_key: Vec::new(),
            iv: hex("1af38c2dc2b96ffdd86694092341bc04"),
            ciphertext: hex(concat!(
                "c80edfa32ddf39d5ef00c0b468834279a2e46a1b8049f792f76bfe54b903a9c9",
                "a94ac9b47ad2655c5f10f9aef71427e2fc6f9b3f399a221489f16362c7032336",
                "09d45ac69864e3321cf82935ac4096c86e133314c54019e8ca7980dfa4b9cf1b",
                "384c486f3a54c51078158ee5d79de59fbd34d848b3d69550a67646344427ade5",
                "4b8851ffb598f7f80074b9473c82e2db"
            )),
            tag: hex("652c3fa36b0a7c5b3219fab3a30bc1c4"),
        };
        let text = ContentEncryption::A128CbcHs256.open(&key, &parts).unwrap();
        assert!(text.starts_with(b"A cipher system must not be required to be secret"));
        parts.tag[15] ^= 1;
        assert_eq!(ContentEncryption::A128CbcHs256.open(&key, &parts), None);
        parts.tag.clear();
        assert_eq!(ContentEncryption::A128CbcHs256.open(&key, &parts), None);
    }

    #[test]
    fn a_change_anywhere_is_one_and_the_same_error() {
        for (name, declared, token) in examples() {
            let key = key(&name);
            let parts: Vec<_> = token.split('.').collect();
            for (at, part) in parts.iter().enumerate().skip(1).filter(|(_, part)| !part.is_empty())
            {
                let mut bytes = decode(part).unwrap();
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                let mut changed = parts.clone();
                let text = URL_SAFE_NO_PAD.encode(&bytes);
                changed[at] = &text;
                let error = decrypt(&changed.join("."), &key, declared).unwrap_err();
                assert_eq!(error, JweError::Undecryptable, "{declared}, part {at}");
                let cut = URL_SAFE_NO_PAD.encode(&bytes[1..]);
                changed[at] = &cut;
                let error = decrypt(&changed.join("."), &key, declared).unwrap_err();
                assert_eq!(error, JweError::Undecryptable, "{declared}, part {at}");
            }
            // The header is authenticated: another spelling of the same is another header.
            let header = String::from_utf8(decode(parts[0]).unwrap()).unwrap();
            let spaced = URL_SAFE_NO_PAD.encode(header.replacen('{', "{ ", 1));
            let mut changed = parts.clone();
            changed[0] = &spaced;
            let error = decrypt(&changed.join("."), &key, declared).unwrap_err();
            assert_eq!(error, JweError::Undecryptable, "{declared}");
        }
    }

    #[test]
    fn a_token_for_another_key_is_undecryptable() {
        for (name, declared, token) in examples() {
            for other in ["rsa", "p256", "p384", "p521"].into_iter().filter(|own| *own != name) {
                let error = decrypt(&token, &key(other), declared).unwrap_err();
                assert_eq!(error, JweError::Undecryptable, "{declared} {other}");
            }
        }
    }

    fn with_header(token: &str, change: impl Fn(&mut Value)) -> String {
        let (header, rest) = token.split_once('.').unwrap();
        let mut header: Value = serde_json::from_slice(&decode(header).unwrap()).unwrap();
        change(&mut header);
        format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
    }

    /// The attack that reads a private key bit by bit (RFC 8725 section 2.5).
    #[test]
    fn a_point_off_the_curve_is_refused() {
        for (name, declared, token) in examples() {
            if declared.key_management.fits(&key("rsa")) {
                continue;
            }
            let key = key(&name);
            for (member, value) in [
                ("x", URL_SAFE_NO_PAD.encode([0; 32])),
                ("y", URL_SAFE_NO_PAD.encode([7; 32])),
                ("x", String::new()),
                ("crv", "P-192".to_owned()),
                ("kty", "OKP".to_owned()),
            ] {
                let moved =
                    with_header(&token, |header| header["epk"][member] = value.clone().into());
                let error = decrypt(&moved, &key, declared).unwrap_err();
                assert_eq!(error, JweError::Undecryptable, "{name} {member}");
            }
            let without = with_header(&token, |header| header["epk"] = Value::Null);
            assert_eq!(decrypt(&without, &key, declared).unwrap_err(), JweError::Undecryptable);
        }
    }

    #[test]
    fn only_the_declared_algorithms_are_accepted() {
        let examples = examples();
        for (name, declared, token) in &examples {
            for (_, other, _) in examples.iter().filter(|(_, other, _)| other != declared) {
                let error = decrypt(token, &key(name), *other).unwrap_err();
                assert!(
                    matches!(error, JweError::AlgorithmNotDeclared { .. }),
                    "{declared} {other}"
                );
            }
        }
        for name in ["RSA1_5", "dir", "A128KW", "PBES2-HS256+A128KW", "none", "rsa-oaep", ""] {
            assert_eq!(KeyManagement::from_name(name), None);
        }
        for name in ["A128CBC", "A192GCM", "none", "a256gcm", ""] {
            assert_eq!(ContentEncryption::from_name(name), None);
        }
    }

    #[test]
    fn compression_and_extensions_are_refused() {
        let (name, declared, token) = examples().swap_remove(0);
        for (member, value) in [("zip", Value::from("DEF")), ("crit", Value::Null)] {
            let changed = with_header(&token, |header| header[member] = value.clone());
            let error = decrypt(&changed, &key(&name), declared).unwrap_err();
            assert_eq!(error, JweError::CriticalHeader, "{member}");
        }
    }

    #[test]
    fn what_is_not_five_parts_is_refused() {
        let declared = encryption("RSA-OAEP", "A256GCM");
        let error = |token: &str| decrypt(token, &key("rsa"), declared).unwrap_err();
        assert_eq!(error("a.b.c"), JweError::NotEncrypted);
        for token in ["", ".", "a.b.c.d", "....", "a.b.c.d.e", "a.b.c.d.e.f", "ä.b.c.d.e"] {
            assert_eq!(error(token), JweError::Malformed, "{token}");
        }
        let (_, _, token) = examples().swap_remove(0);
        let long = format!("{token}{}", "A".repeat(MAX_LENGTH));
        assert_eq!(error(&long), JweError::Malformed);
    }

    #[test]
    fn an_error_shows_a_header_without_control_characters_and_not_all_of_it() {
        let (name, declared, token) = examples().swap_remove(0);
        let evil = "\r\n\u{1b}[2J".repeat(1000);
        let changed = with_header(&token, |header| header["alg"] = evil.clone().into());
        let shown = decrypt(&changed, &key(&name), declared).unwrap_err().to_string();
        assert!(shown.len() < 300 && !shown.contains(['\n', '\r', '\u{1b}']), "{shown}");
    }

    #[test]
    fn a_key_that_only_signs_decrypts_nothing() {
        assert!(
            DecryptionKey::new(&private_key(include_str!("fixtures/keys/ed25519-pkcs8.pem")))
                .is_none()
        );
        assert_eq!(format!("{:?}", key("rsa")), "DecryptionKey(…)");
    }

    proptest::proptest! {
        #[test]
        fn no_text_ends_the_process(text in "[A-Za-z0-9_.-]{0,200}") {
            let declared = encryption("ECDH-ES", "A128GCM");
            proptest::prop_assert!(decrypt(&text, &key("p256"), declared).is_err());
        }
    }
}
