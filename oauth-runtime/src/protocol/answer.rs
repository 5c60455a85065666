//! The provider's own words in an answer that cannot be used: an error response where there is one,
//! whatever its shape, and else an excerpt for the log. Neither shows a token.
//!
//! An excerpt is taken of members whose names belong to errors and of nothing else. Where any other
//! member may hold a token, nothing of the answer is shown.

use std::borrow::Cow;
use std::fmt;

use ::http::{HeaderMap, Response, header};
use bytes::Bytes;
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::declaration::spec::Quirk;
use crate::json::{self, JsonError, Unambiguous, without_byte_order_mark};
use crate::protocol::endpoint_kind::Endpoint;
use crate::protocol::error::ProviderError;
use crate::protocol::error_response::ErrorResponse;
use crate::text::shown;

/// Longest excerpt, in characters.
const MAX_EXCERPT: usize = 400;
/// Most characters of an answer that is not JSON, and of one error member.
const MAX_TEXT: usize = 200;
/// How deep error members are looked for, and how many elements of a list are shown.
const MAX_DEPTH: usize = 4;
const MAX_ELEMENTS: usize = 5;
/// A run of this many letters and digits may be a token.
const MIN_OPAQUE: usize = 16;

/// What an unusable answer said, cut to a length for a log, and a hint at what would help.
///
/// It is text from outside: it is escaped and bounded, shows no token, and still belongs in a log and
/// not on a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswerExcerpt {
    text: Option<Box<str>>,
    hint: Option<Box<str>>,
}

impl AnswerExcerpt {
    /// The error members as JSON, or the content type and the first characters. `None` where the
    /// answer is empty or may hold a token.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// What the declaration could say to accept such answers, mostly a quirk.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    pub(crate) fn of(response: &Response<Bytes>) -> Self {
        let text = excerpt(response);
        Self { text: text.map(|text| shown(&text, MAX_EXCERPT).into()), hint: None }
    }

    #[must_use]
    pub(crate) fn with_hint(self, hint: Option<String>) -> Self {
        Self { hint: hint.map(String::into_boxed_str).or(self.hint), ..self }
    }
}

impl fmt::Display for AnswerExcerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = &self.text {
            write!(f, "; its answer: {text}")?;
        }
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl ProviderError {
    /// An answer with a status of no success, and its words.
    pub(crate) fn status(endpoint: Endpoint, response: &Response<Bytes>) -> Self {
        let status = response.status().as_u16();
        Self::Status { endpoint, status, answer: AnswerExcerpt::of(response), body: None }
    }

    /// An answer that declines where it has words for that, and else one of no success.
    pub(crate) fn refused(endpoint: Endpoint, response: &Response<Bytes>) -> Self {
        match error_response(response) {
            Some(response) => Self::Declined { endpoint, response },
            None => Self::status(endpoint, response),
        }
    }

    /// An answer that cannot be read, and its words.
    pub(crate) fn malformed(
        endpoint: Endpoint,
        response: &Response<Bytes>,
        reason: JsonError,
    ) -> Self {
        Self::Malformed { endpoint, reason, answer: AnswerExcerpt::of(response) }
    }

    /// An answer that lacks something, and its words.
    pub(crate) fn unusable(
        endpoint: Endpoint,
        response: &Response<Bytes>,
        what: &'static str,
    ) -> Self {
        Self::Unusable { endpoint, what, answer: AnswerExcerpt::of(response) }
    }

    /// Names what would help.
    #[must_use]
    pub(crate) fn with_hint(mut self, hint: Option<String>) -> Self {
        if let Self::Status { answer, .. }
        | Self::Malformed { answer, .. }
        | Self::Unusable { answer, .. } = &mut self
        {
            *answer = std::mem::take(answer).with_hint(hint);
        }
        self
    }
}

/// The error response in an answer: that of RFC 6749 section 5.2 with any status; in other shapes
/// only with a status that blames the request, or none.
///
/// It is read leniently, for nothing follows from it but a refusal: in Latin-1 as well as in UTF-8,
/// as a form as well as JSON.
pub(crate) fn error_response(response: &Response<Bytes>) -> Option<ErrorResponse> {
    let text = text_of(response);
    let members = members_of(&text)?;
    standard(&members).or_else(|| {
        let status = response.status().as_u16();
        let is_about_the_moment = status >= 500 || matches!(status, 408 | 429);
        if is_about_the_moment || members.iter().any(|(name, value)| holds_token(name, value)) {
            return None;
        }
        in_own_words(&members)
    })
}

/// The quirk for an answer of success that is an error.
pub(crate) fn hint_at_status_200(response: &Response<Bytes>) -> Option<String> {
    error_response(response)?;
    Some(hint_at(Quirk::ErrorsWithStatus200, "a provider that answers errors with status 200"))
}

/// What to write for a provider that does `what`.
pub(crate) fn hint_at(quirk: Quirk, what: &str) -> String {
    format!("{what} needs `quirks({})`", quirk.name())
}

/// Whether an answer with a status of success says in its body that it is an error.
pub(crate) fn is_error(claims: &Value) -> bool {
    let members = claims.as_object();
    members.is_some_and(|members| standard(members).or_else(|| in_own_words(members)).is_some())
}

/// RFC 6749 section 5.2.
fn standard(members: &Map<String, Value>) -> Option<ErrorResponse> {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let error = text("error").filter(|error| !error.is_empty())?;
    Some(ErrorResponse::new(error, text("error_description"), text("error_uri")))
}

/// What providers say instead: `{"error": {"message": …}}`, `{"errors": [{…}]}`,
/// `{"errcode": 40029, "errmsg": …}`, `{"error": 100, …}`.
fn in_own_words(members: &Map<String, Value>) -> Option<ErrorResponse> {
    let inner = match (members.get("error"), members.get("errors")) {
        (Some(Value::Object(error)), _) => return Some(words(error)),
        (Some(Value::Bool(true)), _) => return Some(words(members)),
        (Some(Value::Number(code)), _) if code.as_f64() != Some(0.0) => {
            return Some(words(members));
        }
        (_, Some(Value::Array(errors))) => errors.first()?,
        (_, Some(errors @ Value::Object(_))) => errors,
        _ => {
            let code = first(members, &["errcode", "errorcode", "errno"])?;
            let is_error = code != "0" && !code.is_empty();
            return is_error.then(|| words(members));
        }
    };
    match inner {
        Value::Object(error) => Some(words(error)),
        Value::String(message) => Some(ErrorResponse::new("error", Some(&safe(message)), None)),
        _ => None,
    }
}

/// Code and message of an object that describes an error.
fn words(error: &Map<String, Value>) -> ErrorResponse {
    const CODES: &[&str] =
        &["errcode", "errorcode", "errno", "code", "error", "type", "errortype", "status"];
    const MESSAGES: &[&str] = &[
        "errordescription",
        "errormessage",
        "errormsg",
        "errmsg",
        "message",
        "msg",
        "detail",
        "description",
        "title",
    ];
    let code = first(error, CODES).unwrap_or_else(|| "error".to_owned());
    let kind = first(error, &["type"]).filter(|kind| *kind != code);
    let message = first(error, MESSAGES);
    let description = match (kind, message) {
        (Some(kind), Some(message)) => Some(format!("{kind}: {message}")),
        (kind, message) => message.or(kind),
    };
    ErrorResponse::new(&code, description.as_deref(), None)
}

/// The first of `names` that is text or a number.
fn first(members: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|wanted| {
        let (_, value) = members.iter().find(|(name, _)| plain(name) == *wanted)?;
        match value {
            Value::String(text) => Some(safe(text)).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    })
}

/// The members of JSON or, where there is no JSON, of a form.
fn members_of(text: &str) -> Option<Map<String, Value>> {
    match json::read::<Unambiguous>(text.as_bytes()) {
        Ok(Unambiguous(Value::Object(members))) => Some(members),
        Ok(_) => None,
        Err(_) => form_members(text),
    }
}

fn form_members(text: &str) -> Option<Map<String, Value>> {
    let is_form = text.contains('=') && !text.starts_with(['<', '{', '[', '"']);
    if !is_form || text.contains(char::is_whitespace) {
        return None;
    }
    let pairs = form_urlencoded::parse(text.as_bytes());
    Some(pairs.map(|(name, value)| (name.into_owned(), Value::from(&*value))).collect())
}

/// The body as text: UTF-8, else Latin-1, in which all bytes are characters.
fn text_of(response: &Response<Bytes>) -> Cow<'_, str> {
    let body = without_byte_order_mark(response.body()).trim_ascii();
    match std::str::from_utf8(body) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => body.iter().map(|byte| char::from(*byte)).collect(),
    }
}

fn excerpt(response: &Response<Bytes>) -> Option<String> {
    let text = text_of(response);
    if text.is_empty() {
        return None;
    }
    let document = match json::read::<Unambiguous>(text.as_bytes()) {
        Ok(Unambiguous(document)) => Some(document),
        Err(_) => form_members(&text).map(Value::Object),
    };
    let words = match document {
        Some(document) if holds_token("", &document) => None,
        Some(document) => errors_in(&document, 0).map(|errors| errors.to_string()),
        None => first_characters(&text),
    };
    let kind = content_type(response.headers());
    Some(match words {
        Some(words) => format!("{kind}: {words}"),
        None => kind,
    })
}

fn content_type(headers: &HeaderMap) -> String {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.map(str::trim).filter(|kind| !kind.is_empty());
    kind.map_or_else(|| "no content type".to_owned(), |kind| shown(kind, 80))
}

/// The error members of a document, and nothing else of it.
fn errors_in(value: &Value, depth: usize) -> Option<Value> {
    match value {
        _ if depth > MAX_DEPTH => None,
        Value::Object(members) => {
            let is_about_errors = depth > 0 || members.keys().any(|name| is_of_error(name));
            let members = members.iter().filter(|(name, _)| is_about_errors && is_told(name));
            let told = members
                .filter_map(|(name, value)| Some((name.clone(), errors_in(value, depth + 1)?)));
            let told: Map<_, _> = told.collect();
            (!told.is_empty()).then_some(Value::Object(told))
        }
        Value::Array(list) => {
            let told = list.iter().take(MAX_ELEMENTS);
            let told: Vec<_> = told.filter_map(|one| errors_in(one, depth)).collect();
            (!told.is_empty()).then_some(Value::Array(told))
        }
        Value::String(text) if depth > 0 => Some(Value::String(safe(text))),
        Value::Number(_) | Value::Bool(_) if depth > 0 => Some(value.clone()),
        _ => None,
    }
}

/// A member by which a document shows that it describes an error.
fn is_of_error(name: &str) -> bool {
    let name = plain(name);
    name.contains("err")
        || ["message", "msg", "fault", "exception", "detail", "oauthproblem"].contains(&&*name)
}

/// A member that describes an error.
fn is_told(name: &str) -> bool {
    const TOLD: &[&str] = &[
        "cause",
        "code",
        "description",
        "detail",
        "details",
        "exception",
        "fault",
        "faultcode",
        "faultstring",
        "message",
        "msg",
        "oauthproblem",
        "oauthproblemadvice",
        "ok",
        "reason",
        "ret",
        "retcode",
        "status",
        "statuscode",
        "subcode",
        "success",
        "title",
        "type",
    ];
    let name = plain(name);
    name.starts_with("err") || name.ends_with("error") || TOLD.contains(&&*name)
}

/// A name without its separators, in lower case: `error_code`, `error-code` and `errorCode` are one.
fn plain(name: &str) -> String {
    let kept = name.chars().filter(|c| c.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}

/// Whether a member, or one in it, may hold a token: by its name, or as a compact JWS or JWE.
fn holds_token(name: &str, value: &Value) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(name, value)| holds_token(name, value)),
        Value::Array(list) => list.iter().any(|one| holds_token(name, one)),
        Value::String(text) => {
            (is_name_of_secret(name) && !text.is_empty())
                || (text.starts_with("eyJ") && text.contains('.'))
        }
        Value::Number(_) => is_name_of_secret(name),
        Value::Null | Value::Bool(_) => false,
    }
}

/// Parts of the names that tokens, secrets and what stands for them have.
const SECRETS: &[&str] = &[
    "token",
    "secret",
    "assertion",
    "jwt",
    "ticket",
    "passw",
    "credential",
    "apikey",
    "accesskey",
    "privatekey",
    "session",
    "cookie",
    "bearer",
    "authorization",
    "verifier",
    "devicecode",
    "usercode",
    "authcode",
    "saml",
    "signature",
];

fn is_name_of_secret(name: &str) -> bool {
    let name = plain(name);
    // What kind of token it is says nothing of the token.
    let is_kind = ["tokentype", "tokentypehint"].contains(&&*name);
    let is_short = ["key", "sid", "sig", "otp", "pin", "pwd", "at", "rt"].contains(&&*name);
    !is_kind && (is_short || SECRETS.iter().any(|secret| name.contains(secret)))
}

/// The first characters of an answer that is neither JSON nor a form: of markup or a sentence. One
/// word may be a token, and broken JSON may hold one.
fn first_characters(text: &str) -> Option<String> {
    let is_prose = text.starts_with('<') || text.contains(' ');
    if !is_prose || text.starts_with(['{', '[', '"']) || names_secret(text) {
        return None;
    }
    Some(format!("`{}`", safe(text)))
}

/// Whether the text gives a secret a value: `token=`, `"token":`, `<token>`, `name="token"`.
fn names_secret(text: &str) -> bool {
    let text = text.to_ascii_lowercase().replace(['_', '-'], "");
    SECRETS.iter().any(|secret| {
        text.match_indices(secret).any(|(at, _)| {
            let rest = text[at + secret.len()..].trim_start_matches(char::is_alphanumeric);
            let rest = rest.trim_start();
            rest.starts_with(['=', ':', '"', '\'', '>', '&', ',']) || *secret == "bearer"
        })
    })
}

/// The beginning of a text, with what may be a token left out: a long run of letters and digits
/// that has both. A UUID is none: it is what support asks for.
fn safe(text: &str) -> String {
    let text: String = text.chars().take(4 * MAX_TEXT).collect();
    // In a sentence about a token even a short run may be it.
    let names_secret = text.contains(' ') && mentions_secret(&text);
    let is_of_run = |c: char| c.is_ascii_alphanumeric() || "_-.~+/=%".contains(c);
    let mut out = String::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let end = rest.find(|c| !is_of_run(c)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        let is_left_out = is_opaque(run) || (names_secret && is_code(run));
        out.push_str(if is_left_out { "…" } else { run });
        let next = after.find(is_of_run).unwrap_or(after.len());
        let (between, after) = after.split_at(next);
        out.push_str(between);
        rest = after;
    }
    shown(&out.replace(['\n', '\r', '\t'], " "), MAX_TEXT)
}

fn is_opaque(run: &str) -> bool {
    run.len() >= MIN_OPAQUE && is_code(run) && !is_uuid(run)
}

/// Letters with digits.
fn is_code(run: &str) -> bool {
    run.chars().any(|c| c.is_ascii_digit()) && run.chars().any(|c| c.is_ascii_alphabetic())
}

fn mentions_secret(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    SECRETS.iter().any(|secret| text.contains(secret))
}

fn is_uuid(run: &str) -> bool {
    run.len() == 36
        && run.chars().enumerate().all(|(index, c)| match index {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
}

/// Where a document has an access token that is not at `access_token`, as a dotted path.
pub(crate) fn place_of_token(document: &Value) -> Option<String> {
    fn search(value: &Value, path: &str, depth: usize) -> Option<String> {
        let Value::Object(members) = value else { return None };
        let below = |name: &str| {
            let is_plain = name.len() <= 40
                && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            is_plain.then_some(path)
        };
        let is_token = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
        let here = members.iter().find(|(name, value)| {
            matches!(plain(name).as_str(), "accesstoken" | "token") && is_token(value)
        });
        if let Some((name, _)) = here {
            return below(name);
        }
        if depth == MAX_DEPTH {
            return None;
        }
        members.iter().find_map(|(name, value)| search(value, &below(name)?, depth + 1))
    }
    search(document, "", 1)
}

/// Whether a body is a form that has an access token.
pub(crate) fn is_form_with_token(response: &Response<Bytes>) -> bool {
    let members = form_members(&text_of(response));
    members.is_some_and(|members| members.contains_key("access_token"))
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn answer_without_error_declines_nothing() {
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
        // The moment is to blame, and not the request.
        for status in [408, 429, 500, 503] {
            assert_eq!(said(status, r#"{"error":{"message":"busy"}}"#), None, "{status}");
        }
    }

    #[test]
    fn excerpt_has_error_members_or_first_characters() {
        let excerpt = excerpt_of("application/json", r#"{"message":"Bad thing","x":"y"}"#);
        assert_eq!(excerpt, r#"; its answer: application/json: {"message":"Bad thing"}"#);
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

    /// The token is `hunter2`, whatever its name and wherever it is.
    #[test]
    fn no_excerpt_of_an_answer_with_a_token() {
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
            let found = place_of_token(&serde_json::from_str(document).unwrap());
            assert_eq!(found.as_deref(), expected, "{document}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_answer_ends_the_process_or_shows_its_token(
            before in "\\PC{0,40}", after in "[{}<>=&:\", a-z]{0,40}",
        ) {
            let body = format!("{before}access_token={after}&access_token=hunter2");
            let excerpt = excerpt_of("text/plain", body);
            proptest::prop_assert!(!excerpt.contains("hunter2"), "{}", excerpt);
        }
    }
}
