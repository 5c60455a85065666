//! What must not happen, tried on a whole application over real sockets: one module for each
//! security rule, and for each attack a test whose name says what is refused.
//!
//! The rules for claims and algorithms one by one stand as unit tests beside the code.

/// Fails unless the error is of this shape, and shows what it was.
macro_rules! assert_error {
    ($error:expr, $pattern:pat $(if $guard:expr)? $(, $what:expr)?) => {
        let error = $error;
        assert!(matches!(&error, $pattern $(if $guard)?), "{}{error:?}", concat!($($what, ": ",)?));
    };
}

mod anonymous;
mod at_rest;
mod bounds;
mod client_authentication;
mod clock;
mod configuration;
mod cookies;
mod eviction;
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
