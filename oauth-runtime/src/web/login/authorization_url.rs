//! The URL that begins a login at the provider, and what has to be kept for the callback.

use std::convert::Infallible;

use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};
use serde::{Deserialize, Serialize};

use crate::flow::login::BegunLogin;
use crate::flow::login::attempt;
use crate::flow::login::scope_request::QUESTION_LIFETIME;
use crate::text::opaque_debug;
use crate::web::redirect;
use crate::web::session::cookies;

/// The URL that begins a login at the provider, for those who send the browser there themselves. As
/// a part of a response it sets the cookie that finishes the login.
#[must_use = "the login can be finished only if this becomes a part of the response, or its pending login is kept"]
pub struct AuthorizationUrl {
    pub(crate) begun: BegunLogin,
    pub(crate) expired: Vec<String>,
    /// Name and value of the cookie that keeps a question for more scopes.
    pub(crate) question: Option<Box<(String, String)>>,
    pub(crate) is_https: bool,
}

impl AuthorizationUrl {
    /// Where the browser has to go, by a top-level navigation.
    pub fn url(&self) -> &str {
        &self.begun.location
    }

    /// The pending login, for those who keep it elsewhere than in a cookie;
    /// [`Client::resume_login`](crate::Client::resume_login) takes it.
    pub fn into_pending(self) -> SealedLogin {
        let BegunLogin { cookie_name, cookie_value, .. } = self.begun;
        SealedLogin { name: cookie_name, value: cookie_value }
    }

    fn set_cookies(&self, headers: &mut HeaderMap) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for name in &self.expired {
            cookies::clear(headers, name, self.is_https);
        }
        let BegunLogin { cookie_name, cookie_value, .. } = &self.begun;
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

/// A login between its redirect and its callback, sealed: it can be kept as text for ten minutes, and
/// says nothing to whoever reads it.
///
/// Keep it where this one browser leads to it and no other, such as a session of your own: whoever
/// can exchange it for another person's logs that person in as somebody else.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedLogin {
    pub(crate) name: String,
    pub(crate) value: String,
}

opaque_debug!(SealedLogin);

/// The response that sends the browser to the provider, with the cookie of the pending login.
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
