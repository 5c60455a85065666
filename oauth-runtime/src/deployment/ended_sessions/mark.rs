//! The identification of a session in the log of sign-outs.

use crate::crypto::seal;
use crate::deployment::ended_sessions::log::{Entry, SessionId, UserTag};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The identification of a session in the log of sign-outs.
#[derive(Clone)]
pub(crate) struct SessionMark {
    pub(super) user: UserTag,
    pub(super) session: SessionId,
    pub(super) order: u64,
    pub(super) log: u32,
    expires_at: u64,
}

/// The start of a session, as the log counts it.
#[derive(Clone, Copy)]
pub(crate) struct Beginning {
    /// In microseconds since 1970-01-01 UTC, on a clock that is never set back: decides which of
    /// two sessions is later.
    pub(crate) order: u64,
    /// Name of the log in which it started.
    pub(crate) log: u32,
}

impl SessionMark {
    /// The mark of the session with this identifier, which belongs to the user with these names.
    /// `None` for a string that is not an identifier.
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

    pub(super) fn entry(&self) -> Entry {
        let Self { user, session, order, expires_at, .. } = *self;
        Entry { user, session: Some(session), order, expires_at }
    }
}

/// The first bytes of a digest that is unique to this list of names.
pub(super) fn tag_of(user: &[&str]) -> UserTag {
    let digest = seal::digest_of(user);
    digest.first_chunk().copied().unwrap_or_default()
}
