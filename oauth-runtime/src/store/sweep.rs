//! Removal of expired records, in the background and in small steps, so that other operations do
//! not wait.
//!
//! There is no timer. A write starts a sweep if the last one was a minute ago: without writes the
//! store does not grow either.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::Interval;
use crate::error::StoreError;
use crate::sync::future::BoxFuture;

/// Maximum number of records that one step removes: a few milliseconds of work.
pub(super) const BATCH: u32 = 500;
/// Pause between two steps, for other operations.
const PAUSE: Duration = Duration::from_millis(20);
/// Seconds between two sweeps.
const SWEEP_INTERVAL: u64 = 60;

/// A store whose expired records have to be removed.
pub(super) trait Sweep: Send + Sync + 'static {
    /// The schedule of the sweeps.
    fn schedule(&self) -> &Schedule;

    /// Seconds since 1970-01-01 UTC.
    fn now(&self) -> u64;

    /// Removes at most [`BATCH`] expired records and returns their number.
    fn sweep_step(&self) -> BoxFuture<'_, Result<u64, StoreError>>;
}

/// When the last sweep ended, in seconds since 1970-01-01 UTC; 0 before the first, and
/// the maximum during a sweep.
#[derive(Debug, Default)]
pub(super) struct Schedule(AtomicU64);

impl Schedule {
    const UNDER_WAY: u64 = u64::MAX;

    /// Whether the caller has to sweep now.
    fn begin(&self, now: u64) -> bool {
        let last = self.0.load(Ordering::Relaxed);
        let (begun, relaxed) = (Self::UNDER_WAY, Ordering::Relaxed);
        let is_due = last != begun && !Interval::new(last, SWEEP_INTERVAL).contains(now);
        is_due && self.0.compare_exchange(last, begun, relaxed, relaxed).is_ok()
    }

    fn end(&self, now: u64) {
        self.0.store(now, Ordering::Relaxed);
    }
}

/// Spawns a sweep if one is due. It ends with the store.
pub(super) fn after_write<S: Sweep>(store: &Arc<S>) {
    if !store.schedule().begin(store.now()) {
        return;
    }
    let store = Arc::downgrade(store);
    tokio::spawn(async move {
        while let Some(store) = store.upgrade() {
            let step = store.sweep_step().await;
            if let Err(error) = &step {
                tracing::warn!(%error, "failed to remove expired records from the store");
            }
            if !matches!(step, Ok(removed) if removed >= BATCH.into()) {
                return store.schedule().end(store.now());
            }
            drop(store);
            tokio::time::sleep(PAUSE).await;
        }
    });
}

/// Removes all expired records step by step and returns their number.
///
/// # Errors
/// [`StoreError::Backend`].
pub(super) async fn sweep_all<S: Sweep>(store: &S) -> Result<u64, StoreError> {
    let mut removed = 0;
    loop {
        let step = store.sweep_step().await?;
        removed += step;
        if step < BATCH.into() {
            return Ok(removed);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sweep_is_due_again_when_the_clock_was_set() {
        for (now, is_due) in [(10_000, false), (10_059, false), (10_060, true), (9_999, true)] {
            let schedule = Schedule::default();
            assert!(schedule.begin(10_000));
            assert!(!schedule.begin(1_000_000), "one is under way");
            schedule.end(10_000);
            assert_eq!(schedule.begin(now), is_due, "{now}");
        }
    }
}
