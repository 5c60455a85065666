//! Seals what a store keeps, so that whoever reads or writes the store itself learns nothing and
//! forges nothing.
//!
//! A record is bound to its key: under another one it does not open. The first of the application's
//! keys seals, all open. A record that an older key sealed is sealed anew when it is read, and all
//! are on an operator's order.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{Key, Page, Store, whole_seconds};
use crate::clock::Clock;
use crate::crypto::seal::{CookieKeys, NotOpened, Opened, Sealer};
use crate::error::{OAuthError, StoreError};

/// First byte of every record: how the rest is written.
const FORMAT: u8 = 1;
/// Bytes in front of the content: when the record ends, and when it was sealed, both in seconds
/// since 1970-01-01 UTC.
const HEAD_LENGTH: usize = 16;
/// Seconds that a record must be old before reading it seals it anew. While a new key comes to one
/// machine after the other they do not agree which one is first, and would undo each other's work.
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

/// One state of a record, told apart from every earlier and later one.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Version(Vec<u8>);

/// What sealing all records anew came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resealed {
    /// Records that the first key seals now, and another did before.
    pub resealed: u64,
    /// Records that the first key had sealed already.
    pub current: u64,
    /// Records that do not open: their key is lost, or something else wrote them. They were left as
    /// they are.
    pub unreadable: u64,
}

impl Record {
    /// The content.
    pub(crate) fn content(&self) -> &[u8] {
        self.opened.plain.get(HEAD_LENGTH..).unwrap_or_default()
    }

    /// What [`compare_and_swap`](SealedStore::compare_and_swap) needs to write over this record
    /// and no other.
    pub(crate) fn version(&self) -> &Version {
        &self.version
    }

    /// The same, where the content is not needed any more.
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

    /// The record, if there is one.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::KeyLost`] and [`StoreError::Unreadable`] for a record that
    /// does not open.
    pub(crate) async fn get(&self, key: &Key) -> Result<Option<Record>, OAuthError> {
        let Some(at_rest) = self.store.get(key.as_str()).await? else { return Ok(None) };
        let opened = self.open(key.as_str(), &at_rest).map_err(|why| unreadable(key, why))?;
        let mut record = Record { opened, version: Version(at_rest) };
        let is_settled = self.clock.now().abs_diff(record.sealed_at()) >= SETTLED_AFTER;
        if !record.opened.is_by_first_key
            && is_settled
            && let Ok(Some(version)) = self.reseal(key.as_str(), &record).await
        {
            record.version = version;
        }
        Ok(Some(record))
    }

    /// Writes the record, whatever was there before. `content` is in parts, so that nobody has to join
    /// secrets in memory of their own, and is sealed at once: it need not outlast this call.
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

    /// Removes the record, and gives what it was; `None` also for one that does not open.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    pub(crate) async fn take(&self, key: &Key) -> Result<Option<Record>, OAuthError> {
        let Some(at_rest) = self.store.take(key.as_str()).await? else { return Ok(None) };
        let opened = self.open(key.as_str(), &at_rest).ok();
        Ok(opened.map(|opened| Record { opened, version: Version(at_rest) }))
    }

    /// Removes the record, whether or not it opens.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    pub(crate) async fn remove(&self, key: &Key) -> Result<(), OAuthError> {
        self.store.take(key.as_str()).await?;
        Ok(())
    }

    /// Writes the record if it is still as in `old`; `None` stands for no record. Answers with what
    /// was written, or `None` when somebody else wrote first.
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

    /// Writes over a record that does not open. `false` when there is none, or none any more.
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

    /// Keys of records, a bounded number at a time, as [`Store::list`] gives them.
    ///
    /// # Errors
    /// [`StoreError::CannotList`], [`StoreError::Backend`].
    pub(crate) async fn list(&self, from: Option<&str>) -> Result<Page, OAuthError> {
        Ok(self.store.list(from).await?)
    }

    /// Seals each record anew that another key than the first sealed.
    ///
    /// # Errors
    /// [`StoreError::CannotList`], [`StoreError::Backend`]; what was sealed anew until then stays so.
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
        // It may have ended since it was listed.
        let Some(at_rest) = self.store.get(key).await? else { return Ok(()) };
        match self.open(key, &at_rest) {
            Err(_) => outcome.unreadable += 1,
            Ok(opened) if opened.is_by_first_key => outcome.current += 1,
            Ok(opened) => {
                let record = Record { opened, version: Version(at_rest) };
                match self.reseal(key, &record).await? {
                    Some(_) => outcome.resealed += 1,
                    // Whoever wrote in between sealed it anew.
                    None => outcome.current += 1,
                }
            }
        }
        Ok(())
    }

    async fn reseal(&self, key: &str, record: &Record) -> Result<Option<Version>, OAuthError> {
        let lifetime = record.ends_at().saturating_sub(record.sealed_at());
        let now = self.clock.now();
        // By this clock it has ended, by the store's it has not: to seal it again would end it.
        let Some(left) = record.ends_at().checked_sub(now).filter(|left| *left > 0) else {
            return Ok(None);
        };
        // Not longer, if the clock was set back.
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
        let now = self.clock.now();
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

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Version")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;

    const OLD: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const NEW: &str = "0101010101010101010101010101010101010101010101010101010101010101";
    const DAY: Duration = Duration::from_secs(86_400);

    /// Machines that share a store.
    struct Machines {
        store: MemoryStore,
        clock: Clock,
    }

    impl Machines {
        fn new() -> Self {
            let clock = Clock::manual(1_000_000);
            Self { store: MemoryStore::new(clock.clone()), clock }
        }

        fn with(&self, keys: &str) -> SealedStore {
            let keys = CookieKeys::parse(keys).unwrap();
            SealedStore::new(Arc::new(self.store.clone()), &keys, self.clock.clone()).unwrap()
        }

        async fn at_rest(&self, key: &Key) -> Vec<u8> {
            self.store.get(key.as_str()).await.unwrap().unwrap()
        }

        async fn keep(&self, key: &Key, at_rest: Vec<u8>) {
            self.store.put(key.as_str(), at_rest, DAY).await.unwrap();
        }
    }

    fn key(name: &str) -> Key {
        Key::new("token", &[name])
    }

    async fn content(store: &SealedStore, name: &str) -> Vec<u8> {
        store.get(&key(name)).await.unwrap().unwrap().content().to_vec()
    }

    async fn refused(store: &SealedStore, name: &str) -> StoreError {
        match store.get(&key(name)).await.unwrap_err() {
            OAuthError::Store(error) => error,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn what_was_put_is_read_again_and_unreadable_at_rest() {
        let machines = Machines::new();
        let store = machines.with(NEW);
        store.put(&key("a"), &[b"the content"], DAY).await.unwrap();
        assert_eq!(content(&store, "a").await, b"the content");
        let at_rest = machines.at_rest(&key("a")).await;
        assert!(!at_rest.windows(3).any(|bytes| bytes == b"con"));
        store.put(&key("a"), &[b""], DAY).await.unwrap();
        assert_eq!(content(&store, "a").await, b"");
        store.remove(&key("a")).await.unwrap();
        assert!(store.get(&key("a")).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_record_moved_under_another_key_does_not_open() {
        let machines = Machines::new();
        let store = machines.with(NEW);
        store.put(&key("a"), &[b"of a"], DAY).await.unwrap();
        machines.keep(&key("b"), machines.at_rest(&key("a")).await).await;
        assert!(matches!(refused(&store, "b").await, StoreError::Unreadable("token")));
    }

    #[tokio::test]
    async fn a_record_with_any_byte_changed_does_not_open() {
        let machines = Machines::new();
        let store = machines.with(NEW);
        store.put(&key("a"), &[b"content"], DAY).await.unwrap();
        let at_rest = machines.at_rest(&key("a")).await;
        for at in 0..at_rest.len() {
            let mut changed = at_rest.clone();
            changed[at] ^= 1;
            machines.keep(&key("a"), changed).await;
            let error = refused(&store, "a").await;
            let is_key_id = (1..5).contains(&at);
            assert_eq!(
                matches!(error, StoreError::KeyLost { .. }),
                is_key_id,
                "byte {at}: {error}"
            );
        }
        for length in 0..at_rest.len() {
            machines.keep(&key("a"), at_rest[..length].to_vec()).await;
            refused(&store, "a").await;
        }
    }

    #[tokio::test]
    async fn a_lost_key_is_named() {
        let machines = Machines::new();
        machines.with(OLD).put(&key("a"), &[b"content"], DAY).await.unwrap();
        let error = refused(&machines.with(NEW), "a").await;
        let StoreError::KeyLost { kind: "token", key_id } = &error else { panic!("{error:?}") };
        assert_eq!(key_id.len(), 8);
        assert!(error.to_string().contains(key_id.as_str()), "{error}");
    }

    #[tokio::test]
    async fn of_two_writers_who_read_the_same_one_writes() {
        let store = Machines::new().with(NEW);
        let first = store.compare_and_swap(&key("a"), None, &[b"1"], DAY).await.unwrap().unwrap();
        assert!(store.compare_and_swap(&key("a"), None, &[b"1"], DAY).await.unwrap().is_none());
        let read = store.get(&key("a")).await.unwrap().unwrap();
        // What was written is known without reading it, and the same content is another version.
        let second = store.compare_and_swap(&key("a"), Some(&first), &[b"1"], DAY).await.unwrap();
        let late =
            store.compare_and_swap(&key("a"), Some(read.version()), &[b"2"], DAY).await.unwrap();
        assert!(second.is_some() && late.is_none());
        assert_eq!(content(&store, "a").await, b"1");
    }

    #[tokio::test]
    async fn reading_reseals_old_records_and_keeps_their_end() {
        let machines = Machines::new();
        machines.with(OLD).put(&key("a"), &[b"content"], DAY).await.unwrap();
        let rotated = machines.with(&format!("{NEW},{OLD}"));
        machines.clock.advance(SETTLED_AFTER);
        let read = rotated.get(&key("a")).await.unwrap().unwrap();
        assert_eq!(content(&machines.with(NEW), "a").await, b"content");
        // The reader holds the version that stands there now.
        let version = Some(read.version());
        let swapped =
            rotated.compare_and_swap(&key("a"), version, &[b"content"], DAY).await.unwrap();
        assert!(swapped.is_some());

        machines.with(OLD).put(&key("b"), &[b"content"], DAY).await.unwrap();
        machines.clock.advance(SETTLED_AFTER);
        content(&rotated, "b").await;
        machines.clock.advance(DAY.as_secs() - SETTLED_AFTER - 1);
        assert_eq!(content(&machines.with(NEW), "b").await, b"content");
        machines.clock.advance(1);
        assert!(rotated.get(&key("b")).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn processes_with_other_key_order_do_not_conflict() {
        let machines = Machines::new();
        let (before, after) =
            (machines.with(&format!("{OLD},{NEW}")), machines.with(&format!("{NEW},{OLD}")));
        after.put(&key("a"), &[b"content"], DAY).await.unwrap();
        let at_rest = machines.at_rest(&key("a")).await;
        assert_eq!(content(&before, "a").await, b"content");
        assert_eq!(machines.at_rest(&key("a")).await, at_rest);
    }

    #[tokio::test]
    async fn an_order_seals_all_anew_and_counts_what_is_lost() {
        let machines = Machines::new();
        let (old, rotated) = (machines.with(OLD), machines.with(&format!("{NEW},{OLD}")));
        for number in 0..2_500 {
            old.put(&key(&number.to_string()), &[b"content"], DAY).await.unwrap();
        }
        rotated.put(&key("new"), &[b"content"], DAY).await.unwrap();
        machines.keep(&key("foreign"), b"content".to_vec()).await;
        let outcome = rotated.reseal_all().await.unwrap();
        assert_eq!(outcome, Resealed { resealed: 2_500, current: 1, unreadable: 1 });
        for number in 0..2_500 {
            assert_eq!(content(&machines.with(NEW), &number.to_string()).await, b"content");
        }
        let again = rotated.reseal_all().await.unwrap();
        assert_eq!(again, Resealed { resealed: 0, current: 2_501, unreadable: 1 });
    }

    #[tokio::test]
    async fn only_an_unreadable_record_is_replaced() {
        let machines = Machines::new();
        let store = machines.with(NEW);
        assert!(!store.replace_unreadable(&key("a"), &[b"new"], DAY).await.unwrap());
        machines.with(OLD).put(&key("a"), &[b"content"], DAY).await.unwrap();
        assert!(store.replace_unreadable(&key("a"), &[b"new"], DAY).await.unwrap());
        assert!(!store.replace_unreadable(&key("a"), &[b"newer"], DAY).await.unwrap());
        assert_eq!(content(&store, "a").await, b"new");
    }
}
