//! The relying-party modules of the OpenID Foundation's conformance suite, tested on a whole
//! application over real sockets. The provider is `oauth_runtime::testing`, and each module is one
//! of its faults or options.
//!
//! [`table`] lists every module of the suite, and whether and why it passes or does not apply. A
//! test has the name of its module and is in the file of its plan. Tests beyond the suite are in
//! the files below.

/// Fails with the error unless it matches the pattern.
macro_rules! assert_error {
    ($error:expr, $pattern:pat $(if $guard:expr)? $(, $what:expr)?) => {
        let error = $error;
        assert!(matches!(&error, $pattern $(if $guard)?), "{}{error:?}", concat!($($what, ": ",)?));
    };
}

mod party;
mod table;

// The plans.
mod basic;
mod comprehensive;
mod config;
mod form_post;
mod hybrid;
mod initiated;
mod logout;
mod refresh;

// Tests beyond the suite.
mod discovery;
mod jwks;
mod network;
mod peers;

// Modules of several plans.
mod modules;
