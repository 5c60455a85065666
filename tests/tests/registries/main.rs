//! Unusual registries: run-time providers, and two registries in one process.

/// Fails with the value unless it matches the pattern.
macro_rules! assert_matches {
    ($value:expr, $pattern:pat) => {
        let value = $value;
        assert!(matches!(&value, $pattern), "{value:?}");
    };
}

mod apart;
mod authority;
mod deferred;
mod initiated;
mod lazy;
mod login_params;
mod no_login;
mod pages;
mod presets;
mod run_time;
mod sign_in_page;
mod site;
mod standalone;
mod unidentified;
