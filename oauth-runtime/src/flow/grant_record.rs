//! The record of one grant: what the store keeps of the tokens of one person at one provider.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::discovery::ProviderClient;
use crate::error::{OAuthError, StoreError};
use crate::owner::Owner;
use crate::shared::Shared;
use crate::store::{Key, Version};
use crate::token::TokenData;

/// Kind of the records of sessions.
const OF_SESSIONS: &str = "token";
/// Kind of the records that outlive sessions.
const KEPT: &str = "kept";
/// How long tokens are kept that nobody uses: as long as the providers that end unused grants wait at
/// most.
pub(super) const KEPT_FOR: Duration = Duration::from_secs(365 * 86_400);

/// Names a grant. Cheap to clone.
#[derive(Clone)]
pub(crate) struct GrantId {
    key: Arc<Key>,
    name: Arc<str>,
    /// Whose it is, where it outlives sessions.
    owner: Option<Arc<Owner>>,
}

/// A record as it was read.
pub(super) struct Stored {
    pub(super) token: Arc<TokenData>,
    /// What a write over this record and no other needs.
    pub(super) version: Version,
}

impl GrantId {
    /// The grant that came with a login, kept as long as its session.
    pub(crate) fn of_session(session: &str, provider: &str) -> Self {
        Self::new(Key::new(OF_SESSIONS, &[session, provider]), None)
    }

    /// The grant of an account of an owner.
    pub(crate) fn kept(
        client: &ProviderClient,
        owner: &Owner,
        issuer: &str,
        subject: &str,
    ) -> Self {
        let whose = owner.fingerprint();
        let client_id = &client.settings.client_id;
        let parts = [client.name(), client_id, client.binding(), &whose, issuer, subject];
        Self::new(Key::new(KEPT, &parts), Some(Arc::new(owner.clone())))
    }

    fn new(key: Key, owner: Option<Arc<Owner>>) -> Self {
        let name = key.as_str().into();
        Self { key: Arc::new(key), name, owner }
    }

    /// Whose it is; `None` for one that ends with its session.
    pub(super) fn owner(&self) -> Option<&Owner> {
        self.owner.as_deref()
    }

    /// Tells grants apart. It finds the tokens in the store, so it is not shown.
    pub(super) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// What the store has.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    pub(super) async fn read(&self, shared: &Shared) -> Result<Option<Stored>, OAuthError> {
        let Some(record) = shared.store.get(&self.key).await? else { return Ok(None) };
        let token = TokenData::from_record(record.content())
            .ok_or(StoreError::Unreadable(self.key.kind()))?;
        Ok(Some(Stored { token: Arc::new(token), version: record.into_version() }))
    }

    /// Writes the record, whatever was there before.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    pub(super) async fn write(&self, shared: &Shared, token: &TokenData) -> Result<(), OAuthError> {
        shared.store.put(&self.key, &token.to_record(), time_left(shared, token)).await
    }

    /// Writes the record if the present one is `old`, which may be none; says whether it did.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    pub(super) async fn swap(
        &self,
        shared: &Shared,
        old: Option<&Version>,
        token: &TokenData,
    ) -> Result<bool, OAuthError> {
        let ttl = time_left(shared, token);
        let written =
            shared.store.compare_and_swap(&self.key, old, &token.to_record(), ttl).await?;
        Ok(written.is_some())
    }

    /// Removes the record.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    pub(crate) async fn remove(&self, shared: &Shared) -> Result<(), OAuthError> {
        shared.store.remove(&self.key).await
    }
}

fn time_left(shared: &Shared, token: &TokenData) -> Duration {
    Duration::from_secs(token.kept_until.saturating_sub(shared.clock.now()).max(1))
}

impl fmt::Debug for GrantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.fmt(f)
    }
}
