//! A valid ID token, and others with one fault each.

use serde_json::json;

use super::rules::{MAX_AGE_OF_TOKEN, half_hash};
use super::*;
use crate::protocol::jwk::JwsAlgorithm;
use crate::protocol::signer::{Signer, key_set};
use crate::protocol::tenants::issuer_of;

const NOW: u64 = 1_700_000_000;
const LEEWAY: u64 = 60;
const ISSUER: &str = "https://op.example";
const CLIENT: &str = "this-client";
const NONCE: &str = "n-0S6_WzA2Mj";
const STATE: &str = "af0ifjsldkj";

/// The expectations of a login; a test states only what differs.
struct Login {
    signer: Signer,
    access_token: Secret,
    code: Option<&'static str>,
    template: Option<&'static str>,
    tenants: Option<Tenants>,
    key_issuer: Option<&'static str>,
    max_age: Option<u32>,
    demands: Demands,
    additional_audiences: bool,
}

impl Default for Login {
    fn default() -> Self {
        Self::signed_with(JwsAlgorithm::EdDSA)
    }
}

impl Login {
    fn signed_with(algorithm: JwsAlgorithm) -> Self {
        Self {
            signer: Signer::new(algorithm),
            access_token: Secret::from("the access token"),
            code: None,
            template: None,
            tenants: None,
            key_issuer: None,
            max_age: None,
            demands: Demands::default(),
            additional_audiences: false,
        }
    }

    fn token(&self, claims: &str) -> Secret {
        let header = json!({"alg": self.signer.algorithm.name(), "typ": "JWT"});
        Secret::from(self.signer.token(&header, claims.as_bytes()))
    }

    fn validate_text(&self, claims: &str) -> Result<IdToken, IdTokenError> {
        let token = self.token(claims);
        let mut jwk = self.signer.jwk();
        if let Some(issuer) = self.key_issuer {
            jwk["issuer"] = json!(issuer);
        }
        let keys = VerificationKeys {
            jwks: &key_set(&[jwk]),
            client_secret: None,
            algorithms: &[self.signer.algorithm],
        };
        let expected = Expected {
            issuer: self.template.unwrap_or(ISSUER),
            tenants: self.tenants.as_ref(),
            client_id: CLIENT,
            nonce: Nonce::Demanded(NONCE),
            hash_binding: match &self.code {
                Some(code) => HashBinding::Code { code, state: STATE },
                None => HashBinding::AccessToken(&self.access_token),
            },
            max_age: self.max_age,
            demands: &self.demands,
            authenticated_at: None,
            additional_audiences: self.additional_audiences,
            leeway: LEEWAY,
            now: NOW,
        };
        validate(&token, &keys, &expected)
    }

    /// The usual claims with one changed; `null` removes it.
    fn with(&self, name: &str, value: Value) -> Result<IdToken, IdTokenError> {
        self.with_all(&[(name, value)])
    }

    /// The usual claims with some changed; `null` removes one.
    fn with_all(&self, changes: &[(&str, Value)]) -> Result<IdToken, IdTokenError> {
        let mut claims = claims();
        let members = claims.as_object_mut().unwrap();
        for (name, value) in changes {
            match value {
                Value::Null => members.remove(*name),
                value => members.insert((*name).to_owned(), value.clone()),
            };
        }
        self.validate_text(&claims.to_string())
    }
}

fn claims() -> Value {
    json!({
        "iss": ISSUER,
        "sub": "ada",
        "aud": CLIENT,
        "exp": NOW + 600,
        "iat": NOW,
        "nonce": NONCE,
        "email": "ada@example.org",
    })
}

fn with(name: &str, value: Value) -> Result<IdToken, IdTokenError> {
    Login::default().with(name, value)
}

macro_rules! assert_refused {
    ($result:expr, $pattern:pat) => {
        let result = $result;
        assert!(matches!(&result, Err($pattern)), "{result:?}");
    };
}

// After the macro, which they use.
mod hashes;
mod refresh;
mod tenants;

#[test]
fn valid_token_identifies_the_user() {
    let token = with("auth_time", json!(NOW - 5)).unwrap();
    assert_eq!((token.issuer(), token.subject()), (ISSUER, "ada"));
    assert_eq!((token.issued_at().as_secs(), token.expires_at().as_secs()), (NOW, NOW + 600));
    assert_eq!(token.auth_time().map(UnixTime::as_secs), Some(NOW - 5));
    assert_eq!(token.claims::<Value>().unwrap()["email"], "ada@example.org");
    assert!(token.compact().expose().starts_with("eyJ"));
}

#[test]
fn no_claim_is_trusted_before_the_signature() {
    let mut login = Login::default();
    let stranger = Signer::new(JwsAlgorithm::EdDSA);
    let keys = key_set(&[stranger.jwk()]);
    let token = Secret::from(login.signer.token(&json!({"alg": "EdDSA"}), b"not even JSON"));
    login.signer = stranger;
    let keys =
        VerificationKeys { jwks: &keys, client_secret: None, algorithms: &[JwsAlgorithm::EdDSA] };
    let expected = Expected {
        issuer: ISSUER,
        tenants: None,
        client_id: CLIENT,
        nonce: Nonce::Demanded(NONCE),
        hash_binding: HashBinding::AccessToken(&login.access_token),
        max_age: None,
        demands: &login.demands,
        authenticated_at: None,
        additional_audiences: false,
        leeway: 0,
        now: NOW,
    };
    let refused = validate(&token, &keys, &expected);
    assert_refused!(refused, IdTokenError::Signature(JwsError::BadSignature));
}

#[test]
fn the_issuer_is_compared_character_by_character() {
    for other in [
        "https://op.example/",
        "https://OP.example",
        "http://op.example",
        "https://op.example.evil.example",
        "https://op.example ",
        "",
    ] {
        assert_refused!(with("iss", json!(other)), IdTokenError::Issuer { .. });
    }
    for malformed in [Value::Null, json!(1), json!([ISSUER])] {
        assert_refused!(with("iss", malformed), IdTokenError::Claims(_));
    }
}

#[test]
fn audience_is_only_this_client() {
    for own in [json!(CLIENT), json!([CLIENT])] {
        assert!(with("aud", own).is_ok());
    }
    for other in [
        json!("other"),
        json!(""),
        json!("this-client "),
        json!("This-Client"),
        json!([]),
        json!(["other"]),
        json!([CLIENT, "other"]),
        json!(["other", CLIENT]),
        json!([CLIENT, CLIENT]),
        json!("this-client other"),
    ] {
        assert_refused!(with("aud", other), IdTokenError::Audience { .. });
    }
    for malformed in [Value::Null, json!(1), json!([1]), json!({"a": CLIENT}), json!([[CLIENT]])] {
        assert_refused!(with("aud", malformed), IdTokenError::Claims(_));
    }
}

#[test]
fn empty_audience_is_reported_as_empty() {
    let text = |aud| with("aud", aud).err().unwrap().to_string();
    for empty in [json!(""), json!([]), json!([""])] {
        let text = text(empty);
        assert!(text.starts_with("`aud` is empty, not only `this-client`; "), "{text}");
        assert!(text.contains("how the client is registered"), "{text}");
        assert!(!text.contains("additional_audiences"), "{text}");
    }
    let others = text(json!([CLIENT, "other"]));
    assert!(others.contains("quirks(additional_audiences)"), "{others}");
    let foreign = text(json!("other"));
    assert!(foreign.contains("for another client") && !foreign.contains("quirks"), "{foreign}");
}

#[test]
fn other_audiences_need_declaration_and_azp() {
    let login = Login { additional_audiences: true, ..Login::default() };
    let both = |azp: Value| {
        let mut claims = claims();
        claims["aud"] = json!(["other", CLIENT]);
        claims["azp"] = azp;
        login.validate_text(&claims.to_string())
    };
    assert!(both(json!(CLIENT)).is_ok());
    for azp in [Value::Null, json!("other"), json!("")] {
        assert_refused!(both(azp), IdTokenError::AuthorizedParty { .. });
    }
    assert_refused!(login.with("aud", json!(["other", "third"])), IdTokenError::Audience { .. });
    assert_refused!(login.with("aud", json!("other")), IdTokenError::Audience { .. });
}

#[test]
fn authorized_party_is_this_client_if_present() {
    assert!(with("azp", json!(CLIENT)).is_ok());
    assert_refused!(with("azp", json!("other")), IdTokenError::AuthorizedParty { .. });
    assert_refused!(with("azp", json!("")), IdTokenError::AuthorizedParty { .. });
    assert_refused!(with("azp", json!([CLIENT])), IdTokenError::Claims(_));
}

#[test]
fn expiry_is_exact_to_the_second_of_the_leeway() {
    assert!(with("exp", json!(NOW - LEEWAY + 1)).is_ok());
    assert_refused!(with("exp", json!(NOW - LEEWAY)), IdTokenError::Expired { .. });
    assert_refused!(with("exp", json!(0)), IdTokenError::Expired { .. });
    assert!(with("exp", json!(u64::MAX)).is_ok());
}

#[test]
fn not_before_is_exact_to_the_second_of_the_leeway() {
    assert!(with("nbf", json!(NOW + LEEWAY)).is_ok());
    assert_refused!(with("nbf", json!(NOW + LEEWAY + 1)), IdTokenError::NotYetValid { .. });
    assert_refused!(with("nbf", json!(u64::MAX)), IdTokenError::NotYetValid { .. });
    assert_refused!(with("nbf", json!("soon")), IdTokenError::Claims(_));
}

#[test]
fn issue_time_is_neither_in_the_future_nor_old() {
    assert!(with("iat", json!(NOW + LEEWAY)).is_ok());
    assert_refused!(with("iat", json!(NOW + LEEWAY + 1)), IdTokenError::IssuedAt { .. });
    let oldest = NOW - LEEWAY - MAX_AGE_OF_TOKEN;
    assert!(with("iat", json!(oldest)).is_ok());
    assert_refused!(with("iat", json!(oldest - 1)), IdTokenError::IssuedAt { .. });
    assert_refused!(with("iat", json!(u64::MAX)), IdTokenError::IssuedAt { .. });
}

#[test]
fn a_time_is_a_number_of_seconds() {
    assert!(with("exp", json!(NOW as f64 + 0.5)).is_ok());
    for name in ["exp", "iat"] {
        for malformed in [
            Value::Null,
            json!(-1),
            json!(-1.5),
            json!(1e300),
            json!(NOW.to_string()),
            json!(true),
            json!([NOW]),
        ] {
            assert_refused!(with(name, malformed), IdTokenError::Claims(_));
        }
    }
}

#[test]
fn the_nonce_is_the_one_of_this_login() {
    assert_refused!(with("nonce", Value::Null), IdTokenError::NonceMissing);
    for other in [json!(""), json!("n-0S6_WzA2MJ"), json!("n-0S6_WzA2Mj ")] {
        assert_refused!(with("nonce", other), IdTokenError::Nonce);
    }
    assert_refused!(with("nonce", json!([NONCE])), IdTokenError::Claims(_));
}

#[test]
fn subject_with_control_characters_is_refused() {
    for subject in ["ada\n", "\u{0}ada", "a\u{1b}[2Jda", "ada\u{85}", "ada\u{202e}", "ada\u{2028}"]
    {
        assert_refused!(with("sub", json!(subject)), IdTokenError::Subject);
    }
}

#[test]
fn subject_is_neither_empty_nor_overlong() {
    assert!(with("sub", json!("x".repeat(255))).is_ok());
    assert_refused!(with("sub", json!("x".repeat(256))), IdTokenError::Subject);
    assert_refused!(with("sub", json!("")), IdTokenError::Subject);
    for malformed in [Value::Null, json!(1), json!(["ada"])] {
        assert_refused!(with("sub", malformed), IdTokenError::Claims(_));
    }
}

#[test]
fn state_hash_of_another_login_is_refused() {
    for algorithm in JwsAlgorithm::ASYMMETRIC {
        let login = Login { code: Some("the code"), ..Login::signed_with(algorithm) };
        let with = |state_hash: Value| {
            let code_hash = half_hash(algorithm, "the code");
            login.with_all(&[("c_hash", json!(code_hash)), ("s_hash", state_hash)])
        };
        assert!(with(Value::Null).is_ok(), "{algorithm}: it is optional");
        assert!(with(json!(half_hash(algorithm, STATE))).is_ok(), "{algorithm}");
        for wrong in [half_hash(algorithm, "another state"), String::new()] {
            assert_refused!(with(json!(wrong)), IdTokenError::StateHash);
        }
    }
}

#[test]
fn authentication_is_as_recent_as_requested() {
    let login = Login { max_age: Some(300), ..Login::default() };
    let oldest = NOW - 300 - LEEWAY;
    assert!(login.with("auth_time", json!(oldest)).is_ok());
    for old in [json!(oldest - 1), json!(0), Value::Null] {
        assert_refused!(
            login.with("auth_time", old),
            IdTokenError::AuthenticationTooOld { max_age: 300 }
        );
    }
    assert!(with("auth_time", json!(0)).is_ok(), "nobody asked");
    let at_once = Login { max_age: Some(0), ..Login::default() };
    assert!(at_once.with("auth_time", json!(NOW)).is_ok());
    assert_refused!(
        at_once.with("auth_time", json!(NOW - LEEWAY - 1)),
        IdTokenError::AuthenticationTooOld { .. }
    );
    let longest = Login { max_age: Some(u32::MAX), ..Login::default() };
    assert!(longest.with("auth_time", json!(0)).is_ok());
}

#[test]
fn requested_acr_is_met_or_the_token_refused() {
    let acr = vec!["phr".to_owned(), "phrh".to_owned()];
    let demands = Demands { acr, ..Demands::default() };
    let login = Login { demands, ..Login::default() };
    assert_eq!(login.with("acr", json!("phrh")).unwrap().acr(), Some("phrh"));
    for other in [json!("0"), json!("PHR"), json!("phr phrh"), json!(["phr"]), Value::Null] {
        let refused = login.with("acr", other);
        assert_refused!(refused, IdTokenError::AuthenticationContext { .. });
    }
    assert_eq!(with("acr", json!(1)).unwrap().acr(), None, "nobody asked");
}

#[test]
fn required_amr_is_listed_or_the_token_refused() {
    let amr = vec!["otp".to_owned(), "pwd".to_owned()];
    let demands = Demands { amr, ..Demands::default() };
    let login = Login { demands, ..Login::default() };
    let methods = json!(["pwd", "mfa", "otp"]);
    assert_eq!(login.with("amr", methods).unwrap().amr(), ["pwd", "mfa", "otp"]);
    for other in [json!(["pwd"]), json!("otp pwd"), json!({"otp": "pwd"}), json!([]), Value::Null] {
        let refused = login.with("amr", other);
        assert_refused!(refused, IdTokenError::AuthenticationMethods { .. });
    }
    assert_eq!(with("amr", json!(1)).unwrap().amr(), [""; 0], "it was not requested");
}

#[test]
fn requested_subject_or_time_is_met_or_refused() {
    let demands = Demands { subject: Some("ada".to_owned()), ..Demands::default() };
    let login = Login { demands, ..Login::default() };
    assert!(login.with("sub", json!("ada")).is_ok());
    assert_refused!(login.with("sub", json!("grace")), IdTokenError::OtherSubject);
    let demands = Demands { auth_time: true, ..Demands::default() };
    let login = Login { demands, ..Login::default() };
    assert!(login.with("auth_time", json!(NOW)).is_ok());
    let refused = login.with("auth_time", Value::Null);
    assert_refused!(refused, IdTokenError::AuthenticationTimeMissing);
}

#[test]
fn repeated_claim_is_refused() {
    let usual = claims().to_string();
    for (name, value) in [
        ("iss", json!(ISSUER)),
        ("sub", json!("eve")),
        ("aud", json!(CLIENT)),
        ("exp", json!(NOW + 600)),
        ("nonce", json!(NONCE)),
    ] {
        for doubled in [
            usual.replacen('{', &format!("{{\"{name}\":{value},"), 1),
            format!("{},\"{name}\":{value}}}", &usual[..usual.len() - 1]),
        ] {
            assert_refused!(Login::default().validate_text(&doubled), IdTokenError::Claims(_));
        }
    }
    // Claims without a rule, too: another reader of the token must see the same user.
    let person = r#","email":"ada@example.com","email":"eve@example.com"}"#;
    let doubled = format!("{}{person}", &usual[..usual.len() - 1]);
    assert_refused!(Login::default().validate_text(&doubled), IdTokenError::Claims(_));
}

#[test]
fn payload_that_is_not_an_object_is_refused() {
    for payload in ["", "null", "[]", "\"x\"", "{", "{}", "<html>", "\u{feff}{}"] {
        assert_refused!(Login::default().validate_text(payload), IdTokenError::Claims(_));
    }
    let deep = "[".repeat(30_000);
    assert_refused!(Login::default().validate_text(&deep), IdTokenError::Claims(_));
}

/// The texts go to logs, which a token must not be able to forge.
#[test]
fn error_shows_an_escaped_and_shortened_claim() {
    let evil = "\r\n\u{1b}[2J\u{202e}x".repeat(1000);
    for name in ["iss", "aud", "azp"] {
        let shown = with(name, json!(evil)).unwrap_err().to_string();
        assert!(shown.len() < 2000, "{name}");
        assert!(!shown.contains(['\n', '\r', '\u{1b}', '\u{202e}']), "{name}");
    }
}

#[test]
fn original_is_read_only_from_an_id_token() {
    for text in ["", "a.b.c", "a.e30.c", "a.bm8.c"] {
        assert!(Original::read(&Secret::from(text)).is_err(), "{text}");
    }
}
