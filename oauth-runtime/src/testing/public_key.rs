//! Public keys of clients (RFC 7517, RFC 7518 section 6), which verify their signatures.

use aws_lc_rs::signature::{RsaPublicKeyComponents, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::signing_key::SigningAlgorithm;

/// Whether the signature was made with the private key of `jwk` and this algorithm. If the key
/// names an algorithm, it must be this one.
pub(super) fn verifies(
    jwk: &Value,
    algorithm: SigningAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let is_meant = jwk.get("alg").is_none_or(|alg| alg == algorithm.name())
        && jwk.get("use").is_none_or(|it| it == "sig");
    is_meant && verified(jwk, algorithm, message, signature).is_some()
}

fn verified(
    jwk: &Value,
    algorithm: SigningAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Option<()> {
    let verification = match algorithm.key_type() {
        ("RSA", _) if jwk["kty"] == "RSA" => {
            let key = RsaPublicKeyComponents { n: bytes(jwk, "n")?, e: bytes(jwk, "e")? };
            return key.verify(algorithm.rsa()?, message, signature).ok();
        }
        (kty, curve) if jwk["kty"] == kty && jwk["crv"] == curve => algorithm.verification(),
        _ => return None,
    };
    UnparsedPublicKey::new(verification, point(jwk)?).verify(message, signature).ok()
}

/// The point of a key on a curve: unchanged for Ed25519 and X25519, otherwise uncompressed (SEC 1
/// section 2.3.3).
pub(super) fn point(jwk: &Value) -> Option<Vec<u8>> {
    let x = bytes(jwk, "x")?;
    if jwk["kty"] == "OKP" {
        return Some(x);
    }
    Some([vec![4], x, bytes(jwk, "y")?].concat())
}

/// A member that contains bytes as base64url.
pub(super) fn bytes(jwk: &Value, member: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(jwk.get(member)?.as_str()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::signing_key::SigningKey;
    use super::{SigningAlgorithm, verifies};

    #[test]
    fn published_key_verifies_only_its_own_algorithm() {
        for algorithm in SigningAlgorithm::ALL {
            let key = SigningKey::generate(algorithm).unwrap();
            let signature = key.sign(b"message").unwrap();
            let jwk = key.to_jwk();
            assert!(verifies(&jwk, algorithm, b"message", &signature), "{algorithm}");
            assert!(!verifies(&jwk, algorithm, b"massage", &signature), "{algorithm}");
            for other in SigningAlgorithm::ALL.into_iter().filter(|other| *other != algorithm) {
                assert!(!verifies(&jwk, other, b"message", &signature), "{algorithm} as {other}");
            }
            let mut for_encryption = jwk.clone();
            for_encryption["use"] = json!("enc");
            assert!(!verifies(&for_encryption, algorithm, b"message", &signature));
        }
    }
}
