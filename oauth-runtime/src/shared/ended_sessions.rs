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

use serde::{Deserialize, Serialize};

use super::Shared;
use crate::error::{OAuthError, StoreError};
use crate::single_flight::SingleFlight;
use crate::store::{Key, Record};

/// What the store calls the record.
const KIND: &str = "ended";
/// Seconds after which another machine's sign-outs are looked up again.
const POLL_AFTER: u64 = 5;
/// Attempts to write the record while other machines write it too.
const ATTEMPTS: usize = 20;

/// The sessions that are dead. All times are seconds since 1970-01-01 UTC.
#[derive(Default, Serialize, Deserialize)]
struct Ended {
    /// Their identifiers, each with the time when it is forgotten.
    sessions: HashMap<String, u64>,
    /// All that began before are dead too; 0 for none. It is set when the record was lost, and
    /// with it the knowledge of who had signed out.
    all_before: u64,
}

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
    pub(crate) async fn has_ended(
        self: &Arc<Self>,
        id: &str,
        begun_at: u64,
    ) -> Result<bool, OAuthError> {
        let ended = &self.ended_sessions;
        let looked_at = ended.looked_at.load(Ordering::Relaxed);
        if looked_at == 0 {
            ended.looking.run(|| Box::pin(Arc::clone(self).look_up_ended())).await?;
        } else if self.clock.now() >= looked_at + POLL_AFTER {
            ended.looked_at.store(self.clock.now(), Ordering::Relaxed);
            ended.looking.start(|| Box::pin(Arc::clone(self).look_up_ended()));
        }
        Ok(ended.known.read().unwrap_or_else(PoisonError::into_inner).has(id, begun_at))
    }

    /// Ends a session that would have lasted until `expires_at`. On this machine it is dead when
    /// this is called, even if the store then fails.
    ///
    /// # Errors
    /// [`OAuthError::Store`] when the other machines cannot be told.
    pub(crate) async fn end_session(&self, id: &str, expires_at: u64) -> Result<(), OAuthError> {
        let this = Ended { sessions: HashMap::from([(id.to_owned(), expires_at)]), all_before: 0 };
        self.learn_ended(this);
        let key = self.ended_key();
        for _ in 0..ATTEMPTS {
            let old = self.ended_record(&key).await?;
            let mut ended = read(old.as_ref())?;
            let now = self.clock.now();
            ended.forget(now);
            ended.sessions.insert(id.to_owned(), expires_at);
            let last = ended.sessions.values().copied().max().unwrap_or(now);
            let last = last.max(ended.all_before.saturating_add(self.session_lifetime.as_secs()));
            let ttl = Duration::from_secs(last.saturating_sub(now).max(1));
            let version = old.as_ref().map(Record::version);
            let written =
                self.store.compare_and_swap(&key, version, &[&ended.to_json()], ttl).await?;
            if written.is_some() {
                return Ok(());
            }
        }
        Err(StoreError::Contended("ended sessions").into())
    }

    async fn look_up_ended(self: Arc<Self>) -> Result<(), OAuthError> {
        let looked_up = self.ended_record(&self.ended_key()).await;
        match looked_up.and_then(|record| Ok(read(record.as_ref())?)) {
            Ok(ended) => {
                self.learn_ended(ended);
                self.ended_sessions.looked_at.store(self.clock.now().max(1), Ordering::Relaxed);
                Ok(())
            }
            Err(error) => {
                tracing::warn!(%error, "the sign-outs of other machines could not be looked up");
                Err(error)
            }
        }
    }

    /// The record in the store. One that does not open any more, because its key was taken away,
    /// takes with it who had signed out: in its place comes one that ends every session.
    async fn ended_record(&self, key: &Key) -> Result<Option<Record>, OAuthError> {
        match self.store.get(key).await {
            Err(OAuthError::Store(
                error @ (StoreError::KeyLost { .. } | StoreError::Unreadable(_)),
            )) => {
                tracing::error!(%error, "it is not known any more who signed out: all sessions end");
                let all = Ended { sessions: HashMap::new(), all_before: self.clock.now() + 1 };
                let ttl = self.session_lifetime;
                self.store.replace_unreadable(key, &[&all.to_json()], ttl).await?;
                self.store.get(key).await
            }
            other => other,
        }
    }

    fn learn_ended(&self, ended: Ended) {
        let mut known = self.ended_sessions.known.write().unwrap_or_else(PoisonError::into_inner);
        known.sessions.extend(ended.sessions);
        known.all_before = known.all_before.max(ended.all_before);
        known.forget(self.clock.now());
    }

    fn ended_key(&self) -> Key {
        Key::new(KIND, &[&self.realm])
    }
}

impl Ended {
    fn has(&self, id: &str, begun_at: u64) -> bool {
        begun_at < self.all_before || self.sessions.contains_key(id)
    }

    fn forget(&mut self, now: u64) {
        self.sessions.retain(|_, end| *end > now);
    }

    fn to_json(&self) -> Vec<u8> {
        // Text and numbers always become JSON.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

fn read(record: Option<&Record>) -> Result<Ended, StoreError> {
    match record {
        Some(record) => {
            serde_json::from_slice(record.content()).map_err(|_| StoreError::Unreadable(KIND))
        }
        None => Ok(Ended::default()),
    }
}

impl fmt::Debug for EndedSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).sessions.len();
        write!(f, "EndedSessions({known})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::shared::tests::shared_with;
    use crate::store::MemoryStore;

    #[tokio::test]
    async fn a_sign_out_is_forgotten_here_and_in_the_store_when_its_session_would_have_ended() {
        let clock = Clock::manual(1_000);
        let shared = Arc::new(shared_with(MemoryStore::new(clock.clone()), clock.clone()));
        for number in 0..100 {
            shared.end_session(&format!("early {number}"), 1_100).await.unwrap();
        }
        shared.end_session("late", 1_200).await.unwrap();
        clock.advance(99);
        assert!(shared.has_ended("early 1", 1_000).await.unwrap());
        clock.advance(1);
        shared.end_session("last", 1_300).await.unwrap();
        let known = shared.ended_sessions.known.read().unwrap().sessions.len();
        assert_eq!(known, 2, "in memory");
        let record = shared.store.get(&shared.ended_key()).await.unwrap();
        assert_eq!(read(record.as_ref()).unwrap().sessions.len(), 2, "in the store");
        assert!(shared.has_ended("late", 1_000).await.unwrap());
    }
}
