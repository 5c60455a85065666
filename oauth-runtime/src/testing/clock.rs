//! The provider's clock: the system's clock with an offset that a test sets.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Maximum offset, in seconds: a thousand years, so that sums of times do not overflow.
const FURTHEST: i64 = 1000 * 365 * 24 * 60 * 60;

#[derive(Default)]
pub(super) struct Clock {
    offset: AtomicI64,
}

impl Clock {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub(super) fn now(&self) -> i64 {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        let seconds = since_epoch.map_or(0, |elapsed| elapsed.as_secs());
        i64::try_from(seconds)
            .unwrap_or(i64::MAX)
            .saturating_add(self.offset.load(Ordering::Relaxed))
    }

    pub(super) fn set_offset(&self, seconds: i64) {
        let offset = seconds.clamp(-FURTHEST, FURTHEST);
        self.offset.store(offset, Ordering::Relaxed);
    }
}
