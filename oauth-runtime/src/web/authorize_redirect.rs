//! The beginning of a login by hand.

use std::future::IntoFuture;
use std::sync::Arc;

use axum::http::header::{CACHE_CONTROL, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::{cookies, return_to};
use crate::error::{CallError, OAuthError};
use crate::flow::authorization_code::{self, BegunLogin, LoginOptions};
use crate::flow::discovery::ProviderClient;
use crate::flow::pending_login;
use crate::http::BoxFuture;
use crate::protocol::authorization_request::RESERVED;

/// Most pending logins in one browser. Beyond it the oldest makes place: headers stay small.
const MAX_PENDING: usize = 8;
/// Most bytes of their cookies beside the new one: many servers refuse headers of more than 8 KiB,
/// and with them every page, until the cookies end.
const MAX_PENDING_BYTES: usize = 4096;

/// A login that is about to begin; `.await` makes it a [`LoginRedirect`].
#[must_use = "nothing happens until it is awaited and returned as the response"]
#[derive(Debug)]
pub struct AuthorizeRedirect {
    client: Arc<ProviderClient>,
    options: LoginOptions,
    expired: Vec<String>,
}

impl AuthorizeRedirect {
    pub(crate) fn new(client: Arc<ProviderClient>) -> Self {
        let home = format!("{}/", client.shared.public_url.base_path());
        let options = LoginOptions { return_to: home, params: Vec::new() };
        Self { client, options, expired: Vec::new() }
    }

    /// Where the person goes after the login. Anything but a path of this application becomes `/`:
    /// otherwise the login would lead people to whatever site a link names.
    pub fn return_to(mut self, path: &str) -> Self {
        if let Some(path) = return_to::local_path(path) {
            self.options.return_to = path;
        }
        self
    }

    /// Tells the provider who is probably logging in (OpenID Connect Core 1.0 section 3.1.2.1).
    pub fn login_hint(self, hint: &str) -> Self {
        self.set("login_hint", hint)
    }

    /// `login`, `consent`, `select_account` or `none` (OpenID Connect Core 1.0 section 3.1.2.1).
    pub fn prompt(self, prompt: &str) -> Self {
        self.set("prompt", prompt)
    }

    /// Any other parameter that the provider documents; it replaces the declaration's. One that the
    /// library sets itself, such as `state`, is an error when this is awaited.
    pub fn param(self, name: &str, value: &str) -> Self {
        self.set(name, value)
    }

    /// Looks at the pending logins that the browser holds already, so that old ones make place.
    /// The generated route does it; by hand it is a comfort for people who begin many logins.
    pub fn with_cookies_of(mut self, headers: &HeaderMap) -> Self {
        let mut pending: Vec<_> = cookies::pending_logins(headers).collect();
        let mut bytes = 0;
        let is_kept = |(at, (name, value)): &(usize, &(&str, &str))| {
            bytes += name.len() + value.len();
            at + 1 < MAX_PENDING && bytes <= MAX_PENDING_BYTES
        };
        let kept = pending.iter().rev().enumerate().take_while(is_kept).count();
        pending.truncate(pending.len() - kept);
        self.expired = pending.into_iter().map(|(name, _)| name.to_owned()).collect();
        self
    }

    fn set(mut self, name: &str, value: &str) -> Self {
        let params = &mut self.options.params;
        params.retain(|(other, _)| other != name);
        params.push((name.to_owned(), value.to_owned()));
        self
    }

    async fn begin(self) -> Result<LoginRedirect, OAuthError> {
        let reserved = |(name, _): &&(String, String)| RESERVED.contains(&name.as_str());
        if let Some((name, _)) = self.options.params.iter().find(reserved) {
            return Err(CallError::ReservedParameter(name.clone()).into());
        }
        let is_https = self.client.shared.public_url.is_https();
        let prefix = cookies::host_prefix(is_https);
        let begun = authorization_code::begin(&self.client, self.options, prefix).await?;
        Ok(LoginRedirect { begun, expired: self.expired, is_https })
    }
}

impl IntoFuture for AuthorizeRedirect {
    type Output = Result<LoginRedirect, OAuthError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.begin())
    }
}

/// The response that sends the browser to the provider, with the cookie of the pending login.
#[derive(Debug)]
pub struct LoginRedirect {
    begun: BegunLogin,
    expired: Vec<String>,
    is_https: bool,
}

impl IntoResponse for LoginRedirect {
    fn into_response(self) -> Response {
        let Self { begun, expired, is_https } = self;
        let Ok(location) = HeaderValue::try_from(begun.location) else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let mut response = StatusCode::FOUND.into_response();
        let headers = response.headers_mut();
        headers.insert(LOCATION, location);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for name in &expired {
            cookies::clear(headers, name, is_https);
        }
        let seconds = pending_login::LIFETIME.as_secs();
        cookies::set(headers, &begun.cookie_name, &begun.cookie_value, seconds, is_https);
        response
    }
}
