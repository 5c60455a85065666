//! Errors in the application's calls of this library.

use crate::protocol::request_error::RequestError;
use crate::protocol::token_value::TokenFault;
use crate::text::shown;
use crate::url::endpoint::{EndpointError, RedactedUrl};

use super::OAuthError;

/// A call of the application that cannot be carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// A parameter that the library sets itself.
    #[error("the parameter `{}` is set by the library", shown(.0, 100))]
    ReservedParameter(String),
    /// An OAuth 2.0 operation of a run-time provider that speaks OAuth 1.0a. With a declared
    /// provider, it does not compile.
    #[error("the provider speaks OAuth 1.0a, which does not have `{0}`")]
    OtherProtocol(&'static str),
    /// A login with a provider that is described with
    /// [`no_login`](crate::ProviderDescription::no_login). With a declared provider, it does not
    /// compile.
    #[error("no user logs in with this provider: it is described with `no_login`")]
    NoLogin,
    /// An assertion without a private key to sign it with.
    #[error(
        "an assertion must be signed with a private key: set `{{NAME}}_PRIVATE_KEY` of this provider"
    )]
    NoPrivateKey,
    /// An assertion that was to be signed with the client secret, and there is none.
    #[error(
        "the assertion is to be signed with the client secret: set `{{NAME}}_CLIENT_SECRET` of this provider"
    )]
    NoClientSecret,
    /// The application's own client authentication failed; see
    /// [`ClientAuthenticator`](crate::ClientAuthenticator).
    #[error("the application could not authenticate its client: {}", shown(.0, 200))]
    ClientAuthentication(String),
    /// A value from the caller that is too weak to protect the login.
    #[error(
        "`{parameter}` cannot be used: {reason}; pass at least {shortest} random characters, or leave it to the library to generate"
    )]
    WeakValue {
        /// `state`, `nonce` or `code_verifier`.
        parameter: &'static str,
        /// The fault.
        reason: &'static str,
        /// The minimum number of characters.
        shortest: usize,
    },
    /// A value from the caller that this login does not use: a `nonce` without OpenID Connect, or a
    /// `code_verifier` without PKCE.
    #[error(
        "`{0}` was passed, but this login does not use it: its provider is declared without it"
    )]
    UnusedValue(&'static str),
    /// A code of the hybrid flow, which is validated by the ID token of its authorization response,
    /// was to be exchanged without that response.
    #[error(
        "this provider is declared with `response_type = \"code id_token\"`, whose codes are exchanged only by the callback of a login"
    )]
    HybridCode,
    /// A relative API path without an `api_base_url`.
    #[error("`{0}` is a relative path, but the provider is declared without `api_base_url`")]
    NoApiBase(RedactedUrl),
    /// A URL that cannot be called.
    #[error("`{url}` cannot be called: {reason}")]
    BadUrl {
        /// The URL.
        url: RedactedUrl,
        /// The fault.
        reason: EndpointError,
    },
    /// A header that the library sets itself.
    #[error("the header `{0}` is set by the library")]
    ReservedHeader(&'static str),
    /// A token would leave the API: to another origin, or to a path outside its base.
    #[error("`{0}` leads out of the API: the token is not sent there")]
    ForeignOrigin(RedactedUrl),
    /// An [`Owner`](crate::Owner) with an identifier that is empty or longer than 256 bytes.
    #[error("an owner of tokens needs an identifier of 1 to 256 bytes")]
    BadOwner,
    /// The tokens of a provider were to outlive the session, but the provider is declared or
    /// described without `keep_tokens`.
    #[error("the tokens of this provider are not kept: add `keep_tokens` to its description")]
    TokensNotKept,
    /// An account was connected with [`Client::connect_redirect`](crate::Client::connect_redirect),
    /// but the generated callback has no handler for it.
    #[error(
        "an account was connected, but nothing handles it: declare `on_connect = …` in the registry, or pass `connect_redirect` the `redirect_uri` of a route that takes `Connection`"
    )]
    NoOnConnect,
    /// A registry was used before its configuration: see [`Deferred`](crate::Deferred).
    #[error("the registry is not configured yet: call `configure` before its first use")]
    NotConfigured,
    /// A registry was changed or configured after its configuration: see
    /// [`Deferred`](crate::Deferred).
    #[error(
        "the registry is already configured: call `init` before `configure`, and `configure` once"
    )]
    AlreadyConfigured,
    /// A login was to begin a session, and it names no user: the provider is declared without what
    /// identifies users, and neither the configuration nor the provider's metadata name it.
    #[error(
        "the login of `{0}` identifies no user, so no session can begin: set `{{NAME}}_USERINFO_ENDPOINT`, or an issuer and the scope `openid`; or let the user who is signed in connect it"
    )]
    NoIdentity(String),
    /// A list of accounts, although the application keeps tokens in its own tables.
    #[error(
        "the application keeps the tokens of this provider itself: its own tables list the accounts"
    )]
    AccountsOfHooks,
    /// A stored token of another provider.
    #[error("the stored token is one of `{}`, but `{expected}` accepts only its own", shown(.found, 100))]
    ForeignToken {
        /// The provider of the token.
        found: String,
        /// The provider whose client received it.
        expected: String,
    },
    /// A stored token that is malformed.
    #[error("the stored token cannot be used: {0}")]
    UnusableToken(#[from] TokenFault),
    /// A claim of an assertion that the library sets itself.
    #[error(
        "the claim `{}` is set by the library: `BearerAssertion` has methods for `iss`, `sub` and `aud`, \
         and the others cannot be set",
        shown(.0, 100)
    )]
    ReservedClaim(String),
    /// Data for the return of a logout that cannot be stored.
    #[error("the data for the return of a logout cannot be stored: {0}")]
    LogoutData(String),
    /// A body that cannot be written as JSON.
    #[error("the body cannot be written as JSON: {0}")]
    Body(String),
    /// The application's stream, passed to [`body_stream`](crate::ApiRequest::body_stream), failed,
    /// stalled, or does not have the stated length.
    #[error("the stream that the application sends as the request body failed: {}", shown(.0, 200))]
    BodyStream(String),
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
