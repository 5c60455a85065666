//! The person who is logged in, as an extractor.

use std::convert::Infallible;
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;

use super::rejection::NotLoggedIn;
use super::session::{Session, Sessions};
use super::state::HasSessions;
use crate::identity::Identity;

/// The person who is logged in with the built-in session.
///
/// As an argument of a handler it demands a login: without one the visitor sees a page with a
/// button for each provider, and comes back after the login. As `Option<User>` it takes what there
/// is.
///
/// ```
/// use oauth_runtime::prelude::*;
///
/// async fn profile(user: User) -> String {
///     format!("You are {}", user.display_name())
/// }
///
/// async fn home(user: Option<User>) -> String {
///     user.map_or("Please sign in".to_owned(), |user| format!("Hello, {}", user.display_name()))
/// }
/// ```
#[derive(Debug, Clone)]
pub struct User(Arc<Session>);

impl User {
    /// Who the person is.
    pub fn identity(&self) -> &Identity {
        &self.0.identity
    }

    /// When the person logged in here, in seconds since 1970-01-01 UTC.
    pub fn logged_in_at(&self) -> u64 {
        self.0.begun_at
    }

    /// When the session ends, in seconds since 1970-01-01 UTC.
    pub fn expires_at(&self) -> u64 {
        self.0.expires_at
    }

    pub(crate) fn of_request(sessions: &Sessions, parts: &mut Parts) -> Option<Self> {
        sessions.of_request(&parts.headers, &mut parts.extensions).map(Self)
    }

    pub(crate) fn session_id(&self) -> &str {
        &self.0.id
    }
}

impl Deref for User {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        self.identity()
    }
}

impl<S> FromRequestParts<S> for User
where
    S: HasSessions + Send + Sync,
{
    type Rejection = NotLoggedIn;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, NotLoggedIn> {
        let sessions = state.sessions();
        Self::of_request(&sessions, parts).ok_or_else(|| NotLoggedIn::new(sessions, parts))
    }
}

impl<S> OptionalFromRequestParts<S> for User
where
    S: HasSessions + Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Infallible> {
        Ok(Self::of_request(&state.sessions(), parts))
    }
}
