//! The exchange of a code that the application received itself (RFC 6749 section 4.1.3, RFC 7636
//! section 4.5): the authorization request and the check of its response are not part of it.

use std::sync::Arc;

use super::{CompletedLogin, received_tokens};
use crate::crypto::secret::Secret;
use crate::error::{CallError, OAuthError};
use crate::flow::extra_parameters::ExtraParameters;
use crate::flow::provider_client::ProviderClient;
use crate::protocol::authorization_response::AuthorizationCode;
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::id_token::Nonce;
use crate::protocol::token_request;
use crate::text::opaque_debug;
use crate::url::redirect_uri::RedirectUri;

/// A code with the values of its authorization request. It is used once, so it is not `Clone`.
pub(crate) struct ReceivedCode {
    pub(crate) code: AuthorizationCode,
    /// `None`: the request had no code challenge.
    pub(crate) code_verifier: Option<Secret>,
    /// `None`: the client's own.
    pub(crate) redirect_uri: Option<RedirectUri>,
    /// `None`: the request had none.
    pub(crate) nonce: Option<String>,
    /// Parameters of the token request that replace those of the declaration.
    pub(crate) params: ExtraParameters,
}

/// Exchanges the code and validates the tokens.
///
/// # Errors
/// [`OAuthError::Call`] for a value that this provider's logins do not use; [`OAuthError::Network`],
/// [`OAuthError::Provider`].
pub(crate) async fn exchange(
    client: &Arc<ProviderClient>,
    received: ReceivedCode,
) -> Result<Box<CompletedLogin>, OAuthError> {
    received.params.check()?;
    let settings = &client.settings;
    if settings.oauth1.is_some() {
        return Err(CallError::OtherProtocol("code").into());
    }
    if settings.is_hybrid {
        return Err(CallError::HybridCode.into());
    }
    if received.nonce.is_some() && !settings.is_open_id() {
        return Err(CallError::UnusedValue("nonce").into());
    }
    let resolved = client.resolved().await?;
    client.check_authority(resolved.authority.name())?;
    if received.code_verifier.is_some() && !resolved.with_pkce {
        return Err(CallError::UnusedValue("code_verifier").into());
    }
    let redirect_uri = received.redirect_uri.map(|uri| uri.as_sent(&client.shared.public_url));
    let request = token_request::authorization_code(
        &resolved.token_endpoint,
        &client.authentication(&resolved)?,
        received.code,
        redirect_uri.as_deref().unwrap_or(&settings.redirect_uri),
        received.code_verifier.as_ref(),
        received.params.replacing(settings.params(EndpointKind::Token)),
    );
    let tokens = client.request_tokens(request).await?;
    let nonce = received.nonce.as_deref().map_or(Nonce::Absent, Nonce::Demanded);
    received_tokens::verify(client, &resolved, tokens, nonce).await
}

opaque_debug!(ReceivedCode);
