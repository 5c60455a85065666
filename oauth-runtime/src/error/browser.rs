//! What goes wrong with a request of the browser.

use std::time::Duration;

use crate::protocol::authorization_response::{AuthorizationResponseError, Resubmission};
use crate::protocol::end_session::LogoutResponseError;
use crate::protocol::initiated_login::InitiatedLoginError;

/// What was wrong with a request of the browser.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BrowserError {
    /// The authorization response cannot be read, or answers another request.
    #[error("authorization response: {0}")]
    Response(#[from] AuthorizationResponseError),
    /// There is no cookie of this login: it was begun in another browser, on another host name,
    /// or cookies are blocked.
    #[error(
        "no login is pending in this browser: it was begun in another one, under another host name, or cookies are blocked"
    )]
    NoPendingLogin,
    /// The cookie of this login cannot be opened: another key, another provider, or tampering.
    #[error(
        "the cookie of the pending login cannot be opened: it was sealed with another key, for another provider, or changed"
    )]
    ForeignPendingLogin,
    /// The login took too long.
    #[error("the login was begun more than {} minutes ago", .0.as_secs() / 60)]
    Expired(Duration),
    /// This response has been used before.
    #[error("this authorization response has been used before")]
    Replayed,
    /// A return from the provider does not answer a logout of this browser. Nobody was signed in or
    /// out by it.
    #[error("return from a logout: {0}")]
    LogoutResponse(#[from] LogoutResponseError),
    /// Another site asked for a login at the route `initiate`, and not as it should.
    #[error("login asked for by another site: {0}")]
    InitiatedLogin(#[from] InitiatedLoginError),
    /// The provider's page posted the response here from another site, and the browser kept its
    /// cookies back, as it does with every `POST` between sites. As a response this error is a page
    /// that posts it once more, from this site: whoever handles errors answers with it.
    #[error(
        "the response was posted from another site, without cookies: it has to be posted again from this one"
    )]
    CookiesWithheld(Resubmission),
    /// The browser has been signed in since the login began: the user went back, clicked twice, or signed in in
    /// another tab. The session stays. As a response this error redirects to the page that the login was for,
    /// so a handler of errors should return it.
    #[error("the browser has been signed in since the login began, and stays so")]
    AlreadySignedIn {
        /// A path of this application.
        return_to: String,
    },
    /// A request that changes something came from another site.
    #[error("the request comes from another site")]
    CrossSite,
    /// A route that changes who is signed in was asked by something that shows its answer to no user:
    /// `HEAD`, an image, a frame, a prefetch, or a script of another site. Nothing was spent.
    #[error(
        "the request is not a page load: a `HEAD`, an image, a frame, a prefetch or a script of \
         another site changes nothing here"
    )]
    NotAVisit,
    /// The URL names a provider that is not there, or not any more.
    #[error("the URL names a provider that is not there")]
    UnknownProvider,
    /// A login is needed.
    #[error("nobody is logged in")]
    NotLoggedIn,
    /// An account was to be connected in another session than the one that is there now: somebody else
    /// has signed in meanwhile, or somebody else's link was followed. Nothing was connected.
    #[error(
        "the account was to be connected in another session than the one that this browser has now"
    )]
    OtherSession,
    /// The response answers a login where an account is to be connected, or the other way round.
    #[error("the response is one for {found}, and this route takes those for {taken}")]
    OtherPurpose {
        /// What the response is for.
        found: &'static str,
        /// What the route is for.
        taken: &'static str,
    },
    /// The person has connected as many accounts of one provider as are kept.
    #[error("the owner has as many accounts of this provider as are kept: disconnect one of them")]
    TooManyAccounts,
}
