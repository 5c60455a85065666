//! Encryption to a client's public key (RFC 7516, RFC 7518 sections 4 and 5) of ID tokens and
//! userinfo, for clients that are registered for it.

use std::fmt;

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::agreement::{self, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use aws_lc_rs::cipher::{AES_128, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::key_wrap::{self, AesKek, KeyWrap};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::signature::RsaPublicKeyComponents;
use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::public_key::{bytes, point};

/// The way in which the client receives the key of a token: `alg` of RFC 7518 section 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyManagementAlgorithm {
    /// `RSA-OAEP-256`: encrypted to an RSA key.
    RsaOaep256,
    /// `ECDH-ES`: agreed with a key on a curve.
    EcdhEs,
    /// `ECDH-ES+A256KW`: wrapped with an agreed key.
    EcdhEsA256Kw,
}

/// The encryption of the content of a token: `enc` of RFC 7518 section 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContentEncryptionAlgorithm {
    /// `A128CBC-HS256`
    A128CbcHs256,
    /// `A128GCM`
    A128Gcm,
    /// `A256GCM`
    A256Gcm,
}

impl KeyManagementAlgorithm {
    /// All algorithms for the key.
    pub const ALL: [Self; 3] = [Self::RsaOaep256, Self::EcdhEs, Self::EcdhEsA256Kw];

    /// The registered name: `RSA-OAEP-256`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RsaOaep256 => "RSA-OAEP-256",
            Self::EcdhEs => "ECDH-ES",
            Self::EcdhEsA256Kw => "ECDH-ES+A256KW",
        }
    }
}

impl ContentEncryptionAlgorithm {
    /// All algorithms for the content.
    pub const ALL: [Self; 3] = [Self::A128CbcHs256, Self::A128Gcm, Self::A256Gcm];

    /// The registered name: `A256GCM`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A128CbcHs256 => "A128CBC-HS256",
            Self::A128Gcm => "A128GCM",
            Self::A256Gcm => "A256GCM",
        }
    }

    /// The length of its key, in bytes.
    const fn key_length(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A128CbcHs256 | Self::A256Gcm => 32,
        }
    }
}

impl fmt::Display for KeyManagementAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for ContentEncryptionAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The registration of a client: `…_encrypted_response_alg` and `…_encrypted_response_enc`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Encryption {
    pub(super) key_management: KeyManagementAlgorithm,
    pub(super) content: ContentEncryptionAlgorithm,
}

/// The parts of a token in compact form (RFC 7516 section 7.1).
pub(super) struct Encrypted {
    pub(super) header: Value,
    pub(super) encrypted_key: Vec<u8>,
    pub(super) iv: Vec<u8>,
    pub(super) ciphertext: Vec<u8>,
    pub(super) tag: Vec<u8>,
}

impl Encryption {
    /// The first key of the client that is suitable for encryption.
    pub(super) fn key(self, keys: &[Value]) -> Option<&Value> {
        keys.iter().find(|key| {
            let is_of_type = match self.key_management {
                KeyManagementAlgorithm::RsaOaep256 => key["kty"] == "RSA",
                _ => curve(key).is_some(),
            };
            is_of_type
                && key.get("use").is_none_or(|it| it == "enc")
                && key.get("alg").is_none_or(|alg| alg == self.key_management.name())
        })
    }

    /// Encrypts to `recipient`; `members` are added to the header.
    pub(super) fn encrypt(
        self,
        recipient: &Value,
        members: &Value,
        plaintext: &[u8],
    ) -> Result<Encrypted, Unspecified> {
        let mut header = json!({ "alg": self.key_management.name(), "enc": self.content.name() });
        for (name, value) in members.as_object().into_iter().flatten() {
            header[name] = value.clone();
        }
        if let Some(id) = recipient.get("kid") {
            header["kid"] = id.clone();
        }
        let (key, encrypted_key) = self.content_key(recipient, &mut header)?;
        let protected = URL_SAFE_NO_PAD.encode(header.to_string());
        let (iv, ciphertext, tag) = match self.content {
            ContentEncryptionAlgorithm::A128CbcHs256 => {
                let mut iv = [0; 16];
                SystemRandom::new().fill(&mut iv)?;
                cbc_hmac(&key, iv, protected.as_bytes(), plaintext)?
            }
            ContentEncryptionAlgorithm::A128Gcm | ContentEncryptionAlgorithm::A256Gcm => {
                gcm(&key, protected.as_bytes(), plaintext)?
            }
        };
        Ok(Encrypted { header, encrypted_key, iv, ciphertext, tag })
    }

    /// The key of the content, and its encrypted form.
    fn content_key(
        self,
        recipient: &Value,
        header: &mut Value,
    ) -> Result<(Vec<u8>, Vec<u8>), Unspecified> {
        let mut key = vec![0; self.content.key_length()];
        SystemRandom::new().fill(&mut key)?;
        match self.key_management {
            KeyManagementAlgorithm::RsaOaep256 => {
                let encrypted = rsa_oaep_256(recipient, &key)?;
                Ok((key, encrypted))
            }
            KeyManagementAlgorithm::EcdhEs => {
                let name = self.content.name();
                let agreed = agree(recipient, header, name, self.content.key_length())?;
                Ok((agreed, Vec::new()))
            }
            KeyManagementAlgorithm::EcdhEsA256Kw => {
                let agreed = agree(recipient, header, self.key_management.name(), 32)?;
                let mut wrapped = vec![0; key.len() + 8];
                AesKek::new(&key_wrap::AES_256, &agreed)?.wrap(&key, &mut wrapped)?;
                Ok((key, wrapped))
            }
        }
    }
}

impl Encrypted {
    pub(super) fn compact(&self) -> String {
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        [
            part(self.header.to_string().as_bytes()),
            part(&self.encrypted_key),
            part(&self.iv),
            part(&self.ciphertext),
            part(&self.tag),
        ]
        .join(".")
    }
}

fn rsa_oaep_256(recipient: &Value, key: &[u8]) -> Result<Vec<u8>, Unspecified> {
    let member = |name| bytes(recipient, name).ok_or(Unspecified);
    let components = RsaPublicKeyComponents { n: member("n")?, e: member("e")? };
    let public: PublicEncryptingKey = components.try_into()?;
    let public = OaepPublicEncryptingKey::new(public)?;
    let mut encrypted = vec![0; public.ciphertext_size()];
    public.encrypt(&OAEP_SHA256_MGF1SHA256, key, &mut encrypted, None)?;
    Ok(encrypted)
}

fn curve(jwk: &Value) -> Option<&'static agreement::Algorithm> {
    Some(match (jwk["kty"].as_str()?, jwk["crv"].as_str()?) {
        ("EC", "P-256") => &agreement::ECDH_P256,
        ("EC", "P-384") => &agreement::ECDH_P384,
        ("EC", "P-521") => &agreement::ECDH_P521,
        ("OKP", "X25519") => &agreement::X25519,
        _ => return None,
    })
}

/// RFC 7518 section 4.6: a key of `length` bytes. The ephemeral public key is added to the header.
fn agree(
    recipient: &Value,
    header: &mut Value,
    algorithm_id: &str,
    length: usize,
) -> Result<Vec<u8>, Unspecified> {
    let curve = curve(recipient).ok_or(Unspecified)?;
    let ephemeral = EphemeralPrivateKey::generate(curve, &SystemRandom::new())?;
    let public = ephemeral.compute_public_key()?;
    header["epk"] = ephemeral_key(recipient, public.as_ref());
    let peer = UnparsedPublicKey::new(curve, point(recipient).ok_or(Unspecified)?);
    agree_ephemeral(ephemeral, peer, Unspecified, |secret| {
        Ok(concat_kdf(secret, algorithm_id, b"", b"", length))
    })
}

/// A public key on the curve of `recipient`, as a JWK.
pub(super) fn ephemeral_key(recipient: &Value, public: &[u8]) -> Value {
    let mut jwk = json!({ "kty": recipient["kty"], "crv": recipient["crv"] });
    if recipient["kty"] == "OKP" {
        jwk["x"] = json!(URL_SAFE_NO_PAD.encode(public));
        return jwk;
    }
    let (x, y) = public.get(1..).unwrap_or_default().split_at(public.len() / 2);
    jwk["x"] = json!(URL_SAFE_NO_PAD.encode(x));
    jwk["y"] = json!(URL_SAFE_NO_PAD.encode(y));
    jwk
}

/// One round of the Concat KDF with SHA-256, which is sufficient for 32 bytes (RFC 7518 section
/// 4.6.2).
pub(super) fn concat_kdf(
    secret: &[u8],
    algorithm_id: &str,
    apu: &[u8],
    apv: &[u8],
    length: usize,
) -> Vec<u8> {
    let counted = |bytes: &[u8]| {
        let count = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes();
        [&count, bytes].concat()
    };
    let bits = u32::try_from(length * 8).unwrap_or(u32::MAX).to_be_bytes();
    let input = [
        &1_u32.to_be_bytes(),
        secret,
        &counted(algorithm_id.as_bytes()),
        &counted(apu),
        &counted(apv),
        &bits,
    ]
    .concat();
    digest::digest(&digest::SHA256, &input).as_ref().iter().take(length).copied().collect()
}

/// Initialization vector, ciphertext and authentication tag.
type Sealed = (Vec<u8>, Vec<u8>, Vec<u8>);

fn gcm(key: &[u8], protected: &[u8], plaintext: &[u8]) -> Result<Sealed, Unspecified> {
    let algorithm = if key.len() == 16 { &AES_128_GCM } else { &AES_256_GCM };
    let mut iv = [0; NONCE_LEN];
    SystemRandom::new().fill(&mut iv)?;
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key)?);
    let mut ciphertext = plaintext.to_vec();
    let nonce = Nonce::assume_unique_for_key(iv);
    let tag = key.seal_in_place_separate_tag(nonce, Aad::from(protected), &mut ciphertext)?;
    Ok((iv.to_vec(), ciphertext, tag.as_ref().to_vec()))
}

/// RFC 7518 section 5.2.2.1: the first half of the key authenticates, the second encrypts.
fn cbc_hmac(
    key: &[u8],
    iv: [u8; 16],
    protected: &[u8],
    plaintext: &[u8],
) -> Result<Sealed, Unspecified> {
    let (mac_key, encryption_key) = key.split_at(key.len() / 2);
    let cipher = UnboundCipherKey::new(&AES_128, encryption_key)?;
    let mut ciphertext = plaintext.to_vec();
    let context = EncryptionContext::Iv128(FixedLength::from(&iv));
    PaddedBlockEncryptingKey::cbc_pkcs7(cipher)?.less_safe_encrypt(&mut ciphertext, context)?;
    let bits = u64::try_from(protected.len() * 8).unwrap_or(u64::MAX).to_be_bytes();
    let authenticated = [protected, &iv, &ciphertext, &bits].concat();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, mac_key), &authenticated);
    Ok((iv.to_vec(), ciphertext, tag.as_ref()[..16].to_vec()))
}

#[cfg(test)]
mod tests {
    use super::{cbc_hmac, concat_kdf};

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<_> = text.split_whitespace().collect();
        digits.iter().map(|two| u8::from_str_radix(two, 16).unwrap()).collect()
    }

    /// RFC 7518 appendix C.
    #[test]
    fn key_is_derived_as_in_the_specification() {
        let secret = [
            158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156, 251, 49,
            110, 163, 218, 128, 106, 72, 246, 218, 167, 121, 140, 254, 144, 196,
        ];
        let key = concat_kdf(&secret, "A128GCM", b"Alice", b"Bob", 16);
        assert_eq!(key, [86, 170, 141, 234, 248, 35, 109, 32, 92, 34, 40, 205, 113, 167, 16, 26]);
    }

    /// RFC 7518 appendix B.1.
    #[test]
    fn content_is_encrypted_as_in_the_specification() {
        let key: Vec<u8> = (0..32).collect();
        let plaintext = b"A cipher system must not be required to be secret, and it must be able \
                          to fall into the hands of the enemy without inconvenience";
        let iv = hex("1a f3 8c 2d c2 b9 6f fd d8 66 94 09 23 41 bc 04").try_into().unwrap();
        let protected = b"The second principle of Auguste Kerckhoffs";
        let (_, ciphertext, tag) = cbc_hmac(&key, iv, protected, plaintext).unwrap();
        assert_eq!(ciphertext.len(), 144);
        assert_eq!(ciphertext[..8], hex("c8 0e df a3 2d df 39 d5"));
        assert_eq!(tag, hex("65 2c 3f a3 6b 0a 7c 5b 32 19 fa b3 a3 0b c1 c4"));
    }
}
