use super::*;
use http::header;

fn response(status: u16, kind: &str, body: impl AsRef<[u8]>) -> Response<Bytes> {
    let response = Response::builder().status(status).header(header::CONTENT_TYPE, kind);
    response.body(Bytes::copy_from_slice(body.as_ref())).unwrap()
}

fn said(status: u16, body: &str) -> Option<String> {
    error_response(&response(status, "application/json", body)).map(|words| words.to_string())
}

fn excerpt_of(kind: &str, body: impl AsRef<[u8]>) -> String {
    AnswerExcerpt::of(&response(400, kind, body)).to_string()
}

#[test]
fn errors_are_read_in_every_shape() {
    for (body, expected) in [
        (r#"{"error":"invalid_grant","error_description":"no"}"#, "invalid_grant (no)"),
        (
            r#"{"error":{"message":"The code is malformed.","type":"OAuthException","code":100}}"#,
            "100 (OAuthException: The code is malformed.)",
        ),
        (r#"{"errcode":40029,"errmsg":"invalid code"}"#, "40029 (invalid code)"),
        (r#"{"errors":[{"code":"E1","message":"no"}]}"#, "E1 (no)"),
        (r#"{"errors":["no"]}"#, "error (no)"),
        (r#"{"error":100,"msg":"no"}"#, "100 (no)"),
        (r#"{"error":true,"message":"no"}"#, "error (no)"),
        (r#"{"error_code":"7","error_msg":"no"}"#, "7 (no)"),
        ("error=bad_code&error_description=too+late", "bad_code (too late)"),
        ("\u{feff}{\"error\":\"x\"}", "x"),
    ] {
        assert_eq!(said(400, body).as_deref(), Some(expected), "{body}");
    }
    let latin1 = b"{\"error\":\"invalid_grant\",\"error_description\":\"Ung\xfcltig\"}";
    let words = error_response(&response(400, "application/json; charset=iso-8859-1", latin1));
    assert_eq!(words.unwrap().to_string(), "invalid_grant (Ungültig)");
}

#[test]
fn response_without_error_declines_nothing() {
    for body in [
        "",
        "{}",
        "[]",
        "<html>",
        r#"{"errcode":0,"errmsg":"ok"}"#,
        r#"{"error":null}"#,
        r#"{"error":""}"#,
        r#"{"error":0}"#,
        r#"{"error":false}"#,
        r#"{"errors":[]}"#,
        r#"{"error":{"message":"m"},"access_token":"t"}"#,
        "access_token=t&error_code=1",
    ] {
        assert_eq!(said(200, body), None, "{body}");
    }
    // These statuses blame the moment, not the request.
    for status in [408, 429, 500, 503] {
        assert_eq!(said(status, r#"{"error":{"message":"busy"}}"#), None, "{status}");
    }
}

#[test]
fn excerpt_has_error_members_or_first_characters() {
    let excerpt = excerpt_of("application/json", r#"{"message":"Bad thing","x":"y"}"#);
    assert_eq!(excerpt, r#"; its response: application/json: {"message":"Bad thing"}"#);
    let page = "<!DOCTYPE html>\n<title>Attention Required!</title>";
    let excerpt = excerpt_of("text/html", page);
    assert!(excerpt.contains("text/html: `<!DOCTYPE html> <title>Attention Req"), "{excerpt}");
    let latin1 = excerpt_of("text/plain; charset=latin1", b"Ung\xfcltige Anfrage");
    assert!(latin1.contains("Ungültige Anfrage"), "{latin1}");
    assert_eq!(excerpt_of("text/html", ""), "");
    let long = excerpt_of("text/html", format!("<p>{}", "x y ".repeat(100_000)));
    assert!(long.chars().count() < 500, "{}", long.len());
    let evil = excerpt_of("text/html", "<p>a\u{1b}[2J\u{202e}b\r\nforged line");
    assert!(!evil.contains(['\u{1b}', '\u{202e}', '\r', '\n']), "{evil}");
    let listed = excerpt_of("application/json", r#"[{"errorCode":"E","message":"gone"}]"#);
    assert!(listed.contains(r#"[{"errorCode":"E","message":"gone"}]"#), "{listed}");
}

/// The token is `hunter2`, under any name and at any place.
#[test]
fn response_with_a_token_has_no_excerpt() {
    for name in [
        "access_token",
        "accessToken",
        "access-token",
        "ACCESS_TOKEN",
        "token",
        "id_token",
        "refresh_token",
        "oauth_token",
        "oauth_token_secret",
        "client_secret",
        "assertion",
        "device_code",
        "jwt",
        "session_key",
        "ticket",
        "password",
        "api_key",
        "key",
        "sid",
    ] {
        for body in [
            format!(r#"{{"{name}":"hunter2","message":"hunter2"}}"#),
            format!(r#"{{"error":{{"message":"hunter2","{name}":"hunter2"}}}}"#),
            format!(r#"{{"message":"hunter2","data":[{{"{name}":"hunter2"}}]}}"#),
            format!(r#"[{{"{name}":"hunter2"}},{{"message":"hunter2"}}]"#),
            format!("{name}=hunter2&error_description=hunter2&message=hunter2"),
            format!(r#"{{"{name}":"hunter2","#),
        ] {
            let response = response(200, "text/plain", &body);
            let excerpt = AnswerExcerpt::of(&response).to_string();
            assert!(!excerpt.contains("hunter2"), "{body}: {excerpt}");
        }
    }
    for body in [
        "<root><access_token>hunter2</access_token></root>",
        "<input name=\"access_token\" value=\"hunter2\">",
        "<p>token: hunter2</p>",
        "Your refresh token = hunter2 and more",
        "Authorization: Bearer hunter2 is bad",
        "The token hunter2 is bad",
        r#"{"message":"The token hunter2 is bad"}"#,
        "hunter2",
        "\"hunter2\"",
        r#"{"message":"hunter2","message":"x"}"#,
    ] {
        let excerpt = excerpt_of("text/html", body);
        assert!(!excerpt.contains("hunter2"), "{body}: {excerpt}");
    }
}

#[test]
fn opaque_text_in_a_message_is_left_out() {
    let token = "gho_16C7e42F292c6912E7710c838347Ae178B4a";
    let body = format!(r#"{{"message":"The token {token} is bad"}}"#);
    let excerpt = excerpt_of("application/json", body);
    assert!(excerpt.contains("The token … is bad"), "{excerpt}");
    let uuid = r#"{"message":"Trace 0a1b2c3d-4e5f-6789-abcd-ef0123456789"}"#;
    assert!(excerpt_of("application/json", uuid).contains("0a1b2c3d-4e5f"), "support needs it");
}

#[test]
fn place_of_nested_token_is_found() {
    for (document, expected) in [
        (r#"{"authed_user":{"access_token":"t"}}"#, Some("authed_user.access_token")),
        (r#"{"accessToken":"t"}"#, Some("accessToken")),
        (r#"{"data":{"inner":{"token":"t"}}}"#, Some("data.inner.token")),
        (r#"{"a b":{"token":"t"}}"#, None),
        (r#"{"expires_in":1}"#, None),
    ] {
        let found = path_of_token(&serde_json::from_str(document).unwrap());
        assert_eq!(found.as_deref(), expected, "{document}");
    }
}

proptest::proptest! {
    #[test]
    fn arbitrary_response_never_panics_or_leaks_tokens(
        before in "\\PC{0,40}", after in "[{}<>=&:\", a-z]{0,40}",
    ) {
        let body = format!("{before}access_token={after}&access_token=hunter2");
        let excerpt = excerpt_of("text/plain", body);
        proptest::prop_assert!(!excerpt.contains("hunter2"), "{}", excerpt);
    }
}
