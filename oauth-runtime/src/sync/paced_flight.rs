//! [`SingleFlight`] that leaves a failing peer alone for a few seconds.
//!
//! Requests that anybody can send must not cause one request each to a provider that is down. The
//! failure of an attempt is the answer to all who ask in the next second, and a little longer after
//! each further failure. It is never longer than [`MAX_PAUSE`], so that a peer that is back is used.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::Clock;
use crate::error::OAuthError;
use crate::sync::future::BoxFuture;
use crate::sync::single_flight::SingleFlight;

/// Seconds without another attempt, after the first failure and after many.
const FIRST_PAUSE: u64 = 1;
const MAX_PAUSE: u64 = 4;
/// Seconds after a failure from which the next one counts as the first.
const FORGOTTEN_AFTER: u64 = 60;

/// Runs one attempt for all who ask during it, and none for those who ask right after it failed.
pub(crate) struct PacedFlight<T> {
    flight: SingleFlight<T>,
    pause: Arc<Pause>,
}

/// The pause after a failure, which is the answer meanwhile.
#[derive(Default)]
pub(crate) struct Pause(Mutex<Option<Failure>>);

struct Failure {
    error: OAuthError,
    /// Seconds of [`Clock::elapsed`].
    failed_at: u64,
    /// Seconds.
    pause: u64,
}

impl<T: Clone + Send + Sync + 'static> PacedFlight<T> {
    /// The result of the attempt that is under way, the failure of the one before within its pause,
    /// or the result of `attempt`.
    ///
    /// # Errors
    /// The attempt's.
    pub(crate) async fn run<'f>(
        &self,
        clock: &Clock,
        attempt: impl FnOnce() -> BoxFuture<'static, Result<T, OAuthError>> + 'f,
    ) -> Result<T, OAuthError> {
        let pause = Arc::clone(&self.pause);
        let paced = || Box::pin(pause.of(clock.clone(), attempt())) as BoxFuture<'static, _>;
        self.flight.run_unless(|| self.pause.error(clock), paced).await
    }

    /// Starts `attempt` unless one is under way, pause or not, and does not wait for it.
    pub(crate) fn start<'f>(
        &self,
        attempt: impl FnOnce() -> BoxFuture<'static, Result<T, OAuthError>> + 'f,
    ) {
        self.flight.start(attempt);
    }

    /// Whether an attempt is under way.
    pub(crate) fn is_running(&self) -> bool {
        self.flight.is_running()
    }
}

impl Pause {
    /// The failure within whose pause the present lies.
    pub(crate) fn error(&self, clock: &Clock) -> Option<OAuthError> {
        let failure = self.lock();
        let failure = failure.as_ref()?;
        let is_over = clock.elapsed() >= failure.failed_at.saturating_add(failure.pause);
        (!is_over).then(|| failure.error.clone())
    }

    /// Remembers that an attempt failed.
    pub(crate) fn begin(&self, error: &OAuthError, clock: &Clock) {
        let failed_at = clock.elapsed();
        let mut failure = self.lock();
        let before = failure
            .as_ref()
            .filter(|before| failed_at.saturating_sub(before.failed_at) < FORGOTTEN_AFTER);
        let pause = before.map_or(FIRST_PAUSE, |before| (before.pause * 2).min(MAX_PAUSE));
        *failure = Some(Failure { error: error.clone(), failed_at, pause });
    }

    /// Remembers that an attempt succeeded.
    pub(crate) fn end(&self) {
        *self.lock() = None;
    }

    /// Carries out an attempt and remembers how it went, also if it panics.
    async fn of<T>(
        self: Arc<Self>,
        clock: Clock,
        attempt: BoxFuture<'static, Result<T, OAuthError>>,
    ) -> Result<T, OAuthError> {
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

    fn lock(&self) -> MutexGuard<'_, Option<Failure>> {
        // Nothing under this lock leaves the failure half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is left of an attempt that did not come to its end.
struct Panicked(Option<(Arc<Pause>, Clock)>);

impl Drop for Panicked {
    fn drop(&mut self) {
        if let Some((pause, clock)) = &self.0 {
            pause.begin(&OAuthError::Machine, clock);
        }
    }
}

impl<T> Default for PacedFlight<T> {
    fn default() -> Self {
        Self { flight: SingleFlight::default(), pause: Arc::default() }
    }
}

impl<T> fmt::Debug for PacedFlight<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PacedFlight")
    }
}

impl fmt::Debug for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pause")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

    use super::*;
    use crate::error::StoreError;

    /// A peer that counts attempts, and may be down.
    #[derive(Default)]
    struct Peer {
        attempts: AtomicU64,
        is_up: AtomicBool,
    }

    type Attempt = BoxFuture<'static, Result<u64, OAuthError>>;

    fn ask(peer: &Arc<Peer>) -> impl FnOnce() -> Attempt {
        let peer = Arc::clone(peer);
        move || {
            Box::pin(async move {
                tokio::task::yield_now().await;
                let attempt = peer.attempts.fetch_add(1, Ordering::SeqCst) + 1;
                match peer.is_up.load(Ordering::SeqCst) {
                    true => Ok(attempt),
                    false => Err(StoreError::Url("down").into()),
                }
            })
        }
    }

    #[tokio::test]
    async fn failure_answers_all_until_its_pause_ends() {
        let (clock, peer) = (Clock::manual(1_000), Arc::<Peer>::default());
        let flight = PacedFlight::<u64>::default();
        let mut attempted_at = Vec::new();
        for second in 0..20 {
            for _ in 0..50 {
                let before = peer.attempts.load(Ordering::SeqCst);
                let error = flight.run(&clock, ask(&peer)).await.unwrap_err();
                assert!(matches!(error, OAuthError::Store(StoreError::Url("down"))), "{error:?}");
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
        let (clock, peer) = (Clock::manual(1_000), Arc::<Peer>::default());
        let flight = PacedFlight::<u64>::default();
        for _ in 0..100 {
            let _ = flight.run(&clock, ask(&peer)).await;
            clock.advance(1);
        }
        peer.is_up.store(true, Ordering::SeqCst);
        clock.advance(MAX_PAUSE - 1);
        flight.run(&clock, ask(&peer)).await.unwrap();
        // The next failure is the first again.
        peer.is_up.store(false, Ordering::SeqCst);
        flight.run(&clock, ask(&peer)).await.unwrap_err();
        peer.is_up.store(true, Ordering::SeqCst);
        clock.advance(FIRST_PAUSE);
        flight.run(&clock, ask(&peer)).await.unwrap();
    }

    #[tokio::test]
    async fn clock_that_is_set_prolongs_no_pause() {
        for set_to in [0, 1_000_000] {
            let (clock, peer) = (Clock::manual(1_000), Arc::<Peer>::default());
            let flight = PacedFlight::<u64>::default();
            flight.run(&clock, ask(&peer)).await.unwrap_err();
            peer.is_up.store(true, Ordering::SeqCst);
            clock.set(set_to);
            flight.run(&clock, ask(&peer)).await.unwrap_err();
            clock.advance(FIRST_PAUSE);
            flight.run(&clock, ask(&peer)).await.unwrap();
        }
    }

    #[tokio::test]
    async fn panic_is_a_failure_like_any_other() {
        let (clock, peer) = (Clock::manual(1_000), Arc::<Peer>::default());
        let flight = PacedFlight::<u64>::default();
        let panics = || -> Attempt { Box::pin(async { panic!("a foreign client") }) };
        assert!(matches!(flight.run(&clock, panics).await, Err(OAuthError::Machine)));
        assert!(matches!(flight.run(&clock, ask(&peer)).await, Err(OAuthError::Machine)));
        assert_eq!(peer.attempts.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn old_failure_does_not_lengthen_the_next_pause() {
        let (clock, peer) = (Clock::manual(1_000), Arc::<Peer>::default());
        let flight = PacedFlight::<u64>::default();
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
