//! What a request and a response look like, for the log: the names of their parts, and the values of
//! a few that are never secret.
//!
//! A value is shown only if its name is in [`OPEN`] and it looks like a value of that name. Every
//! other value is replaced by its type, so a provider that puts a token into a new member reveals
//! nothing.

use std::fmt::Write;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Request, Response};
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::media_type;
use crate::text::shown;
use crate::url::endpoint::RedactedUrl;

/// Names whose values are words of the protocol.
const OPEN: [&str; 12] = [
    "grant_type",
    "response_type",
    "response_mode",
    "code_challenge_method",
    "token_type",
    "expires_in",
    "error",
    "prompt",
    "scope",
    "token_type_hint",
    "client_id",
    "oauth_signature_method",
];
const MAX_NAMES: usize = 40;
const MAX_NAME: usize = 48;
const MAX_VALUE: usize = 200;
/// A longer segment of a path may be a token.
const MAX_SEGMENT: usize = 32;

/// `POST https://op.example/token, authorization Basic …: grant_type=authorization_code code=…`
pub(crate) fn request(request: &Request<Bytes>) -> String {
    let mut text = request_head(request);
    body(&mut text, request.headers(), request.body());
    text
}

/// A request without its body.
pub(crate) fn request_head<B>(request: &Request<B>) -> String {
    let mut text = request.method().to_string();
    match Url::parse(&request.uri().to_string()) {
        Ok(url) => place(&mut text, &url),
        Err(_) => text.push_str(" …"),
    }
    if let Some(scheme) = scheme(request.headers()) {
        // Writing to a string cannot fail.
        let _ = write!(text, ", authorization {scheme} …");
    }
    text.push(':');
    query(&mut text, request.uri().query().unwrap_or_default());
    text
}

/// `200 application/json: access_token=<string> expires_in=3600`
pub(crate) fn response(response: &Response<Bytes>) -> String {
    let mut text = head(response);
    text.push(':');
    body(&mut text, response.headers(), response.body());
    text
}

/// The status and the content type of a response.
pub(crate) fn head<B>(response: &Response<B>) -> String {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or("without content type");
    format!("{} {}", response.status().as_u16(), shown(kind, MAX_NAME))
}

/// The authorization request, with which the browser is redirected.
pub(crate) fn redirect(url: &str) -> String {
    let mut text = "redirect".to_owned();
    if let Ok(url) = Url::parse(url) {
        place(&mut text, &url);
        text.push(':');
        query(&mut text, url.query().unwrap_or_default());
    }
    text
}

/// The parameters of an authorization response.
pub(crate) fn parameters(encoded: &str) -> String {
    let mut text = "callback:".to_owned();
    query(&mut text, encoded);
    text
}

fn place(text: &mut String, url: &Url) {
    let _ = write!(text, " {}", url.origin().ascii_serialization());
    for segment in url.path_segments().into_iter().flatten() {
        let is_short = segment.len() <= MAX_SEGMENT;
        let _ = write!(text, "/{}", if is_short { segment } else { "…" });
    }
}

/// The authentication scheme (RFC 9110 section 11.1).
fn scheme(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    value.split_once(' ').map(|(scheme, _)| scheme).filter(|scheme| is_word(scheme))
}

fn query(text: &mut String, encoded: &str) {
    for (name, value) in form_urlencoded::parse(encoded.as_bytes()).take(MAX_NAMES) {
        // Without a value, the name may be the secret.
        let name = if value.is_empty() { "…" } else { name.as_ref() };
        member(text, name, &Value::String(value.into_owned()));
    }
}

fn body(text: &mut String, headers: &HeaderMap, body: &Bytes) {
    if body.is_empty() {
        return;
    }
    if media_type::is(headers, "application/x-www-form-urlencoded") {
        return query(text, &String::from_utf8_lossy(body));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => {
            for (name, value) in members.iter().take(MAX_NAMES) {
                member(text, name, value);
            }
        }
        Ok(value) => {
            let _ = write!(text, " {}", kind(&value));
        }
        Err(_) => {
            let _ = write!(text, " {} bytes", body.len());
        }
    }
}

fn member(text: &mut String, name: &str, value: &Value) {
    let name = if is_name(name) { name } else { "…" };
    let _ = match value {
        Value::Object(members) => {
            let names: Vec<_> =
                members.keys().filter(|name| is_name(name)).take(MAX_NAMES).collect();
            let names: Vec<_> = names.into_iter().map(String::as_str).collect();
            write!(text, " {name}={{{}}}", names.join(" "))
        }
        Value::String(value) if name == "redirect_uri" => {
            write!(text, " {name}={}", RedactedUrl::from(value.as_str()))
        }
        Value::String(value) if OPEN.contains(&name) && is_words(value) => {
            write!(text, " {name}={value}")
        }
        Value::Number(value) if OPEN.contains(&name) => write!(text, " {name}={value}"),
        value => write!(text, " {name}={}", kind(value)),
    };
}

fn kind(value: &Value) -> String {
    match value {
        Value::Null => "<null>".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(_) => "<number>".to_owned(),
        Value::String(_) => "<string>".to_owned(),
        Value::Array(items) => format!("<{} items>", items.len()),
        Value::Object(_) => "<object>".to_owned(),
    }
}

fn is_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte))
}

fn is_word(text: &str) -> bool {
    text.len() <= MAX_NAME && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Printable text without anything that could continue the line.
fn is_words(text: &str) -> bool {
    text.len() <= MAX_VALUE && text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "s3cr3t-value";

    fn answer(kind: &str, body: &str) -> String {
        let answer = Response::builder().header(CONTENT_TYPE, kind);
        response(&answer.body(Bytes::from(body.to_owned())).unwrap())
    }

    #[test]
    fn request_shows_names_and_words_of_the_protocol() {
        let form = format!("grant_type=authorization_code&code={SECRET}&code_verifier={SECRET}");
        let sent = Request::post(format!("https://op.example/token?key={SECRET}"))
            .header(AUTHORIZATION, format!("Basic {SECRET}"))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(form))
            .unwrap();
        assert_eq!(
            request(&sent),
            "POST https://op.example/token, authorization Basic …: key=<string> \
             grant_type=authorization_code code=<string> code_verifier=<string>"
        );
    }

    #[test]
    fn response_shows_the_types_of_its_members() {
        let body = format!(
            r#"{{"access_token": "{SECRET}", "token_type": "bearer", "expires_in": 3600,
                "scope": "a b", "user": {{"id": 1, "name": "{SECRET}"}}, "roles": ["{SECRET}"]}}"#
        );
        let seen = answer("application/json; charset=utf-8", &body);
        for part in [
            "200 application/json:",
            "access_token=<string>",
            "token_type=bearer",
            "expires_in=3600",
            "scope=a b",
            "user={id name}",
            "roles=<1 items>",
        ] {
            assert!(seen.contains(part), "{part}: {seen}");
        }
    }

    #[test]
    fn trace_shows_no_value_that_may_be_secret() {
        let long = format!("{SECRET}{}", "x".repeat(MAX_VALUE));
        let json = |text: &str| answer("application/json", text);
        for seen in [
            json(&format!("\"{SECRET}\"")),
            json(&format!("{{\"{SECRET} as a name\": 1}}")),
            json(&format!("{{\"token_type\": \"{SECRET}\\n\", \"error\": \"{long}\"}}")),
            json(SECRET),
            answer("text/plain", SECRET),
            parameters(SECRET),
            parameters(&format!("code={SECRET}&state={SECRET}&{SECRET}")),
            redirect(&format!("https://op.example/{}/a?state={SECRET}&x={SECRET}", long)),
            redirect(&format!("https://user:{SECRET}@op.example/?redirect_uri=/a?{SECRET}")),
        ] {
            assert!(!seen.contains(SECRET) && !seen.contains('\n'), "{seen}");
        }
    }

    #[test]
    fn trace_is_bounded() {
        let many: String = (0..1000).map(|n| format!("a{n}=1&")).collect();
        assert!(parameters(&many).len() < 1000);
    }
}
