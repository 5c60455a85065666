//! The ID token of a refresh (OpenID Connect Core 1.0 section 12.2).

use super::*;

/// The ID token of a refresh, after a login whose ID token had the usual claims and `at_login`.
fn refreshed(at_login: &Value, changed: &Value) -> Result<(), IdTokenError> {
    let merged = |changes: &Value| {
        let mut all = claims();
        let changes = changes.as_object().unwrap().clone();
        all.as_object_mut().unwrap().extend(changes);
        all.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        all.to_string()
    };
    let login = Login::default();
    let original = Original::read(&login.token(&merged(at_login))).unwrap();
    let token = login.token(&merged(changed));
    let demands = Demands { subject: Some(original.subject), ..Demands::default() };
    let expected = Expected {
        issuer: &original.issuer,
        tenants: None,
        client_id: CLIENT,
        nonce: Nonce::Continued(original.nonce.as_deref()),
        hash_binding: HashBinding::AccessToken(&login.access_token),
        max_age: None,
        demands: &demands,
        authenticated_at: original.auth_time,
        additional_audiences: false,
        leeway: LEEWAY,
        now: NOW,
    };
    let keys = VerificationKeys {
        jwks: &key_set(&[login.signer.jwk()]),
        client_secret: None,
        algorithms: &[login.signer.algorithm],
    };
    let signed = validate(&token, &keys, &expected).map(|_| ());
    let unsigned = compare_unsigned(&token, &expected);
    assert_eq!(format!("{signed:?}"), format!("{unsigned:?}"));
    signed
}

#[test]
fn refreshed_id_token_continues_that_of_the_login() {
    let at_login = json!({"auth_time": NOW - 4_000, "nonce": NONCE});
    for accepted in [
        json!({"auth_time": NOW - 4_000, "nonce": NONCE}),
        json!({"auth_time": null, "nonce": null}),
    ] {
        assert!(refreshed(&at_login, &accepted).is_ok(), "{accepted}");
    }
    let with = |changed| refreshed(&at_login, &changed);
    assert_refused!(with(json!({"sub": "grace"})), IdTokenError::OtherSubject);
    assert_refused!(with(json!({"iss": "https://evil.example"})), IdTokenError::Issuer { .. });
    assert_refused!(with(json!({"aud": "another"})), IdTokenError::Audience { .. });
    assert_refused!(with(json!({"nonce": "another"})), IdTokenError::Nonce);
    assert_refused!(with(json!({"auth_time": NOW})), IdTokenError::OtherAuthentication);
    assert_refused!(with(json!({"exp": NOW - 3_600})), IdTokenError::Expired { .. });
    // A claim that the login's token lacked may be added later, except for a nonce.
    assert!(refreshed(&json!({"nonce": null}), &json!({"auth_time": NOW, "nonce": null})).is_ok());
    assert_refused!(
        refreshed(&json!({"nonce": null}), &json!({"nonce": "x"})),
        IdTokenError::Nonce
    );
}
