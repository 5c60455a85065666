//! Where an attribute stands, and what a name means there.

use darling::FromMeta;
use darling::ast::NestedMeta;
use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;

use super::entry::Rest;
use crate::diagnostics::{all_of, misplaced_key, misspelt_key, nearest, unknown_key};
use crate::key::Key;

/// Where an attribute stands, and with it which keys it understands.
pub(crate) struct Place {
    /// Name of the attribute.
    pub(crate) attribute: &'static str,
    /// The keys that it understands.
    pub(crate) keys: &'static [&'static Key],
    /// Settings that it knows and refuses.
    pub(crate) settings: &'static [&'static Key],
    /// The keys of other places, and how a sentence names the place.
    pub(crate) elsewhere: &'static [(&'static [&'static Key], &'static str)],
    /// Names that are not keys under any spelling, and what to do instead.
    pub(crate) advice: &'static [(&'static str, &'static str)],
}

/// What a name means in a place.
pub(super) enum Meaning {
    /// A key of the place.
    Key(&'static Key),
    /// A setting, which does not belong in source code.
    Setting(&'static Key),
    /// A key of another place.
    Elsewhere(&'static Key, &'static str),
    /// Another name of a key, or a slip of the pen.
    Misspelt(&'static Key),
    /// Not a key, but there is something to do instead.
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

    /// The key that has this name elsewhere, or one that looks like it.
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

    /// All keys, unless they are too many to read in an error.
    fn keys_there_are(&self) -> String {
        let names = self.keys.iter().map(|key| key.name);
        if self.keys.len() <= 8 {
            format!("the keys are {}", all_of(names))
        } else {
            "the documentation of `oauth_runtime::guide::keys` has all there are".to_owned()
        }
    }
}

/// The entries that no field is for, each with all that follows its key.
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

/// An entry that no field is for.
pub(super) struct UnmatchedEntry<'a> {
    pub(super) at: &'a Ident,
    typed: &'a TokenStream,
    pub(super) meaning: Meaning,
}

impl UnmatchedEntry<'_> {
    /// The best that can be said about it: that it belongs elsewhere, what it is called here, which
    /// key looks like it, or which keys there are. A setting is for CHECK to refuse.
    pub(super) fn error(&self, place: &Place) -> Option<syn::Error> {
        Some(match self.meaning {
            Meaning::Key(_) | Meaning::Setting(_) => return None,
            Meaning::Elsewhere(key, there) => misplaced_key(self.at, key, there),
            Meaning::Misspelt(key) => misspelt_key(self.at, key, self.typed),
            Meaning::Advised(advice) => unknown_key(self.at, advice),
            Meaning::Unknown => unknown_key(self.at, &place.keys_there_are()),
        })
    }
}
