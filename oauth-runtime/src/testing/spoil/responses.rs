//! Faults of the authorization response and of the token endpoint.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Map, Value, json};
use url::form_urlencoded::Serializer;

use super::{ELSEWHERE, MARKUP, change};
use crate::testing::error::OAuthError;
use crate::testing::fault::Fault;
use crate::testing::json::{no_store, no_store_json};
use crate::testing::provider::Provider;

pub(in crate::testing) fn authorization_response(
    provider: &Provider,
    response: &mut Vec<(&'static str, String)>,
) {
    for fault in provider.faults.active() {
        match fault {
            Fault::WrongResponseIssuer => replace(response, "iss", ELSEWHERE),
            Fault::MissingResponseIssuer => remove(response, "iss"),
            Fault::WrongState => replace(response, "state", "a-state-that-nobody-sent"),
            Fault::MissingState => remove(response, "state"),
            Fault::MissingCode => remove(response, "code"),
            Fault::AuthorizationErrorWithMarkup => {
                remove(response, "code");
                replace(response, "error", "access_denied");
                replace(response, "error_description", MARKUP);
                replace(response, "error_uri", "javascript:alert(3)");
            }
            _ => {}
        }
    }
}

fn remove(response: &mut Vec<(&'static str, String)>, name: &str) {
    response.retain(|(known, _)| *known != name);
}

fn replace(response: &mut Vec<(&'static str, String)>, name: &'static str, value: &str) {
    remove(response, name);
    response.push((name, value.to_owned()));
}

/// The `state` of the return from a logout.
pub(in crate::testing) fn logout_state<'s>(
    provider: &Provider,
    state: Option<&'s str>,
) -> Option<&'s str> {
    if provider.faults.has(Fault::LogoutWithoutState) {
        return None;
    }
    if provider.faults.has(Fault::LogoutWithAnotherState) {
        return state.map(|_| "a-state-that-nobody-sent");
    }
    state
}

/// Refuses a valid token request.
pub(in crate::testing) fn token_request(provider: &Provider) -> Result<(), OAuthError> {
    if provider.faults.has(Fault::TokenErrorWithMarkup) {
        return Err(OAuthError::invalid_request(MARKUP));
    }
    Ok(())
}

pub(in crate::testing) fn token_response(provider: &Provider, response: &mut Map<String, Value>) {
    for fault in provider.faults.active() {
        let (name, value) = match fault {
            Fault::MissingIdToken => ("id_token", None),
            Fault::MissingAccessToken => ("access_token", None),
            Fault::AccessTokenWithLineBreak => {
                ("access_token", Some(json!("token\r\nX-Injected: yes")))
            }
            Fault::TokenTypeMac => ("token_type", Some(json!("mac"))),
            Fault::TokenTypeInOddCase => ("token_type", Some(json!("bEARER"))),
            Fault::MissingTokenType => ("token_type", None),
            Fault::ExpiresInAsString => {
                let seconds = provider.token_lifetime.to_string();
                ("expires_in", Some(json!(seconds)))
            }
            Fault::ExpiresInAsFraction => ("expires_in", Some(json!(3599.5))),
            Fault::ExpiresInNegative => ("expires_in", Some(json!(-1))),
            Fault::ExpiresInAbsurd => ("expires_in", Some(json!(u64::MAX))),
            Fault::MissingExpiresIn => ("expires_in", None),
            Fault::ScopeMissing => ("scope", None),
            Fault::TokenTypeOfItsOwn => ("token_type", Some(json!("user"))),
            Fault::ScopeWithCommas | Fault::ScopeAsList => {
                let scopes = response.get("scope").and_then(Value::as_str).unwrap_or_default();
                let scopes: Vec<_> = scopes.split(' ').collect();
                let with_commas = fault == Fault::ScopeWithCommas;
                let value = if with_commas { json!(scopes.join(",")) } else { json!(scopes) };
                ("scope", Some(value))
            }
            Fault::NestedTokenResponse => {
                change(response, "token_type", Some(json!("user")));
                let inner = std::mem::take(response);
                change(response, "access_token", Some(json!("the-token-of-a-bot")));
                change(response, "token_type", Some(json!("bot")));
                ("authed_user", Some(Value::Object(inner)))
            }
            Fault::ScopeNarrowed => ("scope", Some(json!("openid"))),
            _ => continue,
        };
        change(response, name, value);
    }
}

/// The token response, in the encoding that the faults require.
pub(in crate::testing) fn encoded_token_response(
    provider: &Provider,
    members: &Map<String, Value>,
) -> Response {
    if !provider.faults.has(Fault::FormEncodedTokenResponse) {
        return no_store_json(StatusCode::OK, &json!(members));
    }
    let mut form = Serializer::new(String::new());
    for (name, value) in members {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        form.append_pair(name, &text);
    }
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    no_store((StatusCode::OK, [(header::CONTENT_TYPE, kind)], form.finish()))
}
