//! Storage for state that the browser must not hold: consumed logins, tokens, ended sessions.
//!
//! A back end implements four operations; everything else is written once on top of them.

#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
mod back_end;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod group;
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

/// A key-value store whose records expire.
///
/// # Duties
/// - A record does not exist after its time to live, to the second: no operation sees it. A
///   fraction of a second is rounded up.
/// - Each operation is atomic, even among processes that share the store.
/// - Keys are strings of at most 512 bytes; values are at most 1 MiB. Both may have any content.
/// - Expired records do not accumulate. They are removed a few at a time, without blocking other
///   operations.
///
/// The library seals records before a back end sees them: an attacker who reads the store learns
/// nothing, and one who writes to it cannot forge records.
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
    /// Returns the value, if there is one.
    ///
    /// # Errors
    /// [`StoreError::Backend`] when the store is unavailable.
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>>;

    /// Writes the value and replaces an existing one.
    ///
    /// # Errors
    /// [`StoreError::Backend`] when the store is unavailable; it is then unknown whether the value
    /// was written.
    fn put<'a>(
        &'a self,
        key: &'a str,
        value: Vec<u8>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Reads and removes in one step: only one of several callers gets the value.
    ///
    /// # Errors
    /// [`StoreError::Backend`] when the store is unavailable.
    fn take<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>>;

    /// Writes `new` if the current value is `old`, in one step; `None` means no record. Returns
    /// whether it was written.
    ///
    /// # Errors
    /// [`StoreError::Backend`] when the store is unavailable.
    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        old: Option<&'a [u8]>,
        new: Vec<u8>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>>;

    /// Lists keys in the store, a bounded number at a time: the first ones when `from` is `None`,
    /// then those that follow [`Page::next`]. A record that exists and is not written during the
    /// listing is on at least one page.
    ///
    /// Only operations on the whole store need it, such as re-sealing all records; a store may omit
    /// it.
    ///
    /// # Errors
    /// [`StoreError::CannotList`] unless it is implemented, and [`StoreError::Backend`] when the
    /// store is unavailable.
    fn list<'a>(&'a self, from: Option<&'a str>) -> BoxFuture<'a, Result<Page, StoreError>> {
        let _ = from;
        Box::pin(std::future::ready(Err(StoreError::CannotList)))
    }
}

/// A store that is shared or chosen at run time.
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
    /// The keys, in any order.
    pub keys: Vec<String>,
    /// The `from` of the next page; `None` on the last one.
    pub next: Option<String>,
}

impl Page {
    /// Creates a page with these keys; `next` is passed to [`Store::list`] for those that follow.
    pub fn new(keys: Vec<String>, next: Option<String>) -> Self {
        Self { keys, next }
    }
}

/// Maximum number of keys on one page of a list.
const PAGE: usize = 1_000;
/// A time to live that is practically endless and that every back end can represent.
const FOREVER: u64 = 100 * 365 * 86_400;

/// The seconds of a time to live for a back end: at least one, and no more than it can represent.
fn whole_seconds(ttl: Duration) -> u64 {
    let part = u64::from(ttl.subsec_nanos() > 0);
    ttl.as_secs().saturating_add(part).clamp(1, FOREVER)
}
