//! Errors in requests of the browser.

use std::time::Duration;

use crate::protocol::authorization_response::{AuthorizationResponseError, Resubmission};
use crate::protocol::end_session::LogoutResponseError;
use crate::protocol::initiated_login::InitiatedLoginError;

/// An error in a request of the browser.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BrowserError {
    /// The authorization response cannot be read, or answers another request.
    #[error("authorization response: {0}")]
    Response(#[from] AuthorizationResponseError),
    /// The cookie of this login is missing: the login was started in another browser or under
    /// another host name, or cookies are blocked.
    #[error(
        "no login is pending in this browser: it was started in another browser or under another host name, or cookies are blocked"
    )]
    NoPendingLogin,
    /// The cookie of this login cannot be opened: it was sealed with another key or for another
    /// provider, or was tampered with.
    #[error(
        "the cookie of the pending login cannot be opened: it was sealed with another key or for another provider, or was changed"
    )]
    ForeignPendingLogin,
    /// The login took too long.
    #[error("the login was started more than {} minutes ago", .0.as_secs() / 60)]
    Expired(Duration),
    /// This response has been used before.
    #[error("this authorization response has been used before")]
    Replayed,
    /// A return from the provider does not answer a logout of this browser. It signed no user in or
    /// out.
    #[error("return from a logout: {0}")]
    LogoutResponse(#[from] LogoutResponseError),
    /// Another site sent an invalid request to start a login to the route `initiate`.
    #[error("login initiated by another site: {0}")]
    InitiatedLogin(#[from] InitiatedLoginError),
    /// The provider's page posted the response here from another site, and the browser withheld its
    /// cookies, as it does with every cross-site `POST`. As a response, this error is a page that
    /// posts it again from this site, so an error handler should return it.
    #[error(
        "the response was posted from another site, without cookies: it has to be posted again from this one"
    )]
    CookiesWithheld(Resubmission),
    /// The browser was signed in after this login started: the user went back, clicked twice, or
    /// signed in in another tab. The session is kept. As a response, this error redirects to the
    /// page that the login was for, so an error handler should return it.
    #[error("the browser was signed in after this login started, and its session is kept")]
    AlreadySignedIn {
        /// A path of this application.
        return_to: String,
    },
    /// A request that changes something came from another site.
    #[error("the request comes from another site")]
    CrossSite,
    /// A route that starts or ends a session was requested in a way that shows the response to no
    /// user: `HEAD`, an image, a frame, a prefetch, or a script of another site. No state was
    /// consumed.
    #[error(
        "the request is not a page load: a `HEAD`, an image, a frame, a prefetch or a script of \
         another site changes nothing here"
    )]
    NotAVisit,
    /// The provider ended its session while the user signed in with it.
    #[error("the provider ended its session during the login")]
    EndedAtProvider,
    /// The URL names a provider that does not exist, or no longer exists.
    #[error("the URL names an unknown provider")]
    UnknownProvider,
    /// A login is needed.
    #[error("the user is not logged in")]
    NotLoggedIn,
    /// The account was to be connected in another session than the current one: another user has
    /// signed in since, or the link belongs to another user. Nothing was connected.
    #[error(
        "the account was to be connected in another session than the current one of this browser"
    )]
    OtherSession,
    /// The response answers a login, but the route connects accounts, or the other way round.
    #[error("the response is for {found}, but this route accepts those for {taken}")]
    OtherPurpose {
        /// The purpose of the response.
        found: &'static str,
        /// The purpose of the route.
        taken: &'static str,
    },
    /// The user has connected the maximum number of accounts of one provider.
    #[error(
        "the owner has the maximum number of accounts of this provider: disconnect one of them"
    )]
    TooManyAccounts,
}
