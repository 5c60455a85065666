//! Tokens in tables of the application's own, in place of the store: the hooks that Authlib calls
//! `fetch_token` and `update_token`.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::error::StoreError;
use crate::sync::future::BoxFuture;
use crate::token::owner::Owner;
use crate::token::stored::StoredToken;

/// Where an application keeps tokens itself: the tokens of providers that are declared with
/// `keep_tokens` are read and written by these two functions, and the store has none of them.
///
/// All else is as ever: one refresh for all who call at the same time, on one machine or ten, for the
/// lease is in the store still. Set once for all providers with
/// [`token_hooks`](crate::RegistryBuilder::token_hooks), or for one with
/// [`token_hooks_of`](crate::RegistryBuilder::token_hooks_of).
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::{Arc, Mutex};
///
/// use oauth_runtime::prelude::*;
/// use oauth_runtime::{Owner, StoredToken, TokenAccount, TokenHooks, TokenChange};
/// # #[derive(OAuthProvider)]
/// # #[oauth_provider(name = "github", preset = "github", scopes("repo"), keep_tokens)]
/// # struct GitHub;
/// # #[derive(Debug, Clone, OAuthRegistry)]
/// # struct Providers { github: Client<GitHub> }
///
/// /// A map stands for the table `tokens(provider, owner, token)`.
/// #[derive(Clone, Default)]
/// struct Tables(Arc<Mutex<HashMap<(String, Owner), StoredToken>>>);
///
/// impl TokenHooks for Tables {
///     type Error = std::io::Error;
///
///     async fn fetch_token(&self, account: &TokenAccount) -> Result<Option<StoredToken>, Self::Error> {
///         let key = (account.provider().to_owned(), account.owner().clone());
///         let rows = self.0.lock().map_err(|_| std::io::Error::other("poisoned"))?;
///         Ok(rows.get(&key).cloned())
///     }
///
///     async fn update_token(&self, account: &TokenAccount, update: TokenChange) -> Result<(), Self::Error> {
///         let key = (account.provider().to_owned(), account.owner().clone());
///         let mut rows = self.0.lock().map_err(|_| std::io::Error::other("poisoned"))?;
///         match update.new {
///             Some(token) => rows.insert(key, token),
///             None => rows.remove(&key),
///         };
///         Ok(())
///     }
/// }
///
/// let builder = Providers::builder().token_hooks(Tables::default());
/// ```
pub trait TokenHooks: Send + Sync + 'static {
    /// What goes wrong in the tables. It reaches callers as
    /// [`StoreError::Backend`](crate::error::StoreError::Backend).
    type Error: Into<Box<dyn Error + Send + Sync>>;

    /// The token of an account. `None` where there is none.
    ///
    /// What it gives is used for five seconds without asking again. The
    /// [expiry](StoredToken::expires_at) should be among what is kept: without it a token is
    /// refreshed only once the API refuses it.
    ///
    /// # Errors
    /// When the tables do not answer.
    fn fetch_token(
        &self,
        account: &TokenAccount,
    ) -> impl Future<Output = Result<Option<StoredToken>, Self::Error>> + Send;

    /// Writes the token after a login or a refresh; without a new one removes it, after a disconnection
    /// or when the provider has ended the grant.
    ///
    /// When this returns the token must be safe: most providers have made the old one worthless. If it
    /// fails after a refresh, the token is used from memory, and it is called again until it succeeds.
    ///
    /// # Errors
    /// When the tables do not take it.
    fn update_token(
        &self,
        account: &TokenAccount,
        update: TokenChange,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// Whose token a hook is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenAccount {
    pub(crate) provider: Arc<str>,
    pub(crate) owner: Owner,
    pub(crate) issuer: Option<String>,
    pub(crate) subject: Option<String>,
}

impl TokenAccount {
    /// The name of the provider in its declaration.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// Whose account it is.
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// The account at the provider. `None` where [`Client::api_for`](crate::Client::api_for) was called
    /// without one: then the application chooses, and an owner who has one account has no choice. It
    /// is always there after a login.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// Who vouches for the account. `None` as for the subject, and where only that was named.
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }
}

/// What becomes of a token.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TokenChange {
    /// The token before, which may be what the row is found by. `None` after the first login.
    pub old: Option<StoredToken>,
    /// The token now. `None` where there is none any more: the row goes.
    pub new: Option<StoredToken>,
}

/// The same without the type of the application.
pub(crate) trait Hooks: Send + Sync {
    /// # Errors
    /// [`StoreError::Backend`].
    fn fetch<'a>(
        &'a self,
        account: &'a TokenAccount,
    ) -> BoxFuture<'a, Result<Option<StoredToken>, StoreError>>;

    /// # Errors
    /// [`StoreError::Backend`].
    fn update<'a>(
        &'a self,
        account: &'a TokenAccount,
        update: TokenChange,
    ) -> BoxFuture<'a, Result<(), StoreError>>;
}

impl<H: TokenHooks> Hooks for H {
    fn fetch<'a>(
        &'a self,
        account: &'a TokenAccount,
    ) -> BoxFuture<'a, Result<Option<StoredToken>, StoreError>> {
        Box::pin(async move {
            let stored = self.fetch_token(account).await.map_err(StoreError::backend)?;
            match stored {
                Some(token) if token.provider() != account.provider() => {
                    let what =
                        "`fetch_token` gave a token of another provider than it was asked for";
                    Err(StoreError::backend(what))
                }
                stored => Ok(stored),
            }
        })
    }

    fn update<'a>(
        &'a self,
        account: &'a TokenAccount,
        update: TokenChange,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(
            async move { self.update_token(account, update).await.map_err(StoreError::backend) },
        )
    }
}

/// The hooks of a registry.
#[derive(Default)]
pub(crate) struct HookTable {
    all: Option<Arc<dyn Hooks>>,
    own: Vec<(&'static str, Arc<dyn Hooks>)>,
}

impl HookTable {
    /// For all providers that have none of their own.
    pub(crate) fn set_all(&mut self, hooks: Arc<dyn Hooks>) {
        self.all = Some(hooks);
    }

    /// For one provider.
    pub(crate) fn set(&mut self, provider: &'static str, hooks: Arc<dyn Hooks>) {
        self.own.retain(|(name, _)| *name != provider);
        self.own.push((provider, hooks));
    }

    /// Those of one provider.
    pub(crate) fn of(&self, provider: &str) -> Option<Arc<dyn Hooks>> {
        let own = self.own.iter().find(|(name, _)| *name == provider).map(|(_, hooks)| hooks);
        own.or(self.all.as_ref()).cloned()
    }
}

impl fmt::Debug for HookTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own: Vec<_> = self.own.iter().map(|(name, _)| name).collect();
        f.debug_struct("HookTable").field("all", &self.all.is_some()).field("own", &own).finish()
    }
}
