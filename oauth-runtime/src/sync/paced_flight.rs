//! [`SingleFlight`] that pauses for a few seconds after a failure of the peer.
//!
//! Anonymous requests must not each cause a request to a provider that is down. All callers in the
//! second after a failed attempt get its failure, and the pause grows after each further failure.
//! It is never longer than [`MAX_PAUSE`], so that a peer that is up again is used.

use std::sync::Arc;

use crate::clock::Clock;
use crate::sync::future::BoxFuture;
use crate::sync::lock::Mutex;
use crate::sync::single_flight::{SingleFlight, TaskPanicked};
use crate::text::opaque_debug;

/// Seconds without another attempt, after the first failure and at most.
const FIRST_PAUSE: u64 = 1;
const MAX_PAUSE: u64 = 4;
/// Seconds after a failure until the next failure counts as the first.
const FORGOTTEN_AFTER: u64 = 60;

/// Runs one attempt for all callers that arrive during it. Right after a failure, it runs none.
pub(crate) struct PacedFlight<T, E> {
    flight: SingleFlight<T, E>,
    pause: Arc<Pause<E>>,
}

/// The pause after a failure, during which callers get the failure.
pub(crate) struct Pause<E>(Mutex<Option<Failure<E>>>);

struct Failure<E> {
    error: E,
    /// Seconds of [`Clock::elapsed`].
    failed_at: u64,
    /// Seconds.
    pause: u64,
}

impl<T, E> PacedFlight<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + From<TaskPanicked> + Send + Sync + 'static,
{
    /// Returns the result of the attempt that is under way, the last failure during its pause, or
    /// the result of `attempt`.
    ///
    /// # Errors
    /// The error of the attempt.
    pub(crate) async fn run<'f>(
        &self,
        clock: &Clock,
        attempt: impl FnOnce() -> BoxFuture<'static, Result<T, E>> + 'f,
    ) -> Result<T, E> {
        let pause = Arc::clone(&self.pause);
        let paced = || Box::pin(pause.of(clock.clone(), attempt())) as BoxFuture<'static, _>;
        self.flight.run_unless(|| self.pause.error(clock), paced).await
    }

    /// Starts `attempt` unless one is under way, even during a pause, and does not wait for it.
    pub(crate) fn start<'f>(
        &self,
        attempt: impl FnOnce() -> BoxFuture<'static, Result<T, E>> + 'f,
    ) {
        self.flight.start(attempt);
    }

    /// Whether an attempt is under way.
    pub(crate) fn is_running(&self) -> bool {
        self.flight.is_running()
    }
}

impl<E: Clone + From<TaskPanicked>> Pause<E> {
    /// The failure whose pause has not ended.
    pub(crate) fn error(&self, clock: &Clock) -> Option<E> {
        let failure = self.0.lock();
        let failure = failure.as_ref()?;
        let is_over = clock.elapsed() >= failure.failed_at.saturating_add(failure.pause);
        (!is_over).then(|| failure.error.clone())
    }

    /// Remembers that an attempt failed.
    pub(crate) fn begin(&self, error: &E, clock: &Clock) {
        let failed_at = clock.elapsed();
        let mut failure = self.0.lock();
        let before = failure
            .as_ref()
            .filter(|before| failed_at.saturating_sub(before.failed_at) < FORGOTTEN_AFTER);
        let pause = before.map_or(FIRST_PAUSE, |before| (before.pause * 2).min(MAX_PAUSE));
        *failure = Some(Failure { error: error.clone(), failed_at, pause });
    }

    /// Remembers that an attempt succeeded.
    pub(crate) fn end(&self) {
        *self.0.lock() = None;
    }

    /// Carries out an attempt and records its outcome, even if it panics.
    async fn of<T>(
        self: Arc<Self>,
        clock: Clock,
        attempt: BoxFuture<'static, Result<T, E>>,
    ) -> Result<T, E> {
        let mut panicked = Panicked(Some((self, clock)));
        let result = attempt.await;
        if let Some((pause, clock)) = panicked.0.take() {
            match &result {
                Ok(_) => pause.end(),
                Err(error) => pause.begin(error, &clock),
            }
        }
        result
    }
}

/// The outcome of an attempt that did not complete.
struct Panicked<E: Clone + From<TaskPanicked>>(Option<(Arc<Pause<E>>, Clock)>);

impl<E: Clone + From<TaskPanicked>> Drop for Panicked<E> {
    fn drop(&mut self) {
        if let Some((pause, clock)) = &self.0 {
            pause.begin(&E::from(TaskPanicked), clock);
        }
    }
}

impl<T, E> Default for PacedFlight<T, E> {
    fn default() -> Self {
        Self { flight: SingleFlight::default(), pause: Arc::default() }
    }
}

opaque_debug!(PacedFlight<T, E>);

impl<E> Default for Pause<E> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

opaque_debug!(Pause<E>);

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

    use super::*;
    use crate::clock::UnixTime;

    #[derive(Debug, Clone, PartialEq)]
    enum Failed {
        Down,
        Panicked,
    }

    impl From<TaskPanicked> for Failed {
        fn from(_: TaskPanicked) -> Self {
            Self::Panicked
        }
    }

    /// A peer that counts attempts, and may be down.
    #[derive(Default)]
    struct Peer {
        attempts: AtomicU64,
        is_up: AtomicBool,
    }

    type Attempt = BoxFuture<'static, Result<u64, Failed>>;

    fn ask(peer: &Arc<Peer>) -> impl FnOnce() -> Attempt {
        let peer = Arc::clone(peer);
        move || {
            Box::pin(async move {
                tokio::task::yield_now().await;
                let attempt = peer.attempts.fetch_add(1, Ordering::SeqCst) + 1;
                match peer.is_up.load(Ordering::SeqCst) {
                    true => Ok(attempt),
                    false => Err(Failed::Down),
                }
            })
        }
    }

    #[tokio::test]
    async fn failure_answers_all_until_its_pause_ends() {
        let (clock, peer) = (Clock::manual(UnixTime::from_secs(1_000)), Arc::<Peer>::default());
        let flight = PacedFlight::<u64, Failed>::default();
        let mut attempted_at = Vec::new();
        for second in 0..20 {
            for _ in 0..50 {
                let before = peer.attempts.load(Ordering::SeqCst);
                let error = flight.run(&clock, ask(&peer)).await.unwrap_err();
                assert_eq!(error, Failed::Down);
                if peer.attempts.load(Ordering::SeqCst) > before {
                    attempted_at.push(second);
                }
            }
            clock.advance(1);
        }
        assert_eq!(attempted_at, [0, 1, 3, 7, 11, 15, 19]);
    }

    #[tokio::test]
    async fn recovered_peer_is_used_within_the_maximum_pause() {
        let (clock, peer) = (Clock::manual(UnixTime::from_secs(1_000)), Arc::<Peer>::default());
        let flight = PacedFlight::<u64, Failed>::default();
        for _ in 0..100 {
            let _ = flight.run(&clock, ask(&peer)).await;
            clock.advance(1);
        }
        peer.is_up.store(true, Ordering::SeqCst);
        clock.advance(MAX_PAUSE - 1);
        flight.run(&clock, ask(&peer)).await.unwrap();
        // The next failure counts as the first again.
        peer.is_up.store(false, Ordering::SeqCst);
        flight.run(&clock, ask(&peer)).await.unwrap_err();
        peer.is_up.store(true, Ordering::SeqCst);
        clock.advance(FIRST_PAUSE);
        flight.run(&clock, ask(&peer)).await.unwrap();
    }

    #[tokio::test]
    async fn clock_that_is_set_prolongs_no_pause() {
        for set_to in [0, 1_000_000] {
            let (clock, peer) = (Clock::manual(UnixTime::from_secs(1_000)), Arc::<Peer>::default());
            let flight = PacedFlight::<u64, Failed>::default();
            flight.run(&clock, ask(&peer)).await.unwrap_err();
            peer.is_up.store(true, Ordering::SeqCst);
            clock.set(UnixTime::from_secs(set_to));
            flight.run(&clock, ask(&peer)).await.unwrap_err();
            clock.advance(FIRST_PAUSE);
            flight.run(&clock, ask(&peer)).await.unwrap();
        }
    }

    #[tokio::test]
    async fn panic_is_a_failure_like_any_other() {
        let (clock, peer) = (Clock::manual(UnixTime::from_secs(1_000)), Arc::<Peer>::default());
        let flight = PacedFlight::<u64, Failed>::default();
        let panics = || -> Attempt { Box::pin(async { panic!("a foreign client") }) };
        assert!(matches!(flight.run(&clock, panics).await, Err(Failed::Panicked)));
        assert!(matches!(flight.run(&clock, ask(&peer)).await, Err(Failed::Panicked)));
        assert_eq!(peer.attempts.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn old_failure_does_not_lengthen_the_next_pause() {
        let (clock, peer) = (Clock::manual(UnixTime::from_secs(1_000)), Arc::<Peer>::default());
        let flight = PacedFlight::<u64, Failed>::default();
        for _ in 0..3 {
            flight.run(&clock, ask(&peer)).await.unwrap_err();
            clock.advance(FORGOTTEN_AFTER);
        }
        flight.run(&clock, ask(&peer)).await.unwrap_err();
        clock.advance(FIRST_PAUSE);
        flight.run(&clock, ask(&peer)).await.unwrap_err();
        assert_eq!(peer.attempts.load(Ordering::SeqCst), 5);
    }
}
