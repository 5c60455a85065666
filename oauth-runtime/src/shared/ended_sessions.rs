//! Sessions that were signed out before their time: dead at once on this machine and within seconds
//! on the others, whoever still has the cookie.
//!
//! They are few, so every machine holds them in memory; they share them through one record of the
//! store. Each is forgotten when its session would have ended anyway.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::Shared;
use crate::error::{OAuthError, StoreError};
use crate::single_flight::SingleFlight;

/// Seconds after which another machine's sign-outs are looked up again.
const POLL_AFTER: u64 = 5;
/// Attempts to write the record while other machines write it too.
const ATTEMPTS: usize = 20;

/// The session identifiers that are dead, with the seconds since 1970 when each is forgotten.
type Ended = HashMap<String, u64>;

/// The dead sessions that this machine knows of.
#[derive(Default)]
pub(crate) struct EndedSessions {
    known: RwLock<Ended>,
    /// Seconds since 1970-01-01 UTC; 0 before the first look.
    looked_at: AtomicU64,
    looking: SingleFlight<()>,
}

impl Shared {
    /// Whether the session was signed out. Waits for the store once, when the process is young.
    ///
    /// # Errors
    /// [`OAuthError::Store`] when the store never answered yet: nothing is known then.
    pub(crate) async fn has_ended(self: &Arc<Self>, id: &str) -> Result<bool, OAuthError> {
        let ended = &self.ended_sessions;
        let looked_at = ended.looked_at.load(Ordering::Relaxed);
        if looked_at == 0 {
            ended.looking.run(|| Box::pin(Arc::clone(self).look_up_ended())).await?;
        } else if self.clock.now() >= looked_at + POLL_AFTER {
            ended.looked_at.store(self.clock.now(), Ordering::Relaxed);
            ended.looking.start(|| Box::pin(Arc::clone(self).look_up_ended()));
        }
        Ok(ended.known.read().unwrap_or_else(PoisonError::into_inner).contains_key(id))
    }

    /// Ends a session that would have lasted until `expires_at`. On this machine it is dead when
    /// this is called, even if the store then fails.
    ///
    /// # Errors
    /// [`OAuthError::Store`] when the other machines cannot be told.
    pub(crate) async fn end_session(&self, id: &str, expires_at: u64) -> Result<(), OAuthError> {
        self.learn_ended([(id.to_owned(), expires_at)]);
        let key = self.ended_key();
        for _ in 0..ATTEMPTS {
            let old = self.store.get(&key).await?;
            let mut ended = read(old.as_deref())?;
            let now = self.clock.now();
            ended.retain(|_, end| *end > now);
            ended.insert(id.to_owned(), expires_at);
            let last = ended.values().copied().max().unwrap_or(now);
            let ttl = Duration::from_secs(last.saturating_sub(now).max(1));
            // Text and numbers always become JSON.
            let new = serde_json::to_vec(&ended).unwrap_or_default();
            if self.store.compare_and_swap(&key, old.as_deref(), new, ttl).await? {
                return Ok(());
            }
        }
        Err(StoreError::Contended("ended sessions").into())
    }

    async fn look_up_ended(self: Arc<Self>) -> Result<(), OAuthError> {
        let looked_up = match self.store.get(&self.ended_key()).await {
            Ok(record) => read(record.as_deref()),
            Err(error) => Err(error),
        };
        match looked_up {
            Ok(ended) => {
                self.learn_ended(ended);
                self.ended_sessions.looked_at.store(self.clock.now().max(1), Ordering::Relaxed);
                Ok(())
            }
            Err(error) => {
                tracing::warn!(%error, "the sign-outs of other machines could not be looked up");
                Err(error.into())
            }
        }
    }

    fn learn_ended(&self, ended: impl IntoIterator<Item = (String, u64)>) {
        let now = self.clock.now();
        let mut known = self.ended_sessions.known.write().unwrap_or_else(PoisonError::into_inner);
        known.extend(ended);
        known.retain(|_, end| *end > now);
    }

    fn ended_key(&self) -> String {
        format!("ended:{}", self.realm)
    }
}

fn read(record: Option<&[u8]>) -> Result<Ended, StoreError> {
    match record {
        Some(bytes) => {
            serde_json::from_slice(bytes).map_err(|_| StoreError::Unreadable("ended sessions"))
        }
        None => Ok(Ended::new()),
    }
}

impl fmt::Debug for EndedSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).len();
        write!(f, "EndedSessions({known})")
    }
}
