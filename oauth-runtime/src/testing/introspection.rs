//! The introspection endpoint (RFC 7662).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::client_authentication::authenticate;
use super::error::OAuthError;
use super::grant::Grant;
use super::json::no_store_json;
use super::provider::Provider;
use super::scope::Scope;
use super::token::read_parameters;

/// `POST /introspect`: only a client's own tokens are described; all others are inactive.
pub(super) async fn post(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    form: Bytes,
) -> Result<Response, OAuthError> {
    let parameters = read_parameters(&provider, &headers, &form)?;
    let client = authenticate(&provider, &headers, &parameters)?;
    if client.is_public() {
        return Err(OAuthError::invalid_client("introspection requires a confidential client"));
    }
    let text =
        parameters.get("token").ok_or_else(|| OAuthError::invalid_request("token is missing"))?;
    let description = describe(&provider, text)
        .filter(|description| description["client_id"] == json!(client.id))
        .unwrap_or_else(|| json!({ "active": false }));
    Ok(no_store_json(StatusCode::OK, &description))
}

fn describe(provider: &Provider, text: &str) -> Option<Value> {
    if let Some(token) = provider.find_access_token(text) {
        let mut description = active(provider, &token.grant, &token.scope);
        description["token_type"] = json!("Bearer");
        description["iat"] = json!(token.issued_at);
        description["exp"] = json!(token.expires_at);
        return Some(description);
    }
    let token = provider.find_refresh_token(text).filter(|token| !token.use_once.is_spent())?;
    let mut description = active(provider, &token.grant, &token.grant.scope);
    description["iat"] = json!(token.issued_at);
    description["exp"] = json!(token.expires_at);
    Some(description)
}

fn active(provider: &Provider, grant: &Grant, scope: &Scope) -> Value {
    let username = grant.person.as_ref().map(|person| person.display_name());
    json!({
        "active": true,
        "iss": provider.issuer_for(grant.person.as_deref()),
        "sub": grant.sub(),
        "aud": grant.client_id,
        "client_id": grant.client_id,
        "scope": scope.to_string(),
        "username": username,
    })
}
