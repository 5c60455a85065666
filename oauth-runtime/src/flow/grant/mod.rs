//! The tokens that this process uses: read once, valid for seconds, refreshed in time.
//!
//! A call with a fresh token does not read the store, except for the first one in some seconds. A
//! change by another instance, such as a sign-out, is seen when the cached token expires.

pub(crate) mod accounts;
pub(super) mod lease;
pub(super) mod offline;
pub(crate) mod record;
pub(super) mod refresh;
pub(super) mod refresh_failures;
pub(crate) mod refresher;
pub(super) mod revocation;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use self::record::GrantId;
use self::refresh_failures::Failures;
use super::provider_client::ProviderClient;
use crate::clock::Interval;
use crate::crypto::secret::Secret;
use crate::declaration::spec::Quirk;
use crate::error::{OAuthError, TokenError};
use crate::protocol::id_token::expires_at;
use crate::sync::lock::Mutex;
use crate::sync::recent::Recent;
use crate::sync::single_flight::KeyedFlights;
use crate::token::TokenData;

/// Seconds for which a cached token is used without reading the store again. The same limit applies
/// to sign-outs.
const CACHED_FOR: u64 = 5;
/// Maximum number of cached tokens per client.
const MAX_CACHED: usize = 20_000;
/// Minimum age in seconds at which a token that an API refuses is refreshed: an API that refuses
/// every token must not cause a refresh with each call.
const REFUSED_AFTER: u64 = 10;

/// The grants at one provider that are known to this process.
pub(crate) struct Grants {
    known: Recent<Arc<TokenData>>,
    failures: Failures,
    /// Refreshed tokens that could not be stored yet. There are at most as many as were refreshed
    /// before the store failed, because a refresh needs the store.
    unsaved: Mutex<HashMap<Arc<str>, Arc<TokenData>>>,
    reading: KeyedFlights<Arc<TokenData>, OAuthError>,
    refreshing: KeyedFlights<Arc<TokenData>, OAuthError>,
}

impl Default for Grants {
    fn default() -> Self {
        Self {
            known: Recent::new(CACHED_FOR, MAX_CACHED),
            failures: Failures::default(),
            unsaved: Mutex::default(),
            reading: KeyedFlights::default(),
            refreshing: KeyedFlights::default(),
        }
    }
}

impl ProviderClient {
    /// Returns a token that has not expired. A token that expires soon is refreshed in the
    /// background.
    ///
    /// # Errors
    /// [`OAuthError::Token`] when there is none; [`OAuthError::Store`]; the error of a failed
    /// refresh, once the token has expired.
    pub(crate) async fn fresh_token(
        self: &Arc<Self>,
        grant: &GrantId,
    ) -> Result<Arc<TokenData>, OAuthError> {
        let token = match self.grants.recall(grant, self.now()) {
            Some(token) => token,
            None => self.read_token(grant).await?,
        };
        let now = self.now();
        if !token.is_due(now) {
            return Ok(token);
        }
        match (token.is_expired(now), token.refresh_token.is_some()) {
            (true, true) => self.refreshed(grant, token).await,
            (true, false) => Err(self.no_token(TokenError::Expired)),
            (false, true) => {
                self.refresh_in_background(grant, &token);
                Ok(token)
            }
            (false, false) => Ok(token),
        }
    }

    /// Returns another token than `refused`, which an API did not accept.
    ///
    /// # Errors
    /// As [`fresh_token`](Self::fresh_token); [`TokenError::Refused`] when there is no other token.
    pub(crate) async fn other_token(
        self: &Arc<Self>,
        grant: &GrantId,
        refused: &TokenData,
    ) -> Result<Arc<TokenData>, OAuthError> {
        let token = self.read_token(grant).await?;
        if token.access_token != refused.access_token {
            return Ok(token);
        }
        let is_new = Interval::new(token.obtained_at, REFUSED_AFTER).contains(self.now());
        if is_new || token.refresh_token.is_none() {
            return Err(self.no_token(TokenError::Refused));
        }
        self.refreshed(grant, token).await
    }

    /// Refreshes the token of a grant, whatever its age.
    ///
    /// # Errors
    /// As [`fresh_token`](Self::fresh_token); [`TokenError::NoRefreshToken`].
    pub(crate) async fn refreshed_now(
        self: &Arc<Self>,
        grant: &GrantId,
    ) -> Result<Arc<TokenData>, OAuthError> {
        let token = self.read_token(grant).await?;
        if token.refresh_token.is_none() {
            return Err(self.no_token(TokenError::NoRefreshToken));
        }
        self.refreshed(grant, token).await
    }

    /// Stores the tokens of a login, as a new grant, until `kept_until`.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    pub(crate) async fn keep(
        &self,
        grant: &GrantId,
        token: &TokenData,
        kept_until: u64,
    ) -> Result<(), OAuthError> {
        // They are not cached here: most users call no API within seconds of a login.
        grant.write(self, token, kept_until).await
    }

    /// Returns the `id_token_hint` of a logout: the newest ID token, because some providers accept
    /// no other. `None` also for a provider that refuses this one.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    pub(crate) async fn id_token_hint(
        &self,
        grant: &GrantId,
    ) -> Result<Option<Secret>, OAuthError> {
        let settings = &self.settings;
        if settings.has_quirk(Quirk::NoIdTokenHint) {
            return Ok(None);
        }
        let unsaved = self.grants.unsaved.lock().get(grant.name()).cloned();
        let token = match unsaved {
            Some(token) => Some(token),
            None => grant.read(self).await?.map(|stored| stored.token),
        };
        let hint = token.and_then(|token| token.newest_id_token().cloned());
        let is_accepted = |hint: &Secret| {
            !settings.has_quirk(Quirk::NoExpiredIdTokenHint)
                || expires_at(hint).is_some_and(|end| self.now() < end)
        };
        Ok(hint.filter(is_accepted))
    }

    async fn read_token(self: &Arc<Self>, grant: &GrantId) -> Result<Arc<TokenData>, OAuthError> {
        let (client, id) = (Arc::clone(self), grant.clone());
        self.grants.reading.run(grant.name(), || Box::pin(client.read_once(id))).await
    }

    async fn read_once(self: Arc<Self>, grant: GrantId) -> Result<Arc<TokenData>, OAuthError> {
        if let Some(token) = self.grants.unsaved.lock().get(grant.name()) {
            return Ok(Arc::clone(token));
        }
        let stored = grant.read(&self).await?;
        let stored = stored.ok_or_else(|| self.no_token(TokenError::Missing))?;
        if let Some(end) = stored.token.end() {
            return Err(self.no_token(end));
        }
        self.prolong(&grant, &stored).await;
        self.grants.learn(&grant, &stored.token, self.now());
        Ok(stored.token)
    }

    pub(super) async fn refreshed(
        self: &Arc<Self>,
        grant: &GrantId,
        seen: Arc<TokenData>,
    ) -> Result<Arc<TokenData>, OAuthError> {
        if let Some(error) = self.grants.failures.get(grant.name(), self.now()) {
            return Err(error);
        }
        let (client, id) = (Arc::clone(self), grant.clone());
        self.grants.refreshing.run(grant.name(), || Box::pin(client.refresh_once(id, seen))).await
    }

    fn refresh_in_background(self: &Arc<Self>, grant: &GrantId, seen: &Arc<TokenData>) {
        if self.grants.failures.get(grant.name(), self.now()).is_none() {
            let (client, id, seen) = (Arc::clone(self), grant.clone(), Arc::clone(seen));
            self.grants.refreshing.start(grant.name(), || Box::pin(client.refresh_once(id, seen)));
        }
    }

    async fn refresh_once(
        self: Arc<Self>,
        grant: GrantId,
        seen: Arc<TokenData>,
    ) -> Result<Arc<TokenData>, OAuthError> {
        let result = refresh::refresh(Arc::clone(&self), grant.clone(), seen).await;
        match &result {
            Ok(token) => {
                self.grants.failures.remove(grant.name());
                self.grants.learn(&grant, token, self.now());
            }
            Err(error) => {
                tracing::warn!(provider = self.name(), %error, "failed to refresh a token");
                self.grants.failures.note(grant.name(), error, self.now());
            }
        }
        result
    }
}

impl Grants {
    fn recall(&self, grant: &GrantId, now: u64) -> Option<Arc<TokenData>> {
        let known = self.known.get(grant.name(), now);
        known.or_else(|| self.unsaved.lock().get(grant.name()).cloned())
    }

    /// Forgets the previous tokens before a new login overwrites them.
    pub(super) fn reset(&self, grant: &GrantId) {
        self.failures.remove(grant.name());
        self.known.remove(grant.name());
    }

    pub(super) fn learn(&self, grant: &GrantId, token: &Arc<TokenData>, now: u64) {
        self.known.insert(grant.name(), Arc::clone(token), now);
    }

    pub(crate) fn forget(&self, grant: &GrantId) {
        self.known.remove(grant.name());
    }

    /// Holds a token in memory until it is stored.
    pub(super) fn hold(&self, grant: &GrantId, token: &Arc<TokenData>) {
        self.unsaved.lock().insert(Arc::clone(grant.name()), Arc::clone(token));
    }

    pub(super) fn release(&self, grant: &GrantId) {
        self.unsaved.lock().remove(grant.name());
    }
}

impl fmt::Debug for Grants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grants").field("known", &self.known).finish_non_exhaustive()
    }
}
