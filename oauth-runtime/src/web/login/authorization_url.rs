//! The URL that starts a login at the provider, and the pending login that the callback needs.

use std::convert::Infallible;

use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};
use serde::{Deserialize, Serialize};

use crate::flow::login::StartedLogin;
use crate::flow::login::attempt;
use crate::flow::login::scope_request::QUESTION_LIFETIME;
use crate::text::opaque_debug;
use crate::web::redirect;
use crate::web::session::cookies;

/// The URL that starts a login at the provider, for applications that redirect the browser
/// themselves. As part of a response it sets the cookie with which the login is completed.
#[must_use = "the login can be completed only if this is part of the response, or its pending login is stored"]
pub struct AuthorizationUrl {
    pub(crate) begun: StartedLogin,
    pub(crate) expired: Vec<String>,
    /// Name and value of the cookie that records a question for more scopes.
    pub(crate) question: Option<Box<(String, String)>>,
    pub(crate) is_https: bool,
}

impl AuthorizationUrl {
    /// The URL for a top-level navigation of the browser.
    pub fn url(&self) -> &str {
        &self.begun.location
    }

    /// Returns the pending login, for applications that store it elsewhere than in a cookie.
    /// [`Client::resume_login`](crate::Client::resume_login) accepts it.
    pub fn into_pending(self) -> SealedLogin {
        let StartedLogin { cookie_name, cookie_value, .. } = self.begun;
        SealedLogin { name: cookie_name, value: cookie_value }
    }

    fn set_cookies(&self, headers: &mut HeaderMap) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for name in &self.expired {
            cookies::clear(headers, name, self.is_https);
        }
        let StartedLogin { cookie_name, cookie_value, .. } = &self.begun;
        let seconds = attempt::LIFETIME.as_secs();
        cookies::set(headers, cookie_name, cookie_value, seconds, self.is_https);
        if let Some(question) = &self.question {
            cookies::set(headers, &question.0, &question.1, QUESTION_LIFETIME, self.is_https);
        }
    }
}

impl IntoResponseParts for AuthorizationUrl {
    type Error = Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Infallible> {
        self.set_cookies(response.headers_mut());
        Ok(response)
    }
}

/// A login between its redirect and its callback, sealed. It can be stored as a string for ten
/// minutes and reveals nothing.
///
/// Store it where only this browser can reach it, such as in a session of your own: an attacker who
/// can replace a user's pending login signs that user in to another account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedLogin {
    pub(crate) name: String,
    pub(crate) value: String,
}

opaque_debug!(SealedLogin);

/// The response that redirects the browser to the provider, with the cookie of the pending login.
pub struct LoginRedirect(AuthorizationUrl);

impl From<AuthorizationUrl> for LoginRedirect {
    fn from(begun: AuthorizationUrl) -> Self {
        Self(begun)
    }
}

impl IntoResponse for LoginRedirect {
    fn into_response(self) -> Response {
        redirect::to_provider(self.0.url(), |headers| self.0.set_cookies(headers))
    }
}

// Location and cookie are a whole pending login: they are not shown.
opaque_debug!(AuthorizationUrl);

opaque_debug!(LoginRedirect);
