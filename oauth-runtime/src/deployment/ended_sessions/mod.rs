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

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::sync::oneshot;

use self::known::{FIRST_SEGMENT, Known, Moment, in_segments};
use self::log::{Entry, Head, Segment, SessionId, UserTag};
use super::Shared;
use crate::clock::{Interval, MICROS, SKEW};
use crate::crypto::random;
use crate::crypto::seal;
use crate::error::{OAuthError, StoreError};
use crate::store::{Key, Record, Version};
use crate::sync::lock::{Mutex, RwLock};
use crate::sync::single_flight::SingleFlight;

/// What the store calls the records.
const KIND: &str = "signouts";
/// Seconds after which the log is read again, in the background.
const LOOK_AFTER: u64 = 3;
/// Seconds for which an answer may rest on what the log said. After that a request waits for a look.
const TRUSTED_FOR: u64 = 5;
/// The same while the store cannot be reached. Then no instance can confirm a sign-out, unless this one
/// is cut off from a store that others reach.
const TRUSTED_WITHOUT_STORE_FOR: u64 = 600;
/// How many looks find that a segment is still there.
const LOOKS_PER_CHECK: u64 = 20;
/// How long a sign-out waits for its turn while other instances write too.
const WRITE_WITHIN: Duration = Duration::from_secs(10);
/// Between two attempts, half of it at least.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LAST_PAUSE: Duration = Duration::from_millis(320);
/// Attempts to read a log that other instances are making.
const READS: usize = 20;
/// Seconds after which a head is written again though nothing changed, at least.
const SHORTEST_RENEWAL: u64 = 3600;

/// A session as far as its end is concerned.
#[derive(Clone)]
pub(crate) struct SessionMark {
    user: UserTag,
    session: SessionId,
    order: u64,
    log: u32,
    expires_at: u64,
}

/// When a session began, as the log counts.
#[derive(Clone, Copy)]
pub(crate) struct Beginning {
    /// In microseconds since 1970-01-01 UTC, on a clock that is never set back: tells which of two
    /// sessions is the later one.
    pub(crate) order: u64,
    /// Names the log in which it began.
    pub(crate) log: u32,
}

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

/// The log in the store as this instance last saw it.
#[derive(Default)]
struct Log {
    /// `None`: it has to be read before it is written.
    version: Option<Version>,
    /// Segments that were read.
    seen: HashSet<u64>,
    /// Segments that the store has lost.
    lost: HashSet<u64>,
    looks: u64,
}

/// What a new head is written over.
enum Old {
    Nothing,
    Version(Version),
    Unreadable,
}

impl SessionMark {
    /// The mark of the session with this identifier, which belongs to the user with these names.
    /// `None` for text that is not an identifier.
    pub(crate) fn new(
        id: &str,
        user: &[&str],
        Beginning { order, log }: Beginning,
        expires_at: u64,
    ) -> Option<Self> {
        let mut session = SessionId::default();
        let length = URL_SAFE_NO_PAD.decode_slice(id, &mut session).ok()?;
        let is_whole = length == session.len();
        is_whole.then(|| Self { user: tag_of(user), session, order, log, expires_at })
    }

    fn entry(&self) -> Entry {
        let Self { user, session, order, expires_at, .. } = *self;
        Entry { user, session: Some(session), order, expires_at }
    }
}

/// The first bytes of a digest that no other list of names gives.
fn tag_of(user: &[&str]) -> UserTag {
    let digest = seal::digest_of(user);
    digest.first_chunk().copied().unwrap_or_default()
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
        let (now, elapsed) = (self.clock.now(), self.clock.elapsed());
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
            let (now, elapsed) = (shared.clock.now(), shared.clock.elapsed());
            let known_for = &shared.ended_sessions.looked;
            match looked {
                Err(_) if known_for.is_within(TRUSTED_WITHOUT_STORE_FOR, now, elapsed) => Ok(()),
                looked => looked,
            }
        })
    }

    async fn look(self: Arc<Self>) -> Result<(), OAuthError> {
        let (now, elapsed) = (self.clock.now(), self.clock.elapsed());
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

    /// Writes until the log has what is known here.
    async fn save(&self) -> Result<(), OAuthError> {
        let (mut pause, mut waited) = (FIRST_PAUSE, Duration::ZERO);
        loop {
            {
                let mut log = self.ended_sessions.log.lock().await;
                if log.version.is_none() {
                    self.read_log(&mut log).await?;
                }
                if !self.is_log_outdated() {
                    return Ok(());
                }
                if let Some(version) = log.version.take() {
                    self.write_log(&mut log, Old::Version(version)).await?;
                }
                if log.version.is_some() {
                    return Ok(());
                }
            }
            if waited > WRITE_WITHIN {
                return Err(StoreError::Contended(KIND).into());
            }
            // Those who were too late together do not come back together.
            let [random] = random::bytes::<1>()?;
            let jittered = pause / 2 + pause * u32::from(random) / 510;
            tokio::time::sleep(jittered).await;
            waited += jittered;
            pause = (pause * 2).min(LAST_PAUSE);
        }
    }

    /// Learns what the log says. A log that is not there, or that does not open, is made.
    async fn read_log(&self, log: &mut Log) -> Result<(), OAuthError> {
        let (now, elapsed) = (self.clock.now(), self.clock.elapsed());
        let key = self.head_key();
        for _ in 0..READS {
            let old = match self.store.get(&key).await {
                Ok(Some(record)) => match Head::decode(record.content()) {
                    Some(head) => {
                        self.learn(log, head, record).await?;
                        self.ended_sessions.looked.set(now, elapsed);
                        return Ok(());
                    }
                    None => {
                        self.distrust_all("another version of the library wrote it");
                        Old::Version(record.into_version())
                    }
                },
                Ok(None) => Old::Nothing,
                Err(OAuthError::Store(error @ StoreError::KeyLost { .. })) => {
                    self.distrust_all(error);
                    Old::Unreadable
                }
                Err(error) if is_lost(&error) => Old::Unreadable,
                Err(error) => return Err(error),
            };
            self.make_log(log, old).await?;
        }
        Err(StoreError::Contended(KIND).into())
    }

    /// Another instance writes a log that this one cannot read: it does not learn who signs out
    /// there.
    fn distrust_all(&self, reason: impl fmt::Display) {
        tracing::error!(%reason, "the list of sign-outs cannot be read: all sessions end");
        let since = self.beginning();
        self.ended_sessions.known.write().raise_since(since);
    }

    /// Begins the log, or writes it again.
    async fn make_log(&self, log: &mut Log, old: Old) -> Result<(), OAuthError> {
        let moment = self.moment();
        if self.ended_sessions.known.read().since == 0 {
            tracing::info!("a list of sign-outs begins: earlier sessions are not trusted");
        } else {
            tracing::warn!("the store has lost its list of sign-outs: it is written again");
        }
        self.ended_sessions.known.write().unsave_all(moment);
        log.seen.clear();
        log.lost.clear();
        self.write_log(log, old).await
    }

    async fn learn(&self, log: &mut Log, mut head: Head, record: Record) -> Result<(), OAuthError> {
        let moment = self.moment();
        log.looks = log.looks.wrapping_add(1);
        if log.version.as_ref() == Some(record.version()) {
            self.check_segment(log).await?;
        } else {
            for segment in &head.segments {
                if !log.seen.contains(&segment.id) && !log.lost.contains(&segment.id) {
                    self.learn_segment(log, segment, moment).await?;
                }
            }
            log.lost.retain(|id| head.segments.iter().any(|segment| segment.id == *id));
            head.segments.retain(|segment| !log.lost.contains(&segment.id));
            log.seen = head.segments.iter().map(|segment| segment.id).collect();
            self.ended_sessions.known.write().learn_head(head, moment);
            log.version = Some(record.into_version());
        }
        self.ended_sessions.known.write().forget(moment.elapsed);
        Ok(())
    }

    async fn learn_segment(
        &self,
        log: &mut Log,
        segment: &Segment,
        moment: Moment,
    ) -> Result<(), OAuthError> {
        match self.read_segment(segment.id).await? {
            Some(entries) => {
                let mut known = self.ended_sessions.known.write();
                known.learn_segment(segment.id, &entries, moment.elapsed);
            }
            None => {
                log.lost.insert(segment.id);
                // Nobody who is signed out could be signed in with it any more.
                if segment.until.saturating_add(moment.margin) < moment.now {
                    return Ok(());
                }
                self.distrust_all("the store has lost a part of it");
            }
        }
        Ok(())
    }

    /// Looks now and then whether the store still has a segment that was read.
    async fn check_segment(&self, log: &mut Log) -> Result<(), OAuthError> {
        if !log.looks.is_multiple_of(LOOKS_PER_CHECK) || log.seen.is_empty() {
            return Ok(());
        }
        let mut ids: Vec<_> = log.seen.iter().copied().collect();
        ids.sort_unstable();
        let turn = usize::try_from(log.looks / LOOKS_PER_CHECK).unwrap_or(0) % ids.len();
        let Some(id) = ids.get(turn).copied() else { return Ok(()) };
        if self.read_segment(id).await?.is_none() {
            tracing::warn!(
                "the store has lost a part of its list of sign-outs: it is written again"
            );
            log.seen.remove(&id);
            log.lost.insert(id);
            self.ended_sessions.known.write().unsave_segment(id, self.moment());
        }
        Ok(())
    }

    /// `None` for a segment that is lost.
    async fn read_segment(&self, id: u64) -> Result<Option<Vec<Entry>>, OAuthError> {
        match self.store.get(&self.segment_key(id)).await {
            Ok(record) => Ok(record.and_then(|record| log::decode_segment(record.content()))),
            Err(error) if is_lost(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes what is known as the next state of the log, unless the present one is not `old`. The
    /// version of the log is known afterwards only if that was possible.
    async fn write_log(&self, log: &mut Log, old: Old) -> Result<(), OAuthError> {
        log.version = None;
        let moment = self.moment();
        let (plan, since) = {
            let known = self.ended_sessions.known.read();
            (known.plan(moment), known.since)
        };
        let since = if since == 0 { self.beginning() } else { since };
        let mut segments = plan.segments;
        let mut written = Vec::new();
        // First, so that a head never names a segment that is not there.
        for entries in in_segments(&plan.moved) {
            let segment = self.write_segment(&entries, moment).await?;
            segments.push(segment);
            written.push((segment.id, entries));
        }
        let head = Head { since, written_at: moment.now, segments, entries: plan.entries };
        let (key, content) = (self.head_key(), head.encode());
        let ttl = Duration::from_secs(2 * (moment.margin + self.renewal()));
        let version = match old {
            Old::Nothing => self.store.compare_and_swap(&key, None, &[&content], ttl).await?,
            Old::Version(old) => {
                self.store.compare_and_swap(&key, Some(&old), &[&content], ttl).await?
            }
            Old::Unreadable => {
                self.store.replace_unreadable(&key, &[&content], ttl).await?;
                None
            }
        };
        if version.is_some() {
            log.version = version;
            log.seen = head.segments.iter().map(|segment| segment.id).collect();
            self.ended_sessions.known.write().saved(head, &written, moment);
        }
        Ok(())
    }

    async fn write_segment(
        &self,
        entries: &[Entry],
        moment: Moment,
    ) -> Result<Segment, OAuthError> {
        let id = u64::from_be_bytes(random::bytes()?).max(FIRST_SEGMENT);
        let until = entries.iter().map(|entry| entry.expires_at).max().unwrap_or(0);
        // Whatever this clock says, it is there as long as a session that ended just now.
        let ttl = until.saturating_sub(moment.now) + 2 * (moment.margin + self.renewal());
        let key = self.segment_key(id);
        self.store.put(&key, &[&log::encode_segment(entries)], Duration::from_secs(ttl)).await?;
        let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        Ok(Segment { id, count, until })
    }

    /// Whether the log lacks something, or would end soon.
    fn is_log_outdated(&self) -> bool {
        let known = self.ended_sessions.known.read();
        let renewed = Interval::new(known.written_at(), self.renewal());
        known.is_unsaved() || !renewed.contains(self.clock.now())
    }

    /// Seconds after which the head is written again, so that it does not end while it is needed.
    fn renewal(&self) -> u64 {
        self.session_lifetime.as_secs().max(SHORTEST_RENEWAL)
    }

    /// The beginning of a log that knows nothing of earlier sessions: later than any that began on an
    /// instance whose clock is ahead.
    fn beginning(&self) -> u64 {
        self.clock.steady_micros().saturating_add(SKEW * MICROS)
    }

    fn moment(&self) -> Moment {
        let margin = self.session_lifetime.as_secs().saturating_add(SKEW);
        Moment { now: self.clock.now(), elapsed: self.clock.elapsed(), margin }
    }

    fn head_key(&self) -> Key {
        Key::new(KIND, &[&self.realm])
    }

    fn segment_key(&self, id: u64) -> Key {
        Key::new(KIND, &[&self.realm, &format!("{id:016x}")])
    }
}

/// Whether the error says that a record is there and cannot be opened.
fn is_lost(error: &OAuthError) -> bool {
    matches!(error, OAuthError::Store(StoreError::KeyLost { .. } | StoreError::Unreadable(_)))
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

impl fmt::Debug for EndedSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EndedSessions({})", self.known.read().len())
    }
}

#[cfg(test)]
mod tests;
