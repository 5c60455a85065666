use super::*;
use serde_json::json;

fn identity(claims: &Value) -> Option<Identity> {
    read(&IdentitySpec::DEFAULT, claims)
}

fn read(spec: &IdentitySpec<'_>, claims: &Value) -> Option<Identity> {
    let (paths, claims) = (IdentityPaths::new(spec, spec.picture), claims.as_object()?);
    let (subject, profile) = (subject_at(claims, &paths.id)?, Profile::read(&paths, claims));
    Some(Identity::new("op", "".into(), "https://op.example".to_owned(), subject, profile))
}

/// Each of these addresses was verified at another time, or never.
#[test]
fn address_is_verified_only_by_its_own_document() {
    let paths = IdentityPaths::new(&IdentitySpec::DEFAULT, IdentitySpec::DEFAULT.picture);
    let profile = |document: &Value| Profile::read(&paths, document.as_object().unwrap());
    let verified = json!({"email": "mallory@x", "email_verified": true});
    for (first, second, expected) in [
        (json!({"email": "boss@x"}), &verified, ("boss@x", false)),
        (json!({"email": "mallory@x", "email_verified": false}), &verified, ("mallory@x", false)),
        (json!({"email_verified": true}), &json!({"email": "boss@x"}), ("boss@x", false)),
        (json!({"email_verified": false}), &verified, ("mallory@x", true)),
        (json!({"email": "mallory@x"}), &verified, ("mallory@x", true)),
        (verified.clone(), &json!({"email": "boss@x"}), ("mallory@x", true)),
    ] {
        let joined = profile(&first).or(profile(second));
        let seen = match joined.email.as_ref().unwrap() {
            Email::Verified(email) => (email.as_str(), true),
            Email::Unverified(email) => (email.as_str(), false),
        };
        assert_eq!(seen, expected, "{first} {second}");
    }
}

#[test]
fn subject_with_control_characters_is_refused() {
    for subject in ["ada\n", "\u{0}ada", "a\u{1b}[2Jda", "ada\u{85}", "ada\u{202e}", "ada\u{2028}"]
    {
        assert_eq!(identity(&json!({"sub": subject})), None, "{subject:?}");
    }
    assert!(identity(&json!({"sub": "محمد"})).is_some());
}

#[test]
fn verified_and_unverified_emails_differ_in_type() {
    let address = |verified: Value| {
        identity(&json!({"sub": "1", "email": "a@x", "email_verified": verified})).unwrap()
    };
    for yes in [json!(true), json!("true")] {
        assert_eq!(address(yes).verified_email().unwrap().as_str(), "a@x");
    }
    for no in [json!(false), json!("false"), json!(null), json!(1), json!("yes")] {
        assert!(matches!(address(no).email(), Some(Email::Unverified(_))));
    }
}

#[test]
fn unsigned_claims_fill_gaps_and_stay_unverified() {
    let user =
        r#"{"name":{"firstName":"Ada","lastName":"Lovelace"},"email":"a@x","email_verified":true}"#;
    let profile = UnverifiedProfile::read(user).unwrap();
    assert_eq!((profile.given_name(), profile.family_name()), (Some("Ada"), Some("Lovelace")));
    let mut gaps = identity(&json!({"sub": "1"})).unwrap();
    gaps.complete_with(&profile);
    assert_eq!(gaps.display_name(), "Ada Lovelace");
    assert!(matches!(gaps.email(), Some(Email::Unverified(email)) if email.as_str() == "a@x"));
    let signed = json!({"sub": "1", "name": "Eve", "email": "e@x", "email_verified": true});
    let mut signed = identity(&signed).unwrap();
    let before = signed.clone();
    signed.complete_with(&profile);
    assert_eq!(signed, before);
    for nothing in ["", "{}", "[]", "null", r#"{"name":"Ada"}"#, r#"{"email":1}"#] {
        assert_eq!(UnverifiedProfile::read(nothing), None, "{nothing}");
    }
}

#[test]
fn profile_without_subject_has_no_identity() {
    for claims in [json!({}), json!({"sub": ""}), json!({"sub": 1.5}), json!({"sub": {}})] {
        assert_eq!(identity(&claims), None, "{claims}");
    }
    assert_eq!(identity(&json!({"sub": 583231})).unwrap().subject(), "583231");
}

#[test]
fn paths_lead_into_objects_and_lists() {
    let spec = IdentitySpec { id: "data.user.id", name: "data.names.1", ..IdentitySpec::DEFAULT };
    let claims = json!({"data": {"user": {"id": "7"}, "names": ["x", "Ada"]}});
    let identity = read(&spec, &claims).unwrap();
    assert_eq!((identity.subject(), identity.display_name()), ("7", "Ada"));
}

#[test]
fn wrong_types_next_to_the_subject_end_no_login() {
    let claims = json!({"sub": "1", "name": 5, "email": [], "picture": "javascript:alert(1)"});
    let identity = identity(&claims).unwrap();
    assert_eq!(identity.display_name(), "1");
    assert_eq!((identity.email(), identity.picture()), (None, None));
}

/// The identity is in the session cookie. The browser drops one that is too large, and the login
/// with it.
#[test]
fn overlong_text_enters_neither_subject_nor_cookie() {
    let of = |length: usize| {
        let long = "x".repeat(length);
        let (email, picture) = (format!("{long}@x"), format!("https://op.example/{long}"));
        json!({"sub": "1", "name": long, "preferred_username": long, "email": email,
            "picture": picture})
    };
    let whole = identity(&of(200)).unwrap();
    assert!(whole.display_name().len() == 200 && whole.email().is_some());
    assert!(whole.picture().is_some());
    for length in [600, 1_000_000] {
        let short = identity(&of(length)).unwrap();
        assert_eq!(short.display_name(), "1");
        assert_eq!((short.email(), short.picture(), short.username()), (None, None, None));
    }
    assert!(identity(&json!({"sub": "x".repeat(256)})).is_some());
    // Truncation could merge two users into one.
    assert_eq!(identity(&json!({"sub": "x".repeat(257)})), None);
}
