//! Revoking tokens at the provider (RFC 7009) and introspecting them (RFC 7662).

use std::sync::Arc;

use super::accounts::Account;
use super::record::GrantId;
use crate::crypto::secret::Secret;
use crate::deployment::{HoldsGrants, Refreshed};
use crate::error::OAuthError;
use crate::flow::provider_client::ProviderClient;
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::protocol::introspection::{self, Introspection};
use crate::protocol::revocation;
use crate::protocol::token_request::TokenTypeHint;
use crate::sync::future::BoxFuture;
use crate::token::TokenData;
use crate::token::owner::Owner;

impl ProviderClient {
    /// Revokes the grant by its refresh token, which also revokes its access tokens (RFC 7009
    /// section 2.1), or by the access token if there is no refresh token.
    ///
    /// # Errors
    /// [`OAuthError::Provider`] when the provider has no revocation endpoint or declines;
    /// [`OAuthError::Network`].
    pub(crate) async fn revoke(self: &Arc<Self>, token: &TokenData) -> Result<(), OAuthError> {
        let resolved = self.resolved().await?;
        let no_endpoint =
            || self.provider_error(ProviderError::NoEndpoint(EndpointKind::Revocation));
        let endpoint = resolved.revocation_endpoint.as_ref().ok_or_else(no_endpoint)?;
        let (text, hint) = match &token.refresh_token {
            Some(refresh_token) => (refresh_token, TokenTypeHint::RefreshToken),
            None => (&token.access_token, TokenTypeHint::AccessToken),
        };
        let authentication = self.authentication(&resolved)?;
        let mut request = revocation::request(endpoint, &authentication, text, hint);
        self.prove_client(&mut request).await?;
        self.encode(&mut request);
        self.fix_request(&mut request, |fix, request| fix.revoke_token_request(request))?;
        let response = self.send(request, self.document()).await?;
        self.refuse_error(EndpointKind::Revocation, &response)?;
        revocation::read(&response).map_err(|error| self.provider_error(error))
    }

    /// Asks the provider about a token.
    ///
    /// # Errors
    /// [`OAuthError::Provider`] when the provider has no introspection endpoint or declines;
    /// [`OAuthError::Network`].
    pub(crate) async fn introspect(
        self: &Arc<Self>,
        token: &Secret,
    ) -> Result<Introspection, OAuthError> {
        let resolved = self.resolved().await?;
        let no_endpoint =
            || self.provider_error(ProviderError::NoEndpoint(EndpointKind::Introspection));
        let endpoint = resolved.introspection_endpoint.as_ref().ok_or_else(no_endpoint)?;
        let mut request = introspection::request(endpoint, &self.authentication(&resolved)?, token);
        self.prove_client(&mut request).await?;
        self.encode(&mut request);
        self.fix_request(&mut request, |fix, request| fix.introspect_token_request(request))?;
        let response = self.send(request, self.document()).await?;
        self.refuse_error(EndpointKind::Introspection, &response)?;
        introspection::read(&response).map_err(|error| self.provider_error(error))
    }

    /// Revokes the tokens of a connection whose user has since signed out: they belong to no
    /// session and no owner. `owner` is that user.
    ///
    /// If the owner has tokens of the same account, the grant is not revoked: many providers know
    /// one grant for each account and client, and revoke it whole (RFC 7009 section 2.1).
    pub(crate) async fn abandon(
        self: &Arc<Self>,
        owner: Option<&Owner>,
        account: &Account,
        token: TokenData,
    ) {
        if !self.shared.revokes_on_sign_out {
            return;
        }
        if let Some(owner) = owner.filter(|_| self.settings.keep_tokens) {
            let grant = GrantId::kept(self, owner, account.issuer(), account.subject());
            if !matches!(grant.read(self).await, Ok(None)) {
                return;
            }
        }
        tokio::spawn(Arc::clone(self).revoke_if_possible(Arc::new(token)));
    }

    async fn forget_session(
        self: Arc<Self>,
        session: String,
        revokes: bool,
    ) -> Result<(), OAuthError> {
        if self.settings.keep_tokens {
            return Ok(());
        }
        let grant = GrantId::of_session(&session, self.name());
        self.grants.forget(&grant);
        if !revokes {
            return match grant.take(&self).await {
                Ok(token) => {
                    let token = token.filter(|token| token.ended.is_none());
                    token.iter().for_each(|token| self.notify_of_removal(token));
                    Ok(())
                }
                // Whatever its content.
                Err(_) => grant.remove_record(&self.shared).await,
            };
        }
        let Some(token) = grant.sign_out(&self).await? else { return Ok(()) };
        if token.ended.is_none() {
            self.notify_of_removal(&token);
        }
        if token.refresh_token.is_some() {
            tokio::spawn(self.revoke_if_possible(token));
        }
        Ok(())
    }

    /// Forgets all tokens of a session that started with this client, in memory and in the store:
    /// its own, and those of connected accounts. Both flags say whether they are also revoked at
    /// their provider. A failure is logged.
    pub(crate) async fn forget_session_tokens(
        self: &Arc<Self>,
        session: &str,
        revokes: bool,
        revokes_connected: bool,
    ) {
        let own = Arc::clone(self).forget_tokens(session, revokes).await;
        self.shared.log_forgotten(own);
        self.shared.forget_connected_tokens(self.name(), session, revokes_connected).await;
    }

    /// Notifies the application that the user has removed these tokens.
    pub(super) fn notify_of_removal(&self, token: &Arc<TokenData>) {
        self.notify_listeners(token, &Arc::new(token.signed_out(self.now())));
    }

    /// Runs in the background; nothing depends on it.
    pub(super) async fn revoke_if_possible(self: Arc<Self>, token: Arc<TokenData>) {
        match self.revoke(&token).await {
            Ok(()) => tracing::debug!(provider = self.name(), "revoked a grant"),
            Err(OAuthError::Provider { error: ProviderError::NoEndpoint(_), .. }) => {}
            Err(error) => {
                tracing::warn!(provider = self.name(), %error, "failed to revoke a grant");
            }
        }
    }
}

impl HoldsGrants for ProviderClient {
    fn provider(&self) -> &str {
        self.name()
    }

    fn connects_in_sessions(&self) -> bool {
        self.settings.connects_in_sessions()
    }

    fn refresh_kept(self: Arc<Self>, key: &str, age: u64) -> Option<BoxFuture<'static, Refreshed>> {
        let grant = GrantId::listed(&self, key)?;
        Some(Box::pin(async move {
            let name = Arc::clone(&self.settings.name);
            self.refresh_if_older(grant, age).await.unwrap_or_else(|error| {
                tracing::info!(provider = &*name, %error, "failed to refresh a stored grant");
                Refreshed::Failed
            })
        }))
    }

    fn forget_tokens(
        self: Arc<Self>,
        session: &str,
        revokes: bool,
    ) -> BoxFuture<'static, Result<(), OAuthError>> {
        Box::pin(self.forget_session(session.to_owned(), revokes))
    }
}
