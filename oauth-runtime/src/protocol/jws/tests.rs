use serde_json::{Value, json};

use super::*;
use crate::protocol::signer::{Signer, key_set, signing_input};

const TYPES: &[&str] = &["jwt"];

fn verify_with(
    token: &str,
    keys: &JwkSet,
    algorithms: &[JwsAlgorithm],
) -> Result<Vec<u8>, JwsError> {
    let keys = VerificationKeys { jwks: keys, client_secret: None, algorithms };
    verify(token, TYPES, &keys).map(|payload| payload.bytes)
}

fn verify_all(token: &str, keys: &JwkSet) -> Result<Vec<u8>, JwsError> {
    verify_with(token, keys, &JwsAlgorithm::ASYMMETRIC)
}

fn not_allowed(result: &Result<Vec<u8>, JwsError>) -> bool {
    matches!(result, Err(JwsError::AlgorithmNotAllowed { .. }))
}

fn unknown_key(result: &Result<Vec<u8>, JwsError>) -> bool {
    matches!(result, Err(JwsError::UnknownKey { .. }))
}

/// A key, and a valid token that it signed.
fn signed() -> (Signer, Value, JwkSet) {
    let signer = Signer::new(JwsAlgorithm::EdDSA);
    let keys = key_set(&[signer.jwk()]);
    (signer, json!({"alg": "EdDSA"}), keys)
}

// RFC 7515 appendices A.2 (RS256), A.3 (ES256) and A.4 (ES512); RFC 8037 appendix A.4 (EdDSA).
const CLAIMS: &str = concat!(
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt",
    "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
);
const RS256: &str = concat!(
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7",
    "AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4",
    "BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K",
    "0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv",
    "hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB",
    "p0igcN_IoypGlUPQGe77Rw"
);
const MODULUS: &str = concat!(
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp",
    "-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOW",
    "vG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUs",
    "LA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9k",
    "G4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2",
    "PAcDTW9gb54h4FRWyuXpoQ"
);
const ES256: &str = concat!(
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA",
    "pmWQxfKTUJqPP3-Kg6NU1Q"
);
const ES512: &str = concat!(
    "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZq",
    "wqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8Kp",
    "EHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn"
);
const EDDSA: &str = concat!(
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5B",
    "hVsPt9g7sVvpAr_MuM0KAg"
);

#[test]
fn examples_of_the_specifications_are_verified() {
    let examples = [
        (
            json!({"kty": "RSA", "n": MODULUS, "e": "AQAB"}),
            format!("eyJhbGciOiJSUzI1NiJ9.{CLAIMS}.{RS256}"),
        ),
        (
            json!({
                "kty": "EC",
                "crv": "P-256",
                "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
            }),
            format!("eyJhbGciOiJFUzI1NiJ9.{CLAIMS}.{ES256}"),
        ),
        (
            json!({
                "kty": "EC",
                "crv": "P-521",
                "x": concat!(
                    "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_",
                    "NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk"
                ),
                "y": concat!(
                    "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDl",
                    "y79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"
                ),
            }),
            format!("eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.{ES512}"),
        ),
        (
            json!({
                "kty": "OKP",
                "crv": "Ed25519",
                "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            }),
            format!("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.{EDDSA}"),
        ),
    ];
    for (jwk, token) in examples {
        let keys = key_set(&[jwk]);
        assert!(verify_all(&token, &keys).is_ok(), "{token}");
        let changed = token.replacen(".", ".A", 1);
        assert_eq!(verify_all(&changed, &keys), Err(JwsError::BadSignature), "{token}");
    }
}

#[test]
fn every_algorithm_verifies_only_what_its_key_signed() {
    for algorithm in JwsAlgorithm::ASYMMETRIC {
        let signer = Signer::new(algorithm);
        let keys = key_set(&[signer.jwk()]);
        let header = json!({"alg": algorithm.name()});
        let token = signer.token(&header, b"payload");
        let payload = verify_with(&token, &keys, &[algorithm]);
        assert_eq!(payload.as_deref(), Ok(b"payload".as_slice()), "{algorithm}");

        let (input, signature) = token.rsplit_once('.').unwrap();
        let other = signing_input(&header, b"payloae");
        let moved = format!("{other}.{signature}");
        assert_eq!(verify_all(&moved, &keys), Err(JwsError::BadSignature), "{algorithm}");
        let mut bytes = decode(signature).unwrap();
        for at in [0, bytes.len() / 2, bytes.len() - 1] {
            bytes[at] ^= 1;
            let changed = format!("{input}.{}", URL_SAFE_NO_PAD.encode(&bytes));
            assert_eq!(verify_all(&changed, &keys), Err(JwsError::BadSignature), "{algorithm}");
            bytes[at] ^= 1;
        }
        for length in [0, 1, bytes.len() - 1] {
            let cut = format!("{input}.{}", URL_SAFE_NO_PAD.encode(&bytes[..length]));
            assert_eq!(verify_all(&cut, &keys), Err(JwsError::BadSignature), "{algorithm}");
        }
    }
}

/// The header may choose among the algorithms of the key, and the signature must match the choice.
#[test]
fn header_cannot_change_the_algorithm() {
    for algorithm in JwsAlgorithm::ASYMMETRIC {
        let signer = Signer::new(algorithm);
        let keys = key_set(&[signer.jwk()]);
        for claimed in JwsAlgorithm::ASYMMETRIC.into_iter().filter(|c| *c != algorithm) {
            let token = signer.token(&json!({"alg": claimed.name()}), b"payload");
            let refused = verify_all(&token, &keys);
            assert!(
                unknown_key(&refused) || refused == Err(JwsError::BadSignature),
                "{algorithm} as {claimed}: {refused:?}"
            );
        }
    }
}

#[test]
fn algorithm_not_allowed_is_refused_with_fitting_key() {
    for algorithm in JwsAlgorithm::ASYMMETRIC {
        let signer = Signer::new(algorithm);
        let token = signer.token(&json!({"alg": algorithm.name()}), b"payload");
        let others: Vec<_> =
            JwsAlgorithm::ASYMMETRIC.into_iter().filter(|a| *a != algorithm).collect();
        assert!(not_allowed(&verify_with(&token, &key_set(&[signer.jwk()]), &others)));
    }
}

#[test]
fn none_is_refused_in_every_spelling() {
    let (_, _, keys) = signed();
    for alg in ["none", "None", "NONE", "nOnE", "", " none", "null"] {
        let input = signing_input(&json!({"alg": alg}), b"payload");
        for signature in ["", "AA"] {
            let refused = verify_all(&format!("{input}.{signature}"), &keys);
            assert!(not_allowed(&refused), "{alg}: {refused:?}");
        }
    }
    for header in [json!({}), json!({"alg": null}), json!({"alg": ["EdDSA"]}), json!("EdDSA")] {
        let input = signing_input(&header, b"payload");
        assert_eq!(verify_all(&format!("{input}."), &keys), Err(JwsError::Malformed));
    }
}

/// The classic confusion: a public key used as an HMAC secret.
#[test]
fn hs256_takes_only_the_client_secret_where_allowed() {
    let rsa = Signer::new(JwsAlgorithm::RS256);
    let symmetric = json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode("secret")});
    let keys = key_set(&[rsa.jwk(), symmetric]);
    let input = signing_input(&json!({"alg": "HS256"}), b"payload");
    let token = |secret: &[u8]| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let tag = hmac::sign(&key, input.as_bytes());
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(tag))
    };
    let attacks = [rsa.public_der(), rsa.jwk()["n"].as_str().unwrap().into(), Vec::new()];
    for secret in &attacks {
        assert!(not_allowed(&verify_all(&token(secret), &keys)));
    }
    let secret = Secret::from("secret");
    let verify_hs256 = |token: &str, client_secret| {
        let algorithms = &[JwsAlgorithm::HS256];
        let keys = VerificationKeys { jwks: &keys, client_secret, algorithms };
        verify(token, TYPES, &keys).map(|payload| payload.bytes)
    };
    assert!(verify_hs256(&token(b"secret"), Some(&secret)).is_ok());
    for wrong in &attacks {
        let refused = verify_hs256(&token(wrong), Some(&secret));
        assert_eq!(refused, Err(JwsError::BadSignature));
    }
    assert!(unknown_key(&verify_hs256(&token(b"secret"), None)), "a public client has no secret");
    let rs256 = rsa.token(&json!({"alg": "RS256"}), b"payload");
    assert!(not_allowed(&verify_hs256(&rs256, Some(&secret))));
}

/// CVE-2022-21449 ("psychic signatures"), and other invalid signatures.
#[test]
fn an_ecdsa_signature_of_nothing_is_refused() {
    let n = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let n: Vec<u8> =
        (0..32).map(|at| u8::from_str_radix(&n[2 * at..2 * at + 2], 16).unwrap()).collect();
    let signer = Signer::new(JwsAlgorithm::ES256);
    let keys = key_set(&[signer.jwk()]);
    let input = signing_input(&json!({"alg": "ES256"}), b"payload");
    let good = signer.sign(&input);
    let der = [&[0x30, 0x44, 0x02, 0x20], &good[..32], &[0x02, 0x20], &good[32..]].concat();
    for signature in [
        vec![0; 64],
        [n.as_slice(), &n].concat(),
        [&[0; 32], &good[32..]].concat(),
        [&good[..32], &[0; 32]].concat(),
        [good.as_slice(), &[0]].concat(),
        [&good[32..], &good[..32]].concat(),
        der,
    ] {
        let token = format!("{input}.{}", URL_SAFE_NO_PAD.encode(&signature));
        assert_eq!(verify_all(&token, &keys), Err(JwsError::BadSignature), "{signature:?}");
    }
}

#[test]
fn key_from_the_header_is_not_used() {
    let (_, _, keys) = signed();
    let attacker = Signer::new(JwsAlgorithm::EdDSA);
    for (member, value) in [
        ("jwk", attacker.jwk()),
        ("jku", json!("https://evil.example/jwks")),
        ("x5u", json!("https://evil.example/cert")),
        ("x5c", json!(["MIIB"])),
    ] {
        let mut header = json!({"alg": "EdDSA"});
        header[member] = value;
        let token = attacker.token(&header, b"payload");
        assert_eq!(verify_all(&token, &keys), Err(JwsError::BadSignature), "{member}");
    }
}

/// RFC 7515 section 4.1.11: unknown extensions must be refused; an empty list is forbidden.
#[test]
fn a_critical_extension_is_refused() {
    let (signer, _, keys) = signed();
    for crit in [json!(["b64"]), json!(["exp"]), json!([]), json!("x"), json!(null)] {
        let header = json!({"alg": "EdDSA", "crit": crit, "b64": true, "exp": 1});
        let refused = verify_all(&signer.token(&header, b"payload"), &keys);
        assert_eq!(refused, Err(JwsError::CriticalHeader), "{crit}");
    }
}

#[test]
fn a_token_of_another_type_is_refused() {
    let (signer, _, keys) = signed();
    let typed = |typ: &str| {
        verify_all(&signer.token(&json!({"alg": "EdDSA", "typ": typ}), b"payload"), &keys)
    };
    for own in ["JWT", "jwt", "application/jwt", "Application/JWT"] {
        assert!(typed(own).is_ok(), "{own}");
    }
    for other in ["at+jwt", "logout+jwt", "dpop+jwt", "application/at+jwt", "", "jwt "] {
        assert!(matches!(typed(other), Err(JwsError::WrongType(_))), "{other}");
    }
}

#[test]
fn token_without_three_base64url_parts_is_refused() {
    let (signer, header, keys) = signed();
    let token = signer.token(&header, b"payload");
    let [head, body, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    for malformed in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        head.to_owned(),
        format!("{head}.{body}"),
        format!("{token}.x"),
        format!(" {token}"),
        format!("{token} "),
        format!("{token}\n"),
        format!("{token}="),
        format!("{head}=.{body}.{signature}"),
        format!("{head}.{body}.{signature}=="),
        format!("{head}.{body}.{}", signature.replacen(&signature[..1], "+", 1)),
        format!("{head}.{body}.{}", signature.replacen(&signature[..1], "/", 1)),
        format!("ä{token}"),
    ] {
        assert_eq!(verify_all(&malformed, &keys), Err(JwsError::Malformed), "{malformed}");
    }
    assert_eq!(verify_all("a.b.c.d.e", &keys), Err(JwsError::Encrypted));
    let long = format!("{head}.{}.{signature}", "A".repeat(MAX_LENGTH));
    assert_eq!(verify_all(&long, &keys), Err(JwsError::TooLong));
}

/// With two spellings of a signature, one token could pass for two.
#[test]
fn base64url_has_one_spelling() {
    let (signer, header, keys) = signed();
    let token = signer.token(&header, b"payload");
    // 64 bytes are 86 characters, the last of which has four bits to spare.
    let last = token.chars().last().unwrap();
    for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars() {
        let spelled = format!("{}{other}", &token[..token.len() - 1]);
        assert_eq!(verify_all(&spelled, &keys).is_ok(), other == last, "{other}");
    }
}

#[test]
fn repeated_header_member_is_refused() {
    let (signer, _, keys) = signed();
    for header in [
        r#"{"alg":"none","alg":"EdDSA"}"#,
        r#"{"alg":"EdDSA","kid":"a","kid":"b"}"#,
        r#"{"alg":"EdDSA","crit":null,"crit":[]}"#,
    ] {
        let input = format!("{}.cGF5", URL_SAFE_NO_PAD.encode(header));
        let token = format!("{input}.{}", URL_SAFE_NO_PAD.encode(signer.sign(&input)));
        assert_eq!(verify_all(&token, &keys), Err(JwsError::Malformed), "{header}");
    }
}

#[test]
fn token_that_names_a_key_is_verified_with_it() {
    let (own, other) = (Signer::new(JwsAlgorithm::EdDSA), Signer::new(JwsAlgorithm::EdDSA));
    let named = |signer: &Signer, name: &str| {
        let mut jwk = signer.jwk();
        jwk["kid"] = json!(name);
        jwk
    };
    let keys = key_set(&[named(&own, "own"), named(&other, "other")]);
    let token = |header: Value| verify_all(&own.token(&header, b"payload"), &keys);
    assert!(token(json!({"alg": "EdDSA", "kid": "own"})).is_ok());
    assert!(token(json!({"alg": "EdDSA"})).is_ok(), "every key is tried");
    let refused = token(json!({"alg": "EdDSA", "kid": "other"}));
    assert_eq!(refused, Err(JwsError::BadSignature));
    assert!(unknown_key(&token(json!({"alg": "EdDSA", "kid": "third"}))));
}

#[test]
fn few_keys_are_tried() {
    let own = Signer::new(JwsAlgorithm::EdDSA);
    let token = own.token(&json!({"alg": "EdDSA"}), b"payload");
    let among = |others: usize| {
        let mut keys: Vec<_> =
            (0..others).map(|_| Signer::new(JwsAlgorithm::EdDSA).jwk()).collect();
        keys.push(own.jwk());
        verify_all(&token, &key_set(&keys))
    };
    assert!(among(MAX_CANDIDATES - 1).is_ok());
    assert_eq!(among(MAX_CANDIDATES), Err(JwsError::BadSignature));
}

#[test]
fn error_shows_an_escaped_and_shortened_header() {
    let (signer, _, keys) = signed();
    let evil = "\r\n\u{1b}[2J\u{202e}".repeat(1000);
    for header in [
        json!({"alg": evil}),
        json!({"alg": "EdDSA", "typ": evil}),
        json!({"alg": "ES256", "kid": evil}),
    ] {
        let error = verify_all(&signer.token(&header, b"payload"), &keys).unwrap_err();
        let shown = error.to_string();
        assert!(shown.len() < 300 && !shown.contains(['\n', '\r', '\u{1b}', '\u{202e}']));
    }
}

#[test]
fn the_guide_on_security_has_the_same_figures() {
    let bound = format!("| a token | {} KiB |", MAX_LENGTH / 1024);
    assert!(include_str!("../../docs/security.md").contains(&bound), "{bound}");
}

proptest::proptest! {
    /// Any input is an error, not a panic: no signature for this key arises by chance.
    #[test]
    fn arbitrary_text_neither_verifies_nor_panics(text in ".{0,300}") {
        let (_, _, keys) = signed();
        proptest::prop_assert!(verify_all(&text, &keys).is_err());
    }

    #[test]
    fn changed_token_never_verifies(
        at in 0_usize..200,
        replaced in "[A-Za-z0-9_.=+/ -]{0,3}",
        cut in 0_usize..4,
    ) {
        let (signer, header, keys) = signed();
        let token = signer.token(&header, br#"{"sub":"ada"}"#);
        let at = at % token.len();
        let end = (at + cut).min(token.len());
        let changed = format!("{}{replaced}{}", &token[..at], &token[end..]);
        proptest::prop_assert_eq!(verify_all(&changed, &keys).is_ok(), changed == token);
    }

    #[test]
    fn arbitrary_header_never_panics(header in "\\PC{0,80}", signature in "[A-Za-z0-9_-]{0,90}") {
        let (_, _, keys) = signed();
        let header = URL_SAFE_NO_PAD.encode(header);
        let refused = verify_all(&format!("{header}.e30.{signature}"), &keys).is_err();
        proptest::prop_assert!(refused);
    }
}
