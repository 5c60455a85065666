//! Why a request to a provider cannot be built from the caller's arguments.

use crate::crypto::failure::Failure;
use crate::protocol::token_value::TokenFault;

/// Why a request cannot be built. [`OAuthError`](crate::OAuthError) has the texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RequestError {
    /// A parameter that the protocol sets.
    ReservedParameter(String),
    /// A value that could be guessed, or that a URL does not carry unchanged.
    WeakValue {
        /// `state`, `nonce` or `code_verifier`.
        parameter: &'static str,
        reason: &'static str,
        /// The minimum number of characters.
        shortest: usize,
    },
    UnusableToken(TokenFault),
    /// A request that HTTP cannot carry.
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
