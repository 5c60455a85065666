//! The revocation endpoint (RFC 7009).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};

use super::client_authentication::authenticate;
use super::error::OAuthError;
use super::provider::Provider;
use super::token::read_parameters;

/// `POST /revoke`: a refresh token is revoked together with its grant, an access token on its own.
/// An unknown token is not an error, since it is already invalid (RFC 7009 section 2.2).
pub(super) async fn post(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    form: Bytes,
) -> Result<StatusCode, OAuthError> {
    let parameters = read_parameters(&provider, &headers, &form)?;
    let client = authenticate(&provider, &headers, &parameters)?;
    let text =
        parameters.get("token").ok_or_else(|| OAuthError::invalid_request("token is missing"))?;
    let foreign = || OAuthError::invalid_grant("the token was issued to another client");
    if let Some(token) = provider.find_refresh_token(text) {
        if token.grant.client_id != client.id {
            return Err(foreign());
        }
        token.grant.revoke();
    } else if let Some(token) = provider.find_access_token(text) {
        if token.grant.client_id != client.id {
            return Err(foreign());
        }
        provider.access_tokens.take(text, provider.clock.now());
    }
    Ok(StatusCode::OK)
}
