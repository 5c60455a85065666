//! The provider's own words in a response that cannot be used: its error response if it has one, in
//! any shape, or else an excerpt for the log. Neither shows a token.
//!
//! An excerpt contains only members whose names describe errors. If any other member may hold a
//! token, nothing of the response is shown.

use std::borrow::Cow;
use std::fmt;

use ::http::Response;
use bytes::Bytes;
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::declaration::spec::Quirk;
use crate::json::{self, JsonError, Unambiguous, without_byte_order_mark};
use crate::protocol::answer::excerpt::MAX_DEPTH;
use crate::protocol::answer::excerpt::MAX_EXCERPT;
use crate::protocol::answer::excerpt::excerpt;
use crate::protocol::answer::excerpt::holds_token;
use crate::protocol::answer::excerpt::plain;
use crate::protocol::answer::excerpt::safe;
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::protocol::error_response::ErrorResponse;
use crate::text::shown;

/// An excerpt of an unusable response, cut to a length for a log, with a hint at a remedy.
///
/// The text comes from outside. It is escaped and bounded and shows no token, but it belongs in a
/// log and not on a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswerExcerpt {
    text: Option<Box<str>>,
    hint: Option<Box<str>>,
}

impl AnswerExcerpt {
    /// The error members as JSON, or the content type and the first characters. `None` if the
    /// response is empty or may hold a token.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// A change to the declaration that would accept such responses, usually a quirk.
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
            write!(f, "; its response: {text}")?;
        }
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl ProviderError {
    /// A response with an unsuccessful status, with its excerpt.
    pub(crate) fn status(endpoint: EndpointKind, response: &Response<Bytes>) -> Self {
        let status = response.status().as_u16();
        Self::Status { endpoint, status, answer: AnswerExcerpt::of(response), body: None }
    }

    /// A response that declines if it contains an error response, or else one with an unsuccessful
    /// status.
    pub(crate) fn refused(endpoint: EndpointKind, response: &Response<Bytes>) -> Self {
        match error_response(response) {
            Some(response) => Self::Declined { endpoint, response },
            None => Self::status(endpoint, response),
        }
    }

    /// A response that cannot be read, with its excerpt.
    pub(crate) fn malformed(
        endpoint: EndpointKind,
        response: &Response<Bytes>,
        reason: JsonError,
    ) -> Self {
        Self::Malformed { endpoint, reason, answer: AnswerExcerpt::of(response) }
    }

    /// A response that lacks something, with its excerpt.
    pub(crate) fn unusable(
        endpoint: EndpointKind,
        response: &Response<Bytes>,
        what: &'static str,
    ) -> Self {
        Self::Unusable { endpoint, what, answer: AnswerExcerpt::of(response) }
    }

    /// Adds a hint at a remedy.
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

/// The error response that a provider sent: in the form of RFC 6749 section 5.2 with any status; in
/// other shapes only with a status that does not blame the moment.
///
/// It is read leniently, because it can only lead to a refusal: in Latin-1 as well as in UTF-8, and
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
        nonstandard(&members)
    })
}

/// The hint at the quirk for a response with a successful status that is an error.
pub(crate) fn hint_at_status_200(response: &Response<Bytes>) -> Option<String> {
    error_response(response)?;
    Some(hint_at(Quirk::ErrorsWithStatus200, "a provider that answers errors with status 200"))
}

/// The hint at the quirk that `what`, a kind of provider, needs.
pub(crate) fn hint_at(quirk: Quirk, what: &str) -> String {
    format!("{what} needs `quirks({})`", quirk.name())
}

/// Whether the body of a response with a successful status says that it is an error.
pub(crate) fn is_error(claims: &Value) -> bool {
    let members = claims.as_object();
    members.is_some_and(|members| standard(members).or_else(|| nonstandard(members)).is_some())
}

/// RFC 6749 section 5.2.
fn standard(members: &Map<String, Value>) -> Option<ErrorResponse> {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let error = text("error").filter(|error| !error.is_empty())?;
    Some(ErrorResponse::new(error, text("error_description"), text("error_uri")))
}

/// The shapes that providers use instead: `{"error": {"message": …}}`, `{"errors": [{…}]}`,
/// `{"errcode": 40029, "errmsg": …}`, `{"error": 100, …}`.
fn nonstandard(members: &Map<String, Value>) -> Option<ErrorResponse> {
    let inner = match (members.get("error"), members.get("errors")) {
        (Some(Value::Object(error)), _) => return Some(code_and_message(error)),
        (Some(Value::Bool(true)), _) => return Some(code_and_message(members)),
        (Some(Value::Number(code)), _) if code.as_f64() != Some(0.0) => {
            return Some(code_and_message(members));
        }
        (_, Some(Value::Array(errors))) => errors.first()?,
        (_, Some(errors @ Value::Object(_))) => errors,
        _ => {
            let code = first(members, &["errcode", "errorcode", "errno"])?;
            let is_error = code != "0" && !code.is_empty();
            return is_error.then(|| code_and_message(members));
        }
    };
    match inner {
        Value::Object(error) => Some(code_and_message(error)),
        Value::String(message) => Some(ErrorResponse::new("error", Some(&safe(message)), None)),
        _ => None,
    }
}

/// Code and message of an object that describes an error.
fn code_and_message(error: &Map<String, Value>) -> ErrorResponse {
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

/// The first of `names` that is a string or a number.
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

/// The members of a JSON object, or of a form if the text is not JSON.
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

/// The body as text: UTF-8, or else Latin-1, where every byte is a character.
fn text_of(response: &Response<Bytes>) -> Cow<'_, str> {
    let body = without_byte_order_mark(response.body()).trim_ascii();
    match std::str::from_utf8(body) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => body.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// The dotted path of an access token that is not at `access_token`.
pub(crate) fn path_of_token(document: &Value) -> Option<String> {
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

mod excerpt;
#[cfg(test)]
mod tests;
