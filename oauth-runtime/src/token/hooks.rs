//! Tokens in the application's own tables instead of the store: the hooks that Authlib calls
//! `fetch_token` and `update_token`.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::error::StoreError;
use crate::sync::future::BoxFuture;
use crate::token::owner::Owner;
use crate::token::stored::StoredToken;

/// Storage of tokens by the application: the tokens of providers that are declared with
/// `keep_tokens` are read and written by these two functions instead of the store.
///
/// Everything else is unchanged: concurrent callers on all instances share one refresh, because the
/// lease is still in the store. Set the hooks once for all providers with
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
/// /// A map represents the table `tokens(provider, owner, token)`.
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
    /// The error of the tables. Callers receive it as
    /// [`StoreError::Backend`](crate::error::StoreError::Backend).
    type Error: Into<Box<dyn Error + Send + Sync>>;

    /// Returns the token of an account, or `None` if there is none.
    ///
    /// The result is used for five seconds without another call. The
    /// [expiry](StoredToken::expires_at) should be stored: without it a token is refreshed only
    /// once the API refuses it.
    ///
    /// # Errors
    /// When the tables are unavailable.
    fn fetch_token(
        &self,
        account: &TokenAccount,
    ) -> impl Future<Output = Result<Option<StoredToken>, Self::Error>> + Send;

    /// Writes the token after a login or a refresh. Without a new token it removes the row, after a
    /// disconnection or when the provider has ended the grant.
    ///
    /// When this returns, the token must be stored durably: most providers have invalidated the old
    /// one. If it fails after a refresh, the token is used from memory, and the hook is called
    /// again until it succeeds.
    ///
    /// # Errors
    /// When the token could not be stored.
    fn update_token(
        &self,
        account: &TokenAccount,
        update: TokenChange,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// The account whose token a hook reads or writes.
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

    /// The owner of the account.
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// The account at the provider. `None` if [`Client::api_for`](crate::Client::api_for) was
    /// called without one: then the application chooses among the owner's accounts. It is always
    /// present after a login.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// The issuer of the account. `None` like the subject, or if only the subject was given.
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }
}

/// A change to a stored token.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TokenChange {
    /// The previous token, by which the row may be found. `None` after the first login.
    pub old: Option<StoredToken>,
    /// The new token. `None` if there is no longer one: remove the row.
    pub new: Option<StoredToken>,
}

/// The hooks of an application that only reads tokens. Its tokens are never refreshed, because the
/// new ones could not be stored.
pub(crate) struct FetchOnly<F>(pub(crate) F);

impl<F, Fut, E> TokenHooks for FetchOnly<F>
where
    F: Fn(TokenAccount) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Option<StoredToken>, E>> + Send + 'static,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    type Error = Box<dyn Error + Send + Sync>;

    async fn fetch_token(
        &self,
        account: &TokenAccount,
    ) -> Result<Option<StoredToken>, Self::Error> {
        let stored = (self.0)(account.clone()).await.map_err(Into::into)?;
        Ok(stored.map(StoredToken::without_refresh_token))
    }

    async fn update_token(&self, _: &TokenAccount, update: TokenChange) -> Result<(), Self::Error> {
        match update.new {
            // Of a login, whose handler stores it.
            Some(_) => Ok(()),
            None => Err("`fetch_token` only reads tokens: set `token_hooks` to remove one".into()),
        }
    }
}

/// [`TokenHooks`] as two functions.
pub(crate) struct TokenFunctions<F, U> {
    pub(crate) fetch: F,
    pub(crate) update: U,
}

impl<F, U, Fetched, Updated, E1, E2> TokenHooks for TokenFunctions<F, U>
where
    F: Fn(TokenAccount) -> Fetched + Send + Sync + 'static,
    Fetched: Future<Output = Result<Option<StoredToken>, E1>> + Send + 'static,
    E1: Into<Box<dyn Error + Send + Sync>>,
    U: Fn(TokenAccount, TokenChange) -> Updated + Send + Sync + 'static,
    Updated: Future<Output = Result<(), E2>> + Send + 'static,
    E2: Into<Box<dyn Error + Send + Sync>>,
{
    type Error = Box<dyn Error + Send + Sync>;

    async fn fetch_token(
        &self,
        account: &TokenAccount,
    ) -> Result<Option<StoredToken>, Self::Error> {
        (self.fetch)(account.clone()).await.map_err(Into::into)
    }

    async fn update_token(
        &self,
        account: &TokenAccount,
        update: TokenChange,
    ) -> Result<(), Self::Error> {
        (self.update)(account.clone(), update).await.map_err(Into::into)
    }
}

/// [`TokenHooks`] without the application's type.
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
                    let what = "`fetch_token` returned a token of another provider";
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
#[derive(Default, Clone)]
pub(crate) struct HookTable {
    all: Option<Arc<dyn Hooks>>,
    own: Vec<(&'static str, Arc<dyn Hooks>)>,
}

impl HookTable {
    /// Sets the hooks of all providers that have none of their own.
    pub(crate) fn set_all(&mut self, hooks: Arc<dyn Hooks>) {
        self.all = Some(hooks);
    }

    /// Sets the hooks of one provider.
    pub(crate) fn set(&mut self, provider: &'static str, hooks: Arc<dyn Hooks>) {
        self.own.retain(|(name, _)| *name != provider);
        self.own.push((provider, hooks));
    }

    /// Returns the hooks of one provider.
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
