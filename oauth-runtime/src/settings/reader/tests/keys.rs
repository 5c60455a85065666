//! The algorithms and the keys that verify ID tokens.

use serde_json::{Value, json};

use super::*;
use crate::protocol::metadata::Metadata;

/// A key with its private part, which nothing may show.
fn key() -> Value {
    let key = include_str!("../../../protocol/fixtures/keys/p256.jwk.json");
    serde_json::from_str(key).unwrap()
}

#[test]
fn stated_algorithms_are_the_only_ones() {
    let two = [JwsAlgorithm::ES256, JwsAlgorithm::RS256];
    let declared = ProviderSpec { id_token_signed_response_alg: Some("ES256 RS256"), ..OP };
    assert_eq!(settings(&declared, &[]).algorithms, two);
    for stated in [
        ("ID_TOKEN_SIGNED_RESPONSE_ALG", "ES256 RS256"),
        ("ID_TOKEN_SIGNED_RESPONSE_ALG", "ES256,RS256"),
        ("CLIENT_KWARGS", r#"{"id_token_signed_response_alg": ["ES256", "RS256"]}"#),
    ] {
        assert_eq!(settings(&OP, &[stated]).algorithms, two, "{stated:?}");
    }
    let quirk = ProviderSpec { quirks: &[Quirk::Hs256IdToken], ..OP };
    assert_eq!(
        faults(&quirk, &[("ID_TOKEN_SIGNED_RESPONSE_ALG", "HS256 RS256")]),
        [
            "OP_ID_TOKEN_SIGNED_RESPONSE_ALG (from code) cannot be used: HS256 must be the only algorithm"
        ]
    );
    let op = settings(&declared, &[]);
    let metadata = br#"{"issuer": "https://op.example", "jwks_uri": "https://op.example/keys",
        "authorization_endpoint": "https://op.example/authorize",
        "token_endpoint": "https://op.example/token",
        "id_token_signing_alg_values_supported": ["PS256", "RS256"]}"#;
    let metadata: Metadata = serde_json::from_slice(metadata).unwrap();
    assert_eq!(op.resolve(Some(&metadata)).unwrap().algorithms, two);
}

#[test]
fn stated_keys_replace_the_published_ones() {
    let text = json!({ "keys": [key()] }).to_string();
    let endpoints = ProviderSpec {
        authorization_endpoint: Some("https://op.example/authorize"),
        token_endpoint: Some("https://op.example/token"),
        ..OP
    };
    let stated = settings(&endpoints, &[("JWKS", &text)]);
    let set = stated.jwks.as_ref().unwrap().to_json();
    let (own, public) = (key(), &set["keys"][0]);
    assert!(own["d"].is_string() && public.get("d").is_none(), "{set}");
    assert_eq!((&public["x"], &public["y"]), (&own["x"], &own["y"]));
    assert!(stated.metadata_url.is_none(), "nothing is left to discover");
    assert!(stated.resolve(None).unwrap().jwks_uri.is_none());
    assert!(settings(&endpoints, &[]).metadata_url.is_some(), "of which the keys come");
    let declared = ProviderSpec { jwks_uri: Some("https://op.example/keys"), ..endpoints };
    assert!(settings(&declared, &[("JWKS", &text)]).resolve(None).unwrap().jwks_uri.is_none());
}

#[test]
fn unusable_key_set_is_a_fault() {
    let secret = r#"{"keys": [{"kty": "oct", "k": "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0"}]}"#;
    let set = json!({ "keys": [key()] }).to_string();
    let long = format!("{set}{}", " ".repeat(256 * 1024)) + &set;
    let many = json!({ "keys": vec![json!({}); 101] }).to_string();
    for (text, fault) in [
        ("{}", "is not a key set: "),
        (secret, "has no public key that can verify a signature"),
        (r#"{"keys": []}"#, "has no public key that can verify a signature"),
        (&long, "is longer than 262144 bytes"),
        (&many, "is not a key set: it holds 101 keys"),
    ] {
        let faults = faults(&OP, &[("JWKS", text)]);
        assert!(faults[0].contains(fault), "{faults:?}");
        assert!(!faults[0].contains("c2VjcmV0"), "{faults:?}");
    }
    let both = faults(&OP, &[("JWKS", &set), ("JWKS_URI", "https://op.example/keys")]);
    assert!(both[0].contains("OP_JWKS and OP_JWKS_URI are both set"), "{both:?}");
    assert!(faults(&OP, &[("JWKS_FILE", "/nonexistent")])[0].contains("cannot be read"));
    assert!(faults(&ACME, &[("JWKS", &set)])[0].starts_with("ACME_JWKS"));
}
