//! What the back ends outside of the memory have in common: they answer in time or not at all, and
//! those that do not forget by themselves are swept.

use std::future::Future;
use std::time::Duration;

#[cfg(any(feature = "postgres", feature = "sqlite"))]
use super::{PAGE, Page};
use crate::error::StoreError;

/// No operation takes longer.
const DEADLINE: Duration = Duration::from_secs(10);

/// The answer of a back end, if it comes in time: connecting is part of it.
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

/// A page of the keys in their order, which a database has as bytes. Ours are text. The next page
/// begins with the first text that sorts behind the last key.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) fn page(keys: Vec<Vec<u8>>) -> Page {
    let text = |key: Vec<u8>| String::from_utf8_lossy(&key).into_owned();
    let keys: Vec<_> = keys.into_iter().map(text).collect();
    let next = keys.last().filter(|_| keys.len() >= PAGE).map(|last| format!("{last}\0"));
    Page { keys, next }
}

/// The migrations among `all` that lead on from `version`.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) fn outstanding(all: &'static [&'static str], version: i64) -> &'static [&'static str] {
    usize::try_from(version).ok().and_then(|version| all.get(version..)).unwrap_or_default()
}
