//! The signature of a request (RFC 5849 sections 3.4.2 to 3.4.4).

use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::parameters::encode;
use super::rsa_key::RsaKey;
#[cfg(feature = "rsa-sha1")]
use super::rsa_key::RsaSha1Key;
use crate::crypto::failure::Failure;
use crate::crypto::secret::Secret;

/// A signature method with its key.
#[derive(Debug, Clone)]
pub(crate) enum SignatureKey {
    /// With the client's shared secret.
    HmacSha1(Secret),
    /// With the client's shared secret. RFC 5849 does not define it; providers that avoid SHA-1 use
    /// it.
    HmacSha256(Secret),
    #[cfg(feature = "rsa-sha1")]
    RsaSha1(RsaSha1Key),
    /// With the client's private key. RFC 5849 does not define it, either.
    RsaSha256(RsaKey),
    /// The secrets themselves instead of a signature: for https only.
    Plaintext(Secret),
}

impl SignatureKey {
    /// `oauth_signature_method`.
    pub(super) fn method(&self) -> &'static str {
        match self {
            Self::HmacSha1(_) => "HMAC-SHA1",
            Self::HmacSha256(_) => "HMAC-SHA256",
            #[cfg(feature = "rsa-sha1")]
            Self::RsaSha1(_) => "RSA-SHA1",
            Self::RsaSha256(_) => "RSA-SHA256",
            Self::Plaintext(_) => "PLAINTEXT",
        }
    }

    /// `oauth_signature`. `token_secret` is that of the temporary or of the token credentials.
    ///
    /// # Errors
    /// [`Failure`].
    pub(super) fn sign(
        &self,
        base_string: &str,
        token_secret: Option<&Secret>,
    ) -> Result<Secret, Failure> {
        let signature = match self {
            Self::HmacSha1(secret) => {
                mac(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret, token_secret, base_string)
            }
            Self::HmacSha256(secret) => mac(hmac::HMAC_SHA256, secret, token_secret, base_string),
            #[cfg(feature = "rsa-sha1")]
            Self::RsaSha1(key) => STANDARD.encode(key.sign(base_string)?),
            Self::RsaSha256(key) => STANDARD.encode(key.sign_sha256(base_string)?),
            Self::Plaintext(secret) => shared_secrets(secret, token_secret).to_string(),
        };
        Ok(Secret::from(signature))
    }

    /// `oauth_body_hash` (OAuth Request Body Hash): the digest of the signature method. `None` if
    /// nothing is signed.
    pub(super) fn body_hash(&self, body: &[u8]) -> Option<String> {
        let algorithm = match self {
            Self::HmacSha1(_) => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            #[cfg(feature = "rsa-sha1")]
            Self::RsaSha1(_) => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::HmacSha256(_) | Self::RsaSha256(_) => &digest::SHA256,
            Self::Plaintext(_) => return None,
        };
        Some(STANDARD.encode(digest::digest(algorithm, body)))
    }
}

fn mac(
    algorithm: hmac::Algorithm,
    client_secret: &Secret,
    token_secret: Option<&Secret>,
    base_string: &str,
) -> String {
    let key = shared_secrets(client_secret, token_secret);
    let key = hmac::Key::new(algorithm, key.as_bytes());
    STANDARD.encode(hmac::sign(&key, base_string.as_bytes()))
}

/// Both secrets, encoded, with `&` between them even if the second does not exist yet.
fn shared_secrets(client_secret: &Secret, token_secret: Option<&Secret>) -> Zeroizing<String> {
    let mut text = Zeroizing::new(encode(client_secret.expose()));
    text.push('&');
    if let Some(secret) = token_secret {
        text.push_str(&Zeroizing::new(encode(secret.expose())));
    }
    text
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaParameters, UnparsedPublicKey};

    use super::*;
    use crate::protocol::oauth1::rsa_key::tests::KEY;

    fn signature(key: &SignatureKey, base_string: &str, token_secret: &str) -> String {
        let signature = key.sign(base_string, Some(&Secret::from(token_secret))).unwrap();
        signature.expose().to_owned()
    }

    /// RFC 5849 section 3.4.1.1 shows the request with another signature than the secrets of
    /// section 3.1 give; erratum 2550 has this one.
    #[test]
    fn signature_matches_the_corrected_rfc_5849_example() {
        let base_string = "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3\
            %3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26\
            oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201\
            %26oauth_token%3Dkkk9d7dh3k39sjv7";
        let key = SignatureKey::HmacSha1(Secret::from("j49sk3j29djd"));
        assert_eq!(signature(&key, base_string, "dh893hdasih9"), "r6/TJjbCOr97/+UU0NsvSne7s5g=");
    }

    #[test]
    fn hmac_sha256_is_keyed_with_both_secrets() {
        let key = SignatureKey::HmacSha256(Secret::from("a b"));
        let expected = hmac::Key::new(hmac::HMAC_SHA256, b"a%20b&c%26d");
        let expected = STANDARD.encode(hmac::sign(&expected, b"text"));
        assert_eq!(signature(&key, "text", "c&d"), expected);
    }

    /// RFC 5849 section 3.4.4 with the secrets of section 3.1, and before there is a token.
    #[test]
    fn plaintext_is_both_secrets() {
        let key = SignatureKey::Plaintext(Secret::from("djr9rjt0jd78jf88"));
        assert_eq!(signature(&key, "", "jjd999tj88uiths3"), "djr9rjt0jd78jf88&jjd999tj88uiths3");
        assert_eq!(key.sign("", None).unwrap().expose(), "djr9rjt0jd78jf88&");
        let key = SignatureKey::Plaintext(Secret::from("a&b+c"));
        assert_eq!(signature(&key, "", "ä~"), "a%26b%2Bc&%C3%A4~");
    }

    fn assert_verifies(key: &SignatureKey, parameters: &'static RsaParameters) {
        let signature = STANDARD.decode(signature(key, "text", "unused")).unwrap();
        let public = UnparsedPublicKey::new(parameters, &KEY.1);
        assert!(public.verify(b"text", &signature).is_ok());
        assert!(public.verify(b"text.", &signature).is_err());
    }

    #[test]
    fn rsa_sha256_verifies_with_the_public_key() {
        assert_verifies(&SignatureKey::RsaSha256(KEY.0.clone()), &RSA_PKCS1_2048_8192_SHA256);
    }

    #[cfg(feature = "rsa-sha1")]
    #[test]
    fn rsa_sha1_verifies_with_the_public_key() {
        use aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY;

        let key = SignatureKey::RsaSha1(RsaSha1Key::new(&KEY.0).unwrap());
        assert_verifies(&key, &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY);
    }

    /// The text and the hash are those of the extension's example.
    #[test]
    fn the_body_is_hashed_as_the_method_hashes() {
        let secret = || Secret::from("s");
        let hash = |key: &SignatureKey| key.body_hash(b"Hello World!");
        let sha1 = hash(&SignatureKey::HmacSha1(secret())).unwrap();
        assert_eq!(sha1, "Lve95gjOVATpfV8EL5X4nxwjKHE=");
        let sha256 = "f4OxZX/x/FO5LcGBSKHWXfwtSx+j1ncoSt3SABJtkGk=";
        assert_eq!(hash(&SignatureKey::HmacSha256(secret())).unwrap(), sha256);
        assert_eq!(hash(&SignatureKey::RsaSha256(KEY.0.clone())).unwrap(), sha256);
        assert_eq!(hash(&SignatureKey::Plaintext(secret())), None);
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?}", SignatureKey::HmacSha1(Secret::from("hunter2")));
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
