//! Access token response (RFC 6749 sections 5.1 and 5.2; OpenID Connect Core 1.0 section 3.1.3.3).

use ::http::Response;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::answer;
use super::names::Names;
use super::token_deviation::NormalizedResponse;
use super::token_value;
use crate::crypto::secret::Secret;
use crate::declaration::spec::Quirk;
use crate::json::{self, JsonError, Unambiguous};
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::protocol::error_response::ErrorResponse;

/// A lifetime of more than ten years is a mistake, not a promise.
pub(crate) const MAX_LIFETIME: u64 = 10 * 365 * 24 * 3600;

const NO_TOKEN: &str = "without a usable `access_token`";

/// A usable token response.
#[derive(Debug)]
pub(crate) struct TokenResponse {
    pub(crate) access_token: Secret,
    /// As the provider writes it; `Bearer` if it sends none.
    pub(crate) token_type: String,
    pub(crate) refresh_token: Option<Secret>,
    pub(crate) id_token: Option<Secret>,
    /// Seconds after the response. `None` if the provider does not say, or says something absurd.
    pub(crate) expires_in: Option<u64>,
    /// The expiry in seconds since 1970-01-01 UTC, which some providers state instead of
    /// `expires_in`.
    pub(crate) expires_at: Option<u64>,
    /// The granted scopes. `None` means unknown, never "all that were requested".
    pub(crate) scope: Option<Vec<String>>,
    /// The members that no specification defines, as a JSON object. They may be secrets too.
    pub(crate) extra: Option<Secret>,
}

/// Token types that do not mean a bearer token, in lower case. Such a token needs an additional
/// proof (RFC 9449, the registry of RFC 6749 section 11.1), or is not an access token.
const OTHER_TOKEN_TYPES: [&str; 4] = ["dpop", "mac", "n_a", "pop"];

/// Quirks that change how a response is read.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Quirks<'a> {
    pub(crate) missing_token_type: bool,
    pub(crate) own_token_type: bool,
    /// Whether the response is to a token exchange, whose result may be another token than an
    /// access token: its type is `N_A` (RFC 8693 section 2.2.1).
    pub(crate) exchanged: bool,
    pub(crate) comma_separated_scopes: bool,
    pub(crate) scopes_as_list: bool,
    pub(crate) form_encoded: bool,
    /// The dotted path of the access token.
    pub(crate) nested_token: Option<&'a str>,
    /// The provider's names of members.
    pub(crate) names: Option<&'a Names>,
}

#[derive(Deserialize)]
struct Document {
    access_token: Option<Secret>,
    token_type: Option<String>,
    refresh_token: Option<Secret>,
    id_token: Option<Secret>,
    /// The specification demands a number; some providers send a string.
    expires_in: Option<Value>,
    scope: Option<Value>,
    error: Option<Value>,
    error_description: Option<Value>,
    error_uri: Option<Value>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

/// Reads the response of a token endpoint. An `error` counts with any status: GitHub sends errors
/// with status 200.
///
/// # Errors
/// [`ProviderError::Declined`] with the provider's error response, [`ProviderError::Status`] for
/// another status, [`ProviderError::Malformed`] and [`ProviderError::Unusable`] for a response that
/// cannot be used.
pub(crate) fn read(
    response: &Response<Bytes>,
    quirks: Quirks<'_>,
) -> Result<TokenResponse, ProviderError> {
    let status = response.status();
    let endpoint = EndpointKind::Token;
    let document = Document::read(json::without_byte_order_mark(response.body()), quirks);
    if let Some(response) = document.as_ref().ok().and_then(Document::error_response) {
        return Err(ProviderError::Declined { endpoint, response });
    }
    match document {
        _ if !status.is_success() => Err(ProviderError::refused(endpoint, response)),
        Ok(document) if document.access_token.is_some() => {
            document.tokens(quirks).map_err(|(what, hint)| {
                ProviderError::unusable(endpoint, response, what).with_hint(hint)
            })
        }
        document => Err(without_token(response, document.map(|_| ()))),
    }
}

/// Why a successful response has no access token: it declines in the provider's own words, cannot
/// be read, or has the token elsewhere.
fn without_token(response: &Response<Bytes>, document: Result<(), JsonError>) -> ProviderError {
    let endpoint = EndpointKind::Token;
    if let Some(response) = answer::error_response(response) {
        return ProviderError::Declined { endpoint, response };
    }
    match document {
        Ok(()) => {
            let body = json::without_byte_order_mark(response.body());
            let place = json::read::<Unambiguous>(body);
            let place = place.ok().and_then(|Unambiguous(body)| answer::path_of_token(&body));
            let hint = place.map(|path| {
                format!(
                    "a provider that has the access token there needs `nested_token = \"{path}\"`"
                )
            });
            ProviderError::unusable(endpoint, response, NO_TOKEN).with_hint(hint)
        }
        Err(reason) => {
            let hint = answer::is_form_with_token(response).then(|| {
                let what = "a provider that answers with a form";
                answer::hint_at(Quirk::FormEncodedTokenResponse, what)
            });
            let hint = hint.or_else(|| {
                let what = "a provider that puts other text around its JSON";
                json::unwrapped(response.body())?;
                Some(answer::hint_at(Quirk::WrappedJson, what))
            });
            ProviderError::malformed(endpoint, response, reason).with_hint(hint)
        }
    }
}

impl Document {
    fn read(body: &[u8], quirks: Quirks<'_>) -> Result<Self, JsonError> {
        let Quirks { form_encoded, nested_token, names, .. } = quirks;
        if !form_encoded && nested_token.is_none() && names.is_none() {
            return json::read(body);
        }
        let mut response = NormalizedResponse::read(body, form_encoded, nested_token, names)?;
        let members = Value::Object(std::mem::take(&mut response.members));
        let document: Self = serde_json::from_value(members)?;
        Ok(Self { extra: response.extra(document.extra), ..document })
    }

    fn error_response(&self) -> Option<ErrorResponse> {
        fn text(value: &Option<Value>) -> Option<&str> {
            value.as_ref()?.as_str()
        }
        let (description, uri) = (text(&self.error_description), text(&self.error_uri));
        let error = text(&self.error).filter(|error| !error.is_empty())?;
        Some(ErrorResponse::new(error, description, uri))
    }

    /// Returns the tokens, or the fault and a hint at the quirk that would accept it.
    fn tokens(self, quirks: Quirks<'_>) -> Result<TokenResponse, (&'static str, Option<String>)> {
        let access_token = self.access_token.filter(is_token).ok_or((NO_TOKEN, None))?;
        let token_type = match self.token_type {
            // RFC 6749 section 5.1: compared without regard to case.
            Some(kind) if kind.eq_ignore_ascii_case("bearer") => kind,
            Some(kind) if quirks.own_token_type && !is_of_another_kind(&kind) => {
                "Bearer".to_owned()
            }
            // It is not a bearer token, so no request accepts it.
            Some(kind) if quirks.exchanged && kind.eq_ignore_ascii_case("n_a") => kind,
            Some(kind) => {
                let hint = || {
                    let what = "a provider whose own word means a bearer token";
                    answer::hint_at(Quirk::OwnTokenType, what)
                };
                let hint = (!is_of_another_kind(&kind)).then(hint);
                return Err(("with a `token_type` that is not `Bearer`", hint));
            }
            None if quirks.missing_token_type => "Bearer".to_owned(),
            None => {
                let what = "a provider that sends none";
                let hint = answer::hint_at(Quirk::MissingTokenType, what);
                return Err(("without `token_type`", Some(hint)));
            }
        };
        // Any JSON that was read can be written.
        let extra = |members| serde_json::to_string(members).map(Secret::from).ok();
        Ok(TokenResponse {
            access_token,
            token_type,
            refresh_token: self.refresh_token.filter(is_token),
            id_token: self.id_token.filter(|token| !token.is_empty()),
            expires_in: self.expires_in.as_ref().and_then(lifetime),
            expires_at: self.extra.get("expires_at").and_then(whole_seconds),
            scope: self.scope.as_ref().and_then(|scope| scopes(scope, quirks)),
            extra: Some(&self.extra).filter(|members| !members.is_empty()).and_then(extra),
        })
    }
}

fn is_of_another_kind(token_type: &str) -> bool {
    OTHER_TOKEN_TYPES.iter().any(|kind| kind.eq_ignore_ascii_case(token_type))
}

fn is_token(token: &Secret) -> bool {
    token_value::check(token).is_ok()
}

/// A number of seconds; `None` for less than one second or an absurd number.
pub(super) fn lifetime(value: &Value) -> Option<u64> {
    whole_seconds(value).filter(|seconds| (1..=MAX_LIFETIME).contains(seconds))
}

/// A number, or a string that contains one, without its fraction.
fn whole_seconds(value: &Value) -> Option<u64> {
    let seconds: f64 = match value {
        Value::String(text) => text.trim().parse().ok()?,
        Value::Number(number) => number.as_f64()?,
        _ => return None,
    };
    // 2^53: beyond it, a float cannot represent every second.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked range")]
    (0.0..9_007_199_254_740_992.0).contains(&seconds).then_some(seconds as u64)
}

fn scopes(value: &Value, quirks: Quirks<'_>) -> Option<Vec<String>> {
    if quirks.scopes_as_list
        && let Value::Array(list) = value
    {
        return list.iter().map(|scope| scope.as_str().map(str::to_owned)).collect();
    }
    let text = value.as_str()?;
    let is_separator = |c: char| c == ' ' || (quirks.comma_separated_scopes && c == ',');
    Some(text.split(is_separator).filter(|scope| !scope.is_empty()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests;
