//! OpenID Connect beyond a plain login: typed claims, requirements of one login, encryption,
//! tenants, and a hostile second provider.

/// Fails with the value unless it matches the pattern.
macro_rules! assert_matches {
    ($value:expr, $pattern:pat $(if $guard:expr)?) => {
        let value = $value;
        assert!(matches!(&value, $pattern $(if $guard)?), "{value:?}");
    };
}

mod claims;
mod encryption;
mod keys;
mod mix_up;
mod posted;
mod site;
mod tenants;
mod weak_key;
