//! Shared parts of the back ends outside this process: the deadline of an operation, and the sweep
//! of those that do not remove expired records themselves.

use std::future::Future;
use std::time::Duration;

#[cfg(any(feature = "postgres", feature = "sqlite"))]
use super::{PAGE, Page};
use crate::error::StoreError;

/// Maximum duration of an operation.
const DEADLINE: Duration = Duration::from_secs(10);

/// Awaits an operation of a back end, which includes connecting, until the deadline.
///
/// # Errors
/// [`StoreError::Backend`].
pub(super) async fn answer<T>(
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(DEADLINE, work).await {
        Ok(answer) => answer,
        Err(_) => Err(StoreError::backend(NoAnswer(DEADLINE))),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("no answer within {} seconds", .0.as_secs())]
struct NoAnswer(Duration);

/// A page of keys in their order, which a database returns as bytes. Ours are strings. The next
/// page starts with the first string that sorts after the last key.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) fn page(keys: Vec<Vec<u8>>) -> Page {
    let text = |key: Vec<u8>| String::from_utf8_lossy(&key).into_owned();
    let keys: Vec<_> = keys.into_iter().map(text).collect();
    let next = keys.last().filter(|_| keys.len() >= PAGE).map(|last| format!("{last}\0"));
    Page { keys, next }
}

/// The migrations in `all` that follow `version`.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) fn outstanding(all: &'static [&'static str], version: i64) -> &'static [&'static str] {
    usize::try_from(version).ok().and_then(|version| all.get(version..)).unwrap_or_default()
}
