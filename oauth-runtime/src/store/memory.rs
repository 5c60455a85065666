//! A store in the memory of one process, for tests and development: bounded, gone with the process.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{PAGE, Page, Store, whole_seconds};
use crate::clock::Clock;
use crate::error::StoreError;
use crate::future::BoxFuture;

/// Most records that are kept; beyond it the ones that end first are dropped.
const CAPACITY: usize = 100_000;
/// Ended records that one write removes: a write stays cheap, and nothing piles up.
const SWEPT_PER_WRITE: usize = 4;

/// [`Store`] in memory.
///
/// It holds at most 100 000 records. When it is full, the records that end first make place.
#[derive(Clone)]
pub struct MemoryStore {
    records: Arc<Mutex<Records>>,
    clock: Clock,
}

#[derive(Default)]
struct Records {
    by_key: BTreeMap<Arc<str>, Record>,
    /// The same records by their end. The number keeps two with one end apart.
    by_end: BTreeMap<(u64, u64), Arc<str>>,
    written: u64,
}

struct Record {
    value: Vec<u8>,
    end: (u64, u64),
}

impl MemoryStore {
    /// An empty store that takes the time from `clock`.
    pub fn new(clock: Clock) -> Self {
        Self { records: Arc::default(), clock }
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        // No operation leaves the maps half changed, so a panic elsewhere does no harm here.
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Records {
    fn get(&self, key: &str, now: u64) -> Option<&[u8]> {
        let record = self.by_key.get(key)?;
        (record.end.0 > now).then_some(record.value.as_slice())
    }

    fn put(&mut self, key: &str, value: Vec<u8>, ttl: Duration, now: u64) {
        self.remove(key);
        self.make_place(now);
        self.written += 1;
        let end = (now.saturating_add(whole_seconds(ttl)), self.written);
        let key: Arc<str> = key.into();
        self.by_end.insert(end, Arc::clone(&key));
        self.by_key.insert(key, Record { value, end });
    }

    fn remove(&mut self, key: &str) -> Option<Record> {
        let record = self.by_key.remove(key)?;
        self.by_end.remove(&record.end);
        Some(record)
    }

    fn list(&self, from: &str, now: u64) -> Page {
        let all = self.by_key.range::<str, _>((Bound::Included(from), Bound::Unbounded));
        let alive = all.filter(|(_, record)| record.end.0 > now);
        Page::in_order(alive.take(PAGE).map(|(key, _)| key.as_ref().to_owned()).collect())
    }

    fn make_place(&mut self, now: u64) {
        for _ in 0..SWEPT_PER_WRITE {
            let Some(first) = self.by_end.first_entry() else { return };
            if first.key().0 > now && self.by_key.len() < CAPACITY {
                return;
            }
            self.by_key.remove(&first.remove());
        }
    }
}

impl Store for MemoryStore {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        let value = self.records().get(key, self.clock.now()).map(<[u8]>::to_vec);
        Box::pin(std::future::ready(Ok(value)))
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        value: Vec<u8>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.records().put(key, value, ttl, self.clock.now());
        Box::pin(std::future::ready(Ok(())))
    }

    fn take<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        let now = self.clock.now();
        let record = self.records().remove(key).filter(|record| record.end.0 > now);
        Box::pin(std::future::ready(Ok(record.map(|record| record.value))))
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        old: Option<&'a [u8]>,
        new: Vec<u8>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        let now = self.clock.now();
        let mut records = self.records();
        let is_as_expected = records.get(key, now) == old;
        if is_as_expected {
            records.put(key, new, ttl, now);
        }
        Box::pin(std::future::ready(Ok(is_as_expected)))
    }

    fn list<'a>(&'a self, from: Option<&'a str>) -> BoxFuture<'a, Result<Page, StoreError>> {
        let page = self.records().list(from.unwrap_or_default(), self.clock.now());
        Box::pin(std::future::ready(Ok(page)))
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryStore({} records)", self.records().by_key.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn store() -> (MemoryStore, Clock) {
        let clock = Clock::manual(1_000);
        (MemoryStore::new(clock.clone()), clock)
    }

    #[tokio::test]
    async fn a_record_ends_with_its_time_to_live() {
        let (store, clock) = store();
        store.put("k", b"v".to_vec(), MINUTE).await.unwrap();
        clock.advance(59);
        assert_eq!(store.get("k").await.unwrap().as_deref(), Some(&b"v"[..]));
        clock.advance(1);
        assert_eq!(store.get("k").await.unwrap(), None);
        assert_eq!(store.take("k").await.unwrap(), None);
    }

    #[tokio::test]
    async fn one_of_several_takers_gets_the_value() {
        let (store, _) = store();
        store.put("k", b"v".to_vec(), MINUTE).await.unwrap();
        let (a, b) = tokio::join!(store.take("k"), store.take("k"));
        assert_eq!(a.unwrap().is_some() as u8 + b.unwrap().is_some() as u8, 1);
    }

    #[tokio::test]
    async fn swap_writes_only_over_the_expected_value() {
        let (store, clock) = store();
        assert!(store.compare_and_swap("k", None, b"1".to_vec(), MINUTE).await.unwrap());
        assert!(!store.compare_and_swap("k", None, b"2".to_vec(), MINUTE).await.unwrap());
        assert!(!store.compare_and_swap("k", Some(b"0"), b"2".to_vec(), MINUTE).await.unwrap());
        assert!(store.compare_and_swap("k", Some(b"1"), b"2".to_vec(), MINUTE).await.unwrap());
        clock.advance(60);
        assert!(store.compare_and_swap("k", None, b"3".to_vec(), MINUTE).await.unwrap());
    }

    #[tokio::test]
    async fn it_never_holds_more_than_its_capacity() {
        let (store, _) = store();
        for number in 0..CAPACITY + 10 {
            let ttl = Duration::from_secs(60 + number as u64);
            store.put(&number.to_string(), Vec::new(), ttl).await.unwrap();
        }
        assert_eq!(store.records().by_key.len(), CAPACITY);
        assert_eq!(store.records().by_end.len(), CAPACITY);
        assert_eq!(store.get("0").await.unwrap(), None, "the first to end makes place");
        assert!(store.get(&(CAPACITY + 9).to_string()).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn ended_records_do_not_pile_up() {
        let (store, clock) = store();
        for number in 0..1_000 {
            store.put(&number.to_string(), Vec::new(), MINUTE).await.unwrap();
            clock.advance(1);
        }
        assert!(store.records().by_key.len() <= 61, "{store:?}");
    }
}
