//! The signed-in user, as an extractor.

use std::convert::Infallible;
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};

use super::Session;
use crate::clock::UnixTime;
use crate::deployment::Shared;
use crate::error::OAuthError;
use crate::identity::Identity;
use crate::pages::Text;
use crate::pages::phrase::Phrase;
use crate::registry::sessions::HasSessions;
use crate::registry::sessions::Sessions;
use crate::token::owner::Owner;
use crate::web::page::error_context::ErrorContext;
use crate::web::page::login_required::LoginRequired;
use crate::web::page::pages::{Action, Notes, Page, harden};

/// The user who is signed in with the built-in session.
///
/// As an argument of a handler it requires a login: a visitor without a session sees a page with a
/// button for each provider, and returns after the login. `Option<User>` is `None` without a
/// session. In `on_login` there is no user: the previous session may be that of another user.
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
pub struct User {
    session: Arc<Session>,
    sessions: Sessions,
}

impl User {
    /// The user's identity.
    pub fn identity(&self) -> &Identity {
        &self.session.identity
    }

    /// When the user signed in here.
    pub fn logged_in_at(&self) -> UnixTime {
        UnixTime::from_secs(self.session.begun_at)
    }

    /// When the session ends.
    pub fn expires_at(&self) -> UnixTime {
        UnixTime::from_secs(self.session.expires_at)
    }

    /// The owner of the stored tokens that this session can use: the owner given to
    /// [`Login::sign_in_as`](crate::Login::sign_in_as), or else the identity.
    /// [`Client::api_for`](crate::Client::api_for) takes it, and a background job may store it.
    pub fn owner(&self) -> Owner {
        self.session.owner()
    }

    /// Ends the session on every instance and for every copy of its cookie. The result becomes part
    /// of the response: it removes the cookie. The generated logout route does the same. Use it on
    /// a `POST` route.
    ///
    /// ```
    /// use oauth_runtime::SignOutError;
    /// use oauth_runtime::prelude::*;
    ///
    /// async fn leave(user: User) -> Result<impl IntoResponse, SignOutError> {
    ///     Ok((user.sign_out().await?, Redirect::to("/")))
    /// }
    /// ```
    ///
    /// # Errors
    /// [`SignOutError`] when it could not be stored. As a response it still removes the cookie, and
    /// says that a copy of the session may still work.
    pub async fn sign_out(&self) -> Result<SignOut, SignOutError> {
        let signed_out = SignOut(self.sessions.clone());
        match self.sessions.end(&self.session).await {
            Ok(()) => Ok(signed_out),
            Err(error) => Err(SignOutError { signed_out, error }),
        }
    }

    pub(crate) async fn of_request(sessions: &Sessions, parts: &mut Parts) -> Option<Self> {
        let session = sessions.of_request(&parts.headers, &mut parts.extensions).await?;
        Some(Self { session, sessions: sessions.clone() })
    }

    /// The user of the session with this identifier, if the headers contain it and it is alive.
    pub(crate) async fn of_session(
        sessions: Sessions,
        headers: &HeaderMap,
        id: &str,
    ) -> Option<Self> {
        let session = sessions.of_headers(headers).await.filter(|session| session.id == id)?;
        Some(Self { session: Arc::new(session), sessions })
    }

    /// Whether the session belongs to this registry.
    pub(crate) fn is_of(&self, registry: &Arc<Shared>) -> bool {
        Arc::ptr_eq(self.sessions.shared(), registry)
    }

    /// Whether the session was started with the client that `binding` identifies.
    pub(crate) fn is_bound_to(&self, binding: &str) -> bool {
        **self.session.identity.client() == *binding
    }

    pub(crate) fn session(&self) -> &Session {
        &self.session
    }
}

impl From<&User> for Owner {
    fn from(user: &User) -> Self {
        user.owner()
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
    type Rejection = LoginRequired;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, LoginRequired> {
        let sessions = state.sessions();
        match Self::of_request(&sessions, parts).await {
            Some(user) => Ok(user),
            None => {
                let required = LoginRequired::new(sessions, None, parts);
                Err(Box::pin(required.answered_by(parts, state)).await)
            }
        }
    }
}

impl<S> OptionalFromRequestParts<S> for User
where
    S: HasSessions + Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Infallible> {
        Ok(Self::of_request(&state.sessions(), parts).await)
    }
}

/// A session that has ended. As part of a response it removes the cookie.
#[must_use = "the session's cookie is removed only if this is part of the response"]
#[derive(Debug)]
pub struct SignOut(Sessions);

impl SignOut {
    pub(crate) fn clear_cookie(&self, headers: &mut HeaderMap) {
        harden(headers);
        self.0.clear_cookie(headers);
    }
}

/// A sign-out that could not be stored.
///
/// The session has ended on this instance, which retries to store it while it runs. Until then, the
/// other instances accept a copy of the session's cookie.
///
/// As a response it is a page that says so, with status 503. It still removes the cookie: a user
/// who asked to be signed out must not leave a browser that is still signed in. Converted to an
/// [`OAuthError`], it is an error of the store, whose response leaves the cookie.
#[derive(Debug, thiserror::Error)]
#[error("the sign-out could not be stored: {error}")]
pub struct SignOutError {
    signed_out: SignOut,
    #[source]
    error: OAuthError,
}

impl SignOutError {
    /// The error of the store.
    pub fn store_error(&self) -> &OAuthError {
        &self.error
    }
}

impl From<SignOutError> for OAuthError {
    fn from(error: SignOutError) -> Self {
        error.error
    }
}

impl SignOutError {
    /// The response to the request of the context.
    pub(crate) fn response(&self, context: &ErrorContext) -> Response {
        unstored(self.signed_out.0.shared(), &self.error, context)
    }
}

impl IntoResponse for SignOutError {
    fn into_response(self) -> Response {
        self.response(&ErrorContext::current())
    }
}

/// The response to a sign-out that could not be stored. It removes the cookie and logs the error.
pub(crate) fn unstored(
    shared: &Arc<Shared>,
    error: &OAuthError,
    context: &ErrorContext,
) -> Response {
    let mut response = if context.wants_json {
        error.response(context)
    } else {
        let page = Page {
            status: StatusCode::SERVICE_UNAVAILABLE,
            title: Phrase::of(Text::SignOutUnstoredTitle),
            text: &[Phrase::of(Text::SignOutUnstoredText)],
            quote: None,
            actions: vec![Action::Home { href: shared.public_url.home() }],
        };
        let reference = error.log();
        let notes = Notes { reference: Some(reference.as_str()), ..Notes::default() };
        page.with(&notes, &context.viewer_in(shared))
    };
    Sessions::new(Arc::clone(shared)).clear_cookie(response.headers_mut());
    response
}

impl IntoResponseParts for SignOut {
    type Error = Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Infallible> {
        self.clear_cookie(response.headers_mut());
        Ok(response)
    }
}
