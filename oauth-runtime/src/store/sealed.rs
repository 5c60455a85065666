//! Seals the records of a store, so that an attacker who can read or write the store learns nothing
//! and forges nothing.
//!
//! A record is bound to its key: under another one it cannot be opened. The first of the
//! application's keys seals, all keys open. A record that an older key sealed is re-sealed when it
//! is read; an operator can re-seal all of them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{Key, Page, Store, whole_seconds};
use crate::clock::Clock;
use crate::crypto::seal::{CookieKeys, NotOpened, Opened, Sealer};
use crate::error::{OAuthError, StoreError};
use crate::text::opaque_debug;

/// First byte of every record: its format version.
const FORMAT: u8 = 1;
/// Length of the header in bytes: when the record expires, and when it was sealed, both in seconds
/// since 1970-01-01 UTC.
const HEAD_LENGTH: usize = 16;
/// Minimum age in seconds of a record that is re-sealed when it is read. While a new key is
/// deployed, instances do not agree which key is first, and would undo each other's work.
const SETTLED_AFTER: u64 = 3600;

/// A [`Store`] whose records are sealed.
pub(crate) struct SealedStore {
    store: Arc<dyn Store>,
    sealer: Sealer,
    clock: Clock,
}

/// A record as it was read.
pub(crate) struct Record {
    opened: Opened,
    version: Version,
}

/// One version of a record, distinct from every earlier and later one.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Version(Vec<u8>);

/// The result of re-sealing all records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resealed {
    /// Records that were sealed with another key and are now sealed with the first one.
    pub resealed: u64,
    /// Records that were already sealed with the first key.
    pub current: u64,
    /// Records that cannot be opened: their key is lost, or something else wrote them. They were
    /// left unchanged.
    pub unreadable: u64,
}

impl Record {
    /// The content.
    pub(crate) fn content(&self) -> &[u8] {
        self.opened.plain.get(HEAD_LENGTH..).unwrap_or_default()
    }

    /// The version that [`compare_and_swap`](SealedStore::compare_and_swap) needs to write over
    /// exactly this record.
    pub(crate) fn version(&self) -> &Version {
        &self.version
    }

    /// Like [`version`](Self::version), without the content.
    pub(crate) fn into_version(self) -> Version {
        self.version
    }

    /// Seconds since 1970-01-01 UTC.
    fn ends_at(&self) -> u64 {
        self.number_at(0)
    }

    /// Seconds since 1970-01-01 UTC.
    fn sealed_at(&self) -> u64 {
        self.number_at(8)
    }

    fn number_at(&self, at: usize) -> u64 {
        let bytes = self.opened.plain.get(at..).and_then(|rest| rest.first_chunk());
        bytes.copied().map_or(0, u64::from_be_bytes)
    }
}

impl SealedStore {
    /// # Errors
    /// [`OAuthError::Randomness`], [`OAuthError::Cryptography`].
    pub(crate) fn new(
        store: Arc<dyn Store>,
        keys: &CookieKeys,
        clock: Clock,
    ) -> Result<Self, OAuthError> {
        Ok(Self { store, sealer: Sealer::new(keys, "store")?, clock })
    }

    /// Returns the record, if there is one.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::KeyLost`] and [`StoreError::Unreadable`] for a record that
    /// cannot be opened.
    pub(crate) async fn get(&self, key: &Key) -> Result<Option<Record>, OAuthError> {
        let Some(at_rest) = self.store.get(key.as_str()).await? else { return Ok(None) };
        let opened = self.open(key.as_str(), &at_rest).map_err(|why| unreadable(key, why))?;
        let mut record = Record { opened, version: Version(at_rest) };
        let is_settled = self.clock.seconds().abs_diff(record.sealed_at()) >= SETTLED_AFTER;
        if !record.opened.is_by_first_key
            && is_settled
            && let Ok(Some(version)) = self.reseal(key.as_str(), &record).await
        {
            record.version = version;
        }
        Ok(Some(record))
    }

    /// Writes the record and replaces an existing one. `content` is in parts, so that callers need
    /// not join secrets in memory, and is sealed at once: it need not outlive this call.
    ///
    /// # Errors
    /// [`OAuthError::Store`], [`OAuthError::Randomness`], [`OAuthError::Cryptography`].
    pub(crate) fn put<'a>(
        &'a self,
        key: &'a Key,
        content: &[&[u8]],
        ttl: Duration,
    ) -> impl Future<Output = Result<(), OAuthError>> + Send + use<'a> {
        let sealed = self.seal(key.as_str(), content, ttl);
        async move { Ok(self.store.put(key.as_str(), sealed?, ttl).await?) }
    }

    /// Removes the record and returns it; `None` also for one that cannot be opened.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    pub(crate) async fn take(&self, key: &Key) -> Result<Option<Record>, OAuthError> {
        let Some(at_rest) = self.store.take(key.as_str()).await? else { return Ok(None) };
        let opened = self.open(key.as_str(), &at_rest).ok();
        Ok(opened.map(|opened| Record { opened, version: Version(at_rest) }))
    }

    /// Removes the record, whether or not it can be opened.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    pub(crate) async fn remove(&self, key: &Key) -> Result<(), OAuthError> {
        self.store.take(key.as_str()).await?;
        Ok(())
    }

    /// Writes the record if the current version is `old`; `None` means no record. Returns the new
    /// version, or `None` if the current version is another one.
    ///
    /// # Errors
    /// [`OAuthError::Store`], [`OAuthError::Randomness`], [`OAuthError::Cryptography`].
    pub(crate) async fn compare_and_swap(
        &self,
        key: &Key,
        old: Option<&Version>,
        content: &[&[u8]],
        ttl: Duration,
    ) -> Result<Option<Version>, OAuthError> {
        self.swap(key.as_str(), old.map(|version| version.0.as_slice()), content, ttl).await
    }

    /// Replaces a record that cannot be opened. Returns `false` if there is none, or none any
    /// longer.
    ///
    /// # Errors
    /// [`OAuthError::Store`], [`OAuthError::Randomness`], [`OAuthError::Cryptography`].
    pub(crate) async fn replace_unreadable(
        &self,
        key: &Key,
        content: &[&[u8]],
        ttl: Duration,
    ) -> Result<bool, OAuthError> {
        let Some(at_rest) = self.store.get(key.as_str()).await? else { return Ok(false) };
        if self.open(key.as_str(), &at_rest).is_ok() {
            return Ok(false);
        }
        Ok(self.swap(key.as_str(), Some(&at_rest), content, ttl).await?.is_some())
    }

    /// Keys of records, a bounded number at a time, as returned by [`Store::list`].
    ///
    /// # Errors
    /// [`StoreError::CannotList`], [`StoreError::Backend`].
    pub(crate) async fn list(&self, from: Option<&str>) -> Result<Page, OAuthError> {
        Ok(self.store.list(from).await?)
    }

    /// Re-seals each record that is not sealed with the first key.
    ///
    /// # Errors
    /// [`StoreError::CannotList`], [`StoreError::Backend`]; the records re-sealed until then stay
    /// so.
    pub(crate) async fn reseal_all(&self) -> Result<Resealed, OAuthError> {
        let mut outcome = Resealed::default();
        let mut from = None;
        loop {
            let page = self.store.list(from.as_deref()).await?;
            for key in &page.keys {
                self.reseal_one(key, &mut outcome).await?;
            }
            from = page.next;
            if from.is_none() {
                return Ok(outcome);
            }
        }
    }

    async fn reseal_one(&self, key: &str, outcome: &mut Resealed) -> Result<(), OAuthError> {
        // It may have expired since it was listed.
        let Some(at_rest) = self.store.get(key).await? else { return Ok(()) };
        match self.open(key, &at_rest) {
            Err(_) => outcome.unreadable += 1,
            Ok(opened) if opened.is_by_first_key => outcome.current += 1,
            Ok(opened) => {
                let record = Record { opened, version: Version(at_rest) };
                match self.reseal(key, &record).await? {
                    Some(_) => outcome.resealed += 1,
                    // Another writer has re-sealed it since.
                    None => outcome.current += 1,
                }
            }
        }
        Ok(())
    }

    async fn reseal(&self, key: &str, record: &Record) -> Result<Option<Version>, OAuthError> {
        let lifetime = record.ends_at().saturating_sub(record.sealed_at());
        let now = self.clock.seconds();
        // It has expired by this clock, but not by the store's: re-sealing would end it.
        let Some(left) = record.ends_at().checked_sub(now).filter(|left| *left > 0) else {
            return Ok(None);
        };
        // Not longer, even if the clock was set back.
        let left = left.min(lifetime);
        self.swap(key, Some(&record.version.0), &[record.content()], Duration::from_secs(left))
            .await
    }

    async fn swap(
        &self,
        key: &str,
        old: Option<&[u8]>,
        content: &[&[u8]],
        ttl: Duration,
    ) -> Result<Option<Version>, OAuthError> {
        let sealed = self.seal(key, content, ttl)?;
        let is_written = self.store.compare_and_swap(key, old, sealed.clone(), ttl).await?;
        Ok(is_written.then_some(Version(sealed)))
    }

    fn seal(&self, key: &str, content: &[&[u8]], ttl: Duration) -> Result<Vec<u8>, OAuthError> {
        let now = self.clock.seconds();
        let ends_at = now.saturating_add(whole_seconds(ttl)).to_be_bytes();
        let head: [&[u8]; 2] = [&ends_at, &now.to_be_bytes()];
        Ok(self.sealer.seal_bytes(&[FORMAT], key, head.iter().chain(content).copied())?)
    }

    fn open(&self, key: &str, at_rest: &[u8]) -> Result<Opened, NotOpened> {
        match at_rest.split_first() {
            Some((&FORMAT, sealed)) => self.sealer.open_bytes(key, sealed),
            _ => Err(NotOpened::Damaged),
        }
    }
}

fn unreadable(key: &Key, why: NotOpened) -> StoreError {
    match why {
        NotOpened::KeyLost(id) => StoreError::KeyLost { kind: key.kind(), key_id: id.to_string() },
        NotOpened::Damaged => StoreError::Unreadable(key.kind()),
    }
}

impl fmt::Debug for SealedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedStore").field("sealer", &self.sealer).finish_non_exhaustive()
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").field("ends_at", &self.ends_at()).finish_non_exhaustive()
    }
}

opaque_debug!(Version);

#[cfg(test)]
mod tests;
