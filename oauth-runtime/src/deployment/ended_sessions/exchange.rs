//! Reads and writes the log in the store.

use crate::clock::Interval;
use crate::crypto::random;
use crate::deployment::Shared;
use crate::deployment::ended_sessions::known::{FIRST_SEGMENT, Moment, in_segments};
use crate::deployment::ended_sessions::log;
use crate::deployment::ended_sessions::log::{Entry, Head, Segment};
use crate::error::{OAuthError, StoreError};
use crate::store::{Key, Record, Version};
use std::collections::HashSet;
use std::fmt;
use std::time::Duration;

/// Kind of the records.
const KIND: &str = "signouts";

/// Number of reads of the log between two checks that a segment still exists.
pub(super) const LOOKS_PER_CHECK: u64 = 20;

/// Maximum time that a sign-out waits while other instances write too.
const WRITE_WITHIN: Duration = Duration::from_secs(10);

/// Pause between two attempts; at least half of it.
const FIRST_PAUSE: Duration = Duration::from_millis(10);

const LAST_PAUSE: Duration = Duration::from_millis(320);

/// Attempts to read the log while other instances create it.
const READS: usize = 20;

/// Minimum age in seconds at which an unchanged head is rewritten.
const MIN_RENEWAL: u64 = 3600;

/// The log in the store as this instance last saw it.
#[derive(Default)]
pub(super) struct Log {
    /// `None`: it has to be read before it is written.
    version: Option<Version>,
    /// Segments that were read.
    seen: HashSet<u64>,
    /// Segments that the store has lost.
    lost: HashSet<u64>,
    looks: u64,
}

/// The version that a new head replaces.
enum Old {
    Nothing,
    Version(Version),
    Unreadable,
}

/// Whether the error means that a record exists but cannot be opened.
pub(super) fn is_lost(error: &OAuthError) -> bool {
    matches!(error, OAuthError::Store(StoreError::KeyLost { .. } | StoreError::Unreadable(_)))
}

impl Shared {
    /// Writes until the log contains everything known here.
    pub(super) async fn save(&self) -> Result<(), OAuthError> {
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
            // Instances that failed together should not retry together.
            let [random] = random::bytes::<1>()?;
            let jittered = pause / 2 + pause * u32::from(random) / 510;
            tokio::time::sleep(jittered).await;
            waited += jittered;
            pause = (pause * 2).min(LAST_PAUSE);
        }
    }

    /// Learns the contents of the log. A log that is missing or cannot be opened is created.
    pub(super) async fn read_log(&self, log: &mut Log) -> Result<(), OAuthError> {
        let (now, elapsed) = (self.clock.seconds(), self.clock.elapsed());
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

    /// Another instance writes a log that this one cannot read, so this one does not learn of
    /// sign-outs there.
    fn distrust_all(&self, reason: impl fmt::Display) {
        tracing::error!(%reason, "the list of sign-outs cannot be read; ending all sessions");
        let since = self.beginning();
        self.ended_sessions.known.write().raise_since(since);
    }

    /// Creates the log or rewrites it.
    async fn make_log(&self, log: &mut Log, old: Old) -> Result<(), OAuthError> {
        let moment = self.moment();
        if self.ended_sessions.known.read().since == 0 {
            tracing::info!("creating a list of sign-outs; earlier sessions are not trusted");
        } else {
            tracing::warn!("the store has lost its list of sign-outs; rewriting it");
        }
        self.ended_sessions.known.write().unsave_all(moment);
        log.seen.clear();
        log.lost.clear();
        self.write_log(log, old).await
    }

    pub(super) async fn learn(
        &self,
        log: &mut Log,
        mut head: Head,
        record: Record,
    ) -> Result<(), OAuthError> {
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

    pub(super) async fn learn_segment(
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
                // Any signed-out session in it would have expired by now.
                if segment.until.saturating_add(moment.margin) < moment.now {
                    return Ok(());
                }
                self.distrust_all("the store has lost a part of it");
            }
        }
        Ok(())
    }

    /// Checks at intervals that the store still has a segment that was read.
    async fn check_segment(&self, log: &mut Log) -> Result<(), OAuthError> {
        if !log.looks.is_multiple_of(LOOKS_PER_CHECK) || log.seen.is_empty() {
            return Ok(());
        }
        let mut ids: Vec<_> = log.seen.iter().copied().collect();
        ids.sort_unstable();
        let turn = usize::try_from(log.looks / LOOKS_PER_CHECK).unwrap_or(0) % ids.len();
        let Some(id) = ids.get(turn).copied() else { return Ok(()) };
        if self.read_segment(id).await?.is_none() {
            tracing::warn!("the store has lost a part of its list of sign-outs; rewriting it");
            log.seen.remove(&id);
            log.lost.insert(id);
            self.ended_sessions.known.write().unsave_segment(id, self.moment());
        }
        Ok(())
    }

    /// Returns `None` for a lost segment.
    async fn read_segment(&self, id: u64) -> Result<Option<Vec<Entry>>, OAuthError> {
        match self.store.get(&self.segment_key(id)).await {
            Ok(record) => Ok(record.and_then(|record| log::decode_segment(record.content()))),
            Err(error) if is_lost(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes the known entries as the next version of the log, unless the current one is not
    /// `old`. The version of the log is known afterwards only if this succeeded.
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
        // Segments first, so that a head never names a missing segment.
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
        // Whatever this clock says, it outlives a session that ended just now.
        let ttl = until.saturating_sub(moment.now) + 2 * (moment.margin + self.renewal());
        let key = self.segment_key(id);
        self.store.put(&key, &[&log::encode_segment(entries)], Duration::from_secs(ttl)).await?;
        let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        Ok(Segment { id, count, until })
    }

    /// Whether the log lacks an entry or expires soon.
    pub(super) fn is_log_outdated(&self) -> bool {
        let known = self.ended_sessions.known.read();
        let renewed = Interval::new(known.written_at(), self.renewal());
        known.is_unsaved() || !renewed.contains(self.clock.seconds())
    }

    /// Seconds after which the head is rewritten, so that it does not expire while it is needed.
    fn renewal(&self) -> u64 {
        self.session_lifetime.as_secs().max(MIN_RENEWAL)
    }

    pub(super) fn head_key(&self) -> Key {
        Key::new(KIND, &[&self.realm])
    }

    fn segment_key(&self, id: u64) -> Key {
        Key::new(KIND, &[&self.realm, &format!("{id:016x}")])
    }
}
