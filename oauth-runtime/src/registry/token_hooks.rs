//! The application's own tables of tokens, as hooks of a registry.

use std::sync::Arc;

use crate::declaration::provider::KeepsTokens;
use crate::registry::{OAuthRegistry, RegistryBuilder};
use crate::token::hooks::{FetchOnly, TokenAccount, TokenChange, TokenFunctions, TokenHooks};
use crate::token::stored::StoredToken;

impl<R: OAuthRegistry> RegistryBuilder<R> {
    /// Stores the tokens of all providers that are declared with `keep_tokens` in the application's
    /// own tables. The hooks are Authlib's `fetch_token` and `update_token`; see [`TokenHooks`].
    /// Default: the store.
    pub fn token_hooks(mut self, hooks: impl TokenHooks) -> Self {
        self.token_hooks.set_all(Arc::new(hooks));
        self
    }

    /// Like [`token_hooks`](Self::token_hooks), for the provider `P` only; takes precedence for it.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// use oauth_runtime::TokenHooks;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("repo"), keep_tokens)]
    /// # struct GitHub;
    /// # #[derive(Debug, Clone, OAuthRegistry)]
    /// # struct Providers { github: Client<GitHub> }
    ///
    /// fn builder(tables: impl TokenHooks) -> oauth_runtime::RegistryBuilder<Providers> {
    ///     Providers::builder().token_hooks_of::<GitHub>(tables)
    /// }
    /// ```
    pub fn token_hooks_of<P: KeepsTokens>(mut self, hooks: impl TokenHooks) -> Self {
        self.token_hooks.set(P::SPEC.name, Arc::new(hooks));
        self
    }

    /// Reads the tokens of all providers that are declared with `keep_tokens` from the application's
    /// own tables, by one function. It is Authlib's `fetch_token` without `update_token`.
    ///
    /// The library then has no place for a refreshed token, so it never refreshes these tokens:
    /// your application does, or their users log in again. Your login handler stores the tokens of a
    /// login. [`Client::disconnect`](crate::Client::disconnect) fails, because only your application
    /// can delete the row. [`token_hooks`](Self::token_hooks) has none of these limits. The later of
    /// both calls applies.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// use oauth_runtime::{Owner, StoredToken, TokenAccount};
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("repo"), keep_tokens)]
    /// # struct GitHub;
    /// # #[derive(Debug, Clone, OAuthRegistry)]
    /// # struct Providers { github: Client<GitHub> }
    /// # async fn find(_: &str, _: &Owner) -> std::io::Result<Option<StoredToken>> { Ok(None) }
    ///
    /// let builder = Providers::builder()
    ///     .fetch_token(|account: TokenAccount| async move { find(account.provider(), account.owner()).await });
    /// ```
    pub fn fetch_token<F, Fut, E>(mut self, function: F) -> Self
    where
        F: Fn(TokenAccount) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Option<StoredToken>, E>> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.token_hooks.set_all(Arc::new(FetchOnly(function)));
        self
    }

    /// Like [`token_hooks`](Self::token_hooks), as two functions: Authlib's `fetch_token` and
    /// `update_token`. The latter stores the new token of the change, or deletes the row if there
    /// is none. The rules of [`TokenHooks`] apply.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// use oauth_runtime::{StoredToken, TokenAccount};
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("repo"), keep_tokens)]
    /// # struct GitHub;
    /// # #[derive(Debug, Clone, OAuthRegistry)]
    /// # struct Providers { github: Client<GitHub> }
    /// # async fn find(_: TokenAccount) -> std::io::Result<Option<StoredToken>> { Ok(None) }
    /// # async fn save(_: TokenAccount, _: Option<StoredToken>) -> std::io::Result<()> { Ok(()) }
    ///
    /// let builder = Providers::builder()
    ///     .token_functions(find, |account, change| async move { save(account, change.new).await });
    /// ```
    pub fn token_functions<F, U, Fetched, Updated, E1, E2>(self, fetch: F, update: U) -> Self
    where
        F: Fn(TokenAccount) -> Fetched + Send + Sync + 'static,
        Fetched: Future<Output = Result<Option<StoredToken>, E1>> + Send + 'static,
        E1: Into<Box<dyn std::error::Error + Send + Sync>>,
        U: Fn(TokenAccount, TokenChange) -> Updated + Send + Sync + 'static,
        Updated: Future<Output = Result<(), E2>> + Send + 'static,
        E2: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.token_hooks(TokenFunctions { fetch, update })
    }
}
