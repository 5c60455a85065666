//! The route at which a provider reports that it has ended a session (`backchannel_logout_uri`).
//!
//! No browser sends the request, so there are no cookies to look at: the signature of the logout
//! token is the only proof.

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::crypto::secret::Secret;
use crate::error::OAuthError;
use crate::flow::backchannel_logout::{self, BackchannelLogoutError};
use crate::flow::provider_client::ProviderClient;
use crate::protocol::{jws, media_type, parameter};
use crate::web::page::rejection::json_response;

/// Maximum length of a body: a token, and parameters that are ignored.
const MAX_BODY: usize = jws::MAX_LENGTH + 8 * 1024;
const FORM: &str = "application/x-www-form-urlencoded";

/// `POST backchannel-logout` with `logout_token=…`.
pub(in crate::web) async fn backchannel_logout(
    client: Arc<ProviderClient>,
    request: Request,
) -> Response {
    let Some(token) = token_of(request).await else {
        return refused("invalid_request", "the request has no form with one `logout_token`");
    };
    let provider = Arc::clone(&client.settings.name);
    let task = tokio::spawn(backchannel_logout::logout(client, token));
    let failed = || Err(OAuthError::TaskPanicked.into());
    match task.await.unwrap_or_else(|_| failed()) {
        Ok(()) => {
            // Section 2.8 demands 200, not 204, and recommends this header.
            let no_store = HeaderValue::from_static("no-store");
            (StatusCode::OK, HeaderMap::from_iter([(CACHE_CONTROL, no_store)])).into_response()
        }
        Err(BackchannelLogoutError::Token(error)) => {
            tracing::warn!(provider = &*provider, %error, "refused a logout token");
            refused("invalid_request", &format!("the logout token was refused: {error}"))
        }
        Err(BackchannelLogoutError::Failed(error)) => {
            tracing::error!(provider = &*provider, %error, "a back-channel logout failed");
            refused("server_error", "the logout failed: send the request again")
        }
    }
}

/// Section 2.8 has one status for a request that is invalid and for a logout that failed.
fn refused(error: &str, description: &str) -> Response {
    let body = json!({ "error": error, "error_description": description });
    json_response(StatusCode::BAD_REQUEST, &body)
}

async fn token_of(request: Request) -> Option<Secret> {
    let (parts, body) = request.into_parts();
    if !media_type::is(&parts.headers, FORM) {
        return None;
    }
    let body = to_bytes(body, MAX_BODY).await.ok()?;
    let form = std::str::from_utf8(&body).ok()?;
    let token = parameter::only(form, "logout_token")?;
    Some(Secret::from(token.into_owned()))
}
