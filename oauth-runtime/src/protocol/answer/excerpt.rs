//! The part of a response that may be shown.

use crate::json::{self, Unambiguous};
use crate::protocol::answer::{form_members, text_of};
use crate::text::{shown, without_hidden};
use ::http::{HeaderMap, Response, header};
use bytes::Bytes;
use serde_json::{Map, Value};

/// Longest excerpt, in characters.
pub(super) const MAX_EXCERPT: usize = 400;

/// Maximum characters of a response that is not JSON, and of one error member.
const MAX_TEXT: usize = 200;

/// Maximum characters of the name of an error member.
const MAX_NAME: usize = 40;
/// The depth to which error members are searched, and the number of list elements shown.
pub(super) const MAX_DEPTH: usize = 4;

const MAX_ELEMENTS: usize = 5;

/// A run of this many letters and digits may be a token.
const MIN_OPAQUE: usize = 16;

pub(super) fn excerpt(response: &Response<Bytes>) -> Option<String> {
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

/// The error members of a document, without anything else.
fn errors_in(value: &Value, depth: usize) -> Option<Value> {
    match value {
        _ if depth > MAX_DEPTH => None,
        Value::Object(members) => {
            let is_about_errors = depth > 0 || members.keys().any(|name| is_error_member(name));
            let members =
                members.iter().filter(|(name, _)| is_about_errors && is_error_detail(name));
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

/// Whether a member shows that its document describes an error.
fn is_error_member(name: &str) -> bool {
    let name = plain(name);
    name.contains("err")
        || ["message", "msg", "fault", "exception", "detail", "oauthproblem"].contains(&&*name)
}

/// Names of the members that describe an error, as [`plain`] writes them.
const DETAILS: &[&str] = &[
    "apierror",
    "cause",
    "code",
    "description",
    "detail",
    "details",
    "err",
    "errcode",
    "errmsg",
    "errno",
    "error",
    "errorcauses",
    "errorcode",
    "errorcodes",
    "errordesc",
    "errordescription",
    "errordetail",
    "errordetails",
    "errorid",
    "errorinfo",
    "errormessage",
    "errormessages",
    "errormsg",
    "errorname",
    "errorno",
    "errorreason",
    "errors",
    "errorsubcode",
    "errorsummary",
    "errortitle",
    "errortype",
    "erroruri",
    "errorurl",
    "errorusermsg",
    "errorusertitle",
    "exception",
    "fault",
    "faultcode",
    "faultstring",
    "lasterror",
    "message",
    "msg",
    "oautherror",
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

/// A member that describes an error. A broken document may have a token for a name, so only known names
/// are shown.
fn is_error_detail(name: &str) -> bool {
    name.len() <= MAX_NAME
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
        && DETAILS.contains(&&*plain(name))
}

/// A name without its separators, in lower case: `error_code`, `error-code` and `errorCode` are
/// one.
pub(super) fn plain(name: &str) -> String {
    let kept = name.chars().filter(|c| c.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}

/// Whether a member or a nested one may hold a token: by its name, or because it is a compact JWS
/// or JWE.
pub(super) fn holds_token(name: &str, value: &Value) -> bool {
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

/// Parts of the names of tokens, of secrets and of members that stand for them.
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
    // The type of a token reveals nothing about the token.
    let is_kind = ["tokentype", "tokentypehint"].contains(&&*name);
    let is_short = ["key", "sid", "sig", "otp", "pin", "pwd", "at", "rt"].contains(&&*name);
    !is_kind && (is_short || SECRETS.iter().any(|secret| name.contains(secret)))
}

/// The first characters of a response that is neither JSON nor a form: markup or a sentence. A
/// single word may be a token, and broken JSON may hold one.
fn first_characters(text: &str) -> Option<String> {
    let is_prose = text.starts_with('<') || text.contains(' ');
    if !is_prose || text.starts_with(['{', '[', '"']) || names_secret(text) {
        return None;
    }
    Some(format!("`{}`", safe(text)))
}

/// Whether the text assigns a value to a secret: `token=`, `"token":`, `<token>`, `name="token"`.
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

/// The beginning of a text, without runs that may be a token: long ones with both letters and
/// digits. A UUID is kept, because the provider's support asks for it.
pub(super) fn safe(text: &str) -> String {
    // The text is judged as it is shown: hidden characters must not split a word.
    let text = text.replace(['\n', '\r', '\t'], " ");
    let text = without_hidden(&text);
    // In a sentence about a token, even a short run may be the token.
    let is_of_run = |c: char| c.is_ascii_alphanumeric() || "_-.~+/=%".contains(c);
    let names_secret = text.contains(|c| !is_of_run(c)) && mentions_secret(&text);
    let text: String = text.chars().take(4 * MAX_TEXT).collect();
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
    shown(&out, MAX_TEXT)
}

fn is_opaque(run: &str) -> bool {
    run.len() >= MIN_OPAQUE && is_code(run) && !is_uuid(run)
}

/// Whether a run has both letters and digits.
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
