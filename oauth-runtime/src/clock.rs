//! The only place that reads the system clock.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;

/// Where the time comes from: the system, or a test.
///
/// Times are seconds since 1970-01-01 UTC, as in every JSON Web Token.
#[derive(Clone, Default)]
pub struct Clock(Source);

#[derive(Clone, Default)]
enum Source {
    #[default]
    System,
    Manual(Arc<Manual>),
}

struct Manual {
    seconds: AtomicU64,
    /// Wakes who sleeps when the clock is moved.
    moved: Notify,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands at `seconds` until [`advance`](Self::advance) moves it. Clones share
    /// their time.
    pub fn manual(seconds: u64) -> Self {
        let seconds = AtomicU64::new(seconds);
        Self(Source::Manual(Arc::new(Manual { seconds, moved: Notify::new() })))
    }

    /// Seconds since 1970-01-01 UTC.
    pub fn now(&self) -> u64 {
        match &self.0 {
            Source::System => {
                SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
            }
            Source::Manual(clock) => clock.seconds.load(Ordering::SeqCst),
        }
    }

    /// Moves a manual clock forward; the system's clock does not move.
    pub fn advance(&self, by_seconds: u64) {
        if let Source::Manual(clock) = &self.0 {
            clock.seconds.fetch_add(by_seconds, Ordering::SeqCst);
            clock.moved.notify_waiters();
        }
    }

    /// Waits so many seconds. The system's clock may be set meanwhile: it is not asked. A manual clock
    /// has to be moved by somebody else.
    pub(crate) async fn sleep(&self, seconds: u64) {
        match &self.0 {
            Source::System => tokio::time::sleep(Duration::from_secs(seconds)).await,
            Source::Manual(_) => self.sleep_until(self.now().saturating_add(seconds)).await,
        }
    }

    async fn sleep_until(&self, end: u64) {
        let Source::Manual(clock) = &self.0 else { return };
        loop {
            // Made before the clock is read, so that no move between the two is missed.
            let moved = clock.moved.notified();
            if self.now() >= end {
                return;
            }
            moved.await;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_sleeps_on_a_manual_clock_is_woken_when_it_has_moved_far_enough() {
        let clock = Clock::manual(100);
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move {
                clock.sleep(5).await;
                clock.now()
            }
        });
        tokio::task::yield_now().await;
        clock.advance(4);
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.advance(1);
        assert_eq!(sleeper.await.unwrap(), 105);
        clock.sleep(0).await;
    }
}
