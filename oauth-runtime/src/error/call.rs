//! Calls of the application that cannot be carried out.

use crate::protocol::request_error::RequestError;
use crate::protocol::token_value::TokenFault;
use crate::text::shown;
use crate::url::endpoint::{EndpointError, RedactedUrl};

use super::OAuthError;

/// A call that cannot be carried out as it was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// A parameter that the library sets itself.
    #[error("the parameter `{}` is set by the library", shown(.0, 100))]
    ReservedParameter(String),
    /// A call of OAuth 2.0 at a provider known at run time, which speaks OAuth 1.0a. With a declared one
    /// it does not compile.
    #[error("OAuth 1.0a, which the provider speaks, does not have `{0}`")]
    OtherProtocol(&'static str),
    /// An assertion, and no private key to sign it with.
    #[error(
        "an assertion is signed with a private key: set `{{NAME}}_PRIVATE_KEY` of this provider"
    )]
    NoPrivateKey,
    /// A value that protects the login, given by the caller, and not fit for it.
    #[error(
        "`{parameter}` cannot be used: {reason}; give at least {shortest} random characters, or none: then the library makes it"
    )]
    WeakValue {
        /// `state`, `nonce` or `code_verifier`.
        parameter: &'static str,
        /// What is wrong with it.
        reason: &'static str,
        /// Fewest characters of it.
        shortest: usize,
    },
    /// A value was given that this login has no use for: a `nonce` without OpenID Connect, a
    /// `code_verifier` without PKCE.
    #[error("`{0}` was given, and this login has no use for it: its provider is declared without")]
    UnusedValue(&'static str),
    /// A relative API path, and no `api_base_url`.
    #[error("`{0}` is a relative path, and the provider is declared without `api_base_url`")]
    NoApiBase(RedactedUrl),
    /// A URL that cannot be called.
    #[error("`{url}` cannot be called: {reason}")]
    BadUrl {
        /// What was given.
        url: RedactedUrl,
        /// What is wrong with it.
        reason: EndpointError,
    },
    /// A header that the library sets itself.
    #[error("the header `{0}` is set by the library")]
    ReservedHeader(&'static str),
    /// A token would leave the API: for another origin, or above its base.
    #[error("`{0}` leads out of the API: the token is not sent there")]
    ForeignOrigin(RedactedUrl),
    /// An [`Owner`](crate::Owner) that is no name: empty, or longer than 256 bytes.
    #[error("an owner of tokens needs an identifier of 1 to 256 bytes")]
    BadOwner,
    /// The tokens of a provider were to outlive the session, and it is declared, or described, without
    /// `keep_tokens`.
    #[error("the tokens of this provider are not kept: add `keep_tokens` to its description")]
    TokensNotKept,
    /// An account was connected with [`Client::connect_redirect`](crate::Client::connect_redirect), and the
    /// generated callback has no handler for it.
    #[error(
        "an account was connected and nothing handles it: declare `on_connect = …` in the registry, or give `connect_redirect` the `redirect_uri` of a route that takes `Connection`"
    )]
    NoOnConnect,
    /// A list of accounts, where the application keeps tokens in tables of its own.
    #[error(
        "the application keeps the tokens of this provider itself: its own tables list the accounts"
    )]
    AccountsOfHooks,
    /// A stored token of another provider.
    #[error("the stored token is one of `{}`, and `{expected}` takes its own alone", shown(.found, 100))]
    ForeignToken {
        /// Whose token it is.
        found: String,
        /// Whose it was taken for.
        expected: String,
    },
    /// A stored token that cannot be one.
    #[error("the stored token cannot be used: {0}")]
    UnusableToken(#[from] TokenFault),
    /// A claim of an assertion that the library sets itself.
    #[error(
        "the claim `{}` is set by the library: `BearerAssertion` has methods for `iss`, `sub` and `aud`, \
         and none for the others",
        shown(.0, 100)
    )]
    ReservedClaim(String),
    /// A body that cannot be written as JSON.
    #[error("the body cannot be written as JSON: {0}")]
    Body(String),
    /// A request that HTTP cannot carry, such as one whose query is too long.
    #[error("the request cannot be sent: {0}")]
    Unsendable(&'static str),
}

impl From<RequestError> for OAuthError {
    fn from(error: RequestError) -> Self {
        Self::Call(match error {
            RequestError::ReservedParameter(name) => CallError::ReservedParameter(name),
            RequestError::WeakValue { parameter, reason, shortest } => {
                CallError::WeakValue { parameter, reason, shortest }
            }
            RequestError::UnusableToken(fault) => CallError::UnusableToken(fault),
            RequestError::Unsendable(reason) => CallError::Unsendable(reason),
            RequestError::Cryptography(failure) => return failure.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_from_outside_forges_no_line_of_the_log() {
        let evil = || "oauth_x\n\u{85}\u{202e}2026".to_owned();
        for error in [
            CallError::ReservedParameter(evil()),
            CallError::ReservedClaim(evil()),
            CallError::ForeignToken { found: evil(), expected: "op".to_owned() },
        ] {
            let text = error.to_string();
            assert!(text.contains("`oauth_x2026`"), "{text}");
        }
    }
}
