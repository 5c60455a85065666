//! The sessions here that belong to a session at a provider, so that their tokens are found when
//! the provider ends it.
//!
//! Which sessions have ended does not depend on these lists: a store may lose them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Shared;
use super::ended_sessions::ProviderTag;
use crate::clock::SKEW;
use crate::error::{OAuthError, StoreError};
use crate::json;
use crate::store::{Key, Version};

/// Kind of the records.
const KIND: &str = "sessions";
/// Maximum number of sessions in one list. Beyond it, the oldest is no longer listed: its tokens
/// stay in the store until it would have expired.
const MAX_LISTED: usize = 64;
/// Attempts to write a list during concurrent writes.
const ATTEMPTS: usize = 20;

/// A session in a list.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ListedSession {
    #[serde(rename = "d")]
    pub(crate) id: String,
    /// Its start, as the list of sign-outs counts it.
    #[serde(rename = "o")]
    pub(crate) order: u64,
    /// Seconds since 1970-01-01 UTC.
    #[serde(rename = "x")]
    pub(crate) expires_at: u64,
}

impl Shared {
    /// Adds a session to the list of a session or a user at the provider.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    pub(crate) async fn list_session(
        &self,
        tag: ProviderTag,
        session: &ListedSession,
    ) -> Result<(), OAuthError> {
        let key = self.key_of_sessions(tag);
        let ttl = Duration::from_secs(self.session_lifetime.as_secs().saturating_add(SKEW));
        for _ in 0..ATTEMPTS {
            let (mut sessions, version) = match self.read_sessions(&key).await {
                Ok(read) => read,
                // It cannot be read later either: start again with an empty list.
                Err(OAuthError::Store(StoreError::KeyLost { .. } | StoreError::Unreadable(_))) => {
                    self.store.remove(&key).await?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            sessions.retain(|listed| listed.expires_at.saturating_add(SKEW) > self.clock.seconds());
            let surplus = (sessions.len() + 1).saturating_sub(MAX_LISTED);
            sessions.drain(..surplus);
            sessions.push(session.clone());
            let content = json::write_secrets(&sessions);
            let store = &self.store;
            if store.compare_and_swap(&key, version.as_ref(), &[&content], ttl).await?.is_some() {
                return Ok(());
            }
        }
        Err(StoreError::Contended(KIND).into())
    }

    /// Returns the listed sessions, oldest first.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    pub(crate) async fn sessions_at_provider(
        &self,
        tag: ProviderTag,
    ) -> Result<Vec<ListedSession>, OAuthError> {
        self.read_sessions(&self.key_of_sessions(tag)).await.map(|(sessions, _)| sessions)
    }

    async fn read_sessions(
        &self,
        key: &Key,
    ) -> Result<(Vec<ListedSession>, Option<Version>), OAuthError> {
        let Some(record) = self.store.get(key).await? else { return Ok((Vec::new(), None)) };
        let sessions = serde_json::from_slice(record.content());
        let sessions = sessions.map_err(|_| StoreError::Unreadable(KIND))?;
        Ok((sessions, Some(record.into_version())))
    }

    fn key_of_sessions(&self, tag: ProviderTag) -> Key {
        Key::new(KIND, &[&self.realm, &tag.to_text()])
    }
}
