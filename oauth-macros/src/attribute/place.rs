//! The place of an attribute, and the meaning of names in it.

use darling::FromMeta;
use darling::ast::NestedMeta;
use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;

use super::entry::Rest;
use crate::diagnostics::{all_of, misplaced_key, misspelt_key, nearest, unknown_key};
use crate::key::Key;

/// The place of an attribute, which decides the keys it understands.
pub(crate) struct Place {
    /// The name of the attribute.
    pub(crate) attribute: &'static str,
    /// The keys that it understands.
    pub(crate) keys: &'static [&'static Key],
    /// Settings that it recognizes and refuses.
    pub(crate) settings: &'static [&'static Key],
    /// The keys of other places, and the phrase for the place.
    pub(crate) elsewhere: &'static [(&'static [&'static Key], &'static str)],
    /// Names that are not keys under any spelling, and the advice for them.
    pub(crate) advice: &'static [(&'static str, &'static str)],
}

/// The meaning of a name in a place.
pub(super) enum Meaning {
    /// A key of the place.
    Key(&'static Key),
    /// A setting, which does not belong in source code.
    Setting(&'static Key),
    /// A key of another place.
    Elsewhere(&'static Key, &'static str),
    /// Another name of a key, or a typo.
    Misspelt(&'static Key),
    /// Not a key, but with advice for it.
    Advised(&'static str),
    Unknown,
}

impl Place {
    pub(super) fn meaning(&self, at: &Ident) -> Meaning {
        let name = at.unraw().to_string();
        let name = name.as_str();
        let named = |keys: &[&'static Key]| keys.iter().copied().find(|key| key.name == name);
        if let Some(key) = named(self.keys) {
            return Meaning::Key(key);
        }
        if let Some(key) = named(self.settings) {
            return Meaning::Setting(key);
        }
        for (keys, place) in self.elsewhere {
            if let Some(key) = named(keys) {
                return Meaning::Elsewhere(key, place);
            }
        }
        if let Some((_, advice)) = self.advice.iter().find(|(other, _)| *other == name) {
            return Meaning::Advised(advice);
        }
        self.meant_by(name).map_or(Meaning::Unknown, Meaning::Misspelt)
    }

    /// The key that has this name in other libraries or specifications, or the closest one.
    fn meant_by(&self, name: &str) -> Option<&'static Key> {
        let mut keys = self.keys.iter().copied();
        if let Some(key) = keys.clone().find(|key| key.misnomers.contains(&name)) {
            return Some(key);
        }
        let similar = nearest(name, keys.clone().map(|key| key.name))?;
        keys.find(|key| key.name == similar)
    }

    /// A legal first key.
    pub(super) fn example(&self) -> &'static str {
        self.keys.first().map_or("", |key| key.example)
    }

    /// The list of keys, or a reference to it if they are too many for an error message.
    fn list_of_keys(&self) -> String {
        let names = self.keys.iter().map(|key| key.name);
        if self.keys.len() <= 8 {
            format!("the keys are {}", all_of(names))
        } else {
            "`oauth_runtime::guide::keys` lists all of them".to_owned()
        }
    }
}

/// The entries without a field, each with everything after its key.
pub(crate) struct Unmatched(Vec<(Ident, TokenStream)>);

impl FromMeta for Unmatched {
    fn from_list(items: &[NestedMeta]) -> darling::Result<Self> {
        let whole = |(at, rest): (Ident, Rest)| (at, rest.into_whole());
        Ok(Self(items.iter().filter_map(Rest::of).map(whole).collect()))
    }
}

impl Unmatched {
    /// The entries, each with what its key means in `place`.
    pub(super) fn in_place(&self, place: &Place) -> impl Iterator<Item = UnmatchedEntry<'_>> {
        self.0.iter().map(|(at, typed)| UnmatchedEntry { at, typed, meaning: place.meaning(at) })
    }
}

/// An entry without a field.
pub(super) struct UnmatchedEntry<'a> {
    pub(super) at: &'a Ident,
    typed: &'a TokenStream,
    pub(super) meaning: Meaning,
}

impl UnmatchedEntry<'_> {
    /// The most helpful error: where the key belongs, its name here, the closest key, or the list
    /// of keys. `None` for a setting, which CHECK refuses.
    pub(super) fn error(&self, place: &Place) -> Option<syn::Error> {
        Some(match self.meaning {
            Meaning::Key(_) | Meaning::Setting(_) => return None,
            Meaning::Elsewhere(key, there) => misplaced_key(self.at, key, there),
            Meaning::Misspelt(key) => misspelt_key(self.at, key, self.typed),
            Meaning::Advised(advice) => unknown_key(self.at, advice),
            Meaning::Unknown => unknown_key(self.at, &place.list_of_keys()),
        })
    }
}
