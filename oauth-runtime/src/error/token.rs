//! Why there is no token to call an API with.

use crate::protocol::error_response::ErrorResponse;
use crate::protocol::token_value::TokenFault;

/// Why there is no token to call an API with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The user never logged in with this provider, or its token is gone.
    #[error("there is no token of the user at this provider: send the user to its login")]
    Missing,
    /// The access token has expired, and there is no refresh token to get another one with. Many
    /// providers issue one only for a scope such as `offline_access` or a parameter such as
    /// `access_type=offline`.
    #[error(
        "the access token has expired, and there is no refresh token: send the user to the login again"
    )]
    Expired,
    /// An access token that the application passed to [`Client::with_token`](crate::Client::with_token)
    /// has expired. The library does not refresh what it does not keep.
    #[error(
        "the access token has expired, and a token that is passed by hand is not refreshed: get another \
         one where this one came from, or let the library keep it (`keep_tokens`)"
    )]
    NotRefreshed,
    /// A token that cannot be sent, from a record or the application's own tables. Nothing was sent.
    #[error("the stored token cannot be used: {0}")]
    Unusable(#[from] TokenFault),
    /// The provider has ended the grant: it was revoked, its time is over, or its refresh token was
    /// used twice (`invalid_grant`, RFC 6749 section 5.2, or what providers say instead).
    #[error("the provider has ended the grant: {0}; send the user to the login again")]
    Ended(ErrorResponse),
    /// The API refuses an access token that has not expired, and another one as well.
    #[error("the API refuses the access token, though it has not expired (status 401)")]
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
/// As a response, the error that holds it is a page with a link to a login that asks for all of them
/// and leads back to the page that needed them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScopesNeeded {
    pub(crate) missing: Vec<String>,
    /// What is granted, and what is missing.
    pub(crate) all: Vec<String>,
    // Boxed strings: clippy bounds the size of an error.
    pub(crate) login: Option<Box<str>>,
    /// The answer to the same question, if it has just been asked.
    pub(crate) refused: Option<Box<str>>,
    /// Whether the request was made by a script.
    pub(crate) wants_json: bool,
}

impl ScopesNeeded {
    /// The scopes that are missing.
    pub fn missing(&self) -> &[String] {
        &self.missing
    }

    /// What is granted already, and what is missing: what an authorization request has to ask for, so
    /// that the grant holds both afterwards. By hand that is
    /// [`AuthorizeRedirect::scopes`](crate::AuthorizeRedirect::scopes).
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(String::as_str)
    }

    /// Whether the user was asked for these scopes just now, and the provider did not grant them, or
    /// grants them in a form that the declaration does not name. Then there is no
    /// [`login`](Self::login): the same question would be asked for ever.
    pub fn is_refused(&self) -> bool {
        self.refused.is_some()
    }

    /// Where the login begins that asks for what is granted and what is missing: a path of this
    /// application. `None` where the call was not made for a page, and where they
    /// [are refused](Self::is_refused).
    pub fn login(&self) -> Option<&str> {
        self.login.as_deref()
    }
}
