//! ID tokens, and the keys that sign them.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::{ISSUER, assert_hides};
use crate::crypto::secret::Secret;
use crate::protocol::claims_request::Demands;
use crate::protocol::id_token::{Expected, HashBinding, Nonce, validate};
use crate::protocol::jwk::{JwkSet, JwsAlgorithm};
use crate::protocol::jws::VerificationKeys;

const CLIENT_SECRET: &str = "s3cr3t-of-the-application";
const NOW: u64 = 1_700_000_000;
const LEEWAY: u64 = 60;

/// Header and claims separated by a line break, which are signed with the client secret; or,
/// without a line break, a whole compact token. Whatever they contain, a token is accepted only for
/// this login.
pub fn id_token(data: &[u8]) {
    let token = match data.iter().position(|byte| *byte == b'\n') {
        Some(at) => signed(&data[..at], &data[at + 1..]),
        None => String::from_utf8_lossy(data).into_owned(),
    };
    let keys = VerificationKeys {
        jwks: &JwkSet::default(),
        client_secret: Some(&Secret::from(CLIENT_SECRET)),
        algorithms: &[JwsAlgorithm::HS256],
    };
    let access_token = Secret::from("at-4cc3ss");
    let expected = Expected {
        issuer: ISSUER,
        tenants: None,
        client_id: "app",
        nonce: Nonce::Demanded("n-0nce"),
        hash_binding: HashBinding::AccessToken(&access_token),
        max_age: None,
        demands: &Demands::default(),
        authenticated_at: None,
        additional_audiences: false,
        leeway: LEEWAY,
        now: NOW,
    };
    let compact = Secret::from(token.as_str());
    let valid = match validate(&compact, &keys, &expected) {
        Ok(valid) => valid,
        Err(error) => {
            let shown = format!("{error} {error:?}");
            // A signature that was made here cannot be in a text of the library by chance.
            let signature = token.rsplit('.').next().filter(|_| data.contains(&b'\n'));
            assert!(signature.is_none_or(|signature| !shown.contains(signature)), "{shown}");
            return assert!(!error.to_string().chars().any(char::is_control), "{shown}");
        }
    };
    assert_is_for_this_login(&token, valid.subject(), valid.issuer());
}

/// The members of a header that matter. A reader skips the others (RFC 7515 section 4), even if
/// they contain an escape that names no character.
#[derive(Deserialize)]
struct Header {
    alg: String,
    crit: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<IgnoredAny>,
}

/// The rules of OpenID Connect Core 1.0 section 3.1.3.7, read from the token again.
fn assert_is_for_this_login(token: &str, subject: &str, issuer: &str) {
    let (message, signature) = token.rsplit_once('.').expect("three parts");
    let (header, payload) = message.split_once('.').expect("three parts");
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("base64url");
    let key = hmac::Key::new(hmac::HMAC_SHA256, CLIENT_SECRET.as_bytes());
    hmac::verify(&key, message.as_bytes(), &decode(signature)).expect("the right signature");
    let header: Header = serde_json::from_slice(&decode(header)).expect("JSON");
    assert_eq!(header.alg, "HS256");
    assert!(header.crit.is_none());
    let claims: Value = serde_json::from_slice(&decode(payload)).expect("JSON");
    assert_eq!((claims["iss"].as_str(), issuer), (Some(ISSUER), ISSUER));
    assert_eq!(claims["sub"].as_str(), Some(subject));
    assert!(!subject.is_empty() && !subject.chars().any(char::is_control), "{subject:?}");
    assert!(claims["aud"] == "app" || claims["aud"] == serde_json::json!(["app"]), "{claims}");
    assert_eq!(claims["nonce"], "n-0nce");
    assert!(claims.get("azp").is_none_or(|azp| azp.is_null() || azp == "app"), "{claims}");
    #[expect(clippy::cast_precision_loss, reason = "seconds fit")]
    let (early, late) = ((NOW - LEEWAY) as f64, (NOW + LEEWAY) as f64);
    let time = |name: &str| claims.get(name).and_then(Value::as_f64);
    assert!(time("exp").is_some_and(|exp| exp > early), "{claims}");
    assert!(time("iat").is_some_and(|iat| iat < late + 1.0), "{claims}");
    assert!(time("nbf").is_none_or(|nbf| nbf < late + 1.0), "{claims}");
}

fn signed(header: &[u8], payload: &[u8]) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let key = hmac::Key::new(hmac::HMAC_SHA256, CLIENT_SECRET.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(hmac::sign(&key, message.as_bytes()));
    format!("{message}.{signature}")
}

/// A JSON Web Key Set. None of its keys is for HMAC, and each verifies only signatures of its
/// algorithm.
pub fn key_set(data: &[u8]) {
    let set = match JwkSet::parse(data) {
        Ok(set) => set,
        Err(error) => return assert_hides(&error),
    };
    let document: KeySet = serde_json::from_slice(data).expect("it was read as JSON");
    let stated = document.keys.len();
    assert!(stated <= 100, "{stated}");
    assert_eq!(set.candidates(JwsAlgorithm::HS256, None).count(), 0);
    for algorithm in JwsAlgorithm::ASYMMETRIC {
        assert!(set.candidates(algorithm, None).count() <= stated);
        let by_name = set.candidates(algorithm, Some("another")).count();
        assert!(by_name <= stated);
        for candidate in set.candidates(algorithm, None).take(2) {
            candidate.key.verify_sig(b"message", &[0; 64]).expect_err("no key signs nothing");
        }
    }
}
