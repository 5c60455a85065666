//! `OAUTH_STORE_URL`: the kind of the store and its location.

use std::sync::Arc;

use super::{MemoryStore, Store};
use crate::clock::Clock;

/// Returns the store for `url`. It is not opened or connected until the first operation.
///
/// # Errors
/// The fault in the URL. The text does not repeat the URL, which may contain a password.
pub(crate) fn open(url: &str, clock: &Clock) -> Result<Arc<dyn Store>, &'static str> {
    let url = url.trim();
    let (scheme, rest) = url.split_once(':').unwrap_or((url, ""));
    match scheme {
        "memory" if rest.is_empty() => Ok(Arc::new(MemoryStore::new(clock.clone()))),
        "memory" => Err("`memory:` takes no further parts"),
        "sqlite" => sqlite(rest, clock),
        "postgres" | "postgresql" => postgres(url),
        "redis" | "rediss" | "redis+unix" | "valkey" | "valkeys" => redis(url),
        _ => Err("it must start with `memory:`, `sqlite:`, `postgres:`, `redis:` or `rediss:`"),
    }
}

/// `sqlite:app.db`, `sqlite:/var/lib/app.db`, and both with two leading slashes.
#[cfg(feature = "sqlite")]
fn sqlite(rest: &str, clock: &Clock) -> Result<Arc<dyn Store>, &'static str> {
    match rest.strip_prefix("//").unwrap_or(rest) {
        "" | ":memory:" => Err(
            "`sqlite:` needs the path of a file, such as `sqlite:app.db`; for a store in memory use `memory:`",
        ),
        path if path.contains('?') => Err("`sqlite:` takes no options after `?`"),
        path => Ok(Arc::new(super::SqliteStore::lazy(path).with_clock(clock.clone()))),
    }
}

#[cfg(feature = "postgres")]
fn postgres(url: &str) -> Result<Arc<dyn Store>, &'static str> {
    Ok(Arc::new(super::PostgresStore::of_url(url)?))
}

#[cfg(feature = "redis")]
fn redis(url: &str) -> Result<Arc<dyn Store>, &'static str> {
    Ok(Arc::new(super::RedisStore::of_url(url)?))
}

#[cfg(not(feature = "sqlite"))]
fn sqlite(_: &str, _: &Clock) -> Result<Arc<dyn Store>, &'static str> {
    Err("this store needs the feature `sqlite`: `cargo add oauth-runtime --features sqlite`")
}

#[cfg(not(feature = "postgres"))]
fn postgres(_: &str) -> Result<Arc<dyn Store>, &'static str> {
    Err("this store needs the feature `postgres`: `cargo add oauth-runtime --features postgres`")
}

#[cfg(not(feature = "redis"))]
fn redis(_: &str) -> Result<Arc<dyn Store>, &'static str> {
    Err("this store needs the feature `redis`: `cargo add oauth-runtime --features redis`")
}
