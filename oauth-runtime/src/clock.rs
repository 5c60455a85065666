//! The only place that reads the system clock.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where the time comes from: the system, or a test.
///
/// Times are seconds since 1970-01-01 UTC, as in every JSON Web Token.
#[derive(Clone, Default)]
pub struct Clock(Source);

#[derive(Clone, Default)]
enum Source {
    #[default]
    System,
    Manual(Arc<AtomicU64>),
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands at `seconds` until [`advance`](Self::advance) moves it. Clones share
    /// their time.
    pub fn manual(seconds: u64) -> Self {
        Self(Source::Manual(Arc::new(AtomicU64::new(seconds))))
    }

    /// Seconds since 1970-01-01 UTC.
    pub fn now(&self) -> u64 {
        match &self.0 {
            Source::System => {
                SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
            }
            Source::Manual(seconds) => seconds.load(Ordering::Relaxed),
        }
    }

    /// Moves a manual clock forward; the system's clock does not move.
    pub fn advance(&self, by_seconds: u64) {
        if let Source::Manual(seconds) = &self.0 {
            seconds.fetch_add(by_seconds, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::System => f.write_str("Clock(system)"),
            Source::Manual(_) => write!(f, "Clock(manual, {})", self.now()),
        }
    }
}
