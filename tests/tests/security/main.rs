//! Attacks on a whole application over real sockets: one module for each security rule, and a test
//! for each attack, whose name says what is refused.
//!
//! The individual rules for claims and algorithms are tested by unit tests next to the code.

/// Fails with the error unless it matches the pattern.
macro_rules! assert_error {
    ($error:expr, $pattern:pat $(if $guard:expr)? $(, $what:expr)?) => {
        let error = $error;
        assert!(matches!(&error, $pattern $(if $guard)?), "{}{error:?}", concat!($($what, ": ",)?));
    };
}

mod anonymous;
mod at_rest;
mod backchannel;
mod bounds;
mod client_authentication;
mod clock;
mod configuration;
mod cookies;
mod eviction;
mod exchanges;
mod grants;
mod id_token;
mod identity;
mod initiated;
mod issuer;
mod linking;
mod logout;
mod outgoing;
mod pages;
mod pkce;
mod promises;
mod public_origin;
mod purposes;
mod return_to;
mod secrecy;
mod secret_types;
mod session;
mod state;
mod table;
mod tokens;
mod traces;
mod visits;
mod words;
