//! The keys of a provider's configuration: only keys that are listed here are read.
//! They come from the table of all keys in `oauth-macros`, by which declarations are checked: a
//! protocol has a setting if it has the key of a declaration.

use crate::config::key_of;
use crate::declaration::spec::{Protocol, ProviderSpec};

/// The part after the provider's name: `CLIENT_ID` of `GITHUB_CLIENT_ID`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::settings) struct Key {
    name: &'static str,
    pub(super) protocols: Protocols,
    /// The feature that the key still waits for; `None` for every key that works.
    pub(super) awaits: Option<&'static str>,
}

/// The protocols that have a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocols {
    /// All of them.
    Any,
    /// OAuth 1.0a only.
    OAuth1,
    /// OAuth 2.0 and OpenID Connect, which is built on it.
    OAuth2,
    /// OpenID Connect only.
    OpenIdConnect,
}

impl Key {
    pub(in crate::settings) const fn name(self) -> &'static str {
        self.name
    }

    /// Whether the protocol has the key.
    pub(super) fn is_known_by(self, protocol: Protocol) -> bool {
        match self.protocols {
            Protocols::Any => true,
            Protocols::OAuth1 => protocol == Protocol::OAuth1,
            Protocols::OAuth2 => protocol != Protocol::OAuth1,
            Protocols::OpenIdConnect => protocol == Protocol::OpenIdConnect,
        }
    }
}

macro_rules! settings {
    (
        settings { $(($name:ident, $protocols:ident, $awaits:expr))* }
        client_kwargs { $(($member:literal, $key:ident))* }
        described { $($described:tt)* }
        declared { $($declared:ident)* }
    ) => {
        $(pub(in crate::settings) const $name: Key =
            Key { name: stringify!($name), protocols: Protocols::$protocols, awaits: $awaits };)*

        /// Every setting of a provider.
        pub(in crate::settings) const ALL: &[Key] = &[$($name),*];

        /// The keys that only a declaration has.
        pub(in crate::settings) const DECLARED_ONLY: &[Key] = &[$(
            Key { name: stringify!($declared), protocols: Protocols::Any, awaits: None },
        )*];

        /// The members of `CLIENT_KWARGS`, each with the equivalent key. `scope` is the name that
        /// Authlib uses.
        pub(super) const MEMBERS: &[(&str, Key)] = &[$(($member, $key)),*];
    };
}

oauth_macros::keys!(settings);

/// The names of all settings of one provider, including those of its fields.
pub(crate) fn setting_names(spec: &ProviderSpec<'_>) -> Vec<String> {
    let fields = spec.placeholders.iter().copied();
    ALL.iter().map(|key| key.name).chain(fields).map(|key| key_of(spec.name, key)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::ALL;

    /// The table of a provider's keys in the documentation of `Config`.
    fn documented() -> BTreeSet<&'static str> {
        let source = include_str!("../../config/mod.rs");
        let (_, table) = source.split_once("/// Keys of each provider").expect("the table");
        let (table, _) = table.split_once("/// Keys of the application").expect("its end");
        let cells =
            table.lines().filter_map(|line| line.strip_prefix("/// | ")?.split(" | ").next());
        let words = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
        words.collect()
    }

    #[test]
    fn keys_that_are_read_and_documented_are_the_same() {
        let all: BTreeSet<_> = ALL.iter().map(|key| key.name()).collect();
        assert_eq!(all.len(), ALL.len(), "each key once");
        let usable = ALL.iter().filter(|key| key.awaits.is_none());
        let read: BTreeSet<_> = usable.map(|key| key.name()).collect();
        assert_eq!(documented(), read);
    }
}
