//! The ended sessions that one instance knows, and where the store has them.
//!
//! It forgets by a clock that is never set: an entry is kept for a whole lifetime of its session
//! after it was learned, whatever the system's clock says.

use std::collections::{HashMap, HashSet};

use super::SessionMark;
use super::log::{Entry, HEAD_CAPACITY, Head, SEGMENT_CAPACITY, Segment, UserTag};
use crate::clock::{MICROS, SKEW};

/// Maximum number of separate entries for one user. Beyond it, the older half becomes one entry:
/// all sessions of this user that started earlier.
pub(super) const MAX_PER_USER: usize = 32;
/// Segments with fewer entries are merged once there are [`MAX_SMALL`] of them.
const SMALL: u32 = 1_024;
const MAX_SMALL: usize = 16;

/// Seconds between two checks for entries to forget.
const FORGETS_AFTER: u64 = 60;

/// Where the store has an entry: the number of a segment, or one of these constants.
type Place = u64;
const UNSAVED: Place = 0;
const IN_HEAD: Place = 1;
/// No longer needed in the store: its session would have expired long ago.
const NOWHERE: Place = 2;
/// The smallest number of a segment.
pub(super) const FIRST_SEGMENT: u64 = 3;

/// The ended sessions that this instance knows.
#[derive(Default)]
pub(super) struct KnownSignOuts {
    /// Sessions that started earlier have ended, in microseconds since 1970-01-01 UTC; 0 before the
    /// first read.
    pub(super) since: u64,
    users: HashMap<UserTag, User>,
    /// Entries that the store may lack.
    unsaved: Vec<Entry>,
    /// The head as it was last read or written.
    head: Head,
    /// In seconds of a clock that cannot be set.
    forgets_at: u64,
}

#[derive(Default)]
struct User {
    /// All sessions that started up to this order have ended.
    up_to: Option<Mark>,
    sessions: Vec<Mark>,
}

#[derive(Clone, Copy)]
struct Mark {
    entry: Entry,
    place: Place,
    /// In seconds of a clock that cannot be set.
    forget_at: u64,
}

/// When something is learned.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    /// Seconds since 1970-01-01 UTC.
    pub(super) now: u64,
    /// Seconds of a clock that cannot be set.
    pub(super) elapsed: u64,
    /// Seconds for which the store has an entry beyond the end of its session.
    pub(super) margin: u64,
}

impl Moment {
    fn is_needed(&self, entry: &Entry) -> bool {
        entry.expires_at.saturating_add(self.margin) >= self.now
    }
}

/// The contents of the next head.
pub(super) struct Plan {
    /// Segments that are kept.
    pub(super) segments: Vec<Segment>,
    /// Entries for new segments.
    pub(super) moved: Vec<Entry>,
    /// Entries of the head.
    pub(super) entries: Vec<Entry>,
}

impl KnownSignOuts {
    /// Whether the session has ended, or started before the log and in another one.
    pub(super) fn has(&self, mark: &SessionMark) -> bool {
        let SessionMark { user, session, order, log, at_provider, .. } = mark;
        let is_trusted = *order >= self.since || *log == self.name();
        !is_trusted
            || at_provider.tags().any(|tag| *order <= self.ended_up_to(&tag.0))
            || self.users.get(user).is_some_and(|user| {
                user.up_to.is_some_and(|mark| *order <= mark.entry.order)
                    || user.sessions.iter().any(|mark| mark.entry.session == Some(*session))
            })
    }

    /// Distinguishes the log from an earlier one: a session that started in this log is trusted
    /// even if the log starts in the future of some instances.
    pub(super) fn name(&self) -> u32 {
        // The last digits; the first ones stay the same for years.
        u32::try_from(self.since % (1 << 32)).unwrap_or(0)
    }

    /// The order up to which all sessions of the user have ended; 0 for none.
    pub(super) fn ended_up_to(&self, user: &UserTag) -> u64 {
        let up_to = self.users.get(user).and_then(|user| user.up_to);
        up_to.map_or(0, |mark| mark.entry.order)
    }

    /// Number of entries.
    pub(super) fn len(&self) -> usize {
        self.marks().count()
    }

    /// Ends a session here; the store does not have it yet. Returns `false` if it was already known
    /// and stored.
    pub(super) fn end(&mut self, entry: Entry, elapsed: u64) -> bool {
        if let Some(mark) = self.find(&entry) {
            return mark.place == UNSAVED;
        }
        self.insert(entry, UNSAVED, elapsed);
        self.unsaved.push(entry);
        if let Some(all) = self.collapse(&entry.user) {
            self.insert(all, UNSAVED, elapsed);
            self.unsaved.push(all);
        }
        true
    }

    /// One entry for the older half of a user's ended sessions, if there are too many.
    fn collapse(&self, user: &UserTag) -> Option<Entry> {
        let sessions = &self.users.get(user)?.sessions;
        if sessions.len() <= MAX_PER_USER {
            return None;
        }
        let mut entries: Vec<_> = sessions.iter().map(|mark| mark.entry).collect();
        entries.sort_unstable_by_key(|entry| entry.order);
        let older = entries.get(..MAX_PER_USER / 2)?;
        let last = older.last()?;
        let expires_at = older.iter().map(|entry| entry.expires_at).max()?;
        Some(Entry { session: None, expires_at, ..*last })
    }

    /// Learns an entry that the store has at `place`, or does not have ([`UNSAVED`]).
    fn insert(&mut self, entry: Entry, place: Place, elapsed: u64) {
        let lifetime = entry.expires_at.saturating_sub(entry.order / MICROS);
        let forget_at = elapsed.saturating_add(lifetime).saturating_add(SKEW);
        let user = self.users.entry(entry.user).or_default();
        let mark = Mark { entry, place, forget_at };
        match entry.session {
            None => {
                if user.up_to.is_none_or(|known| known.entry.order <= entry.order) {
                    user.up_to = Some(mark);
                    user.sessions.retain(|known| known.entry.order > entry.order);
                }
            }
            Some(_) if user.up_to.is_some_and(|known| entry.order <= known.entry.order) => {}
            Some(session) => {
                let known =
                    user.sessions.iter_mut().find(|known| known.entry.session == Some(session));
                match known {
                    Some(known) => known.place = place,
                    None => user.sessions.push(mark),
                }
            }
        }
    }

    /// The mark that covers the entry: its own, or that of all sessions of the user.
    fn find(&self, entry: &Entry) -> Option<&Mark> {
        let user = self.users.get(&entry.user)?;
        let up_to = user.up_to.as_ref().filter(|mark| entry.order <= mark.entry.order);
        up_to.or_else(|| {
            let mut sessions = user.sessions.iter();
            sessions.find(|mark| entry.session.is_some() && mark.entry.session == entry.session)
        })
    }

    fn marks(&self) -> impl Iterator<Item = &Mark> {
        self.users.values().flat_map(|user| user.up_to.iter().chain(&user.sessions))
    }

    /// Learns the entries of a segment.
    pub(super) fn learn_segment(&mut self, id: u64, entries: &[Entry], elapsed: u64) {
        for entry in entries {
            self.insert(*entry, id, elapsed);
        }
    }

    /// Learns a head whose segments were learned. Entries that the store has lost, because it was
    /// reset to an earlier state, are to be stored again.
    pub(super) fn learn_head(&mut self, head: Head, moment: Moment) {
        self.raise_since(head.since);
        let before = std::mem::replace(&mut self.head, head);
        let entries = self.head.entries.clone();
        for entry in &entries {
            self.insert(*entry, IN_HEAD, moment.elapsed);
        }
        for entry in before.entries.iter().filter(|entry| !entries.contains(entry)) {
            self.unsave(|place| place == IN_HEAD, entry, moment);
        }
        let now: HashSet<_> = self.head.segments.iter().map(|segment| segment.id).collect();
        let is_gone = |segment: &Segment| !now.contains(&segment.id);
        let gone: HashSet<_> =
            before.segments.iter().filter(|segment| is_gone(segment)).map(|gone| gone.id).collect();
        self.unsave_places(&gone, moment);
    }

    /// The store has lost the whole log. All known entries are stored again, however old: the store
    /// may have lost them because its clock was set forward.
    pub(super) fn unsave_all(&mut self, moment: Moment) {
        self.head = Head::default();
        let moment = Moment { now: 0, ..moment };
        let all: Vec<_> = self.marks().map(|mark| mark.entry).collect();
        all.iter().for_each(|entry| self.unsave(|_| true, entry, moment));
    }

    /// The store has lost a segment.
    pub(super) fn unsave_segment(&mut self, id: u64, moment: Moment) {
        self.head.segments.retain(|segment| segment.id != id);
        self.unsave_places(&HashSet::from([id]), moment);
    }

    fn unsave_places(&mut self, places: &HashSet<Place>, moment: Moment) {
        if places.is_empty() {
            return;
        }
        let lost = self.marks().filter(|mark| places.contains(&mark.place));
        let lost: Vec<_> = lost.map(|mark| mark.entry).collect();
        lost.iter().for_each(|entry| self.unsave(|place| places.contains(&place), entry, moment));
    }

    fn unsave(&mut self, is_lost: impl Fn(Place) -> bool, entry: &Entry, moment: Moment) {
        let Some(user) = self.users.get_mut(&entry.user) else { return };
        let mut marks = user.up_to.iter_mut().chain(&mut user.sessions);
        let Some(mark) = marks.find(|mark| mark.entry == *entry) else { return };
        if mark.place == UNSAVED || !is_lost(mark.place) {
            return;
        }
        mark.place = if moment.is_needed(entry) { UNSAVED } else { NOWHERE };
        if mark.place == UNSAVED {
            self.unsaved.push(*entry);
        }
    }

    /// Ends all sessions that started before `since`.
    pub(super) fn raise_since(&mut self, since: u64) {
        self.since = self.since.max(since);
    }

    /// Whether the store lacks a known entry.
    pub(super) fn is_unsaved(&self) -> bool {
        !self.unsaved.is_empty() || self.since > self.head.since
    }

    /// The contents of the next head.
    pub(super) fn plan(&self, moment: Moment) -> Plan {
        // Without entries that an entry for all sessions of the user covers.
        let is_unsaved = |entry: &&Entry| {
            self.find(entry).is_some_and(|mark| mark.place == UNSAVED && mark.entry == **entry)
        };
        let mut entries = self.head.entries.clone();
        entries.extend(self.unsaved.iter().filter(is_unsaved));
        let segments = self.head.segments.clone();
        if entries.len() <= HEAD_CAPACITY {
            return Plan { segments, moved: Vec::new(), entries };
        }
        let (merged, kept) = self.to_merge(segments, entries.len());
        if merged.is_empty() {
            return Plan { segments: kept, moved: entries, entries: Vec::new() };
        }
        let places: HashSet<_> =
            merged.iter().map(|segment| segment.id).chain([UNSAVED, IN_HEAD]).collect();
        let is_needed =
            |mark: &&Mark| places.contains(&mark.place) && moment.is_needed(&mark.entry);
        let moved = self.marks().filter(is_needed).map(|mark| mark.entry).collect();
        Plan { segments: kept, moved, entries: Vec::new() }
    }

    /// The segments that are rewritten together with `new` entries, and those that are kept: all
    /// are rewritten when most of their entries are no longer needed, and small ones when there are
    /// many.
    fn to_merge(&self, segments: Vec<Segment>, new: usize) -> (Vec<Segment>, Vec<Segment>) {
        let stored = segments.iter().map(|segment| segment.count as usize).sum::<usize>() + new;
        if stored > 2 * self.len() + MAX_SMALL * HEAD_CAPACITY {
            return (segments, Vec::new());
        }
        let (small, large): (Vec<_>, Vec<_>) =
            segments.into_iter().partition(|segment| segment.count < SMALL);
        if small.len() < MAX_SMALL {
            let all = large.into_iter().chain(small).collect();
            return (Vec::new(), all);
        }
        (small, large)
    }

    /// Learns the result of a write: the head, and the entries of its new segments with their
    /// numbers.
    pub(super) fn saved(&mut self, head: Head, segments: &[(u64, Vec<Entry>)], moment: Moment) {
        for (id, entries) in segments {
            self.learn_segment(*id, entries, moment.elapsed);
        }
        self.learn_head(head, moment);
        let unsaved = std::mem::take(&mut self.unsaved);
        self.unsaved = unsaved
            .into_iter()
            .filter(|entry| self.find(entry).is_some_and(|mark| mark.place == UNSAVED))
            .collect();
    }

    /// When the head was written, in seconds since 1970-01-01 UTC.
    pub(super) fn written_at(&self) -> u64 {
        self.head.written_at
    }

    /// Forgets sessions that ended long ago, once a minute.
    pub(super) fn forget(&mut self, elapsed: u64) {
        if elapsed < self.forgets_at {
            return;
        }
        self.forgets_at = elapsed.saturating_add(FORGETS_AFTER);
        self.users.retain(|_, user| {
            let is_kept = |mark: &Mark| mark.forget_at > elapsed;
            user.up_to = user.up_to.filter(is_kept);
            user.sessions.retain(is_kept);
            user.up_to.is_some() || !user.sessions.is_empty()
        });
        let unsaved = std::mem::take(&mut self.unsaved);
        self.unsaved = unsaved.into_iter().filter(|entry| self.find(entry).is_some()).collect();
    }
}

/// Splits entries into parts that each fit into a segment.
pub(super) fn in_segments(entries: &[Entry]) -> impl Iterator<Item = Vec<Entry>> {
    entries.chunks(SEGMENT_CAPACITY).map(<[Entry]>::to_vec)
}
