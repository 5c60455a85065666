//! The tokens of a login that was not started by a redirect of this library.

use std::sync::Arc;

use super::CompletedLogin;
use super::id_token::{self, IdTokenRequest};
use super::identification::{self, TokenAnswer};
use crate::error::OAuthError;
use crate::flow::provider_client::ProviderClient;
use crate::protocol::claims_request::Demands;
use crate::protocol::error::ProviderError;
use crate::protocol::id_token::{HashBinding, Nonce};
use crate::protocol::token_response::TokenResponse;
use crate::settings::Resolved;

/// Validates the tokens and identifies their user. They arrived at the second time of the pair.
///
/// # Errors
/// [`OAuthError::Provider`] when the ID token is missing or rejected; as
/// [`identification::identify`].
pub(super) async fn verify(
    client: &Arc<ProviderClient>,
    resolved: &Arc<Resolved>,
    (mut tokens, received_at): (TokenResponse, u64),
    nonce: Nonce<'_>,
) -> Result<Box<CompletedLogin>, OAuthError> {
    let settings = &client.settings;
    let id_token = if settings.is_open_id() {
        let compact = tokens.id_token.take();
        let compact =
            compact.ok_or_else(|| client.provider_error(ProviderError::IdTokenMissing))?;
        let demands = Demands::default();
        let asked = IdTokenRequest { nonce, max_age: settings.max_age, demands: &demands };
        let hash_binding = HashBinding::AccessToken(&tokens.access_token);
        Some(id_token::of_login(client, resolved, &compact, hash_binding, &asked).await?)
    } else {
        None
    };
    let answer = TokenAnswer { tokens, received_at, id_token, unverified_profile: None };
    identification::identify(client, resolved, answer, client.shared.public_url.home()).await
}
