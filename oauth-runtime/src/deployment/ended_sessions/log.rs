//! The log of sign-outs in the store: a head, which is written with each sign-out, and segments,
//! which are written once.
//!
//! A new sign-out is added to the head. When the head is full, its entries become a segment that
//! never changes, so that neither a sign-out nor a read of the head becomes more expensive as the
//! log grows. All numbers are big-endian; each record starts with its format version.

/// First byte of each record.
const FORMAT: u8 = 1;
const OF_SESSION: u8 = 1;
const OF_USER: u8 = 2;

/// Maximum number of entries in the head.
pub(super) const HEAD_CAPACITY: usize = 64;
/// Maximum number of entries in a segment: with 49 bytes each, 200 KB.
pub(super) const SEGMENT_CAPACITY: usize = 4_096;

/// The first bytes of the SHA-256 of a user's names.
pub(crate) type UserTag = [u8; 16];
/// The bytes of a session's identifier.
pub(crate) type SessionId = [u8; 16];

/// One sign-out, or several of one user.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) user: UserTag,
    /// The session that has ended. `None`: all sessions of the user up to `order`.
    pub(super) session: Option<SessionId>,
    /// Start of the session, in microseconds since 1970-01-01 UTC.
    pub(super) order: u64,
    /// End of the lifetime of the session, or of the last one, in seconds since 1970-01-01 UTC.
    pub(super) expires_at: u64,
}

/// The record that is read at each check and written with each sign-out.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// Sessions that started earlier are not trusted: the log does not know whether they have
    /// ended. In microseconds since 1970-01-01 UTC.
    pub(super) since: u64,
    /// Seconds since 1970-01-01 UTC.
    pub(super) written_at: u64,
    pub(super) segments: Vec<Segment>,
    pub(super) entries: Vec<Entry>,
}

/// A reference to a record that never changes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment {
    /// A random number.
    pub(super) id: u64,
    /// Number of entries.
    pub(super) count: u32,
    /// End of the lifetime of its last session, in seconds since 1970-01-01 UTC.
    pub(super) until: u64,
}

impl Head {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![FORMAT];
        bytes.extend(self.since.to_be_bytes());
        bytes.extend(self.written_at.to_be_bytes());
        bytes.extend((self.segments.len() as u64).to_be_bytes());
        for segment in &self.segments {
            bytes.extend(segment.id.to_be_bytes());
            bytes.extend(segment.count.to_be_bytes());
            bytes.extend(segment.until.to_be_bytes());
        }
        encode_entries(&self.entries, &mut bytes);
        bytes
    }

    /// Returns `None` for anything that [`encode`](Self::encode) did not write.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Bytes::of_record(bytes)?;
        let (since, written_at, count) = (bytes.u64()?, bytes.u64()?, bytes.u64()?);
        let mut segments = Vec::new();
        for _ in 0..count {
            let (id, count, until) =
                (bytes.u64()?, u32::from_be_bytes(bytes.take()?), bytes.u64()?);
            segments.push(Segment { id, count, until });
        }
        Some(Self { since, written_at, segments, entries: bytes.entries()? })
    }
}

pub(super) fn encode_segment(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = vec![FORMAT];
    encode_entries(entries, &mut bytes);
    bytes
}

/// Returns `None` for anything that [`encode_segment`] did not write.
pub(super) fn decode_segment(bytes: &[u8]) -> Option<Vec<Entry>> {
    Bytes::of_record(bytes)?.entries()
}

fn encode_entries(entries: &[Entry], bytes: &mut Vec<u8>) {
    for entry in entries {
        match &entry.session {
            Some(session) => {
                bytes.push(OF_SESSION);
                bytes.extend(session);
            }
            None => bytes.push(OF_USER),
        }
        bytes.extend(entry.user);
        bytes.extend(entry.order.to_be_bytes());
        bytes.extend(entry.expires_at.to_be_bytes());
    }
}

/// The unread rest of a record.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn of_record(bytes: &'a [u8]) -> Option<Self> {
        let (format, rest) = bytes.split_first()?;
        (*format == FORMAT).then_some(Self(rest))
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_be_bytes)
    }

    fn entries(mut self) -> Option<Vec<Entry>> {
        let mut entries = Vec::new();
        while !self.0.is_empty() {
            let [kind] = self.take()?;
            let session = match kind {
                OF_SESSION => Some(self.take()?),
                OF_USER => None,
                _ => return None,
            };
            let (user, order, expires_at) = (self.take()?, self.u64()?, self.u64()?);
            entries.push(Entry { user, session, order, expires_at });
        }
        Some(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(entries: usize, segments: usize) -> Head {
        let entry = |number: usize| Entry {
            user: [number as u8; 16],
            session: (!number.is_multiple_of(3)).then_some([7; 16]),
            order: number as u64,
            expires_at: u64::MAX,
        };
        let segment = |number: usize| Segment { id: number as u64, count: 64, until: 1_000 };
        Head {
            since: 5,
            written_at: 6,
            segments: (0..segments).map(segment).collect(),
            entries: (0..entries).map(entry).collect(),
        }
    }

    #[test]
    fn head_and_segment_are_read_as_written() {
        for (entries, segments) in [(0, 0), (1, 0), (0, 1), (HEAD_CAPACITY, 20)] {
            let head = head(entries, segments);
            assert!(Head::decode(&head.encode()) == Some(head.clone()), "{entries}, {segments}");
            let segment = decode_segment(&encode_segment(&head.entries));
            assert!(segment == Some(head.entries));
        }
    }

    #[test]
    fn part_of_a_record_is_refused() {
        let whole = head(2, 2).encode();
        // Without its last entries it is a different head: the seal protects whole records.
        let is_whole = |length: usize| (whole.len() - length).is_multiple_of(49) && length > 64;
        for length in 0..whole.len() {
            let decoded = Head::decode(&whole[..length]);
            assert!(decoded.is_none() || is_whole(length) || length >= 65, "{length}");
        }
        assert!(Head::decode(&[2]).is_none() && decode_segment(&[]).is_none());
        assert!(decode_segment(&[FORMAT, 9]).is_none(), "an unknown kind");
    }

    #[test]
    fn records_stay_far_below_the_limit_of_a_store() {
        let segment = encode_segment(&vec![head(2, 0).entries[1]; SEGMENT_CAPACITY]);
        assert!(segment.len() <= 201_000, "{}", segment.len());
        // Segments are merged before there are more of the small ones.
        let full = head(HEAD_CAPACITY, 20).encode();
        assert!(full.len() <= 4_000, "{}", full.len());
    }
}
