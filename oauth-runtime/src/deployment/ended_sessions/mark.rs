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
    pub(super) at_provider: AtProvider,
    expires_at: u64,
}

/// A session at a provider, or the sessions of a user there, as a sign-out there names them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProviderTag(pub(super) UserTag);

impl ProviderTag {
    /// The session with this `sid`.
    pub(crate) fn of_session(provider: &str, issuer: &str, sid: &str) -> Self {
        Self(tag_of(&["sid", provider, issuer, sid]))
    }

    /// The user with this `sub`, if the declaration takes the identity from another claim.
    pub(crate) fn of_subject(provider: &str, issuer: &str, subject: &str) -> Self {
        Self(tag_of(&["sub", provider, issuer, subject]))
    }

    /// The user with this identity, whose names are those of the [mark](SessionMark) of a session.
    pub(crate) fn of_user(user: &[&str; 3]) -> Self {
        Self(tag_of(user))
    }

    /// The tag in 22 characters.
    pub(crate) fn to_text(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// `None` for anything that [`to_text`](Self::to_text) did not write.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let mut tag = UserTag::default();
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut tag).ok()?;
        (length == tag.len()).then_some(Self(tag))
    }
}

/// What the session belongs to at the provider, if the provider reports the end of its sessions.
#[derive(Clone, Copy, Default)]
pub(crate) struct AtProvider {
    pub(crate) session: Option<ProviderTag>,
    /// The user, unless the session's own user has that tag.
    pub(crate) subject: Option<ProviderTag>,
}

impl AtProvider {
    pub(crate) fn tags(&self) -> impl Iterator<Item = ProviderTag> + use<> {
        self.session.into_iter().chain(self.subject)
    }
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
        let at_provider = AtProvider::default();
        is_whole.then(|| Self { user: tag_of(user), session, order, log, at_provider, expires_at })
    }

    /// The mark of a session that belongs to this session at the provider.
    pub(crate) fn at(self, at_provider: AtProvider) -> Self {
        Self { at_provider, ..self }
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
