use serde_json::{Value, json};

use super::*;
use crate::protocol::signer::{Signer, key_set};

/// The algorithms that a key can verify; none if it was left out.
fn algorithms(jwk: &Value) -> Vec<JwsAlgorithm> {
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

fn jwk(algorithm: JwsAlgorithm) -> Value {
    Signer::new(algorithm).jwk()
}

#[test]
fn names_and_algorithms_belong_together() {
    for algorithm in JwsAlgorithm::ASYMMETRIC {
        assert_eq!(JwsAlgorithm::from_name(algorithm.name()), Some(algorithm));
    }
    assert_eq!(JwsAlgorithm::from_name("Ed25519"), Some(JwsAlgorithm::EdDSA));
    for unknown in ["none", "None", "", "rs256", "RS1", "HS384", "ES256K", "Ed448", " RS256"] {
        assert_eq!(JwsAlgorithm::from_name(unknown), None, "{unknown}");
    }
}

#[test]
fn the_type_of_a_key_decides_what_it_can_verify() {
    use JwsAlgorithm as Alg;
    let rsa = [Alg::RS256, Alg::RS384, Alg::RS512, Alg::PS256, Alg::PS384, Alg::PS512];
    assert_eq!(algorithms(&jwk(Alg::RS256)), rsa);
    for algorithm in [Alg::ES256, Alg::ES384, Alg::ES512, Alg::EdDSA] {
        assert_eq!(algorithms(&jwk(algorithm)), [algorithm]);
    }
}

#[test]
fn key_verifies_only_its_own_algorithm() {
    let rsa = jwk(JwsAlgorithm::RS256);
    let only = with(&rsa, "alg", json!("PS384"));
    assert_eq!(algorithms(&only), [JwsAlgorithm::PS384]);
    for other in ["HS256", "ES256", "none", "RSA-OAEP", ""] {
        assert_eq!(algorithms(&with(&rsa, "alg", json!(other))), [], "{other}");
    }
    let ec = jwk(JwsAlgorithm::ES256);
    assert_eq!(algorithms(&with(&ec, "alg", json!("ES384"))), []);
}

#[test]
fn a_key_for_another_use_is_left_out() {
    for algorithm in [JwsAlgorithm::RS256, JwsAlgorithm::ES256] {
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
    let ec = jwk(JwsAlgorithm::ES256);
    for (member, value) in
        [("kty", "RSA"), ("kty", "ec"), ("crv", "secp256k1"), ("crv", "P-384"), ("kty", "OKP")]
    {
        assert_eq!(algorithms(&with(&ec, member, json!(value))), [], "{member} {value}");
    }
    let ed = jwk(JwsAlgorithm::EdDSA);
    for curve in ["X25519", "Ed448", "ed25519"] {
        assert_eq!(algorithms(&with(&ed, "crv", json!(curve))), [], "{curve}");
    }
    // A reader of a symmetric key could sign with it.
    assert_eq!(algorithms(&json!({"kty": "oct", "k": "c2VjcmV0"})), []);
    assert_eq!(algorithms(&json!({"kty": "oct", "k": "c2VjcmV0", "alg": "HS256"})), []);
}

#[test]
fn a_weak_or_broken_rsa_key_is_left_out() {
    let key = jwk(JwsAlgorithm::RS256);
    let modulus = decode(key["n"].as_str()).unwrap();
    let encoded = |bytes: &[u8]| json!(URL_SAFE_NO_PAD.encode(bytes));
    // 1024 bits, 2040 bits, more than 8192 bits, empty, even.
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

/// RFC 7518 section 6.3.1.1 forbids it, but some providers do it.
#[test]
fn a_leading_zero_of_a_modulus_does_no_harm() {
    let key = jwk(JwsAlgorithm::RS256);
    let modulus = decode(key["n"].as_str()).unwrap();
    let padded = [&[0], modulus.as_slice()].concat();
    let padded = with(&key, "n", json!(URL_SAFE_NO_PAD.encode(padded)));
    assert_eq!(algorithms(&padded).len(), 6);
}

#[test]
fn a_point_that_is_not_on_its_curve_is_left_out() {
    for algorithm in [JwsAlgorithm::ES256, JwsAlgorithm::ES384, JwsAlgorithm::ES512] {
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
    let key = jwk(JwsAlgorithm::EdDSA);
    let x = decode(key["x"].as_str()).unwrap();
    for x in [&x[1..], &[x.as_slice(), &[0]].concat(), &[]] {
        assert_eq!(algorithms(&with(&key, "x", json!(URL_SAFE_NO_PAD.encode(x)))), []);
    }
}

#[test]
fn odd_entries_do_not_affect_the_others() {
    let good = with(&jwk(JwsAlgorithm::EdDSA), "kid", json!("good"));
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
    assert_eq!(set.candidates(JwsAlgorithm::EdDSA, Some("good")).count(), 1);
}

#[test]
fn key_with_repeated_members_is_left_out() {
    let key = jwk(JwsAlgorithm::EdDSA).to_string();
    let doubled = key.replacen('{', r#"{"kty":"OKP","#, 1);
    let set = JwkSet::parse(format!(r#"{{"keys":[{doubled}]}}"#).as_bytes()).unwrap();
    assert_eq!(set.keys.len(), 0);
    let twice = format!(r#"{{"keys":[{key}],"keys":[]}}"#);
    assert!(matches!(JwkSet::parse(twice.as_bytes()), Err(JwkSetError::Malformed(_))));
}

#[test]
fn document_that_is_not_a_key_set_is_refused() {
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
fn key_is_found_by_kid_and_without_one_matches_any() {
    let key = jwk(JwsAlgorithm::EdDSA);
    let named = |name: &str| with(&key, "kid", json!(name));
    let set = key_set(&[named("a"), named("b"), key.clone()]);
    let count = |id| set.candidates(JwsAlgorithm::EdDSA, id).count();
    assert_eq!((count(Some("a")), count(Some("c")), count(None)), (2, 1, 3));
    assert_eq!(set.candidates(JwsAlgorithm::ES256, None).count(), 0);
}
