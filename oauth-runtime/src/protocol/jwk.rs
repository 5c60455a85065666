//! JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037) as verification keys, parsed once.
//!
//! A key decides which algorithms it can verify; a token's header can only choose among them.

use std::fmt;

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    ParsedPublicKey, RsaParameters, VerificationAlgorithm,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json::{JsonError, Members};

/// Most keys that a key set may hold: providers publish fewer than ten.
const MAX_KEYS: usize = 100;

/// A signature algorithm of JSON Web Signature (RFC 7518 section 3.1, RFC 8037, RFC 9864).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the specification's")]
#[non_exhaustive]
pub enum SigningAlgorithm {
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    ES512,
    EdDSA,
    HS256,
}

impl SigningAlgorithm {
    /// Every algorithm whose verification key is public.
    pub(crate) const ASYMMETRIC: [Self; 10] = [
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::PS256,
        Self::PS384,
        Self::PS512,
        Self::ES256,
        Self::ES384,
        Self::ES512,
        Self::EdDSA,
    ];

    /// The algorithm of a registered name; `None` for a name that is not known here.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::RS256,
            "RS384" => Self::RS384,
            "RS512" => Self::RS512,
            "PS256" => Self::PS256,
            "PS384" => Self::PS384,
            "PS512" => Self::PS512,
            "ES256" => Self::ES256,
            "ES384" => Self::ES384,
            "ES512" => Self::ES512,
            // RFC 9864 names the curve; both are the same signature.
            "EdDSA" | "Ed25519" => Self::EdDSA,
            "HS256" => Self::HS256,
            _ => return None,
        })
    }

    /// The registered name.
    pub fn name(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::PS384 => "PS384",
            Self::PS512 => "PS512",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::ES512 => "ES512",
            Self::EdDSA => "EdDSA",
            Self::HS256 => "HS256",
        }
    }
}

impl fmt::Display for SigningAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A provider's public keys.
#[derive(Debug, Default)]
pub(crate) struct JwkSet {
    keys: Vec<Jwk>,
}

/// One public key with the algorithms that it can verify.
pub(crate) struct Jwk {
    key_id: Option<Box<str>>,
    /// The issuer that the key is for, where the provider says so: Microsoft's keys of all tenants
    /// stand in one document.
    issuer: Option<Box<str>>,
    verifiers: Vec<(SigningAlgorithm, ParsedPublicKey)>,
}

/// A key that may have signed, and the issuer that it is for, where the provider says so.
pub(crate) struct Candidate<'a> {
    pub(crate) key: &'a ParsedPublicKey,
    pub(crate) issuer: Option<&'a str>,
}

/// Why a key set cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum JwkSetError {
    /// Not a JSON Web Key Set.
    #[error("it is not a JSON Web Key Set (RFC 7517 section 5): {0}")]
    Malformed(JsonError),
    /// More keys than any provider has.
    #[error("it holds {0} keys; at most {MAX_KEYS} are read")]
    TooManyKeys(usize),
}

#[derive(Deserialize)]
struct JwkSetDocument<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

/// The members of RFC 7517 section 4 and RFC 7518 section 6 that verification needs.
#[derive(Deserialize)]
struct JwkDocument {
    kty: String,
    #[serde(rename = "use")]
    public_key_use: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    kid: Option<String>,
    issuer: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl JwkSet {
    /// Reads a key set. A key of unknown type or use, or one that is broken or too weak, is left
    /// out: it cannot verify anything, and must not end the logins that need the others.
    ///
    /// # Errors
    /// [`JwkSetError`] when the document as a whole cannot be used.
    pub(crate) fn parse(document: &[u8]) -> Result<Self, JwkSetError> {
        let Members(document): Members<JwkSetDocument<'_>> = serde_json::from_slice(document)
            .map_err(|error| JwkSetError::Malformed(JsonError::of(error, document)))?;
        if document.keys.len() > MAX_KEYS {
            return Err(JwkSetError::TooManyKeys(document.keys.len()));
        }
        let keys = document
            .keys
            .iter()
            .filter_map(|key| serde_json::from_str(key.get()).ok())
            .filter_map(|Members(key)| Jwk::from_document(key))
            .collect();
        Ok(Self { keys })
    }

    /// The prepared keys that may have signed with `algorithm`. A key without identifier fits
    /// every identifier, and a token without identifier fits every key (RFC 7515 section 4.1.4).
    pub(crate) fn candidates<'a>(
        &'a self,
        algorithm: SigningAlgorithm,
        key_id: Option<&'a str>,
    ) -> impl Iterator<Item = Candidate<'a>> {
        self.keys
            .iter()
            .filter(move |key| match (key_id, key.key_id.as_deref()) {
                (Some(wanted), Some(own)) => wanted == own,
                _ => true,
            })
            .filter_map(move |key| {
                Some(Candidate { key: key.verifier(algorithm)?, issuer: key.issuer.as_deref() })
            })
    }
}

impl Jwk {
    fn from_document(document: JwkDocument) -> Option<Self> {
        let is_for_signatures = document.public_key_use.as_deref().is_none_or(|u| u == "sig")
            && document.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        if !is_for_signatures {
            return None;
        }
        let verifiers = document.verifiers()?;
        let issuer = document.issuer.map(String::into_boxed_str);
        Some(Self { key_id: document.kid.map(String::into_boxed_str), issuer, verifiers })
    }

    fn verifier(&self, algorithm: SigningAlgorithm) -> Option<&ParsedPublicKey> {
        self.verifiers.iter().find(|(own, _)| *own == algorithm).map(|(_, key)| key)
    }
}

impl JwkDocument {
    fn verifiers(&self) -> Option<Vec<(SigningAlgorithm, ParsedPublicKey)>> {
        let mut verifiers = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => self.rsa()?,
            ("EC", Some("P-256")) => {
                self.ec(SigningAlgorithm::ES256, &ECDSA_P256_SHA256_FIXED, 32)?
            }
            ("EC", Some("P-384")) => {
                self.ec(SigningAlgorithm::ES384, &ECDSA_P384_SHA384_FIXED, 48)?
            }
            ("EC", Some("P-521")) => {
                self.ec(SigningAlgorithm::ES512, &ECDSA_P521_SHA512_FIXED, 66)?
            }
            ("OKP", Some("Ed25519")) => {
                let key = ParsedPublicKey::new(&ED25519, decode(self.x.as_deref())?).ok()?;
                vec![(SigningAlgorithm::EdDSA, key)]
            }
            _ => return None,
        };
        if let Some(alg) = &self.alg {
            let only = SigningAlgorithm::from_name(alg)?;
            verifiers.retain(|(own, _)| *own == only);
        }
        (!verifiers.is_empty()).then_some(verifiers)
    }

    /// Moduli below 2048 bits are refused by the parameters.
    fn rsa(&self) -> Option<Vec<(SigningAlgorithm, ParsedPublicKey)>> {
        const RSA: [(SigningAlgorithm, &RsaParameters); 6] = [
            (SigningAlgorithm::RS256, &signature::RSA_PKCS1_2048_8192_SHA256),
            (SigningAlgorithm::RS384, &signature::RSA_PKCS1_2048_8192_SHA384),
            (SigningAlgorithm::RS512, &signature::RSA_PKCS1_2048_8192_SHA512),
            (SigningAlgorithm::PS256, &signature::RSA_PSS_2048_8192_SHA256),
            (SigningAlgorithm::PS384, &signature::RSA_PSS_2048_8192_SHA384),
            (SigningAlgorithm::PS512, &signature::RSA_PSS_2048_8192_SHA512),
        ];
        let (n, e) = (decode(self.n.as_deref())?, decode(self.e.as_deref())?);
        // RFC 7518 section 6.3.1.1 wants no leading zero octets, yet some providers send one.
        let components = PublicKeyComponents { n: without_zeros(&n), e: without_zeros(&e) };
        // With the exponent 1 every text is its own signature; an even one is no RSA key at all.
        let has_sound_exponent = components.e.last()? % 2 == 1 && components.e != [1];
        if components.n.len() < 256 || !has_sound_exponent {
            return None;
        }
        RSA.into_iter()
            .map(|(alg, parameters)| Some((alg, components.to_parsed_public_key(parameters).ok()?)))
            .collect()
    }

    fn ec(
        &self,
        algorithm: SigningAlgorithm,
        verification: &'static dyn VerificationAlgorithm,
        coordinate: usize,
    ) -> Option<Vec<(SigningAlgorithm, ParsedPublicKey)>> {
        let (x, y) = (decode(self.x.as_deref())?, decode(self.y.as_deref())?);
        if x.len() != coordinate || y.len() != coordinate {
            return None;
        }
        // An uncompressed point: SEC 1 section 2.3.3.
        let point = [&[4], x.as_slice(), y.as_slice()].concat();
        Some(vec![(algorithm, ParsedPublicKey::new(verification, point).ok()?)])
    }
}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let algorithms: Vec<_> = self.verifiers.iter().map(|(algorithm, _)| algorithm).collect();
        f.debug_struct("Jwk")
            .field("key_id", &self.key_id)
            .field("algorithms", &algorithms)
            .finish()
    }
}

fn decode(text: Option<&str>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text?).ok()
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::protocol::signer::{Signer, key_set};

    /// The algorithms that the one key can verify; none if it was left out.
    fn algorithms(jwk: &Value) -> Vec<SigningAlgorithm> {
        let set = key_set(std::slice::from_ref(jwk));
        set.keys.first().map_or_else(Vec::new, |key| {
            key.verifiers.iter().map(|(algorithm, _)| *algorithm).collect()
        })
    }

    fn with(jwk: &Value, member: &str, value: Value) -> Value {
        let mut jwk = jwk.clone();
        jwk[member] = value;
        jwk
    }

    fn jwk(algorithm: SigningAlgorithm) -> Value {
        Signer::new(algorithm).jwk()
    }

    #[test]
    fn names_and_algorithms_belong_together() {
        for algorithm in SigningAlgorithm::ASYMMETRIC {
            assert_eq!(SigningAlgorithm::from_name(algorithm.name()), Some(algorithm));
        }
        assert_eq!(SigningAlgorithm::from_name("Ed25519"), Some(SigningAlgorithm::EdDSA));
        for unknown in ["none", "None", "", "rs256", "RS1", "HS384", "ES256K", "Ed448", " RS256"] {
            assert_eq!(SigningAlgorithm::from_name(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn the_type_of_a_key_decides_what_it_can_verify() {
        use SigningAlgorithm as Alg;
        let rsa = [Alg::RS256, Alg::RS384, Alg::RS512, Alg::PS256, Alg::PS384, Alg::PS512];
        assert_eq!(algorithms(&jwk(Alg::RS256)), rsa);
        for algorithm in [Alg::ES256, Alg::ES384, Alg::ES512, Alg::EdDSA] {
            assert_eq!(algorithms(&jwk(algorithm)), [algorithm]);
        }
    }

    #[test]
    fn key_verifies_only_its_own_algorithm() {
        let rsa = jwk(SigningAlgorithm::RS256);
        let only = with(&rsa, "alg", json!("PS384"));
        assert_eq!(algorithms(&only), [SigningAlgorithm::PS384]);
        for other in ["HS256", "ES256", "none", "RSA-OAEP", ""] {
            assert_eq!(algorithms(&with(&rsa, "alg", json!(other))), [], "{other}");
        }
        let ec = jwk(SigningAlgorithm::ES256);
        assert_eq!(algorithms(&with(&ec, "alg", json!("ES384"))), []);
    }

    #[test]
    fn a_key_for_another_use_is_left_out() {
        for algorithm in [SigningAlgorithm::RS256, SigningAlgorithm::ES256] {
            let key = jwk(algorithm);
            assert!(!algorithms(&with(&key, "use", json!("sig"))).is_empty());
            assert!(!algorithms(&with(&key, "key_ops", json!(["verify"]))).is_empty());
            assert_eq!(algorithms(&with(&key, "use", json!("enc"))), []);
            assert_eq!(algorithms(&with(&key, "use", json!(""))), []);
            assert_eq!(algorithms(&with(&key, "key_ops", json!(["encrypt", "sign"]))), []);
            assert_eq!(algorithms(&with(&key, "key_ops", json!([]))), []);
        }
    }

    #[test]
    fn a_key_of_another_type_is_left_out() {
        let ec = jwk(SigningAlgorithm::ES256);
        for (member, value) in
            [("kty", "RSA"), ("kty", "ec"), ("crv", "secp256k1"), ("crv", "P-384"), ("kty", "OKP")]
        {
            assert_eq!(algorithms(&with(&ec, member, json!(value))), [], "{member} {value}");
        }
        let ed = jwk(SigningAlgorithm::EdDSA);
        for curve in ["X25519", "Ed448", "ed25519"] {
            assert_eq!(algorithms(&with(&ed, "crv", json!(curve))), [], "{curve}");
        }
        // Whoever can read a symmetric key can sign with it.
        assert_eq!(algorithms(&json!({"kty": "oct", "k": "c2VjcmV0"})), []);
        assert_eq!(algorithms(&json!({"kty": "oct", "k": "c2VjcmV0", "alg": "HS256"})), []);
    }

    #[test]
    fn a_weak_or_broken_rsa_key_is_left_out() {
        let key = jwk(SigningAlgorithm::RS256);
        let modulus = decode(key["n"].as_str()).unwrap();
        let encoded = |bytes: &[u8]| json!(URL_SAFE_NO_PAD.encode(bytes));
        // 1024 bits, 2040 bits, more than 8192 bits, nothing, even.
        assert_eq!(algorithms(&with(&key, "n", encoded(&modulus[..128]))), []);
        assert_eq!(algorithms(&with(&key, "n", encoded(&modulus[..255]))), []);
        assert_eq!(algorithms(&with(&key, "n", encoded(&[]))), []);
        assert_eq!(algorithms(&with(&key, "n", encoded(&[0; 300]))), []);
        let padded = [[0; 200].as_slice(), &modulus[..200]].concat();
        assert_eq!(algorithms(&with(&key, "n", encoded(&padded))), [], "zeros are no strength");
        for exponent in [[].as_slice(), &[0], &[1], &[2], &[1, 0, 0]] {
            assert_eq!(algorithms(&with(&key, "e", encoded(exponent))), [], "{exponent:?}");
        }
        for member in ["n", "e"] {
            assert_eq!(algorithms(&with(&key, member, Value::Null)), []);
            assert_eq!(algorithms(&with(&key, member, json!("!"))), []);
            assert_eq!(algorithms(&with(&key, member, json!(3))), []);
        }
    }

    /// RFC 7518 section 6.3.1.1 forbids it, and some providers do it.
    #[test]
    fn a_leading_zero_of_a_modulus_does_no_harm() {
        let key = jwk(SigningAlgorithm::RS256);
        let modulus = decode(key["n"].as_str()).unwrap();
        let padded = [&[0], modulus.as_slice()].concat();
        let padded = with(&key, "n", json!(URL_SAFE_NO_PAD.encode(padded)));
        assert_eq!(algorithms(&padded).len(), 6);
    }

    #[test]
    fn a_point_that_is_not_on_its_curve_is_left_out() {
        for algorithm in [SigningAlgorithm::ES256, SigningAlgorithm::ES384, SigningAlgorithm::ES512]
        {
            let key = jwk(algorithm);
            let x = decode(key["x"].as_str()).unwrap();
            let encoded = |bytes: &[u8]| json!(URL_SAFE_NO_PAD.encode(bytes));
            let mut moved = x.clone();
            moved[10] ^= 1;
            for (what, x) in [
                ("moved", moved),
                ("zero", vec![0; x.len()]),
                ("short", x[1..].to_vec()),
                ("long", [&[0], x.as_slice()].concat()),
                ("none", Vec::new()),
            ] {
                let changed = with(&key, "x", encoded(&x));
                // One of two moved points lies on the curve with another y, never with this one.
                assert_eq!(algorithms(&changed), [], "{algorithm} {what}");
            }
            assert_eq!(algorithms(&with(&key, "y", Value::Null)), []);
        }
    }

    #[test]
    fn an_ed25519_key_of_another_length_is_left_out() {
        let key = jwk(SigningAlgorithm::EdDSA);
        let x = decode(key["x"].as_str()).unwrap();
        for x in [&x[1..], &[x.as_slice(), &[0]].concat(), &[]] {
            assert_eq!(algorithms(&with(&key, "x", json!(URL_SAFE_NO_PAD.encode(x)))), []);
        }
    }

    #[test]
    fn odd_entries_do_not_end_the_others() {
        let good = with(&jwk(SigningAlgorithm::EdDSA), "kid", json!("good"));
        let odd = [
            json!(null),
            json!(1),
            json!("key"),
            json!([]),
            json!({}),
            json!({"kty": 1}),
            json!({"kty": "EC"}),
            with(&good, "kid", json!(7)),
        ];
        let set = key_set(&[&odd[..], &[good], &odd[..]].concat());
        assert_eq!(set.keys.len(), 1);
        assert_eq!(set.candidates(SigningAlgorithm::EdDSA, Some("good")).count(), 1);
    }

    #[test]
    fn members_that_come_twice_make_a_key_useless() {
        let key = jwk(SigningAlgorithm::EdDSA).to_string();
        let doubled = key.replacen('{', r#"{"kty":"OKP","#, 1);
        let set = JwkSet::parse(format!(r#"{{"keys":[{doubled}]}}"#).as_bytes()).unwrap();
        assert_eq!(set.keys.len(), 0);
        let twice = format!(r#"{{"keys":[{key}],"keys":[]}}"#);
        assert!(matches!(JwkSet::parse(twice.as_bytes()), Err(JwkSetError::Malformed(_))));
    }

    #[test]
    fn a_document_that_is_no_key_set_is_refused() {
        for document in ["", "null", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":null}"#, "<html>"] {
            let refused = JwkSet::parse(document.as_bytes());
            assert!(matches!(refused, Err(JwkSetError::Malformed(_))), "{document}");
        }
    }

    #[test]
    fn a_key_set_is_bounded() {
        let keys = |count| json!({"keys": vec![json!({}); count]}).to_string();
        assert!(JwkSet::parse(keys(MAX_KEYS).as_bytes()).is_ok());
        let refused = JwkSet::parse(keys(MAX_KEYS + 1).as_bytes());
        assert!(matches!(refused, Err(JwkSetError::TooManyKeys(101))));
    }

    #[test]
    fn key_is_found_by_kid_and_one_without_fits_any() {
        let key = jwk(SigningAlgorithm::EdDSA);
        let named = |name: &str| with(&key, "kid", json!(name));
        let set = key_set(&[named("a"), named("b"), key.clone()]);
        let count = |id| set.candidates(SigningAlgorithm::EdDSA, id).count();
        assert_eq!((count(Some("a")), count(Some("c")), count(None)), (2, 1, 3));
        assert_eq!(set.candidates(SigningAlgorithm::ES256, None).count(), 0);
    }
}
