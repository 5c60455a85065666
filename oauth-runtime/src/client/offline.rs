//! Tokens that outlive sessions, as the application asks for them: by whom they belong to, without a
//! request.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::client::Client;
use crate::client::api::Api;
use crate::declaration::provider::{KeepsTokens, OAuthProvider};
use crate::error::{OAuthError, TokenError};
use crate::flow::grant::accounts::{Account, Choice};
use crate::flow::provider_client::ProviderClient;
use crate::sync::future::BoxFuture;
use crate::text::opaque_debug;
use crate::token::owner::Owner;

impl<P: OAuthProvider> Client<P> {
    /// The API in the name of an owner, without a request: for jobs, for mails that come in, for
    /// everything that happens while nobody is there. Awaited, it becomes an [`Api`].
    ///
    /// The owner is who [`Login::sign_in_as`](crate::Login::sign_in_as) named, or the identity of the
    /// login. Whoever has several accounts at this provider is called by the one that was connected
    /// first, unless another is [chosen](ApiFor::account).
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

    /// The accounts of an owner at this provider, the one that was connected first in front.
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
    /// [`OAuthError::Call`] for an owner without a name, and where [token hooks](crate::TokenHooks) keep
    /// the tokens: then the application has the list; [`OAuthError::Store`].
    pub async fn accounts(&self, owner: impl Into<Owner>) -> Result<Vec<Account>, OAuthError>
    where
        P: KeepsTokens,
    {
        self.engine().accounts(&owner.into()).await
    }

    /// Ends the connection to an account: its tokens are deleted, and the provider is asked to end the
    /// grant (RFC 7009). `subject` is that of the [`Account`].
    ///
    /// The tokens are gone whatever the provider answers. Other machines notice within five seconds.
    ///
    /// # Errors
    /// [`OAuthError::Call`] for an owner without a name, [`OAuthError::Store`]: then it may be called
    /// again. What the provider says is no error but a part of [`Disconnected`].
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

/// What came of [`Client::disconnect`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Disconnected {
    /// The tokens are deleted, and the provider has ended the grant, or had done so before.
    Revoked,
    /// The tokens are deleted, and the provider has not ended the grant: it has no revocation endpoint
    /// ([`ProviderError::NoEndpoint`](crate::error::ProviderError::NoEndpoint)), declined, or could not be
    /// reached. The person can end it on the provider's pages.
    NotRevoked(OAuthError),
    /// There was no such account.
    NotThere,
}

/// An [`Api`] in the name of an owner that is being asked for; `.await` gives it.
#[must_use = "nothing happens until it is awaited"]
pub struct ApiFor<P> {
    client: Arc<ProviderClient>,
    owner: Owner,
    choice: Choice,
    provider: PhantomData<fn() -> P>,
}

impl<P> ApiFor<P> {
    /// By the account with this [subject](Account::subject).
    pub fn account(mut self, subject: &str) -> Self {
        self.choice = Choice::Subject(subject.to_owned());
        self
    }

    /// By the account with this subject at this [issuer](Account::issuer), where one provider stands
    /// for several, as with tenants.
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
    /// [`OAuthError::Call`] for an owner without a name; [`OAuthError::Store`]; what kept a refresh
    /// from succeeding, once the token has expired.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.find())
    }
}

opaque_debug!(ApiFor<P>, |it| it.client.name());
