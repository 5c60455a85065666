//! Tokens of another implementation, intact and modified.

use serde_json::Value;

use super::key_management::agreed_key;
use super::*;

fn private_key(text: &str) -> PrivateKey {
    PrivateKey::parse(&Secret::from(text)).unwrap()
}

fn key(name: &str) -> DecryptionKey {
    let text = match name {
        "rsa" => include_str!("../fixtures/keys/rsa-pkcs1.pem"),
        "p256" => include_str!("../fixtures/keys/p256-sec1.pem"),
        "p384" => include_str!("../fixtures/keys/p384-sec1.pem"),
        _ => include_str!("../fixtures/keys/p521-sec1.pem"),
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
    let text = include_str!("../fixtures/jwe/joserfc.json");
    let examples: Vec<Value> = serde_json::from_str(text).unwrap();
    let member = |example: &Value, name: &str| example[name].as_str().unwrap().to_owned();
    let example = |e: &Value| {
        let declared = encryption(&member(e, "alg"), &member(e, "enc"));
        (member(e, "key"), declared, member(e, "token"))
    };
    examples.iter().map(example).collect()
}

#[test]
fn jwe_of_another_implementation_is_decrypted() {
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
        serde_json::from_str(include_str!("../fixtures/jwe/rfc7516-a1.json")).unwrap();
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
fn authenticated_encryption_follows_rfc_7518() {
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
fn any_change_gives_the_same_error() {
    for (name, declared, token) in examples() {
        let key = key(&name);
        let parts: Vec<_> = token.split('.').collect();
        for (at, part) in parts.iter().enumerate().skip(1).filter(|(_, part)| !part.is_empty()) {
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
        // The header is authenticated: another spelling of the same JSON is another header.
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
            let moved = with_header(&token, |header| header["epk"][member] = value.clone().into());
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
            assert!(matches!(error, JweError::AlgorithmNotDeclared { .. }), "{declared} {other}");
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
fn token_without_five_parts_is_refused() {
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
fn error_shows_an_escaped_and_shortened_header() {
    let (name, declared, token) = examples().swap_remove(0);
    let evil = "\r\n\u{1b}[2J".repeat(1000);
    let changed = with_header(&token, |header| header["alg"] = evil.clone().into());
    let shown = decrypt(&changed, &key(&name), declared).unwrap_err().to_string();
    assert!(shown.len() < 300 && !shown.contains(['\n', '\r', '\u{1b}']), "{shown}");
}

#[test]
fn a_key_that_only_signs_decrypts_nothing() {
    assert!(
        DecryptionKey::new(&private_key(include_str!("../fixtures/keys/ed25519-pkcs8.pem")))
            .is_none()
    );
    assert_eq!(format!("{:?}", key("rsa")), "DecryptionKey(…)");
}

proptest::proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in "[A-Za-z0-9_.-]{0,200}") {
        let declared = encryption("ECDH-ES", "A128GCM");
        proptest::prop_assert!(decrypt(&text, &key("p256"), declared).is_err());
    }
}
