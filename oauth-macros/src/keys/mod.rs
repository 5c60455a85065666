//! The table of all keys of a declaration: spelling, kind of value, term in the specifications,
//! protocols, and the other names that are corrected to the key.
//!
//! Users type the names of Authlib; all code below these tables uses the specifications' terms.

/// Declares the keys of one attribute: a constant for each, a list of all, and the struct that
/// darling fills, with a field for each.
///
/// A row consists of the field, which has the name that users type, the constant, the type of the
/// value, and a legal use. A row without a use refers to a key declared elsewhere. Settings have no
/// struct and no type because a declaration refuses them.
macro_rules! keys {
    (
        $(#[$doc:meta])* $list:ident, $keys:ident:
        $(
            $(#[$attribute:meta])*
            $field:ident, $name:ident: $value:ty
                $(= Key($example:literal) $(.$method:ident($($argument:tt)*))*)?;
        )+
    ) => {
        $($(
            pub(crate) static $name: $crate::key::Key = $crate::key::Key::new(
                stringify!($field),
                <$value as $crate::attribute::Value>::KIND,
                $example,
            )$(.$method($($argument)*))*;
        )?)+

        $(#[$doc])*
        pub(crate) static $list: &[&$crate::key::Key] = &[$(&$name),+];

        $(#[$doc])*
        #[derive(darling::FromMeta)]
        pub(crate) struct $keys {
            $($(#[$attribute])* pub(crate) $field: $crate::attribute::KeyValue<$value>,)+
            #[darling(flatten)]
            unmatched: $crate::attribute::Unmatched,
        }

        impl $crate::attribute::Keys for $keys {
            fn fields(
                &self,
            ) -> Vec<(&'static $crate::key::Key, &dyn $crate::attribute::KeyField)> {
                vec![$((&$name, &self.$field)),+]
            }

            fn unmatched(&self) -> &$crate::attribute::Unmatched {
                &self.unmatched
            }

            fn complete_with(&mut self, preset: Self) {
                $(self.$field.complete_with(preset.$field);)+
            }
        }
    };
    (
        $(#[$doc:meta])* $list:ident:
        $($field:ident, $name:ident = Key($example:literal) $(.$method:ident($($argument:tt)*))*;)+
    ) => {
        $(pub(crate) static $name: $crate::key::Key = $crate::key::Key::new(
            stringify!($field),
            $crate::key::Kind::Refused,
            $example,
        )$(.$method($($argument)*))*;)+

        $(#[$doc])*
        pub(crate) static $list: &[&$crate::key::Key] = &[$(&$name),+];
    };
}

mod facts;
mod members;
mod provider;
mod registry;
mod settings;

use crate::attribute::KeyValue;
use crate::key::{Key, Kind};

pub(crate) use facts::*;
pub(crate) use provider::*;
pub(crate) use registry::*;
pub(crate) use settings::*;

/// A key of every attribute on a struct. It is not in the tables: `crate` cannot name a field.
pub(crate) static CRATE: Key = Key::new("crate", Kind::Path, "crate = oauth_runtime")
    .instead_of(&["crate_path", "krate", "runtime"]);

/// The runtime crate, as generated code names it.
pub(crate) fn runtime(given: &KeyValue<crate::attribute::Path>) -> syn::Path {
    given.value().cloned().unwrap_or_else(|| syn::parse_quote!(::oauth_runtime))
}

/// Names that are not keys under any spelling, and the advice for them.
pub(crate) static NO_KEYS: &[(&str, &str)] = &[
    (
        "client_kwargs",
        r#"its members are separate keys: scopes("…"), token_endpoint_auth_method = "…""#,
    ),
    ("fetch_token", TOKEN_HOOKS),
    ("update_token", TOKEN_HOOKS),
    ("token_hooks", TOKEN_HOOKS),
    ("callback", CALLBACK),
    ("callback_uri", CALLBACK),
    ("callback_url", CALLBACK),
    ("redirect", CALLBACK),
    ("redirect_uri", CALLBACK),
    ("redirect_url", CALLBACK),
    ("login", r#"write routes(login = "/…")"#),
    ("logout", r#"write routes(logout = "/…")"#),
    (
        "grant_type",
        "logins use the authorization code flow: remove it, or write no_login if the provider only has client credentials",
    ),
    ("nonce", "each login generates its own: remove it"),
    ("code_verifier", "each login generates its own: remove it"),
    ("code_challenge", "each login generates its own: remove it"),
    ("public_url", "set OAUTH_PUBLIC_URL in the environment"),
    ("store_url", "set OAUTH_STORE_URL in the environment"),
    ("cookie_keys", "set OAUTH_COOKIE_KEYS in the environment"),
];

const TOKEN_HOOKS: &str = "tokens are stored and refreshed without it; write keep_tokens if they are to outlive the session, and call `.token_hooks(…)` on the registry's builder if they are in tables of your own";

const CALLBACK: &str = r#"the redirect URI is OAUTH_PUBLIC_URL followed by the callback route: write routes(callback = "/…")"#;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{CONFIGURATION, NO_KEYS, PROVIDER, REGISTRY};

    #[test]
    fn no_name_has_two_meanings() {
        let mut seen = BTreeSet::new();
        let names = PROVIDER
            .iter()
            .chain(CONFIGURATION)
            .flat_map(|key| key.misnomers.iter().copied().chain([key.name]));
        for name in names.chain(NO_KEYS.iter().map(|(name, _)| *name)) {
            assert!(seen.insert(name), "`{name}` is listed twice");
        }
    }

    #[test]
    fn every_example_uses_its_own_key() {
        for key in PROVIDER.iter().chain(REGISTRY) {
            assert!(key.example.starts_with(key.name), "{}", key.example);
        }
    }
}
