//! Proof Key for Code Exchange (RFC 7636), method S256.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::crypto::secret::Secret;

/// The code verifier: 43 characters made from 32 random bytes (RFC 7636 section 4.1).
pub(crate) fn code_verifier(random: &[u8]) -> Secret {
    Secret::from(URL_SAFE_NO_PAD.encode(random))
}

/// The code challenge for method S256 (RFC 7636 section 4.2).
pub(crate) fn code_challenge(verifier: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.expose().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 appendix B.
    #[test]
    fn challenge_of_the_specification() {
        let verifier = Secret::from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(code_challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn verifier_has_43_unreserved_characters() {
        let verifier = code_verifier(&[0xfb; 32]);
        assert_eq!(verifier.expose().len(), 43);
        assert!(
            verifier.expose().bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
        );
    }
}
