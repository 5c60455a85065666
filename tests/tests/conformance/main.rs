//! What the OpenID Foundation's conformance suite demands of a relying party, shown module by module
//! on a whole application over real sockets: the provider is `oauth_runtime::testing`, and each
//! module is one of its faults or a way in which it may differ.
//!
//! [`table`] says of every module of the suite whether it passes or does not apply, and why. A test
//! has the name of its module and stands in the file of its plan. What the suite does not demand and
//! a good client does stands in the files below.

/// Fails unless the error is of this shape, and shows what it was.
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

// What a good client does beyond the suite.
mod discovery;
mod jwks;
mod network;
mod peers;

// The modules that several plans share.
mod modules;
