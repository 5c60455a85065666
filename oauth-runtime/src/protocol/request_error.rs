//! Why a request to a provider cannot be made from what the caller gave.

use crate::crypto::failure::Failure;
use crate::protocol::token_value::TokenFault;

/// Why a request cannot be made. [`OAuthError`](crate::OAuthError) has the texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RequestError {
    /// A parameter that the protocol sets.
    ReservedParameter(String),
    /// A value that could be guessed, or that does not pass through a URL unchanged.
    WeakValue {
        /// `state`, `nonce` or `code_verifier`.
        parameter: &'static str,
        reason: &'static str,
        /// The fewest characters that are accepted.
        shortest: usize,
    },
    UnusableToken(TokenFault),
    /// HTTP cannot carry it.
    Unsendable(&'static str),
    Cryptography(Failure),
}

impl From<TokenFault> for RequestError {
    fn from(fault: TokenFault) -> Self {
        Self::UnusableToken(fault)
    }
}

impl From<Failure> for RequestError {
    fn from(failure: Failure) -> Self {
        Self::Cryptography(failure)
    }
}
