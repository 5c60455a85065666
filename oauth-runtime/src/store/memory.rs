//! A store in the memory of one process, for tests and development: bounded, gone with the process.

use std::collections::{BTreeMap, HashMap};
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
    by_key: HashMap<Arc<str>, Record>,
    /// The same records by their end.
    by_end: BTreeMap<End, Arc<str>>,
    written: u64,
}

struct Record {
    value: Vec<u8>,
    end: End,
}

/// When a record ends, in seconds since 1970-01-01 UTC. The number keeps two with one end apart.
type End = (u64, u64);

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
        let second = now.saturating_add(whole_seconds(ttl));
        // A record that ends with the one that it replaces takes its place in a list.
        let replaced = self.remove(key).map(|record| record.end);
        let end = replaced.filter(|end| end.0 == second).unwrap_or_else(|| {
            self.written += 1;
            (second, self.written)
        });
        self.make_place(now);
        let key: Arc<str> = key.into();
        self.by_end.insert(end, Arc::clone(&key));
        self.by_key.insert(key, Record { value, end });
    }

    fn remove(&mut self, key: &str) -> Option<Record> {
        let record = self.by_key.remove(key)?;
        self.by_end.remove(&record.end);
        Some(record)
    }

    /// The records that end after `from`, which ended or was on the page before.
    fn list(&self, from: End) -> Page {
        let all = self.by_end.range((Bound::Excluded(from), Bound::Unbounded));
        let page: Vec<_> = all.take(PAGE).collect();
        let last = page.last().filter(|_| page.len() == PAGE);
        Page {
            next: last.map(|((second, number), _)| format!("{second}:{number}")),
            keys: page.into_iter().map(|(_, key)| key.as_ref().to_owned()).collect(),
        }
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
        let from = from.and_then(|from| from.split_once(':'));
        let from =
            from.and_then(|(second, number)| Some((second.parse().ok()?, number.parse().ok()?)));
        let ended = (self.clock.now(), u64::MAX);
        let page = self.records().list(from.map_or(ended, |from| ended.max(from)));
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
