//! Why the user has no token to call an API with.

use crate::protocol::error_response::ErrorResponse;
use crate::protocol::token_value::TokenFault;

/// Why the user has no token to call an API with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The user never logged in with this provider, or the token is gone.
    #[error("the user has no token for this provider: send the user to its login")]
    Missing,
    /// The access token has expired, and no refresh token is available to get another. Many
    /// providers issue a refresh token only for a scope such as `offline_access` or a parameter
    /// such as `access_type=offline`.
    #[error(
        "the access token has expired, and no refresh token is available: send the user to the login again"
    )]
    Expired,
    /// An access token that the application passed to
    /// [`Client::with_token`](crate::Client::with_token) has expired. The library does not refresh
    /// what it does not keep.
    #[error(
        "the access token has expired, and a token that is passed by hand is not refreshed: get another \
         one from the same source, pass it with `with_renewed_token`, or let the library keep tokens (`keep_tokens`)"
    )]
    NotRefreshed,
    /// A refresh was asked for, and the provider issued no refresh token.
    #[error(
        "the provider issued no refresh token, so the token cannot be refreshed: send the user to the login again"
    )]
    NoRefreshToken,
    /// A token from a record or the application's own tables that cannot be sent. Nothing was sent.
    #[error("the stored token cannot be used: {0}")]
    Unusable(#[from] TokenFault),
    /// The provider has ended the grant: it was revoked, its time is over, or its refresh token was
    /// used twice (`invalid_grant`, RFC 6749 section 5.2, or a provider's own code for it).
    #[error("the provider has ended the grant: {0}; send the user to the login again")]
    Ended(ErrorResponse),
    /// The API refused an access token that has not expired, and then another one.
    #[error("the API refuses the access token, although it has not expired (status 401)")]
    Refused,
    /// The grant is known to lack scopes that the call needs.
    #[error("the grant lacks scopes that the call needs: {}{}", .0.missing.join(", "), refused_hint(.0))]
    ScopesNeeded(ScopesNeeded),
}

fn refused_hint(needed: &ScopesNeeded) -> String {
    let granted = needed.refused.as_ref();
    granted.map_or_else(String::new, |granted| {
        format!("; the user was asked for them, and the provider granted {granted}")
    })
}

/// The scopes that a call needs and a grant lacks.
///
/// As a response, the error that holds it is a page with a link to a login that requests all of
/// them and redirects back to the page that needed them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScopesNeeded {
    pub(crate) missing: Vec<String>,
    /// The granted and the missing scopes.
    pub(crate) all: Vec<String>,
    // Boxed strings: clippy bounds the size of an error.
    pub(crate) login: Option<Box<str>>,
    /// The scopes that the provider granted when they were just requested.
    pub(crate) refused: Option<Box<str>>,
    /// Whether the request was made by a script.
    pub(crate) wants_json: bool,
}

impl ScopesNeeded {
    /// The missing scopes.
    pub fn missing(&self) -> &[String] {
        &self.missing
    }

    /// The granted and the missing scopes, which an authorization request must include so that the
    /// new grant has both. By hand, pass them to
    /// [`AuthorizeRedirect::scopes`](crate::AuthorizeRedirect::scopes).
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(String::as_str)
    }

    /// Whether the user was just asked for these scopes and the provider did not grant them, or
    /// grants them in a form that the declaration does not name. Then [`login`](Self::login) is
    /// `None`, because the same question would be asked forever.
    pub fn is_refused(&self) -> bool {
        self.refused.is_some()
    }

    /// The path of this application that starts a login for the granted and the missing scopes.
    /// `None` if the call was not made for a page, or if the scopes [were
    /// refused](Self::is_refused).
    pub fn login(&self) -> Option<&str> {
        self.login.as_deref()
    }
}
