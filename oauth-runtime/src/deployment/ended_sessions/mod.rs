//! Sessions that were signed out before their time: dead at once on this instance and within
//! [`TRUSTED_FOR`] seconds on the others, however many copies of the cookie there are.
//!
//! They are few, so every instance holds them in memory and a request asks no store. The instances
//! share them through a [log](self::log) in the store, which each of them reads every few seconds.
//!
//! - A sign-out succeeds once it is in the log. All that wait in one process are written together,
//!   so that an instance competes with the other instances and not with itself.
//! - The log has a beginning. What began before it is not trusted: a log that is lost and begun again
//!   by an instance without memory ends all sessions, because it cannot tell which were signed out.
//! - An instance that finds the log lost, damaged or set back to an earlier state writes what it
//!   knows into it again.

mod known;
mod log;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::oneshot;

use self::known::{Known, Moment};
use super::Shared;
use crate::clock::{Interval, MICROS, SKEW};
use crate::deployment::ended_sessions::exchange::Log;
use crate::deployment::ended_sessions::mark::tag_of;
use crate::error::OAuthError;
use crate::sync::lock::{Mutex, RwLock};
use crate::sync::single_flight::SingleFlight;
use crate::text::opaque_debug;

/// Seconds after which the log is read again, in the background.
const LOOK_AFTER: u64 = 3;
/// Seconds for which an answer may rest on what the log said. After that a request waits for a look.
const TRUSTED_FOR: u64 = 5;
/// The same while the store cannot be reached. Then no instance can confirm a sign-out, unless this one
/// is cut off from a store that others reach.
const TRUSTED_WITHOUT_STORE_FOR: u64 = 600;

/// The dead sessions that this instance knows of.
#[derive(Default)]
pub(crate) struct EndedSessions {
    known: RwLock<Known>,
    looked: Looked,
    /// The last look that failed.
    failed: Looked,
    looking: SingleFlight<(), OAuthError>,
    queue: Mutex<Queue>,
    /// One look or one write at a time.
    log: tokio::sync::Mutex<Log>,
    /// The largest number that was given to a session.
    last_order: AtomicU64,
}

/// When the last look at the log began, plus one by both clocks; 0 before the first.
#[derive(Default)]
struct Looked {
    now: AtomicU64,
    elapsed: AtomicU64,
}

/// Sign-outs that wait to be written.
#[derive(Default)]
struct Queue {
    waiting: Vec<oneshot::Sender<Result<(), OAuthError>>>,
    is_served: bool,
}

impl Shared {
    /// Whether the session was signed out. It waits for the store only if this instance has not
    /// looked at the log for some seconds.
    ///
    /// # Errors
    /// [`OAuthError::Store`] when nothing can be said, because the log cannot be read.
    pub(crate) async fn has_ended(
        self: &Arc<Self>,
        session: &SessionMark,
    ) -> Result<bool, OAuthError> {
        if !self.is_informed() {
            self.look_now().await?;
        }
        Ok(self.ended_sessions.known.read().has(session))
    }

    /// The beginning of a new session of this user: after all sessions that have ended.
    ///
    /// # Errors
    /// [`OAuthError::Store`] when the log cannot be read.
    pub(crate) async fn next_beginning(
        self: &Arc<Self>,
        user: &[&str],
    ) -> Result<Beginning, OAuthError> {
        if !self.is_informed() {
            self.look_now().await?;
        }
        let ended = &self.ended_sessions;
        let (log, up_to) = {
            let known = ended.known.read();
            (known.name(), known.ended_up_to(&tag_of(user)))
        };
        let now = self.clock.steady_micros();
        let next = |last: u64| Some(now.max(last.saturating_add(1)));
        let relaxed = Ordering::Relaxed;
        let last = ended.last_order.fetch_update(relaxed, relaxed, next).unwrap_or(0);
        // The clock of an instance that ended sessions of this user may be ahead of this one.
        let order = now.max(last.saturating_add(1)).max(up_to.saturating_add(1));
        Ok(Beginning { order, log })
    }

    /// Ends a session. On this instance it is dead when this is called; the answer is that the other
    /// instances will know. If it is an error, this instance tries again later.
    ///
    /// # Errors
    /// [`OAuthError::Store`] when it could not be stored.
    pub(crate) async fn end_session(
        self: &Arc<Self>,
        session: &SessionMark,
    ) -> Result<(), OAuthError> {
        let elapsed = self.clock.elapsed();
        let is_to_be_saved = self.ended_sessions.known.write().end(session.entry(), elapsed);
        if is_to_be_saved { self.save_ended().await } else { Ok(()) }
    }

    /// Whether the last look is recent enough. One that is getting old is repeated in the
    /// background.
    fn is_informed(self: &Arc<Self>) -> bool {
        let looked = &self.ended_sessions.looked;
        let (now, elapsed) = (self.clock.seconds(), self.clock.elapsed());
        if !looked.is_within(TRUSTED_FOR, now, elapsed) {
            // Not every request waits until the store has failed to answer.
            return self.ended_sessions.failed.is_within(LOOK_AFTER, now, elapsed)
                && looked.is_within(TRUSTED_WITHOUT_STORE_FOR, now, elapsed);
        }
        if !looked.is_within(LOOK_AFTER, now, elapsed) {
            self.ended_sessions.looking.start(|| Box::pin(Arc::clone(self).look()));
        }
        true
    }

    #[cold]
    fn look_now(self: &Arc<Self>) -> impl Future<Output = Result<(), OAuthError>> + Send {
        let shared = Arc::clone(self);
        // Boxed: few requests wait for a look.
        Box::pin(async move {
            let looking = &shared.ended_sessions.looking;
            let looked = looking.run(|| Box::pin(Arc::clone(&shared).look())).await;
            let (now, elapsed) = (shared.clock.seconds(), shared.clock.elapsed());
            let known_for = &shared.ended_sessions.looked;
            match looked {
                Err(_) if known_for.is_within(TRUSTED_WITHOUT_STORE_FOR, now, elapsed) => Ok(()),
                looked => looked,
            }
        })
    }

    async fn look(self: Arc<Self>) -> Result<(), OAuthError> {
        let (now, elapsed) = (self.clock.seconds(), self.clock.elapsed());
        let looked = {
            let mut log = self.ended_sessions.log.lock().await;
            self.read_log(&mut log).await
        };
        if let Err(error) = &looked {
            tracing::warn!(%error, "the sign-outs of other instances could not be read");
            self.ended_sessions.failed.set(now, elapsed);
        }
        if looked.is_ok() && self.is_log_outdated() {
            // Nobody waits for it.
            drop(self.enqueue());
        }
        looked
    }

    /// Writes all that is not stored yet, together with what others wait for.
    async fn save_ended(self: &Arc<Self>) -> Result<(), OAuthError> {
        // The task has ended without an answer: a foreign store panicked.
        self.enqueue().await.unwrap_or(Err(OAuthError::TaskPanicked))
    }

    /// What is known now is written by the next write that begins.
    fn enqueue(self: &Arc<Self>) -> oneshot::Receiver<Result<(), OAuthError>> {
        let (sender, receiver) = oneshot::channel();
        let mut queue = self.ended_sessions.queue.lock();
        queue.waiting.push(sender);
        if !queue.is_served {
            queue.is_served = true;
            tokio::spawn(Arc::clone(self).serve_queue());
        }
        receiver
    }

    async fn serve_queue(self: Arc<Self>) {
        let _served = Served(&self.ended_sessions);
        loop {
            let waiting = {
                let mut queue = self.ended_sessions.queue.lock();
                if queue.waiting.is_empty() {
                    queue.is_served = false;
                    return;
                }
                std::mem::take(&mut queue.waiting)
            };
            let saved = self.save().await;
            let answered = waiting.into_iter().map(|one| one.send(saved.clone()).is_ok()).max();
            // Who waits for it logs it.
            if let (Err(error), Some(false)) = (&saved, answered) {
                tracing::error!(%error, "sign-outs could not be stored; they are tried again later");
            }
        }
    }

    /// The beginning of a log that knows nothing of earlier sessions: later than any that began on an
    /// instance whose clock is ahead.
    fn beginning(&self) -> u64 {
        self.clock.steady_micros().saturating_add(SKEW * MICROS)
    }

    fn moment(&self) -> Moment {
        let margin = self.session_lifetime.as_secs().saturating_add(SKEW);
        Moment { now: self.clock.seconds(), elapsed: self.clock.elapsed(), margin }
    }
}

impl Looked {
    fn set(&self, now: u64, elapsed: u64) {
        self.now.store(now, Ordering::Relaxed);
        self.elapsed.store(elapsed.saturating_add(1), Ordering::Relaxed);
    }

    /// By both clocks: the one can be set, and the other may stand still while the system sleeps.
    fn is_within(&self, seconds: u64, now: u64, elapsed: u64) -> bool {
        let begun = self.elapsed.load(Ordering::Relaxed);
        let passed = elapsed.saturating_add(1).saturating_sub(begun);
        let by_clock = Interval::new(self.now.load(Ordering::Relaxed), seconds);
        begun != 0 && passed < seconds && by_clock.contains(now)
    }
}

/// Lets the next sign-out serve the queue, also after a panic.
struct Served<'a>(&'a EndedSessions);

impl Drop for Served<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut queue = self.0.queue.lock();
            queue.is_served = false;
            queue.waiting.clear();
        }
    }
}

opaque_debug!(EndedSessions, |it| it.known.read().len());

mod exchange;
mod mark;

pub(crate) use self::mark::{Beginning, SessionMark};
#[cfg(test)]
mod tests;
