//! The provider's own words in an answer that cannot be used: an error response where there is one,
//! whatever its shape, and else an excerpt for the log. Neither shows a token.
//!
//! An excerpt is taken of members whose names belong to errors and of nothing else. Where any other
//! member may hold a token, nothing of the answer is shown.

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
    pub(crate) fn status(endpoint: EndpointKind, response: &Response<Bytes>) -> Self {
        let status = response.status().as_u16();
        Self::Status { endpoint, status, answer: AnswerExcerpt::of(response), body: None }
    }

    /// An answer that declines where it has words for that, and else one of no success.
    pub(crate) fn refused(endpoint: EndpointKind, response: &Response<Bytes>) -> Self {
        match error_response(response) {
            Some(response) => Self::Declined { endpoint, response },
            None => Self::status(endpoint, response),
        }
    }

    /// An answer that cannot be read, and its words.
    pub(crate) fn malformed(
        endpoint: EndpointKind,
        response: &Response<Bytes>,
        reason: JsonError,
    ) -> Self {
        Self::Malformed { endpoint, reason, answer: AnswerExcerpt::of(response) }
    }

    /// An answer that lacks something, and its words.
    pub(crate) fn unusable(
        endpoint: EndpointKind,
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

mod excerpt;
#[cfg(test)]
mod tests;
