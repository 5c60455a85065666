//! What OpenID Connect has beyond a plain login: typed claims, demands of one login, encryption, tenants,
//! and two providers of which one is hostile.

/// Fails unless the value is of this shape, and shows what it was.
macro_rules! assert_matches {
    ($value:expr, $pattern:pat $(if $guard:expr)?) => {
        let value = $value;
        assert!(matches!(&value, $pattern $(if $guard)?), "{value:?}");
    };
}

mod claims;
mod encryption;
mod mix_up;
mod posted;
mod site;
mod tenants;
mod weak_key;
