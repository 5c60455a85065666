use super::*;

fn read_with(status: u16, body: &str, quirks: Quirks<'_>) -> Result<TokenResponse, ProviderError> {
    let response = Response::builder().status(status).body(Bytes::from(body.to_owned())).unwrap();
    read(&response, quirks)
}

fn tokens(body: &str) -> Result<TokenResponse, ProviderError> {
    read_with(200, body, Quirks::default())
}

#[test]
fn a_usual_response() {
    let tokens = tokens(
        r#"{"access_token":"a","token_type":"bearer","expires_in":3600,"scope":"openid email"}"#,
    )
    .unwrap();
    assert_eq!(tokens.access_token.expose(), "a");
    assert_eq!(tokens.expires_in, Some(3600));
    assert_eq!(tokens.scope.unwrap(), ["openid", "email"]);
    assert_eq!((tokens.token_type.as_str(), tokens.extra), ("bearer", None));
}

#[test]
fn unspecified_members_are_kept_and_not_shown() {
    let body = r#"{"access_token":"a","token_type":"Bearer","team":{"id":7},"bot":"xoxb-1"}"#;
    let tokens = tokens(body).unwrap();
    assert!(!format!("{tokens:?}").contains("xoxb"));
    let extra: Value = serde_json::from_str(tokens.extra.unwrap().expose()).unwrap();
    assert_eq!(extra, serde_json::json!({"team": {"id": 7}, "bot": "xoxb-1"}));
}

#[test]
fn missing_scope_is_unknown_not_the_requested_scope() {
    let tokens = tokens(r#"{"access_token":"a","token_type":"Bearer"}"#).unwrap();
    assert_eq!(tokens.scope, None);
}

#[test]
fn an_error_with_status_200_is_an_error() {
    let error = tokens(r#"{"error":"bad_verification_code","error_description":"Expired"}"#);
    let Err(ProviderError::Declined { response, .. }) = error else { panic!("{error:?}") };
    assert_eq!(response.to_string(), "bad_verification_code (Expired)");
}

#[test]
fn token_types_other_than_bearer_are_refused() {
    let mac = tokens(r#"{"access_token":"a","token_type":"mac"}"#).unwrap_err();
    assert!(mac.to_string().contains("not `Bearer`"), "{mac}");
    let none = tokens(r#"{"access_token":"a"}"#).unwrap_err();
    assert!(none.to_string().contains("without `token_type`"), "{none}");
    let quirks = Quirks { missing_token_type: true, ..Quirks::default() };
    assert!(read_with(200, r#"{"access_token":"a"}"#, quirks).is_ok());
}

#[test]
fn quirk_that_would_fit_is_named() {
    for (body, hint) in [
        (r#"{"access_token":"hunter2","expires_in":3600}"#, "`quirks(missing_token_type)`"),
        (r#"{"access_token":"hunter2","token_type":"user"}"#, "`quirks(own_token_type)`"),
        (
            r#"{"ok":true,"authed_user":{"access_token":"hunter2"}}"#,
            r#"`nested_token = "authed_user.access_token"`"#,
        ),
        ("access_token=hunter2&token_type=bearer", "`quirks(form_encoded_token_response)`"),
    ] {
        let text = tokens(body).unwrap_err().to_string();
        assert!(text.contains(hint) && !text.contains("hunter2"), "{text}");
    }
    let mac = tokens(r#"{"access_token":"a","token_type":"mac"}"#).unwrap_err().to_string();
    assert!(!mac.contains("quirks"), "it asks for a proof: {mac}");
}

#[test]
fn refusal_is_kept_in_every_shape() {
    for (status, body, words) in [
        (
            400,
            r#"{"error":{"message":"The code is malformed.","type":"OAuthException","code":100}}"#,
            "declined: 100 (OAuthException: The code is malformed.)",
        ),
        (200, r#"{"errcode":40029,"errmsg":"invalid code"}"#, "declined: 40029 (invalid code)"),
        (400, "error=bad&error_description=too+late", "declined: bad (too late)"),
        (
            503,
            r#"{"error":{"message":"busy"}}"#,
            r#"status 503; its response: no content type: {"error":{"message":"busy"}}"#,
        ),
        (200, "<title>Attention Required!</title>", "`<title>Attention Required!</title>`"),
    ] {
        let text = read_with(status, body, Quirks::default()).unwrap_err().to_string();
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn byte_order_mark_is_not_read() {
    let body = "\u{feff}{\"access_token\":\"a\",\"token_type\":\"Bearer\"}";
    assert_eq!(tokens(body).unwrap().access_token.expose(), "a");
    let quirks = Quirks { form_encoded: true, ..Quirks::default() };
    let form = "\u{feff}access_token=a&token_type=bearer";
    assert_eq!(read_with(200, form, quirks).unwrap().access_token.expose(), "a");
}

#[test]
fn expires_in_may_be_text_and_absurd_is_unknown() {
    for (given, expected) in [
        ("\"3600\"", Some(3600)),
        ("3599.9", Some(3599)),
        ("0", None),
        ("-5", None),
        ("315360000", Some(315_360_000)),
        ("315360001", None),
        ("1e300", None),
        ("\"soon\"", None),
        ("[]", None),
        ("null", None),
    ] {
        let body = format!(r#"{{"access_token":"a","token_type":"Bearer","expires_in":{given}}}"#);
        assert_eq!(tokens(&body).unwrap().expires_in, expected, "{given}");
    }
}

#[test]
fn a_token_that_breaks_out_of_a_header_is_refused() {
    let error = tokens(r#"{"access_token":"a\r\nX: y","token_type":"Bearer"}"#).unwrap_err();
    assert!(!error.to_string().contains("X: y"));
}

#[test]
fn an_error_page_is_reported_by_its_status() {
    let error = read_with(503, "<html>", Quirks::default()).unwrap_err();
    assert!(matches!(error, ProviderError::Status { status: 503, .. }));
}

#[test]
fn comma_separated_scopes_are_a_quirk() {
    let body = r#"{"access_token":"a","token_type":"Bearer","scope":"repo,gist"}"#;
    assert_eq!(tokens(body).unwrap().scope.unwrap(), ["repo,gist"]);
    let quirks = Quirks { comma_separated_scopes: true, ..Quirks::default() };
    assert_eq!(read_with(200, body, quirks).unwrap().scope.unwrap(), ["repo", "gist"]);
}

#[test]
fn a_list_of_scopes_is_a_quirk() {
    let body = r#"{"access_token":"a","token_type":"Bearer","scope":["repo","gist"]}"#;
    assert_eq!(tokens(body).unwrap().scope, None);
    let quirks = Quirks { scopes_as_list: true, ..Quirks::default() };
    assert_eq!(read_with(200, body, quirks).unwrap().scope.unwrap(), ["repo", "gist"]);
    let mixed = r#"{"access_token":"a","token_type":"Bearer","scope":["repo",1]}"#;
    assert_eq!(read_with(200, mixed, quirks).unwrap().scope, None);
}

#[test]
fn own_token_type_is_a_quirk_but_never_proof_bound() {
    let body = |kind: &str| format!(r#"{{"access_token":"a","token_type":"{kind}"}}"#);
    let quirks = Quirks { own_token_type: true, ..Quirks::default() };
    assert!(tokens(&body("user")).is_err());
    assert_eq!(read_with(200, &body("user"), quirks).unwrap().token_type, "Bearer");
    for kind in ["mac", "DPoP", "PoP", "N_A"] {
        assert!(read_with(200, &body(kind), quirks).is_err(), "{kind}");
    }
}

#[test]
fn form_encoded_response_is_a_quirk() {
    let body = "access_token=a%20b&token_type=bearer&expires_in=60&scope=repo+gist&team=x";
    assert!(tokens(body).is_err());
    let quirks = Quirks { form_encoded: true, ..Quirks::default() };
    let tokens = read_with(200, body, quirks).unwrap();
    assert_eq!((tokens.access_token.expose(), tokens.expires_in), ("a b", Some(60)));
    assert_eq!(tokens.scope.unwrap(), ["repo", "gist"]);
    assert_eq!(tokens.extra.unwrap().expose(), r#"{"team":"x"}"#);
    let json = read_with(200, r#" {"access_token":"a","token_type":"Bearer"}"#, quirks);
    assert_eq!(json.unwrap().access_token.expose(), "a");
    let declined = read_with(200, "error=bad_code&error_description=Expired", quirks);
    assert!(matches!(declined, Err(ProviderError::Declined { .. })), "{declined:?}");
    let twice = read_with(200, "access_token=a&token_type=bearer&access_token=b", quirks);
    assert!(matches!(twice, Err(ProviderError::Malformed { .. })), "{twice:?}");
    let page = read_with(200, "<html>", quirks);
    assert!(matches!(page, Err(ProviderError::Unusable { .. })), "{page:?}");
}

/// The response of Slack, whose top-level token is that of a bot.
#[test]
fn nested_token_is_read_with_its_siblings() {
    let quirks = |path| Quirks {
        nested_token: Some(path),
        own_token_type: true,
        comma_separated_scopes: true,
        ..Quirks::default()
    };
    let slack = quirks("authed_user.access_token");
    let body = r#"{"ok":true,"access_token":"xoxb-bot","token_type":"bot","scope":"commands",
        "authed_user":{"id":"U1","access_token":"xoxp","token_type":"user","scope":"a,b",
        "refresh_token":"r","expires_in":60},"team":{"id":"T1"}}"#;
    let tokens = read_with(200, body, slack).unwrap();
    assert_eq!(tokens.access_token.expose(), "xoxp");
    assert_eq!(tokens.refresh_token.unwrap().expose(), "r");
    assert_eq!(
        (tokens.scope.unwrap(), tokens.expires_in),
        (vec!["a".to_owned(), "b".to_owned()], Some(60))
    );
    let extra: Value = serde_json::from_str(tokens.extra.unwrap().expose()).unwrap();
    assert_eq!(
        extra,
        serde_json::json!({
            "ok": true, "access_token": "xoxb-bot", "token_type": "bot", "scope": "commands",
            "authed_user": {"id": "U1"}, "team": {"id": "T1"},
        })
    );
    let without = r#"{"ok":true,"access_token":"xoxb-bot","token_type":"bot","authed_user":{}}"#;
    let error = read_with(200, without, slack).unwrap_err();
    assert!(error.to_string().contains("`access_token`"), "{error}");
    let declined = read_with(200, r#"{"ok":false,"error":"invalid_code"}"#, slack);
    assert!(matches!(declined, Err(ProviderError::Declined { .. })), "{declined:?}");

    let renamed = r#"{"token":"a","token_type":"Bearer","data":[{"t":"b"}],"left":1}"#;
    let tokens = read_with(200, renamed, quirks("token")).unwrap();
    assert_eq!(tokens.access_token.expose(), "a");
    let extra: Value = serde_json::from_str(tokens.extra.unwrap().expose()).unwrap();
    assert_eq!(extra, serde_json::json!({"data": [{"t": "b"}], "left": 1}));
    let quirks = Quirks { missing_token_type: true, ..quirks("data.0.t") };
    assert_eq!(read_with(200, renamed, quirks).unwrap().access_token.expose(), "b");
}
