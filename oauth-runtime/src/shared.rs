//! What all clients of a registry share.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use crate::clock::Clock;
use crate::error::OAuthError;
use crate::http::HttpClient;
use crate::resolve::PublicUrl;
use crate::seal::{CookieKeys, Sealer};
use crate::store::Store;

/// The parts of the machine that flows use.
pub(crate) struct Shared {
    pub(crate) public_url: PublicUrl,
    pub(crate) http: Arc<dyn HttpClient>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Clock,
    pub(crate) pending_logins: Sealer,
    pub(crate) sessions: Sealer,
    pub(crate) session_lifetime: Duration,
    pub(crate) ended_sessions: EndedSessions,
    pub(crate) login_links: Vec<LoginLink>,
}

/// Where a login with one provider begins.
#[derive(Debug)]
pub(crate) struct LoginLink {
    pub(crate) display_name: &'static str,
    pub(crate) path: String,
}

impl Shared {
    pub(crate) fn new(
        public_url: PublicUrl,
        http: Arc<dyn HttpClient>,
        store: Arc<dyn Store>,
        clock: Clock,
        keys: &CookieKeys,
        session_lifetime: Duration,
        login_links: Vec<LoginLink>,
    ) -> Result<Self, OAuthError> {
        Ok(Self {
            public_url,
            http,
            store,
            clock,
            pending_logins: Sealer::new(keys, "pending login")?,
            sessions: Sealer::new(keys, "session")?,
            session_lifetime,
            ended_sessions: EndedSessions::default(),
            login_links,
        })
    }
}

/// Sessions that were signed out before their time: dead at once, whoever still has the cookie.
///
/// They are few, and each is forgotten when its session would have ended anyway.
#[derive(Debug, Default)]
pub(crate) struct EndedSessions(RwLock<HashMap<Box<str>, u64>>);

impl EndedSessions {
    /// Ends a session that would have lasted until `expires_at`.
    pub(crate) fn end(&self, id: &str, expires_at: u64, now: u64) {
        let mut ended = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if ended.len() == ended.capacity() {
            ended.retain(|_, end| *end > now);
        }
        ended.insert(id.into(), expires_at);
    }

    pub(crate) fn contains(&self, id: &str) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains_key(id)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("public_url", &self.public_url).finish_non_exhaustive()
    }
}
