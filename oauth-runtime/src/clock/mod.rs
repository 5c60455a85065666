//! The only place that reads the system clock.

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;

pub use self::unix_time::UnixTime;

mod unix_time;

/// Tolerated difference between the clocks of two instances, in seconds.
pub(crate) const SKEW: u64 = 60;
/// Microseconds in a second.
pub(crate) const MICROS: u64 = 1_000_000;

/// The source of time: the system, or a test.
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
    elapsed: AtomicU64,
    history: History,
    /// Wakes sleeping tasks when the clock is moved.
    moved: Notify,
}

/// Readings of manual clocks. Each takes a microsecond, so that no two are equal, as on the system
/// clock.
static READINGS: AtomicU64 = AtomicU64::new(0);

/// The history of the system clock, shared by the process.
static SYSTEM: LazyLock<(Instant, History)> =
    LazyLock::new(|| (Instant::now(), History::default()));

impl Clock {
    /// Returns the system clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// Creates a clock that stays at `time` until [`advance`](Self::advance) or [`set`](Self::set)
    /// moves it. Clones share their time.
    pub fn manual(time: UnixTime) -> Self {
        let (seconds, elapsed) = (AtomicU64::new(time.as_secs()), AtomicU64::new(0));
        let (history, moved) = (History::default(), Notify::new());
        Self(Source::Manual(Arc::new(Manual { seconds, elapsed, history, moved })))
    }

    /// The time that the clock shows.
    pub fn now(&self) -> UnixTime {
        UnixTime::from_secs(self.seconds())
    }

    /// The same time as a number, for arithmetic and for records.
    pub(crate) fn seconds(&self) -> u64 {
        self.read().now
    }

    /// Lets time pass on a manual clock. Has no effect on the system clock.
    pub fn advance(&self, by_seconds: u64) {
        if let Source::Manual(clock) = &self.0 {
            clock.elapsed.fetch_add(by_seconds, Ordering::SeqCst);
            clock.seconds.fetch_add(by_seconds, Ordering::SeqCst);
            clock.moved.notify_waiters();
        }
    }

    /// Sets a manual clock forward or back, as an operator or a time server sets the system clock:
    /// no time passes. Has no effect on the system clock.
    pub fn set(&self, time: UnixTime) {
        if let Source::Manual(clock) = &self.0 {
            clock.seconds.store(time.as_secs(), Ordering::SeqCst);
            clock.moved.notify_waiters();
        }
    }

    /// Seconds since some moment in this process. Setting the clock does not change them.
    pub(crate) fn elapsed(&self) -> u64 {
        match &self.0 {
            Source::System => SYSTEM.0.elapsed().as_secs(),
            Source::Manual(clock) => clock.elapsed.load(Ordering::SeqCst),
        }
    }

    /// Microseconds since 1970-01-01 UTC as they would be if the clock had never been set back in
    /// this process.
    pub(crate) fn steady_micros(&self) -> u64 {
        let micros = match &self.0 {
            Source::System => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                u64::try_from(now.as_micros()).unwrap_or(u64::MAX)
            }
            Source::Manual(_) => {
                let readings = READINGS.fetch_add(1, Ordering::Relaxed);
                self.seconds().saturating_mul(MICROS).saturating_add(readings)
            }
        };
        micros.saturating_add(self.read().set_back_by.saturating_mul(MICROS))
    }

    /// Whether `interval` began on the clock of this or another instance and has not ended yet.
    ///
    /// It may have begun [`SKEW`] seconds in the future, because clocks differ. If the clock was
    /// set back since it began, it ends as if the clock had not been.
    pub(crate) fn is_within(&self, interval: Interval) -> bool {
        let reading = self.read();
        let is_older = interval.begins_at < reading.set_back_to;
        reading.is_within(interval, is_older)
    }

    /// Like [`is_within`](Self::is_within), but knows from `micros`, the
    /// [`steady_micros`](Self::steady_micros) of the beginning, whether the interval began before
    /// the clock was set back.
    pub(crate) fn is_within_since(&self, interval: Interval, micros: u64) -> bool {
        let reading = self.read();
        let is_older = interval.begins_at.max(micros / MICROS) < reading.set_back_from;
        reading.is_within(interval, is_older)
    }

    fn read(&self) -> Reading {
        match &self.0 {
            Source::System => {
                let now = UnixTime::try_from(SystemTime::now()).map_or(0, UnixTime::as_secs);
                let (began, history) = &*SYSTEM;
                history.read(now, began.elapsed().as_secs())
            }
            Source::Manual(clock) => {
                let now = clock.seconds.load(Ordering::SeqCst);
                clock.history.read(now, clock.elapsed.load(Ordering::SeqCst))
            }
        }
    }

    /// Waits for a number of seconds, even if the system clock is set. A manual clock must be
    /// advanced by another task.
    pub(crate) async fn sleep(&self, seconds: u64) {
        match &self.0 {
            Source::System => tokio::time::sleep(Duration::from_secs(seconds)).await,
            Source::Manual(_) => self.sleep_until(self.elapsed().saturating_add(seconds)).await,
        }
    }

    async fn sleep_until(&self, end: u64) {
        let Source::Manual(clock) = &self.0 else { return };
        loop {
            // Created before the clock is read, so that no move in between is missed.
            let moved = clock.moved.notified();
            if self.elapsed() >= end {
                return;
            }
            moved.await;
        }
    }
}

/// An interval of time on a clock that may be set during it.
///
/// A timer checks whether the current time is within the interval, not only whether it is before
/// the end. If the clock was set back before the start, the timer is due at once and does not wait
/// for the clock to catch up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Interval {
    /// Seconds since 1970-01-01 UTC.
    begins_at: u64,
    seconds: u64,
}

impl Interval {
    /// Creates the interval of `seconds` from `begins_at` on.
    pub(crate) const fn new(begins_at: u64, seconds: u64) -> Self {
        Self { begins_at, seconds }
    }

    /// Whether `time` is within the interval.
    pub(crate) fn contains(self, time: u64) -> bool {
        time.checked_sub(self.begins_at).is_some_and(|passed| passed < self.seconds)
    }

    /// The first second after the interval.
    pub(crate) fn ends_at(self) -> u64 {
        self.begins_at.saturating_add(self.seconds)
    }
}

/// One reading of the clock.
struct Reading {
    now: u64,
    /// Seconds by which the clock lags behind its largest lead.
    set_back_by: u64,
    /// The time after the clock was last set back, and the time before; 0 if it never was.
    set_back_to: u64,
    set_back_from: u64,
}

impl Reading {
    fn is_within(&self, interval: Interval, is_older: bool) -> bool {
        let now = self.now.saturating_add(if is_older { self.set_back_by } else { 0 });
        let has_begun = now.saturating_add(SKEW) >= interval.begins_at;
        has_begun && now < interval.ends_at()
    }
}

/// The changes of the clock during this process, detected by comparison with a monotonic clock.
#[derive(Default)]
struct History {
    /// Lead of the clock over the monotonic one in seconds, plus one, so that 0 means "never read":
    /// the latest, and the largest.
    lead: AtomicI64,
    largest_lead: AtomicI64,
    set_back_to: AtomicU64,
    set_back_from: AtomicU64,
}

impl History {
    fn read(&self, now: u64, elapsed: u64) -> Reading {
        let signed = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
        let lead = signed(now).saturating_sub(signed(elapsed)).saturating_add(1);
        let before = self.lead.load(Ordering::Acquire);
        // Smaller changes are rounding, or a time server's adjustments.
        if before == 0 || lead.abs_diff(before) > SKEW {
            self.note_jump(before, lead, now);
        }
        let behind = self.largest_lead.load(Ordering::Acquire).saturating_sub(lead);
        let behind = u64::try_from(behind).unwrap_or(0);
        Reading {
            now,
            set_back_by: if behind > SKEW { behind } else { 0 },
            set_back_to: self.set_back_to.load(Ordering::Acquire),
            set_back_from: self.set_back_from.load(Ordering::Acquire),
        }
    }

    #[cold]
    fn note_jump(&self, before: i64, lead: i64, now: u64) {
        let (release, acquire) = (Ordering::AcqRel, Ordering::Acquire);
        // Only one of the tasks that see the jump records it.
        if self.lead.compare_exchange(before, lead, release, acquire).is_err() {
            return;
        }
        self.largest_lead.fetch_max(lead, release);
        if before != 0 && lead < before {
            let by = before.abs_diff(lead);
            self.set_back_to.store(now, Ordering::Release);
            self.set_back_from.fetch_max(now.saturating_add(by), release);
            tracing::warn!(seconds = by, "the system clock was set back");
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

    const LIFETIME: u64 = 600;

    fn manual(seconds: u64) -> Clock {
        Clock::manual(UnixTime::from_secs(seconds))
    }

    #[test]
    fn interval_ends_when_its_clock_is_set_back() {
        let interval = Interval::new(1_000, 5);
        for (time, is_within) in
            [(0, false), (999, false), (1_000, true), (1_004, true), (1_005, false)]
        {
            assert_eq!(interval.contains(time), is_within, "{time}");
        }
        assert!(!Interval::default().contains(0));
        assert_eq!(Interval::new(u64::MAX, 2).ends_at(), u64::MAX);
    }

    /// An interval that began before the clock is moved, and its `micros`.
    fn began(clock: &Clock) -> (Interval, u64) {
        (Interval::new(clock.seconds(), LIFETIME), clock.steady_micros())
    }

    fn is_within(clock: &Clock, (interval, micros): (Interval, u64)) -> bool {
        let found = clock.is_within_since(interval, micros);
        if interval.begins_at < clock.read().set_back_to {
            assert_eq!(clock.is_within(interval), found);
        }
        found
    }

    #[test]
    fn clock_that_is_set_prolongs_nothing() {
        for set_to in [1, 5_000, 9_000, 9_900, 10_000, 10_300, 10_700, 20_000, 1_000_000] {
            let clock = manual(10_000);
            let interval = began(&clock);
            clock.advance(300);
            clock.set(UnixTime::from_secs(set_to));
            clock.advance(LIFETIME - 300);
            assert!(!is_within(&clock, interval), "set to {set_to}");
            for _ in 0..2_000 {
                clock.advance(60);
                assert!(!is_within(&clock, interval), "set to {set_to}, {clock:?}");
            }
        }
    }

    #[test]
    fn interval_that_ended_before_a_jump_stays_ended() {
        let clock = manual(10_000);
        let interval = began(&clock);
        clock.set(UnixTime::from_secs(10_000 + LIFETIME));
        assert!(!is_within(&clock, interval));
        clock.set(UnixTime::from_secs(10_010));
        assert!(!is_within(&clock, interval), "it may have been forgotten in between");
        let later = began(&clock);
        assert!(is_within(&clock, later));
        clock.advance(LIFETIME);
        assert!(!is_within(&clock, later));
    }

    #[test]
    fn interval_after_a_jump_has_its_full_length() {
        for set_to in [1, 5_000, 9_939, 10_000, 1_000_000] {
            let clock = manual(10_000);
            clock.seconds();
            clock.set(UnixTime::from_secs(set_to));
            let interval = began(&clock);
            clock.advance(LIFETIME - 1);
            assert!(is_within(&clock, interval), "{set_to}");
            clock.advance(1);
            assert!(!is_within(&clock, interval), "{set_to}");
        }
    }

    #[test]
    fn clocks_of_instances_may_differ_a_little() {
        let clock = manual(10_000);
        assert!(clock.is_within(Interval::new(10_000 + SKEW, LIFETIME)));
        assert!(!clock.is_within(Interval::new(10_001 + SKEW, LIFETIME)));
        assert!(clock.is_within(Interval::new(9_401, LIFETIME)));
        assert!(!clock.is_within(Interval::new(9_400, LIFETIME)));
    }

    #[tokio::test]
    async fn manual_clock_wakes_sleepers_when_it_moves() {
        let clock = manual(100);
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move {
                clock.sleep(5).await;
                clock.seconds()
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
