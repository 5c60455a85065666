//! Stores by their URL, a store with injected failures, and a counter that shows whether a write
//! was lost.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use oauth_runtime::error::StoreError;
use oauth_runtime::http::BoxFuture;
use oauth_runtime::store::{Page, PostgresStore, RedisStore, SqliteStore, Store};

const HOUR: Duration = Duration::from_secs(3600);
/// Large enough that a partial write would be noticed.
const LENGTH: usize = 4_096;

/// The store that the URL names.
///
/// # Panics
/// If there is no such store.
pub fn of_url(url: &str) -> Arc<dyn Store> {
    match url.split(':').next() {
        Some("sqlite") => Arc::new(SqliteStore::lazy(&url["sqlite:".len()..])),
        Some("postgres") => Arc::new(PostgresStore::lazy(url).expect("a URL")),
        Some("redis" | "rediss") => Arc::new(RedisStore::lazy(url).expect("a URL")),
        _ => panic!("{url}"),
    }
}

/// A method of [`Store`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// [`Store::get`].
    Get,
    /// [`Store::put`].
    Put,
    /// [`Store::take`].
    Take,
    /// [`Store::compare_and_swap`].
    CompareAndSwap,
    /// [`Store::list`].
    List,
}

/// A store that calls a function before each operation and fails with its error.
pub struct Guarded<S, F> {
    store: S,
    guard: F,
}

impl<S, F> Guarded<S, F>
where
    S: Store,
    F: Fn(Operation) -> Result<(), StoreError> + Send + Sync + 'static,
{
    /// Guards this store with this function.
    pub fn new(store: S, guard: F) -> Self {
        Self { store, guard }
    }

    fn guarded<'a, T>(
        &'a self,
        operation: Operation,
        perform: impl FnOnce(&'a S) -> BoxFuture<'a, Result<T, StoreError>> + Send + 'a,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        Box::pin(async move {
            (self.guard)(operation)?;
            perform(&self.store).await
        })
    }
}

impl<S: fmt::Debug, F> fmt::Debug for Guarded<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guarded").field("store", &self.store).finish_non_exhaustive()
    }
}

impl<S, F> Store for Guarded<S, F>
where
    S: Store,
    F: Fn(Operation) -> Result<(), StoreError> + Send + Sync + 'static,
{
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        self.guarded(Operation::Get, |store| store.get(key))
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        value: Vec<u8>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.guarded(Operation::Put, move |store| store.put(key, value, ttl))
    }

    fn take<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        self.guarded(Operation::Take, |store| store.take(key))
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        old: Option<&'a [u8]>,
        new: Vec<u8>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.guarded(Operation::CompareAndSwap, move |store| {
            store.compare_and_swap(key, old, new, ttl)
        })
    }

    fn list<'a>(&'a self, from: Option<&'a str>) -> BoxFuture<'a, Result<Page, StoreError>> {
        self.guarded(Operation::List, move |store| store.list(from))
    }
}

/// A growing number in a record of a store.
#[derive(Debug)]
pub struct Counter<S> {
    store: S,
    key: String,
}

impl<S: Store> Counter<S> {
    /// The number under this key.
    pub fn new(store: S, key: impl Into<String>) -> Self {
        Self { store, key: key.into() }
    }

    /// The number; 0 before the first write.
    ///
    /// # Errors
    /// The error of the store.
    ///
    /// # Panics
    /// If the record is not exactly what was written.
    pub async fn read(&self) -> Result<u64, StoreError> {
        Ok(self.store.get(&self.key).await?.as_deref().map_or(0, number))
    }

    /// Increments the number and returns it once it is stored.
    ///
    /// # Errors
    /// The error of the store. The number may have been written or not.
    ///
    /// # Panics
    /// If there is another writer, or the record is not exactly what was written.
    pub async fn add(&self) -> Result<u64, StoreError> {
        let old = self.store.get(&self.key).await?;
        let next = old.as_deref().map_or(0, number) + 1;
        let new = record(next);
        let is_written = self.store.compare_and_swap(&self.key, old.as_deref(), new, HOUR).await?;
        assert!(is_written, "{}: there is one writer", self.key);
        Ok(next)
    }
}

fn record(number: u64) -> Vec<u8> {
    number.to_le_bytes().repeat(LENGTH / 8)
}

fn number(bytes: &[u8]) -> u64 {
    let number = bytes.first_chunk().copied().map(u64::from_le_bytes).expect("a number");
    assert_eq!(bytes, record(number), "a partial record");
    number
}
