//! A store in the memory of one process, for tests and development: bounded, and lost when the
//! process ends.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use super::{PAGE, Page, Store, whole_seconds};
use crate::clock::Clock;
use crate::error::StoreError;
use crate::sync::future::BoxFuture;
use crate::sync::lock::Mutex;

/// Maximum number of records of each kind.
const CAPACITY: usize = 100_000;
/// Expired records of each kind that one write removes: a write stays cheap, and expired records do
/// not accumulate.
const SWEPT_PER_WRITE: usize = 4;
/// Kinds whose records are never evicted: without its record a login would work twice, two
/// instances would present one refresh token, or an ended session would be alive again.
const NEVER_EVICTED: [&str; 4] = ["lease", "login", "logout", "signouts"];
/// Kinds whose record that expires first is evicted: without it a user has to log in again. The
/// last one covers all others.
const EVICTED: [&str; 6] = ["accounts", "hooks", "kept", "sessions", "token", "other"];

/// [`Store`] in memory.
///
/// It holds at most 100 000 records of each kind, which is the prefix of their keys. The kinds have
/// separate limits. If there are too many tokens, those that expire first are evicted. If there are
/// too many consumed logins, leases or sign-outs, another one is refused with [`StoreError::Full`]:
/// a login whose record was evicted would work twice.
///
/// Setting the clock does not change when records expire.
#[derive(Clone)]
pub struct MemoryStore {
    records: Arc<Mutex<Records>>,
    clock: Clock,
}

#[derive(Default)]
struct Records {
    by_kind: HashMap<&'static str, RecordsOfKind>,
    written: u64,
}

#[derive(Default)]
struct RecordsOfKind {
    by_key: HashMap<Arc<str>, Record>,
    /// The same records by their expiry.
    by_end: BTreeMap<End, Arc<str>>,
}

struct Record {
    value: Vec<u8>,
    end: End,
}

/// Expiry of a record, in seconds of uptime of this process. The number makes it unique.
type End = (u64, u64);

/// The part before the first colon of a key, if it is one of the library's kinds.
fn kind_of(key: &str) -> &'static str {
    let kind = key.split(':').next().unwrap_or_default();
    let known = NEVER_EVICTED.iter().chain(&EVICTED).find(|known| **known == kind);
    known.copied().unwrap_or("other")
}

/// An empty store that takes the time from the system.
impl Default for MemoryStore {
    fn default() -> Self {
        Self::new(Clock::default())
    }
}

impl MemoryStore {
    /// Creates an empty store that takes the time from `clock`.
    pub fn new(clock: Clock) -> Self {
        Self { records: Arc::default(), clock }
    }
}

impl Records {
    fn get(&self, key: &str, now: u64) -> Option<&[u8]> {
        let record = self.by_kind.get(kind_of(key))?.by_key.get(key)?;
        (record.end.0 > now).then_some(record.value.as_slice())
    }

    fn put(
        &mut self,
        key: &str,
        value: Vec<u8>,
        ttl: Duration,
        now: u64,
    ) -> Result<(), StoreError> {
        let second = now.saturating_add(whole_seconds(ttl));
        self.by_kind.values_mut().for_each(|records| records.sweep(now));
        let kind = kind_of(key);
        let records = self.by_kind.entry(kind).or_default();
        if records.by_key.len() >= CAPACITY && !records.by_key.contains_key(key) {
            if NEVER_EVICTED.contains(&kind) {
                return Err(StoreError::Full(kind));
            }
            records.evict_first();
        }
        // A record with the same expiry as the one that it replaces keeps its position in a list.
        let replaced = records.remove(key).map(|record| record.end);
        let end = replaced.filter(|end| end.0 == second).unwrap_or_else(|| {
            self.written += 1;
            (second, self.written)
        });
        let key: Arc<str> = key.into();
        records.by_end.insert(end, Arc::clone(&key));
        records.by_key.insert(key, Record { value, end });
        Ok(())
    }

    fn remove(&mut self, key: &str) -> Option<Record> {
        self.by_kind.get_mut(kind_of(key))?.remove(key)
    }

    /// The records after `from`, which has expired or was on the previous page.
    fn list(&self, from: End) -> Page {
        let after = (Bound::Excluded(from), Bound::Unbounded);
        let of_kind = |records: &'_ RecordsOfKind| -> Vec<(End, Arc<str>)> {
            let page = records.by_end.range(after).take(PAGE);
            page.map(|(end, key)| (*end, Arc::clone(key))).collect()
        };
        let mut page: Vec<_> = self.by_kind.values().flat_map(of_kind).collect();
        page.sort_unstable();
        page.truncate(PAGE);
        let last = page.last().filter(|_| page.len() == PAGE);
        Page {
            next: last.map(|((second, number), _)| format!("{second}:{number}")),
            keys: page.into_iter().map(|(_, key)| key.as_ref().to_owned()).collect(),
        }
    }

    fn len(&self) -> usize {
        self.by_kind.values().map(|records| records.by_key.len()).sum()
    }
}

impl RecordsOfKind {
    fn remove(&mut self, key: &str) -> Option<Record> {
        let record = self.by_key.remove(key)?;
        self.by_end.remove(&record.end);
        Some(record)
    }

    fn sweep(&mut self, now: u64) {
        for _ in 0..SWEPT_PER_WRITE {
            match self.by_end.first_key_value() {
                Some((end, _)) if end.0 <= now => self.evict_first(),
                _ => return,
            }
        }
    }

    fn evict_first(&mut self) {
        if let Some((_, key)) = self.by_end.pop_first() {
            self.by_key.remove(&key);
        }
    }
}

impl Store for MemoryStore {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        let value = self.records.lock().get(key, self.clock.elapsed()).map(<[u8]>::to_vec);
        Box::pin(std::future::ready(Ok(value)))
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        value: Vec<u8>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let put = self.records.lock().put(key, value, ttl, self.clock.elapsed());
        Box::pin(std::future::ready(put))
    }

    fn take<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        let now = self.clock.elapsed();
        let record = self.records.lock().remove(key).filter(|record| record.end.0 > now);
        Box::pin(std::future::ready(Ok(record.map(|record| record.value))))
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        old: Option<&'a [u8]>,
        new: Vec<u8>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        let now = self.clock.elapsed();
        let mut records = self.records.lock();
        let is_as_expected = records.get(key, now) == old;
        let swapped = if is_as_expected { records.put(key, new, ttl, now) } else { Ok(()) };
        Box::pin(std::future::ready(swapped.map(|()| is_as_expected)))
    }

    fn list<'a>(&'a self, from: Option<&'a str>) -> BoxFuture<'a, Result<Page, StoreError>> {
        let from = from.and_then(|from| from.split_once(':'));
        let from =
            from.and_then(|(second, number)| Some((second.parse().ok()?, number.parse().ok()?)));
        let ended = (self.clock.elapsed(), u64::MAX);
        let page = self.records.lock().list(from.map_or(ended, |from| ended.max(from)));
        Box::pin(std::future::ready(Ok(page)))
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryStore({} records)", self.records.lock().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::UnixTime;

    const MINUTE: Duration = Duration::from_secs(60);

    fn store() -> (MemoryStore, Clock) {
        let clock = Clock::manual(UnixTime::from_secs(1_000));
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
    async fn full_kind_evicts_what_ends_first() {
        let (store, _) = store();
        for number in 0..CAPACITY + 10 {
            let ttl = Duration::from_secs(60 + number as u64);
            store.put(&format!("token:{number}"), Vec::new(), ttl).await.unwrap();
        }
        assert_eq!(store.records.lock().len(), CAPACITY);
        assert_eq!(store.records.lock().by_kind["token"].by_end.len(), CAPACITY);
        assert_eq!(store.get("token:0").await.unwrap(), None);
        assert!(store.get(&format!("token:{}", CAPACITY + 9)).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn full_kind_takes_nothing_from_another() {
        let (store, clock) = store();
        for kind in NEVER_EVICTED {
            let key = |number: usize| format!("{kind}:{number}");
            for number in 0..CAPACITY {
                store.put(&key(number), b"v".to_vec(), MINUTE).await.unwrap();
            }
            let swapped = store.compare_and_swap(&key(CAPACITY), None, Vec::new(), MINUTE).await;
            assert!(matches!(swapped, Err(StoreError::Full(full)) if full == kind));
            let put = store.put(&key(CAPACITY), Vec::new(), MINUTE).await;
            assert!(matches!(put, Err(StoreError::Full(_))));
            // Existing records can be overwritten.
            store.put(&key(0), b"w".to_vec(), MINUTE).await.unwrap();
        }
        for number in 0..CAPACITY + 10 {
            store.put(&format!("token:{number}"), Vec::new(), 2 * MINUTE).await.unwrap();
            store.put(&format!("their own:{number}"), Vec::new(), 2 * MINUTE).await.unwrap();
        }
        for kind in NEVER_EVICTED {
            for number in 0..CAPACITY {
                assert!(store.get(&format!("{kind}:{number}")).await.unwrap().is_some());
            }
        }
        assert_eq!(store.records.lock().len(), (NEVER_EVICTED.len() + 2) * CAPACITY);
        clock.advance(60);
        store.put("login:later", Vec::new(), MINUTE).await.unwrap();
    }

    #[tokio::test]
    async fn clock_that_is_set_ends_no_record_and_keeps_none() {
        let (store, clock) = store();
        for set_to in [1, 900, 5_000, 1_000_000] {
            store.put("login:k", b"v".to_vec(), MINUTE).await.unwrap();
            clock.set(UnixTime::from_secs(set_to));
            store.put("login:other", b"v".to_vec(), MINUTE).await.unwrap();
            clock.advance(59);
            assert!(store.get("login:k").await.unwrap().is_some(), "{set_to}");
            clock.advance(1);
            assert!(store.get("login:k").await.unwrap().is_none(), "{set_to}");
        }
    }

    #[tokio::test]
    async fn ended_records_do_not_pile_up() {
        let (store, clock) = store();
        for number in 0..1_000 {
            store.put(&number.to_string(), Vec::new(), MINUTE).await.unwrap();
            clock.advance(1);
        }
        assert!(store.records.lock().len() <= 61, "{store:?}");
    }
}
