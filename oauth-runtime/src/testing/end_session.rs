//! The end session endpoint (OpenID Connect RP-Initiated Logout 1.0).
//!
//! The provider has no sessions. The endpoint only does what a client depends on: it checks the
//! client and redirects the browser back.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value};
use url::Url;

use super::authorization::redirect;
use super::client::RegisteredClient;
use super::id_token;
use super::pages;
use super::parameters::{Parameters, Repeated};
use super::provider::Provider;
use super::spoil;

/// `GET /end_session`
pub(super) async fn get(
    State(provider): State<Arc<Provider>>,
    RawQuery(query): RawQuery,
) -> Response {
    respond(&provider, query.unwrap_or_default().as_bytes())
}

/// `POST /end_session`
pub(super) async fn post(State(provider): State<Arc<Provider>>, form: Bytes) -> Response {
    respond(&provider, &form)
}

fn respond(provider: &Provider, encoded: &[u8]) -> Response {
    match end_session(provider, encoded) {
        Ok(Some(location)) => redirect(&location),
        Ok(None) => {
            pages::message(StatusCode::OK, "You are signed out", "You can close this page.")
        }
        Err(reason) => pages::message(StatusCode::BAD_REQUEST, "Sign-out failed", &reason),
    }
}

/// The URL of the redirect; `None` if the client did not send one.
fn end_session(provider: &Provider, encoded: &[u8]) -> Result<Option<Url>, String> {
    let parameters = Parameters::parse(encoded)
        .map_err(|Repeated(name)| format!("{name} is given more than once."))?;
    let hint = match parameters.get("id_token_hint") {
        None => None,
        Some(token) => {
            let claims = id_token::read_own(provider, token);
            Some(claims.ok_or("id_token_hint was not issued here.")?)
        }
    };
    let client = find_client(provider, parameters.get("client_id"), hint.as_ref())?;
    let Some(text) = parameters.get("post_logout_redirect_uri") else {
        return Ok(None);
    };
    let mut location = client
        .ok_or("post_logout_redirect_uri needs an id_token_hint or a client_id.")?
        .accept_post_logout_redirect_uri(text)
        .ok_or_else(|| format!("“{text}” is not a post-logout redirect URI of the client."))?;
    if let Some(state) = spoil::logout_state(provider, parameters.get("state")) {
        location.query_pairs_mut().append_pair("state", state);
    }
    Ok(Some(location))
}

/// The client, identified by `client_id` or by the audience of the hint. If both are given, they
/// must agree.
fn find_client<'p>(
    provider: &'p Provider,
    client_id: Option<&str>,
    hint: Option<&Map<String, Value>>,
) -> Result<Option<&'p RegisteredClient>, String> {
    let audience = hint.and_then(|claims| claims.get("aud")?.as_str());
    if let (Some(client_id), Some(audience)) = (client_id, audience)
        && client_id != audience
    {
        return Err("id_token_hint was issued to another client.".to_owned());
    }
    match client_id.or(audience) {
        None => Ok(None),
        Some(id) => provider.client_or_reason(id).map(Some),
    }
}
