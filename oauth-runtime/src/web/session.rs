//! The built-in session: a small sealed cookie that says who logged in, opened once per request.

use std::fmt;
use std::sync::Arc;

use axum::http::{Extensions, HeaderMap};
use serde::{Deserialize, Serialize};

use super::cookies;
use crate::error::OAuthError;
use crate::identity::{Identity, IdentityRecord};
use crate::random;
use crate::shared::Shared;

/// Follows the host prefix.
const COOKIE: &str = "oauth-session";
/// Bytes of a session's identifier.
const ID_LENGTH: usize = 16;

/// The sessions of a registry: what extractors need of the application's state.
///
/// A registry gives it, so a registry can be the state; an application's own state gives it with
/// `FromRef`.
#[derive(Clone)]
pub struct Sessions(Arc<Shared>);

/// One login of one person in one browser.
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) identity: Identity,
    /// Seconds since 1970-01-01 UTC.
    pub(crate) begun_at: u64,
    /// Seconds since 1970-01-01 UTC.
    pub(crate) expires_at: u64,
}

#[derive(Serialize, Deserialize)]
struct Record<'a> {
    #[serde(rename = "d")]
    id: String,
    #[serde(rename = "w", borrow)]
    who: IdentityRecord<'a>,
    #[serde(rename = "b")]
    begun_at: u64,
    #[serde(rename = "x")]
    expires_at: u64,
}

/// Remembers within a request what its cookie was found to be.
#[derive(Clone)]
struct Opened(Option<Arc<Session>>);

impl Sessions {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self(shared)
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.0
    }

    /// The session of a request; its cookie is opened once, however many extractors ask.
    pub(crate) fn of_request(
        &self,
        headers: &HeaderMap,
        extensions: &mut Extensions,
    ) -> Option<Arc<Session>> {
        if let Some(Opened(session)) = extensions.get() {
            return session.clone();
        }
        let session = self.of_headers(headers).map(Arc::new);
        extensions.insert(Opened(session.clone()));
        session
    }

    /// The session that the headers carry, if it is alive.
    pub(crate) fn of_headers(&self, headers: &HeaderMap) -> Option<Session> {
        let name = self.cookie_name();
        let plain = self.0.sessions.open(&name, cookies::find(headers, &name)?)?;
        let record: Record<'_> = serde_json::from_slice(&plain).ok()?;
        let is_alive =
            self.0.clock.now() < record.expires_at && !self.0.ended_sessions.contains(&record.id);
        is_alive.then(|| Session {
            id: record.id,
            identity: record.who.into(),
            begun_at: record.begun_at,
            expires_at: record.expires_at,
        })
    }

    /// A new session with a new identifier.
    pub(crate) fn begin(&self, identity: Identity) -> Result<Session, OAuthError> {
        let begun_at = self.0.clock.now();
        Ok(Session {
            id: random::text::<ID_LENGTH>()?,
            identity,
            begun_at,
            expires_at: begun_at.saturating_add(self.0.session_lifetime.as_secs()),
        })
    }

    /// Sets the cookie of `session`.
    pub(crate) fn set_cookie(
        &self,
        headers: &mut HeaderMap,
        session: &Session,
    ) -> Result<(), OAuthError> {
        let record = Record {
            id: session.id.clone(),
            who: IdentityRecord::from(&session.identity),
            begun_at: session.begun_at,
            expires_at: session.expires_at,
        };
        let name = self.cookie_name();
        // Text and numbers always become JSON.
        let plain = serde_json::to_vec(&record).unwrap_or_default();
        let sealed = self.0.sessions.seal(&name, &plain)?;
        let seconds = session.expires_at.saturating_sub(self.0.clock.now());
        cookies::set(headers, &name, &sealed, seconds, self.0.public_url.is_https());
        Ok(())
    }

    /// Removes the session's cookie.
    pub(crate) fn clear_cookie(&self, headers: &mut HeaderMap) {
        cookies::clear(headers, &self.cookie_name(), self.0.public_url.is_https());
    }

    /// Ends a session everywhere: whoever has a copy of the cookie is not logged in any more.
    pub(crate) async fn end(&self, session: &Session) -> Result<(), OAuthError> {
        let shared = &self.0;
        shared.ended_sessions.end(&session.id, session.expires_at, shared.clock.now());
        let provider = session.identity.provider();
        crate::token::TokenData::forget(&*shared.store, &session.id, provider).await
    }

    fn cookie_name(&self) -> String {
        format!("{}{COOKIE}", cookies::host_prefix(self.0.public_url.is_https()))
    }
}

/// Its identifier finds the tokens in the store, so it stays out.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("identity", &self.identity)
            .field("begun_at", &self.begun_at)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}
