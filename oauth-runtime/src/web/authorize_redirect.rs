//! The beginning of a login by hand.

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;

use axum::http::header::{CACHE_CONTROL, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::{cookies, return_to};
use crate::error::{CallError, OAuthError};
use crate::flow::attempt;
use crate::flow::discovery::ProviderClient;
use crate::flow::login::{self, BegunLogin, LoginOptions};
use crate::future::BoxFuture;
use crate::protocol::authorization_request::RESERVED;
use crate::protocol::claims_request::{Claim, ClaimsRequest};
use crate::secret::Secret;

/// Most pending logins in one browser. Beyond it the oldest makes place: headers stay small.
const MAX_PENDING: usize = 8;
/// Most bytes of their cookies together; many servers refuse headers above 8 KiB.
const MAX_PENDING_BYTES: usize = 3500;

/// A login that is about to begin; `.await` makes it a [`LoginRedirect`].
#[must_use = "nothing happens until it is awaited and returned as the response"]
#[derive(Debug)]
pub struct AuthorizeRedirect {
    client: Arc<ProviderClient>,
    options: LoginOptions,
    expired: Vec<String>,
    refused: Option<CallError>,
}

impl AuthorizeRedirect {
    pub(crate) fn new(client: Arc<ProviderClient>) -> Self {
        let home = client.shared.public_url.outside("/");
        let options = LoginOptions { return_to: home, ..LoginOptions::default() };
        Self { client, options, expired: Vec::new(), refused: None }
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

    /// The person must have authenticated at most so many seconds ago; the provider asks again
    /// otherwise, and the ID token must prove it (OpenID Connect Core 1.0 section 3.1.2.1).
    pub fn max_age(mut self, seconds: u32) -> Self {
        self.options.max_age = Some(seconds);
        self
    }

    /// Ways of authentication that the application would like, the preferred one first
    /// (OpenID Connect Core 1.0 section 3.1.2.1): the provider need not comply, and
    /// [`IdToken::acr`](crate::IdToken::acr) says what it did.
    pub fn acr_values<'s>(self, values: impl IntoIterator<Item = &'s str>) -> Self {
        self.set("acr_values", &joined(values))
    }

    /// The person must have authenticated in one of these ways; the ID token must prove it
    /// (OpenID Connect Core 1.0 section 5.5.1.1). Which names there are, the provider says
    /// (`acr_values_supported` of its metadata).
    pub fn require_acr<'s>(self, values: impl IntoIterator<Item = &'s str>) -> Self {
        self.claims(ClaimsRequest::new().id_token(Claim::new("acr").essential().values(values)))
    }

    /// Asks for single claims, beyond those that the scopes cover.
    pub fn claims(mut self, claims: ClaimsRequest) -> Self {
        self.options.claims.merge(claims);
        self
    }

    /// Languages of the provider's pages as tags of BCP 47, the preferred one first
    /// (OpenID Connect Core 1.0 section 3.1.2.1).
    pub fn ui_locales<'s>(self, locales: impl IntoIterator<Item = &'s str>) -> Self {
        self.set("ui_locales", &joined(locales))
    }

    /// Languages of the claims as tags of BCP 47, the preferred one first (OpenID Connect Core 1.0
    /// section 5.2); [`UserInfo::localized`](crate::UserInfo::localized) reads them.
    pub fn claims_locales<'s>(self, locales: impl IntoIterator<Item = &'s str>) -> Self {
        self.set("claims_locales", &joined(locales))
    }

    /// How the provider's pages are shown: `page`, `popup`, `touch` or `wap` (OpenID Connect
    /// Core 1.0 section 3.1.2.1).
    pub fn display(self, display: &str) -> Self {
        self.set("display", display)
    }

    /// An ID token of an earlier login of the person who is expected, as its
    /// [`compact`](crate::IdToken::compact) text: the provider declines when it is somebody else
    /// (OpenID Connect Core 1.0 section 3.1.2.1). Useful with `prompt("none")`. It becomes a part of
    /// a URL, and with it what the token says of the person.
    pub fn id_token_hint(self, id_token: &Secret) -> Self {
        self.set("id_token_hint", id_token.expose())
    }

    /// Asks for these scopes instead of the declared ones.
    pub fn scopes<'s>(self, scopes: impl IntoIterator<Item = &'s str>) -> Self {
        let separator = &self.client.settings.scope_separator;
        let scope = scopes.into_iter().collect::<Vec<_>>().join(separator);
        self.set("scope", &scope)
    }

    /// Any other parameter that the provider documents; it replaces the declaration's. One that the
    /// library sets itself, such as `state`, is an error when this is awaited.
    pub fn param(mut self, name: &str, value: &str) -> Self {
        if RESERVED.contains(&name) {
            self.refused = Some(CallError::ReservedParameter(name.to_owned()));
            return self;
        }
        self.set(name, value)
    }

    /// Looks at the pending logins that the browser holds already, so that old ones make place.
    /// The generated route does it; by hand it is a comfort for people who begin many logins.
    pub fn with_cookies_of(mut self, headers: &HeaderMap) -> Self {
        let prefix = &self.client.shared.cookie_names.pending_login;
        let pending: Vec<_> = cookies::with_prefix(headers, prefix).collect();
        let mut bytes = 0;
        let newest_first = pending.iter().rev();
        let kept = newest_first
            .take_while(|(name, value)| {
                bytes += name.len() + value.len();
                bytes <= MAX_PENDING_BYTES
            })
            .take(MAX_PENDING - 1)
            .count();
        let surplus = pending.iter().take(pending.len() - kept);
        self.expired = surplus.map(|(name, _)| (*name).to_owned()).collect();
        self
    }

    fn set(mut self, name: &str, value: &str) -> Self {
        let params = &mut self.options.params;
        params.retain(|(other, _)| other != name);
        params.push((name.to_owned(), value.to_owned()));
        self
    }

    async fn begin(self) -> Result<LoginRedirect, OAuthError> {
        if let Some(refused) = self.refused {
            return Err(refused.into());
        }
        let begun = login::begin(&self.client, self.options).await?;
        let is_https = self.client.shared.public_url.is_https();
        Ok(LoginRedirect { begun, expired: self.expired, is_https })
    }
}

/// A list as the authorization request has it.
fn joined<'s>(values: impl IntoIterator<Item = &'s str>) -> String {
    values.into_iter().collect::<Vec<_>>().join(" ")
}

impl IntoFuture for AuthorizeRedirect {
    type Output = Result<LoginRedirect, OAuthError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.begin())
    }
}

/// The response that sends the browser to the provider, with the cookie of the pending login.
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
        let seconds = attempt::LIFETIME.as_secs();
        cookies::set(headers, &begun.cookie_name, &begun.cookie_value, seconds, is_https);
        response
    }
}

/// Location and cookie are a whole pending login: they are not shown.
impl fmt::Debug for LoginRedirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginRedirect(…)")
    }
}
