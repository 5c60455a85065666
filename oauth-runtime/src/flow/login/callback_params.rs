//! Parameters of the authorization response that the declaration keeps: beside the code, and under
//! names of the provider's own.
//!
//! They come through the browser, so its user can change them. `state` only shows that the response
//! belongs to this login.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::crypto::secret::Secret;
use crate::declaration::spec::Quirk;
use crate::json;
use crate::protocol::parameter;
use crate::protocol::token_response::TokenResponse;
use crate::settings::Settings;
use crate::text::has_hidden;

/// Longest value that is kept, in bytes.
const MAX_LENGTH: usize = 1024;
/// The member of the token that holds them.
const MEMBER: &str = "callback";

/// What is kept of one response.
pub(super) struct Kept {
    params: Map<String, Value>,
    scopes: Option<Vec<String>>,
}

/// The parameters that are kept; `None` if there are none. One that appears twice, or is not plain
/// text, is not kept.
pub(super) fn kept(settings: &Settings, parameters: &str) -> Option<Box<Kept>> {
    let read = |name: &str| {
        let value = parameter::only(parameters, name)?;
        (value.len() <= MAX_LENGTH && !has_hidden(&value)).then(|| value.into_owned())
    };
    let named = settings.own.callback_params.iter();
    let params: Map<_, _> =
        named.filter_map(|name| Some((name.clone(), Value::String(read(name)?)))).collect();
    let scopes = settings.has_quirk(Quirk::ScopeInCallback).then(|| read("scope")).flatten();
    let is_separator = |c: char| c == ' ' || c == ',';
    let scopes = scopes.map(|scopes| {
        let scopes = scopes.split(is_separator).filter(|scope| !scope.is_empty());
        scopes.map(str::to_owned).collect()
    });
    (!params.is_empty() || scopes.is_some()).then(|| Box::new(Kept { params, scopes }))
}

impl Kept {
    /// Adds them to the token response, so that they stay with the token.
    pub(super) fn add_to(self, tokens: &mut TokenResponse) {
        tokens.scope = tokens.scope.take().or(self.scopes);
        if self.params.is_empty() {
            return;
        }
        let extra = tokens.extra.as_ref().map(|extra| extra.expose().as_bytes());
        let mut members: Map<String, Value> =
            extra.and_then(|extra| json::read(extra).ok()).unwrap_or_default();
        members.insert(MEMBER.to_owned(), Value::Object(self.params));
        tokens.extra = Some(Secret::from(Value::Object(members).to_string()));
    }
}

/// The parameters of a token request, with `{callback.name}` filled. One whose value did not come is
/// left out.
pub(super) fn filled<'p>(
    params: &'p [(String, String)],
    kept: Option<&Kept>,
) -> Cow<'p, [(String, String)]> {
    fill(params, kept.map(|kept| &kept.params))
}

/// Like [`filled`], for the refresh of a token that was kept with them.
pub(crate) fn filled_from_token<'p>(
    params: &'p [(String, String)],
    extra: Option<&Secret>,
) -> Cow<'p, [(String, String)]> {
    if !has_placeholder(params) {
        return Cow::Borrowed(params);
    }
    let members: Option<Value> = extra.and_then(|extra| json::read(extra.expose().as_bytes()).ok());
    let kept = members.as_ref().and_then(|members| members.get(MEMBER)?.as_object());
    fill(params, kept)
}

fn has_placeholder(params: &[(String, String)]) -> bool {
    params.iter().any(|(_, value)| value.contains("{callback."))
}

fn fill<'p>(
    params: &'p [(String, String)],
    kept: Option<&Map<String, Value>>,
) -> Cow<'p, [(String, String)]> {
    if !has_placeholder(params) {
        return Cow::Borrowed(params);
    }
    let value = |template: &str| {
        let mut text = template.to_owned();
        for (name, value) in kept.into_iter().flatten() {
            text =
                text.replace(&format!("{{callback.{name}}}"), value.as_str().unwrap_or_default());
        }
        (!text.contains("{callback.")).then_some(text)
    };
    let filled = params.iter().filter_map(|(name, text)| Some((name.clone(), value(text)?)));
    Cow::Owned(filled.collect())
}
