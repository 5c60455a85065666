//! Userinfo request (OpenID Connect Core 1.0 section 5.3), and what OAuth 2.0 providers have in its
//! place.

use std::time::Duration;

use serde_json::Value;

use super::discovery::ProviderClient;
use super::protected_request;
use crate::endpoint::EndpointUrl;
use crate::error::{Endpoint, OAuthError, ProviderError};
use crate::http::Limits;
use crate::protocol::userinfo;
use crate::token::TokenData;

/// A login does not wait long for what it can do without.
const COMFORT_DEADLINE: Duration = Duration::from_secs(3);

/// Fetches the claims. With a `subject`, a path and what must stand there, they must be about that
/// one.
///
/// # Errors
/// [`OAuthError::Network`]; [`OAuthError::Provider`] when there is no such endpoint, it declines,
/// or its answer is unreadable or about somebody else.
pub(crate) async fn fetch(
    client: &ProviderClient,
    endpoint: Option<&EndpointUrl>,
    token: &TokenData,
    subject: Option<(&str, &str)>,
) -> Result<Value, OAuthError> {
    let endpoint =
        endpoint.ok_or_else(|| client.blame(ProviderError::NoEndpoint(Endpoint::UserInfo)))?;
    let request = userinfo::request(endpoint);
    let response = protected_request::send(client, request, token, Limits::DOCUMENT).await?;
    let claims = userinfo::read(&response).map_err(|error| client.blame(error))?;
    if let Some((path, subject)) = subject {
        userinfo::check_subject(&claims, path, subject).map_err(|error| client.blame(error))?;
    }
    Ok(claims)
}

/// A verified address from the second profile call. It is a comfort: without the scope for it the
/// endpoint declines, and the login goes on.
pub(crate) async fn fetch_verified_email(
    client: &ProviderClient,
    token: &TokenData,
) -> Option<String> {
    let endpoint = client.settings.emails_endpoint.as_ref()?;
    let limits = Limits { deadline: COMFORT_DEADLINE, ..Limits::DOCUMENT };
    let answer = protected_request::send(client, userinfo::request(endpoint), token, limits).await;
    let list =
        answer.and_then(|response| userinfo::read(&response).map_err(|error| client.blame(error)));
    match list {
        Ok(list) => userinfo::verified_email(&list).map(str::to_owned),
        Err(error) => {
            tracing::debug!(provider = client.name(), %error, "no list of e-mail addresses");
            None
        }
    }
}
