//! Tokens as the application holds them.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::{OAuthError, StoreError};
use crate::protocol::token_response::TokenResponse;
use crate::secret::Secret;
use crate::shared::Shared;

/// The tokens of one person at the provider `P`. Another provider's client does not take them.
pub struct Token<P> {
    data: TokenData,
    provider: PhantomData<fn() -> P>,
}

/// The same without the brand: what stores and flows pass around.
#[derive(Debug, Clone)]
pub(crate) struct TokenData {
    pub(crate) access_token: Secret,
    pub(crate) refresh_token: Option<Secret>,
    /// Seconds since 1970-01-01 UTC.
    pub(crate) expires_at: Option<u64>,
    pub(crate) scopes: Option<Vec<String>>,
}

impl<P> Token<P> {
    pub(crate) fn new(data: TokenData) -> Self {
        Self { data, provider: PhantomData }
    }

    pub(crate) fn data(&self) -> &TokenData {
        &self.data
    }

    /// The access token.
    pub fn access_token(&self) -> &Secret {
        &self.data.access_token
    }

    /// The refresh token. `None` when the provider issued none; many do so only for a scope such
    /// as `offline_access` or a parameter such as `access_type=offline`.
    pub fn refresh_token(&self) -> Option<&Secret> {
        self.data.refresh_token.as_ref()
    }

    /// When the access token expires, in seconds since 1970-01-01 UTC. `None` when the provider
    /// does not say.
    pub fn expires_at(&self) -> Option<u64> {
        self.data.expires_at
    }

    /// The granted scopes. `None` when the provider does not say: that means "unknown", never "all
    /// that was asked for".
    pub fn scopes(&self) -> Option<&[String]> {
        self.data.scopes.as_deref()
    }

    /// Whether the scope is known to be granted.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes().is_some_and(|scopes| scopes.iter().any(|own| own == scope))
    }
}

impl<P> fmt::Debug for Token<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("expires_at", &self.data.expires_at)
            .field("scopes", &self.data.scopes)
            .finish_non_exhaustive()
    }
}

impl TokenData {
    /// What a response made at `received_at` grants.
    pub(crate) fn of_response(response: TokenResponse, received_at: u64) -> Self {
        Self {
            access_token: response.access_token,
            refresh_token: response.refresh_token,
            expires_at: response.expires_in.map(|seconds| received_at.saturating_add(seconds)),
            scopes: response.scope,
        }
    }

    pub(crate) fn is_expired(&self, now: u64) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// Keeps the tokens for the session, sealed and bound to its key, at most for its remaining
    /// lifetime.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    pub(crate) async fn save(
        &self,
        shared: &Shared,
        session: &str,
        provider: &str,
        ttl: Duration,
    ) -> Result<(), OAuthError> {
        let record = Record {
            access_token: Cow::Borrowed(self.access_token.expose()),
            refresh_token: self.refresh_token.as_ref().map(|token| Cow::Borrowed(token.expose())),
            expires_at: self.expires_at,
            scopes: self.scopes.clone(),
        };
        // Text, numbers and lists of text always become JSON.
        let plain = Zeroizing::new(serde_json::to_vec(&record).unwrap_or_default());
        let key = key(session, provider);
        let sealed = shared.tokens.seal(&key, &plain)?;
        Ok(shared.store.put(&key, sealed.into_bytes(), ttl).await?)
    }

    /// The tokens that were saved for the session.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    pub(crate) async fn load(
        shared: &Shared,
        session: &str,
        provider: &str,
    ) -> Result<Option<Self>, OAuthError> {
        let key = key(session, provider);
        let Some(sealed) = shared.store.get(&key).await? else { return Ok(None) };
        let plain = std::str::from_utf8(&sealed)
            .ok()
            .and_then(|sealed| shared.tokens.open(&key, sealed))
            .ok_or(StoreError::Unreadable("token"))?;
        let record: Record<'_> =
            serde_json::from_slice(&plain).map_err(|_| StoreError::Unreadable("token"))?;
        Ok(Some(Self {
            access_token: Secret::from(record.access_token.into_owned()),
            refresh_token: record.refresh_token.map(|token| Secret::from(token.into_owned())),
            expires_at: record.expires_at,
            scopes: record.scopes,
        }))
    }

    /// Forgets the tokens of the session.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    pub(crate) async fn forget(
        shared: &Shared,
        session: &str,
        provider: &str,
    ) -> Result<(), OAuthError> {
        shared.store.take(&key(session, provider)).await?;
        Ok(())
    }
}

/// The one form in which tokens are written: the record of a store.
#[derive(Serialize, Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    access_token: Cow<'a, str>,
    #[serde(borrow)]
    refresh_token: Option<Cow<'a, str>>,
    expires_at: Option<u64>,
    scopes: Option<Vec<String>>,
}

fn key(session: &str, provider: &str) -> String {
    format!("token:{session}:{provider}")
}
