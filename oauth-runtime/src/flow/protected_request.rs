//! Requests to protected resources on behalf of a user: the only place where a token is added to a
//! request.

use ::http::{Request, Response};
use bytes::Bytes;

use super::login::oauth1;
use super::provider_client::ProviderClient;
use crate::error::{CallError, OAuthError, TokenError};
use crate::http::{BodyStream, Limits, RequestBody};
use crate::protocol::additions::Values;
use crate::protocol::bearer::{self, StreamedBody};
use crate::protocol::request_error::RequestError;
use crate::protocol::token_value::{BearerToken, check_credential};
use crate::token::TokenData;

const SECOND_BODY: &str = "its body is a stream, and a compliance fix added another one";

/// Sends `request` with the user's token, which makes it final.
///
/// # Errors
/// [`OAuthError::Network`]; [`TokenError::Unusable`]; [`OAuthError::Call`] when a compliance fix
/// changed the host, or the request cannot be signed.
pub(crate) async fn send(
    client: &ProviderClient,
    request: Request<Bytes>,
    token: &TokenData,
    limits: Limits,
) -> Result<Response<Bytes>, OAuthError> {
    client.send(authorized(client, request, token)?, limits).await
}

/// Like [`send`], but the body of the response is a stream.
///
/// # Errors
/// [`OAuthError::Network`]; [`TokenError::Unusable`]; [`OAuthError::Call`] when a compliance fix
/// changed the host, or the request cannot be signed.
pub(crate) async fn stream(
    client: &ProviderClient,
    request: Request<Bytes>,
    token: &TokenData,
    limits: Limits,
) -> Result<Response<BodyStream>, OAuthError> {
    client.stream(authorized(client, request, token)?, limits).await
}

/// Like [`stream`], with a request body that is a stream. Neither the token nor the signature of
/// OAuth 1.0a (RFC 5849 section 3.4.1.3.1: it covers only forms) depends on this body, and no
/// compliance fix sees it.
///
/// # Errors
/// As [`stream`]; [`CallError::BodyStream`]; [`CallError::Unsendable`] when a compliance fix added
/// another body.
pub(crate) async fn upload(
    client: &ProviderClient,
    mut request: Request<Bytes>,
    body: RequestBody,
    token: &TokenData,
    limits: Limits,
) -> Result<Response<BodyStream>, OAuthError> {
    request.extensions_mut().insert(StreamedBody);
    let mut request = authorized(client, request, token)?;
    if !request.body().is_empty() {
        return Err(CallError::Unsendable(SECOND_BODY).into());
    }
    client.add_headers(&mut request);
    client.upload_unchanged(request.map(|_| body), limits).await
}

/// Adds the access token where the declaration says (RFC 6750 section 2), or the signature that
/// replaces it in OAuth 1.0a.
fn authorized(
    client: &ProviderClient,
    mut request: Request<Bytes>,
    token: &TokenData,
) -> Result<Request<Bytes>, OAuthError> {
    let fix = |request: &mut Request<Bytes>| {
        client.fix_request(request, |fix, request| fix.protected_request(request))
    };
    let unusable = |fault| client.no_token(TokenError::Unusable(fault));
    if let Some(additions) = &client.settings.additions {
        let added = additions.api.add(&mut request, values(client, token));
        added.map_err(|error| cannot_add(client, error))?;
    }
    if let Some(own) = &client.settings.oauth1 {
        check_credential(&token.access_token).map_err(unusable)?;
        fix(&mut request)?;
        return oauth1::signed(client, own, request, token);
    }
    let access_token = BearerToken::check(&token.access_token, &token.token_type);
    let access_token = access_token.map_err(unusable)?;
    bearer::put(&mut request, access_token, &client.settings.token_placement)?;
    fix(&mut request)?;
    Ok(request)
}

/// What fills the placeholders of requests with this token.
pub(super) fn values<'a>(client: &'a ProviderClient, token: &'a TokenData) -> Values<'a> {
    Values {
        client_id: &client.settings.client_id,
        client_secret: client.settings.client_secret.as_ref(),
        access_token: &token.access_token,
        members: token.extra.as_ref(),
    }
}

/// The error for a request that lacks a part.
pub(super) fn cannot_add(client: &ProviderClient, error: RequestError) -> OAuthError {
    match error {
        RequestError::UnusableToken(fault) => client.no_token(TokenError::Unusable(fault)),
        error => error.into(),
    }
}
