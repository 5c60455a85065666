//! Access of the application to tokens that outlive sessions: by their owner, without a request.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::client::Client;
use crate::client::api::Api;
use crate::declaration::provider::{AnyProvider, KeepsTokens};
use crate::error::{OAuthError, TokenError};
use crate::flow::grant::accounts::{Account, Choice};
use crate::flow::provider_client::ProviderClient;
use crate::sync::future::BoxFuture;
use crate::text::opaque_debug;
use crate::token::owner::Owner;

impl<P: AnyProvider> Client<P> {
    /// Returns the API on behalf of an owner, without a request, for background jobs, incoming
    /// emails and other work without the user. Awaiting it returns an [`Api`].
    ///
    /// The owner is the one given to [`Login::sign_in_as`](crate::Login::sign_in_as), or the
    /// identity of the login. If the owner has several accounts at this provider, the API uses the
    /// one that was connected first, unless another one is [selected](ApiFor::account).
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    ///
    /// #[derive(OAuthProvider)]
    /// #[oauth_provider(name = "github", preset = "github", scopes("repo"), keep_tokens)]
    /// struct GitHub;
    ///
    /// async fn nightly(github: &Client<GitHub>, user_id: u64) -> Result<String, OAuthError> {
    ///     let github = github.api_for(user_id).await?;
    ///     github.get("user/repos").text().await
    /// }
    /// ```
    pub fn api_for(&self, owner: impl Into<Owner>) -> ApiFor<P>
    where
        P: KeepsTokens,
    {
        let (client, owner) = (Arc::clone(self.engine()), owner.into());
        ApiFor { client, owner, choice: Choice::First, provider: PhantomData }
    }

    /// Returns the accounts of an owner at this provider, in the order in which they were
    /// connected.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("repo"), keep_tokens)]
    /// # struct GitHub;
    ///
    /// async fn connected(
    ///     user: User,
    ///     State(github): State<Client<GitHub>>,
    /// ) -> Result<String, OAuthError> {
    ///     let accounts = github.accounts(&user).await?;
    ///     let names: Vec<_> = accounts.iter().map(|account| account.display_name()).collect();
    ///     Ok(names.join("\n"))
    /// }
    /// ```
    ///
    /// # Errors
    /// [`OAuthError::Call`] for an owner without a name, and if [token hooks](crate::TokenHooks)
    /// keep the tokens, because then the application has the list; [`OAuthError::Store`].
    pub async fn accounts(&self, owner: impl Into<Owner>) -> Result<Vec<Account>, OAuthError>
    where
        P: KeepsTokens,
    {
        self.engine().accounts(&owner.into()).await
    }

    /// Ends the connection to an account: its tokens are deleted, and the grant is revoked at the
    /// provider (RFC 7009). `subject` is that of the [`Account`].
    ///
    /// The tokens are deleted whatever the provider responds. Other instances notice within five
    /// seconds.
    ///
    /// # Errors
    /// [`OAuthError::Call`] for an owner without a name; [`OAuthError::Store`], after which it may
    /// be called again. A failed revocation is not an error but part of [`Disconnected`].
    pub async fn disconnect(
        &self,
        owner: impl Into<Owner>,
        subject: &str,
    ) -> Result<Disconnected, OAuthError>
    where
        P: KeepsTokens,
    {
        let (owner, choice) = (owner.into(), Choice::Subject(subject.to_owned()));
        Ok(match self.engine().disconnect(&owner, &choice).await? {
            None => Disconnected::NotThere,
            Some(Ok(())) => Disconnected::Revoked,
            Some(Err(error)) => Disconnected::NotRevoked(error),
        })
    }
}

/// The outcome of [`Client::disconnect`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Disconnected {
    /// The tokens are deleted, and the provider has ended the grant, now or earlier.
    Revoked,
    /// The tokens are deleted, but the provider has not ended the grant: it has no revocation
    /// endpoint ([`ProviderError::NoEndpoint`](crate::error::ProviderError::NoEndpoint)), declined,
    /// or could not be reached. The user can end it on the provider's pages.
    NotRevoked(OAuthError),
    /// There was no such account.
    NotThere,
}

/// A request for an [`Api`] on behalf of an owner. Awaiting it returns the API.
#[must_use = "nothing happens until this is awaited"]
pub struct ApiFor<P> {
    client: Arc<ProviderClient>,
    owner: Owner,
    choice: Choice,
    provider: PhantomData<fn() -> P>,
}

impl<P> ApiFor<P> {
    /// Selects the account with this [subject](Account::subject).
    pub fn account(mut self, subject: &str) -> Self {
        self.choice = Choice::Subject(subject.to_owned());
        self
    }

    /// Selects the account with this subject at this [issuer](Account::issuer), for a provider with
    /// several issuers, such as tenants.
    pub fn account_at(mut self, issuer: &str, subject: &str) -> Self {
        self.choice = Choice::Exact(issuer.to_owned(), subject.to_owned());
        self
    }

    async fn find(self) -> Result<Api<P>, OAuthError> {
        let Self { client, owner, choice, .. } = self;
        let kept = client.kept_grant(&owner, &choice).await?;
        let (grant, subject) = kept.ok_or_else(|| client.no_token(TokenError::Missing))?;
        client.fresh_token(&grant).await?;
        Ok(Api::of_grant(client, grant, subject, None))
    }
}

impl<P: 'static> IntoFuture for ApiFor<P> {
    type Output = Result<Api<P>, OAuthError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    /// # Errors
    /// [`OAuthError::Token`] when the owner has no such account, or its grant has ended;
    /// [`OAuthError::Call`] for an owner without a name; [`OAuthError::Store`]; the error of a
    /// failed refresh, once the token has expired.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.find())
    }
}

opaque_debug!(ApiFor<P>, |this| this.client.name());
