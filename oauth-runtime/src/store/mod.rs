//! Where state lives that the browser must not carry: consumed logins, tokens, ended sessions.
//!
//! A back end implements four operations; everything else is written once on top of them.

#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
mod back_end;
mod key;
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
mod sealed;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod sweep;
mod url;

use std::sync::Arc;
use std::time::Duration;

pub(crate) use self::key::Key;
pub use self::memory::MemoryStore;
#[cfg(feature = "postgres")]
pub use self::postgres::PostgresStore;
#[cfg(feature = "redis")]
pub use self::redis::RedisStore;
pub use self::sealed::Resealed;
pub(crate) use self::sealed::{Record, SealedStore, Version};
#[cfg(feature = "sqlite")]
pub use self::sqlite::SqliteStore;
pub(crate) use self::url::open;
use crate::error::StoreError;
use crate::sync::future::BoxFuture;

/// A key-value store whose records end by themselves.
///
/// # Duties
/// - A record is gone once its time to live has passed, to the second: no operation sees it. A part
///   of a second counts as a whole one.
/// - Each operation is atomic, also against other processes that share the store.
/// - Keys are text of at most 512 bytes; values are bytes of at most 1 MiB. Both may hold anything.
/// - Ended records do not pile up. They are removed a few at a time, so that nobody waits for it.
///
/// What the library writes is sealed before a back end sees it: a store that somebody else reads
/// gives nothing away, and one that somebody else writes to cannot make records up.
///
/// A complete implementation:
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::Mutex;
/// use std::time::{Duration, Instant};
/// use oauth_runtime::error::StoreError;
/// use oauth_runtime::http::BoxFuture;
/// use oauth_runtime::store::Store;
///
/// #[derive(Default)]
/// struct Simple(Mutex<HashMap<String, (Vec<u8>, Instant)>>);
///
/// impl Simple {
///     fn with<T>(&self, f: impl FnOnce(&mut HashMap<String, (Vec<u8>, Instant)>) -> T) -> T {
///         let mut records = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
///         records.retain(|_, (_, end)| *end > Instant::now());
///         f(&mut records)
///     }
/// }
///
/// impl Store for Simple {
///     fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
///         Box::pin(async move { Ok(self.with(|all| all.get(key).map(|(value, _)| value.clone()))) })
///     }
///
///     fn put<'a>(&'a self, key: &'a str, value: Vec<u8>, ttl: Duration)
///         -> BoxFuture<'a, Result<(), StoreError>>
///     {
///         Box::pin(async move {
///             self.with(|all| all.insert(key.to_owned(), (value, Instant::now() + ttl)));
///             Ok(())
///         })
///     }
///
///     fn take<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
///         Box::pin(async move { Ok(self.with(|all| all.remove(key).map(|(value, _)| value))) })
///     }
///
///     fn compare_and_swap<'a>(&'a self, key: &'a str, old: Option<&'a [u8]>, new: Vec<u8>, ttl: Duration)
///         -> BoxFuture<'a, Result<bool, StoreError>>
///     {
///         Box::pin(async move {
///             Ok(self.with(|all| {
///                 let is_as_expected = all.get(key).map(|(value, _)| value.as_slice()) == old;
///                 if is_as_expected {
///                     all.insert(key.to_owned(), (new, Instant::now() + ttl));
///                 }
///                 is_as_expected
///             }))
///         })
///     }
/// }
/// ```
pub trait Store: Send + Sync + 'static {
    /// The value, if there is one.
    ///
    /// # Errors
    /// [`StoreError::Backend`] when the store does not answer.
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>>;

    /// Writes the value, whatever was there before.
    ///
    /// # Errors
    /// [`StoreError::Backend`] when the store does not answer; then nothing is said about whether
    /// it was written.
    fn put<'a>(
        &'a self,
        key: &'a str,
        value: Vec<u8>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Reads and removes in one step: of several callers, one gets the value.
    ///
    /// # Errors
    /// [`StoreError::Backend`] when the store does not answer.
    fn take<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>>;

    /// Writes `new` if the present value is `old`, in one step; `None` stands for no record.
    /// Answers whether it was written.
    ///
    /// # Errors
    /// [`StoreError::Backend`] when the store does not answer.
    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        old: Option<&'a [u8]>,
        new: Vec<u8>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>>;

    /// Keys that are in the store, a bounded number at a time: the first when `from` is `None`,
    /// then those that follow on [`Page::next`]. A record that is there all the while, and is not
    /// written meanwhile, is on one page at least.
    ///
    /// Only an operator's order to seal all records anew needs it; a store may do without.
    ///
    /// # Errors
    /// [`StoreError::CannotList`] unless it is implemented, and [`StoreError::Backend`] when the
    /// store does not answer.
    fn list<'a>(&'a self, from: Option<&'a str>) -> BoxFuture<'a, Result<Page, StoreError>> {
        let _ = from;
        Box::pin(std::future::ready(Err(StoreError::CannotList)))
    }
}

/// A store that is shared, or chosen at run time.
impl<S: Store + ?Sized> Store for Arc<S> {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        (**self).get(key)
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        value: Vec<u8>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        (**self).put(key, value, ttl)
    }

    fn take<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        (**self).take(key)
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        old: Option<&'a [u8]>,
        new: Vec<u8>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        (**self).compare_and_swap(key, old, new, ttl)
    }

    fn list<'a>(&'a self, from: Option<&'a str>) -> BoxFuture<'a, Result<Page, StoreError>> {
        (**self).list(from)
    }
}

/// Some of the keys of a store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// The keys, in no order that means anything.
    pub keys: Vec<String>,
    /// What gives the next page; `None` on the last.
    pub next: Option<String>,
}

impl Page {
    /// These keys, and `next` to pass to [`Store::list`] for those that follow.
    pub fn new(keys: Vec<String>, next: Option<String>) -> Self {
        Self { keys, next }
    }
}

/// Most keys on one page of a list.
const PAGE: usize = 1_000;
/// A time to live that no operator will see the end of, and that every back end can count.
const FOREVER: u64 = 100 * 365 * 86_400;

/// What a back end counts of a time to live: at least one second, and no more than can be counted.
fn whole_seconds(ttl: Duration) -> u64 {
    let part = u64::from(ttl.subsec_nanos() > 0);
    ttl.as_secs().saturating_add(part).clamp(1, FOREVER)
}
