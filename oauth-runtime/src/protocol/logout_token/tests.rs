//! A valid logout token, and others with one fault each.

use serde_json::json;

use super::*;
use crate::protocol::jwk::JwsAlgorithm;
use crate::protocol::signer::{Signer, key_set};

const NOW: u64 = 1_700_000_000;
const ISSUER: &str = "https://op.example";
const CLIENT: &str = "this-client";

fn expected() -> Expected<'static> {
    Expected {
        issuer: ISSUER,
        tenants: None,
        client_id: CLIENT,
        additional_audiences: false,
        leeway: 60,
        now: NOW,
    }
}

/// The token with some claims and header members changed; `null` removes one.
fn validated(
    header: &Value,
    changes: &[(&str, Value)],
    expected: &Expected<'_>,
) -> Result<LogoutToken, LogoutTokenError> {
    let signer = Signer::new(JwsAlgorithm::EdDSA);
    let mut claims = json!({
        "iss": ISSUER, "aud": CLIENT, "iat": NOW, "exp": NOW + 120, "jti": "the-id",
        "sub": "ada", "sid": "the-session", "events": {EVENT: {}},
    });
    for (name, value) in changes {
        claims[*name] = value.clone();
    }
    let members = claims.as_object_mut().unwrap();
    let removed = |name: &str| changes.iter().any(|(own, value)| *own == name && value.is_null());
    members.retain(|name, value| !value.is_null() || !removed(name) || name == "nonce");
    let token = Secret::from(signer.token(header, claims.to_string().as_bytes()));
    let keys = VerificationKeys {
        jwks: &key_set(&[signer.jwk()]),
        client_secret: None,
        algorithms: &[JwsAlgorithm::EdDSA],
    };
    let unsigned = check_unsigned(&token, expected);
    let validated = validate(&token, &keys, expected);
    assert!(unsigned.is_ok() || validated.is_err(), "the first check is not stricter");
    validated
}

fn with(changes: &[(&str, Value)]) -> Result<LogoutToken, LogoutTokenError> {
    validated(&json!({"alg": "EdDSA", "typ": "logout+jwt"}), changes, &expected())
}

#[test]
fn valid_logout_token_names_a_session_or_a_user() {
    let session = || EndedAtProvider::Session("the-session".to_owned());
    let token = with(&[]).unwrap();
    assert_eq!((&*token.issuer, &*token.id, token.ended), (ISSUER, "the-id", session()));
    assert_eq!(with(&[("sub", Value::Null)]).unwrap().ended, session());
    let user = EndedAtProvider::User("ada".to_owned());
    for none in [Value::Null, json!("")] {
        assert_eq!(with(&[("sid", none)]).unwrap().ended, user);
    }
    assert!(with(&[("aud", json!([CLIENT])), ("other", json!(1))]).is_ok());
    assert!(with(&[("iat", json!(NOW - MAX_AGE)), ("exp", json!(NOW + 1))]).is_ok());
}

#[test]
fn logout_token_with_a_fault_is_refused() {
    use LogoutTokenError as Error;
    type Changes<'a> = &'a [(&'a str, Value)];
    type Reason = fn(&LogoutTokenError) -> bool;
    let other_event = json!({"http://schemas.openid.net/event/foobar": {}});
    let cases: [(Changes<'_>, Reason); 18] = [
        (&[("iss", json!("https://op.example/"))], |it| matches!(it, Error::Issuer(_))),
        (&[("iss", Value::Null)], |it| matches!(it, Error::Claims(_))),
        (&[("aud", json!("other"))], |it| matches!(it, Error::Audience)),
        (&[("aud", json!([CLIENT, "other"]))], |it| matches!(it, Error::Audience)),
        (&[("aud", json!([]))], |it| matches!(it, Error::Audience)),
        (&[("exp", json!(NOW - 60))], |it| matches!(it, Error::Expired)),
        (&[("exp", Value::Null)], |it| matches!(it, Error::Claims(_))),
        (&[("iat", json!(NOW + 61))], |it| matches!(it, Error::IssuedAt)),
        (&[("iat", json!(NOW - MAX_AGE - 61))], |it| matches!(it, Error::IssuedAt)),
        (&[("iat", Value::Null)], |it| matches!(it, Error::Claims(_))),
        (&[("jti", Value::Null)], |it| matches!(it, Error::Claims(_))),
        (&[("events", Value::Null)], |it| matches!(it, Error::Claims(_))),
        (&[("events", other_event)], |it| matches!(it, Error::Event)),
        (&[("events", json!({EVENT: "x"}))], |it| matches!(it, Error::Event)),
        (&[("events", json!([EVENT]))], |it| matches!(it, Error::Event)),
        (&[("nonce", json!("n"))], |it| matches!(it, Error::Nonce)),
        (&[("nonce", Value::Null)], |it| matches!(it, Error::Nonce)),
        (&[("sid", Value::Null), ("sub", Value::Null)], |it| matches!(it, Error::NothingEnded)),
    ];
    for (changes, is_expected) in cases {
        let error = with(changes).err().unwrap_or_else(|| panic!("{changes:?} is accepted"));
        assert!(is_expected(&error), "{changes:?}: {error}");
    }
}

#[test]
fn token_of_another_type_is_no_logout_token() {
    for (typ, is_accepted) in
        [("logout+jwt", true), ("application/logout+jwt", true), ("JWT", true), ("at+jwt", false)]
    {
        let validated = validated(&json!({"alg": "EdDSA", "typ": typ}), &[], &expected());
        assert_eq!(validated.is_ok(), is_accepted, "{typ}");
    }
    assert!(validated(&json!({"alg": "EdDSA"}), &[], &expected()).is_ok());
}

#[test]
fn logout_token_of_a_tenant_names_its_issuer() {
    const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
    const OTHER: &str = "00000000-0000-4000-8000-000000000001";
    let tenants = Tenants::parse([TENANT]).unwrap();
    let expected =
        Expected { issuer: "https://op.example/{tenantid}", tenants: Some(&tenants), ..expected() };
    let of = |issuer: &str, tid: Value| {
        let issuer = json!(format!("https://op.example/{issuer}"));
        validated(&json!({"alg": "EdDSA"}), &[("iss", issuer), ("tid", tid)], &expected)
    };
    assert!(of(TENANT, json!(TENANT)).is_ok());
    for (issuer, tid) in [(OTHER, json!(OTHER)), (OTHER, json!(TENANT)), (TENANT, Value::Null)] {
        assert!(matches!(of(issuer, tid), Err(LogoutTokenError::Issuer(_))), "{issuer}");
    }
}

#[test]
fn further_audiences_need_the_quirk() {
    let expected = Expected { additional_audiences: true, ..expected() };
    let header = json!({"alg": "EdDSA"});
    assert!(validated(&header, &[("aud", json!([CLIENT, "other"]))], &expected).is_ok());
    let other = validated(&header, &[("aud", json!(["other"]))], &expected);
    assert!(matches!(other, Err(LogoutTokenError::Audience)));
}
