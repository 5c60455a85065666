//! Signing keys: generation, JWK (RFC 7517) and JWS (RFC 7515, RFC 7518, RFC 8037).

use std::fmt;

use aws_lc_rs::digest::{self, Digest};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RsaEncoding,
    RsaKeyPair, RsaParameters, UnparsedPublicKey, VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// The algorithm that signs tokens. [`Display`](fmt::Display) writes its JOSE name.
///
/// ```
/// use oauth_runtime::testing::{SigningAlgorithm, TestProvider};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// for algorithm in [SigningAlgorithm::Es256, SigningAlgorithm::EdDsa] {
///     let provider = TestProvider::builder().signing_algorithm(algorithm).start().await?;
///     println!("{} signs with {algorithm}", provider.issuer());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256, which every provider supports.
    #[default]
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
    /// Ed25519.
    EdDsa,
}

impl SigningAlgorithm {
    /// All algorithms of the test provider.
    pub const ALL: [Self; 10] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::EdDsa,
    ];

    /// The name in a JOSE header: `RS256`, `EdDSA`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
        }
    }

    /// `at_hash`: the left half of the algorithm's hash (OpenID Connect Core 1.0 section 3.1.3.6).
    /// For EdDSA the hash is SHA-512, which Ed25519 uses.
    pub(super) fn left_half_hash(self, text: &str) -> String {
        let algorithm = match self {
            Self::Rs256 | Self::Ps256 | Self::Es256 => &digest::SHA256,
            Self::Rs384 | Self::Ps384 | Self::Es384 => &digest::SHA384,
            Self::Rs512 | Self::Ps512 | Self::Es512 | Self::EdDsa => &digest::SHA512,
        };
        let hash: Digest = digest::digest(algorithm, text.as_bytes());
        let (left, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
        URL_SAFE_NO_PAD.encode(left)
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// `kty` and `crv` of its keys; RSA has no curve.
    pub(super) const fn key_type(self) -> (&'static str, &'static str) {
        match self {
            Self::Es256 => ("EC", "P-256"),
            Self::Es384 => ("EC", "P-384"),
            Self::Es512 => ("EC", "P-521"),
            Self::EdDsa => ("OKP", "Ed25519"),
            _ => ("RSA", ""),
        }
    }

    /// The verification parameters for modulus and exponent; `None` for an algorithm on a curve.
    pub(super) fn rsa(self) -> Option<&'static RsaParameters> {
        Some(match self {
            Self::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
            Self::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
            Self::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
            Self::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
            Self::Ps384 => &signature::RSA_PSS_2048_8192_SHA384,
            Self::Ps512 => &signature::RSA_PSS_2048_8192_SHA512,
            _ => return None,
        })
    }

    pub(super) fn verification(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::Es256 => &signature::ECDSA_P256_SHA256_FIXED,
            Self::Es384 => &signature::ECDSA_P384_SHA384_FIXED,
            Self::Es512 => &signature::ECDSA_P521_SHA512_FIXED,
            Self::EdDsa => &signature::ED25519,
            Self::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
            Self::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
            Self::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
            Self::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
            Self::Ps384 => &signature::RSA_PSS_2048_8192_SHA384,
            Self::Ps512 => &signature::RSA_PSS_2048_8192_SHA512,
        }
    }
}

impl fmt::Display for SigningAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A private key and its algorithm.
pub(super) struct SigningKey {
    algorithm: SigningAlgorithm,
    /// `kid`, derived from the public key so that it is unique.
    id: String,
    private: Private,
}

enum Private {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ecdsa(EcdsaKeyPair, &'static str),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// Generates a key. RSA takes tens of milliseconds.
    pub(super) fn generate(algorithm: SigningAlgorithm) -> Result<Self, Unspecified> {
        let private = match algorithm {
            SigningAlgorithm::Rs256 => rsa(&signature::RSA_PKCS1_SHA256)?,
            SigningAlgorithm::Rs384 => rsa(&signature::RSA_PKCS1_SHA384)?,
            SigningAlgorithm::Rs512 => rsa(&signature::RSA_PKCS1_SHA512)?,
            SigningAlgorithm::Ps256 => rsa(&signature::RSA_PSS_SHA256)?,
            SigningAlgorithm::Ps384 => rsa(&signature::RSA_PSS_SHA384)?,
            SigningAlgorithm::Ps512 => rsa(&signature::RSA_PSS_SHA512)?,
            SigningAlgorithm::Es256 => ecdsa(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, "P-256")?,
            SigningAlgorithm::Es384 => ecdsa(&signature::ECDSA_P384_SHA384_FIXED_SIGNING, "P-384")?,
            SigningAlgorithm::Es512 => ecdsa(&signature::ECDSA_P521_SHA512_FIXED_SIGNING, "P-521")?,
            SigningAlgorithm::EdDsa => Private::Ed25519(Ed25519KeyPair::generate()?),
        };
        let fingerprint = digest::digest(&digest::SHA256, private.public());
        let mut id = URL_SAFE_NO_PAD.encode(fingerprint);
        id.truncate(16);
        Ok(Self { algorithm, id, private })
    }

    pub(super) fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let random = SystemRandom::new();
        match &self.private {
            Private::Rsa(key, encoding) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(*encoding, &random, message, &mut signature)?;
                Ok(signature)
            }
            Private::Ecdsa(key, _) => Ok(key.sign(&random, message)?.as_ref().to_vec()),
            Private::Ed25519(key) => Ok(key.try_sign(message)?.as_ref().to_vec()),
        }
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(self.algorithm.verification(), self.private.public())
            .verify(message, signature)
            .is_ok()
    }

    /// The public key as in a JWK Set.
    pub(super) fn to_jwk(&self) -> Value {
        let mut jwk = match &self.private {
            Private::Rsa(key, _) => {
                let public = key.public_key();
                let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
                json!({
                    "kty": "RSA",
                    "n": number(public.modulus().big_endian_without_leading_zero()),
                    "e": number(public.exponent().big_endian_without_leading_zero()),
                })
            }
            Private::Ecdsa(key, curve) => {
                // An uncompressed point: 0x04, then x and y of equal length (SEC 1 section 2.3.3).
                let coordinates = key.public_key().as_ref().get(1..).unwrap_or_default();
                let (x, y) = coordinates.split_at(coordinates.len() / 2);
                json!({
                    "kty": "EC",
                    "crv": curve,
                    "x": URL_SAFE_NO_PAD.encode(x),
                    "y": URL_SAFE_NO_PAD.encode(y),
                })
            }
            Private::Ed25519(key) => json!({
                "kty": "OKP",
                "crv": "Ed25519",
                "x": URL_SAFE_NO_PAD.encode(key.public_key()),
            }),
        };
        jwk["kid"] = json!(self.id);
        jwk["use"] = json!("sig");
        jwk["alg"] = json!(self.algorithm.name());
        jwk
    }

    /// The public key as an X.509 SubjectPublicKeyInfo.
    pub(super) fn public_der(&self) -> Result<Vec<u8>, Unspecified> {
        let der: PublicKeyX509Der<'static> = match &self.private {
            Private::Rsa(key, _) => key.public_key().as_der()?,
            Private::Ecdsa(key, _) => key.public_key().as_der()?,
            Private::Ed25519(key) => key.public_key().as_der()?,
        };
        Ok(der.as_ref().to_vec())
    }

    /// The public key as a PEM file, with lines of 64 characters that end with a line feed.
    pub(super) fn public_pem(&self) -> Result<String, Unspecified> {
        let encoded = STANDARD.encode(self.public_der()?);
        let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
        let mut rest = encoded.as_str();
        while !rest.is_empty() {
            let (line, remaining) = rest.split_at(rest.len().min(64));
            pem.push_str(line);
            pem.push('\n');
            rest = remaining;
        }
        pem.push_str("-----END PUBLIC KEY-----\n");
        Ok(pem)
    }
}

impl Private {
    /// The public key in the format of aws-lc.
    fn public(&self) -> &[u8] {
        match self {
            Self::Rsa(key, _) => key.public_key().as_ref(),
            Self::Ecdsa(key, _) => key.public_key().as_ref(),
            Self::Ed25519(key) => key.public_key().as_ref(),
        }
    }
}

fn rsa(encoding: &'static dyn RsaEncoding) -> Result<Private, Unspecified> {
    Ok(Private::Rsa(RsaKeyPair::generate(KeySize::Rsa2048)?, encoding))
}

fn ecdsa(
    algorithm: &'static EcdsaSigningAlgorithm,
    curve: &'static str,
) -> Result<Private, Unspecified> {
    Ok(Private::Ecdsa(EcdsaKeyPair::generate(algorithm)?, curve))
}

#[cfg(test)]
mod tests {
    use super::{SigningAlgorithm, SigningKey};

    #[test]
    fn every_algorithm_verifies_only_what_it_signed() {
        for algorithm in SigningAlgorithm::ALL {
            let key = SigningKey::generate(algorithm).unwrap();
            let signature = key.sign(b"message").unwrap();
            assert!(key.verifies(b"message", &signature), "{algorithm}");
            assert!(!key.verifies(b"massage", &signature), "{algorithm}");
        }
    }

    /// The example of OpenID Connect Core 1.0 appendix A.3 (`at_hash` for RS256).
    #[test]
    fn access_token_hash_matches_the_specification() {
        let access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(SigningAlgorithm::Rs256.left_half_hash(access_token), "77QmUPtjPfzWtF2AnpK9RQ");
    }

    #[test]
    fn public_key_is_written_as_pem() {
        let key = SigningKey::generate(SigningAlgorithm::Es256).unwrap();
        let pem = key.public_pem().unwrap();
        let lines: Vec<_> = pem.lines().collect();
        assert_eq!(lines.first(), Some(&"-----BEGIN PUBLIC KEY-----"));
        assert_eq!(lines.last(), Some(&"-----END PUBLIC KEY-----"));
        assert_eq!(lines[1].len(), 64);
    }
}
