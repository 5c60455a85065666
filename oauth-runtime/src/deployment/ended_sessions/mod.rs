//! Sessions that were signed out before they expired: ended at once on this instance and within
//! [`TRUSTED_FOR`] seconds on the others, however many copies of the cookie there are.
//!
//! There are few of them, so every instance holds them in memory and a request does not read the
//! store. The instances share them through a [log](self::log) in the store, which each of them
//! reads every few seconds.
//!
//! - A sign-out succeeds once it is in the log. All waiting sign-outs of one process are written
//!   together, so that an instance competes only with other instances.
//! - The log has a start. Sessions that started earlier are not trusted: if a log is lost and
//!   created again by an instance without memory, all sessions end, because it is unknown which
//!   were signed out.
//! - An instance that finds the log lost, damaged or reset to an earlier state writes its known
//!   entries again.

mod known;
mod log;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::oneshot;

use self::known::{KnownSignOuts, Moment};
use self::log::Entry;
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
/// Seconds for which the last read of the log is trusted. After that a request waits for the next
/// one.
const TRUSTED_FOR: u64 = 5;
/// Like [`TRUSTED_FOR`], while the store cannot be reached. Then no instance can confirm a
/// sign-out, unless only this one is cut off from the store.
const TRUSTED_WITHOUT_STORE_FOR: u64 = 600;

/// The ended sessions that this instance knows.
#[derive(Default)]
pub(crate) struct EndedSessions {
    known: RwLock<KnownSignOuts>,
    looked: LastRead,
    /// The last failed read.
    failed: LastRead,
    looking: SingleFlight<(), OAuthError>,
    queue: Mutex<Queue>,
    /// One read or write at a time.
    log: tokio::sync::Mutex<Log>,
    /// The largest order that was assigned to a session.
    last_order: AtomicU64,
}

/// When the last read of the log began, plus one, by both clocks; 0 before the first.
#[derive(Default)]
struct LastRead {
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
    /// read the log for some seconds.
    ///
    /// # Errors
    /// [`OAuthError::Store`] when it is unknown, because the log cannot be read.
    pub(crate) async fn has_ended(
        self: &Arc<Self>,
        session: &SessionMark,
    ) -> Result<bool, OAuthError> {
        if !self.is_informed() {
            self.look_now().await?;
        }
        Ok(self.ended_sessions.known.read().has(session))
    }

    /// The start of a new session of this user: after all sessions that have ended.
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

    /// Ends a session. It has ended on this instance once this is called; the result says whether
    /// the other instances will know. After an error, this instance tries again later.
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

    /// Ends all sessions that belong to a session or a user at a provider and have started until now,
    /// or up to `latest`, the order of one of them. The result is that of
    /// [`end_session`](Self::end_session).
    ///
    /// # Errors
    /// [`OAuthError::Store`] when it could not be stored.
    pub(crate) async fn end_sessions_at_provider(
        self: &Arc<Self>,
        ProviderTag(user): ProviderTag,
        latest: u64,
    ) -> Result<(), OAuthError> {
        let last = self.ended_sessions.last_order.load(Ordering::Relaxed);
        let order = self.clock.steady_micros().max(last).max(latest);
        let lifetime = self.session_lifetime.as_secs();
        let expires_at = (order / MICROS).max(self.clock.seconds()).saturating_add(lifetime);
        let entry = Entry { user, session: None, order, expires_at };
        let elapsed = self.clock.elapsed();
        let is_to_be_saved = self.ended_sessions.known.write().end(entry, elapsed);
        if is_to_be_saved { self.save_ended().await } else { Ok(()) }
    }

    /// Reads the log, and returns whether the provider has ended its session since `time`, in seconds
    /// since 1970-01-01 UTC.
    ///
    /// # Errors
    /// [`OAuthError::Store`] when the log cannot be read.
    pub(crate) async fn has_ended_at_provider(
        self: &Arc<Self>,
        ProviderTag(session): ProviderTag,
        time: u64,
    ) -> Result<bool, OAuthError> {
        self.look_now().await?;
        let up_to = self.ended_sessions.known.read().ended_up_to(&session);
        Ok(up_to >= time.saturating_mul(MICROS))
    }

    /// Whether the last read is recent enough. One that is getting old is repeated in the
    /// background.
    fn is_informed(self: &Arc<Self>) -> bool {
        let looked = &self.ended_sessions.looked;
        let (now, elapsed) = (self.clock.seconds(), self.clock.elapsed());
        if !looked.is_within(TRUSTED_FOR, now, elapsed) {
            // Not every request waits for the store to fail again.
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
        // Boxed: few requests wait for a read.
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
            tracing::warn!(%error, "failed to read the sign-outs of other instances");
            self.ended_sessions.failed.set(now, elapsed);
        }
        if looked.is_ok() && self.is_log_outdated() {
            // It runs in the background.
            drop(self.enqueue());
        }
        looked
    }

    /// Writes everything that is not stored yet, together with other waiting sign-outs.
    async fn save_ended(self: &Arc<Self>) -> Result<(), OAuthError> {
        // The task ended without a result: a custom store panicked.
        self.enqueue().await.unwrap_or(Err(OAuthError::TaskPanicked))
    }

    /// The next write to start includes everything known now.
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
            // A caller that waits for it logs the error.
            if let (Err(error), Some(false)) = (&saved, answered) {
                tracing::error!(%error, "failed to store sign-outs; trying again later");
            }
        }
    }

    /// The start of a log that knows no earlier sessions: later than the start of any session on an
    /// instance whose clock is ahead.
    fn beginning(&self) -> u64 {
        self.clock.steady_micros().saturating_add(SKEW * MICROS)
    }

    fn moment(&self) -> Moment {
        let margin = self.session_lifetime.as_secs().saturating_add(SKEW);
        Moment { now: self.clock.seconds(), elapsed: self.clock.elapsed(), margin }
    }
}

impl LastRead {
    fn set(&self, now: u64, elapsed: u64) {
        self.now.store(now, Ordering::Relaxed);
        self.elapsed.store(elapsed.saturating_add(1), Ordering::Relaxed);
    }

    /// By both clocks: one can be set, and the other may stop while the system sleeps.
    fn is_within(&self, seconds: u64, now: u64, elapsed: u64) -> bool {
        let begun = self.elapsed.load(Ordering::Relaxed);
        let passed = elapsed.saturating_add(1).saturating_sub(begun);
        let by_clock = Interval::new(self.now.load(Ordering::Relaxed), seconds);
        begun != 0 && passed < seconds && by_clock.contains(now)
    }
}

/// Lets the next sign-out serve the queue, even after a panic.
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

pub(crate) use self::mark::{AtProvider, Beginning, ProviderTag, SessionMark};
#[cfg(test)]
mod tests;
