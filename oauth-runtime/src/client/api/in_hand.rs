//! A token that the application passes, and its renewal.

use std::error::Error;
use std::sync::Arc;

use super::Api;
use crate::client::Client;
use crate::declaration::provider::OAuth2Provider;
use crate::error::{OAuthError, TokenError};
use crate::flow::provider_client::ProviderClient;
use crate::sync::future::BoxFuture;
use crate::sync::lock::Mutex;
use crate::sync::single_flight::SingleFlight;
use crate::token::{Token, TokenData};

/// Minimum age in seconds at which a token that an API refuses is refreshed.
const REFUSED_AFTER: u64 = 10;

/// The current token of an application.
pub(crate) struct InHand {
    token: Mutex<Arc<TokenData>>,
    /// How it is renewed; `None` if it is not.
    renewal: Option<Renewal>,
}

/// The renewal of a token: one refresh for all callers.
pub(super) struct Renewal {
    refreshing: SingleFlight<Arc<TokenData>, OAuthError>,
    save: Save,
}

type Save = Box<dyn Fn(Arc<TokenData>) -> BoxFuture<'static, ()> + Send + Sync>;

impl<P: OAuth2Provider> Client<P> {
    /// Returns the API, called with a token that the application stores, and keeps the token fresh:
    /// it is refreshed once it has expired or the API refuses it, by one request for all calls of
    /// this [`Api`]. Authlib's `OAuth2Session(token=…, update_token=…)`.
    ///
    /// `update_token` stores the new token in place of the old one, before a call uses it. If it
    /// fails, the token is used from memory and the failure is logged. Most providers revoke a
    /// grant whose refresh token is used twice, so the token must not have a second copy: for
    /// tokens of a login, use [`Api`] or [`api_for`](Self::api_for), which share one refresh on all
    /// instances.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// use oauth_runtime::StoredToken;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("repo"))]
    /// # struct GitHub;
    /// # #[derive(Clone)]
    /// # struct Db;
    /// # impl Db { async fn save(&self, _: StoredToken) -> std::io::Result<()> { Ok(()) } }
    ///
    /// async fn repositories(github: &Client<GitHub>, row: StoredToken, db: Db) -> Result<String, OAuthError> {
    ///     let token = Token::<GitHub>::from_stored(row)?;
    ///     let github = github.with_renewed_token(token, move |new| {
    ///         let db = db.clone();
    ///         async move { db.save(new.expose()).await }
    ///     });
    ///     github.get("user/repos").text().await
    /// }
    /// ```
    pub fn with_renewed_token<F, Fut, E>(&self, token: Token<P>, update_token: F) -> Api<P>
    where
        F: Fn(Token<P>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let client = Arc::clone(self.engine());
        let name = Arc::clone(&client.settings.name);
        let save = move |new: Arc<TokenData>| {
            let (saving, name) = (update_token(Token::new((*new).clone())), Arc::clone(&name));
            let saved = async move {
                if let Err(error) = saving.await {
                    let error = error.into();
                    tracing::error!(provider = &*name, %error, "`update_token` failed");
                }
            };
            Box::pin(saved) as BoxFuture<'static, ()>
        };
        let renewal = Renewal { refreshing: SingleFlight::default(), save: Box::new(save) };
        Api::in_hand(client, InHand::new(token.into_data(), Some(renewal)))
    }

    /// Refreshes a token that the application stores (RFC 6749 section 6), whether or not it has
    /// expired, and returns the new one: store it in place of the old one, because most providers
    /// have invalidated that one. The request runs to its end even if the caller goes away, but
    /// then the new token only reaches the listeners of
    /// [`on_token_updated`](crate::RegistryBuilder::on_token_updated).
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// use oauth_runtime::StoredToken;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("repo"))]
    /// # struct GitHub;
    ///
    /// async fn renewed(github: &Client<GitHub>, row: StoredToken) -> Result<StoredToken, OAuthError> {
    ///     let token = Token::<GitHub>::from_stored(row)?;
    ///     Ok(github.refresh_token(&token).await?.expose())
    /// }
    /// ```
    ///
    /// # Errors
    /// [`OAuthError::Token`] when there is no refresh token, or the provider has ended the grant;
    /// [`OAuthError::Provider`], [`OAuthError::Network`].
    pub async fn refresh_token(&self, token: &Token<P>) -> Result<Token<P>, OAuthError> {
        let (client, token) = (Arc::clone(self.engine()), Arc::new(token.data().clone()));
        let refreshing = SingleFlight::default();
        let new = refreshing.run(|| Box::pin(client.refresh_in_hand(token))).await?;
        Ok(Token::new((*new).clone()))
    }
}

impl InHand {
    pub(super) fn new(token: TokenData, renewal: Option<Renewal>) -> Self {
        Self { token: Mutex::new(Arc::new(token)), renewal }
    }

    /// Returns the token, refreshed if it has expired.
    pub(super) async fn token(
        self: &Arc<Self>,
        client: &Arc<ProviderClient>,
    ) -> Result<Arc<TokenData>, OAuthError> {
        let token = self.current();
        if let Some(end) = token.end() {
            return Err(client.no_token(end));
        }
        if !token.is_expired(client.now()) {
            return Ok(token);
        }
        match &self.renewal {
            Some(renewal) => self.renewed(renewal, client, token).await,
            None => Err(client.no_token(TokenError::NotRefreshed)),
        }
    }

    /// Returns another token than `refused`, which an API did not accept, if it can be renewed.
    pub(super) async fn instead_of(
        self: &Arc<Self>,
        client: &Arc<ProviderClient>,
        refused: &TokenData,
    ) -> Result<Option<Arc<TokenData>>, OAuthError> {
        let Some(renewal) = &self.renewal else { return Ok(None) };
        let current = self.current();
        if !current.is_same_as(refused) {
            return self.token(client).await.map(Some);
        }
        let is_new = client.now().abs_diff(current.obtained_at) < REFUSED_AFTER;
        if is_new || current.refresh_token.is_none() {
            return Ok(None);
        }
        self.renewed(renewal, client, current).await.map(Some)
    }

    /// Refreshes the token, whatever its age.
    pub(super) async fn renewed_now(
        self: &Arc<Self>,
        client: &Arc<ProviderClient>,
    ) -> Result<Arc<TokenData>, OAuthError> {
        let current = self.current();
        if let Some(end) = current.end() {
            return Err(client.no_token(end));
        }
        match &self.renewal {
            None => Err(client.no_token(TokenError::NotRefreshed)),
            Some(_) if current.refresh_token.is_none() => {
                Err(client.no_token(TokenError::NoRefreshToken))
            }
            Some(renewal) => self.renewed(renewal, client, current).await,
        }
    }

    fn current(&self) -> Arc<TokenData> {
        Arc::clone(&self.token.lock())
    }

    async fn renewed(
        self: &Arc<Self>,
        renewal: &Renewal,
        client: &Arc<ProviderClient>,
        seen: Arc<TokenData>,
    ) -> Result<Arc<TokenData>, OAuthError> {
        let renewal_of = || Arc::clone(self).renew(Arc::clone(client), seen);
        renewal.refreshing.run(|| Box::pin(renewal_of())).await
    }

    async fn renew(
        self: Arc<Self>,
        client: Arc<ProviderClient>,
        seen: Arc<TokenData>,
    ) -> Result<Arc<TokenData>, OAuthError> {
        let current = self.current();
        if !current.is_same_as(&seen) {
            return Ok(current);
        }
        let renewed = Arc::clone(&client).refresh_in_hand(seen).await;
        if let Err(OAuthError::Token { error: TokenError::Ended(response), .. }) = &renewed {
            // Its refresh token is not presented again.
            *self.token.lock() = Arc::new(current.ended(response.clone()));
        }
        let new = renewed?;
        *self.token.lock() = Arc::clone(&new);
        if let Some(renewal) = &self.renewal {
            (renewal.save)(Arc::clone(&new)).await;
        }
        Ok(new)
    }
}
