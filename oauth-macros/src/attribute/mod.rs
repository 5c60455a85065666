//! PARSE: an attribute's tokens become keys and values, each with the span it was typed at.
//!
//! PARSE ensures that a key is known, given once, in its place, and has a value of the right kind.
//! CHECK judges the values. A list is read to its end even if an item is wrong.
//!
//! [`split`] cuts the tokens into entries; darling sorts them into the fields of a struct, one field for
//! each key; each field reads its value. None of the three stops at an error, so that all errors
//! are reported at once, even while an entry is half-typed.

mod entry;
mod fault;
mod key_value;
mod list;
mod place;
mod split;
mod value;

#[cfg(test)]
mod tests;

use darling::FromMeta;
use proc_macro2::Ident;
use syn::Attribute;

use crate::diagnostics::Errors;
use crate::key::{Key, Kind};

use place::Meaning;
use split::Split;

pub(crate) use entry::Rest;
pub(crate) use fault::Fault;
pub(crate) use key_value::{KeyField, KeyValue};
pub(crate) use list::{Pair, Word, add_pairs};
pub(crate) use place::{Place, Unmatched};
pub(crate) use split::{Entry, entries};
pub(crate) use value::{
    Flag, Params, Path, Preset, PresetName, Seconds, Separator, Text, Texts, Type, Url, Value,
    Words, members,
};

/// The keys of a place: a struct with a field for each, which darling fills.
pub(crate) trait Keys: FromMeta {
    /// Every key with its field.
    fn fields(&self) -> Vec<(&'static Key, &dyn KeyField)>;

    /// The entries without a field.
    fn unmatched(&self) -> &Unmatched;

    /// Takes the values that are not given from a preset.
    fn complete_with(&mut self, preset: Self);
}

/// The keys that were given.
pub(crate) struct Declaration<K> {
    pub(crate) keys: K,
    /// Whether the attribute is present.
    is_present: bool,
    /// The keys that were typed, under their own or another name, in source order.
    mentioned: Vec<&'static Key>,
    /// Keys that were typed with a mistake; an error is recorded for each.
    attempted: Vec<&'static Key>,
    /// The settings that were given, which CHECK refuses.
    settings: Vec<(&'static Key, Ident)>,
    /// Whether an unrecognized entry could be any key.
    is_uncertain: bool,
    errors: Errors,
}

impl<K: Keys> Declaration<K> {
    /// Reads the attributes of `place`.
    ///
    /// # Errors
    ///
    /// Only darling's own errors, which the splitter rules out: the mistakes of a declaration are
    /// kept in the declaration.
    pub(crate) fn read(attributes: Vec<Attribute>, place: &'static Place) -> darling::Result<Self> {
        let is_present = !attributes.is_empty();
        let mut split = Split::new(place);
        for attribute in attributes {
            split.read(attribute);
        }
        let mut declaration = Self {
            keys: K::from_list(&split.items)?,
            is_present,
            mentioned: split.mentioned,
            attempted: Vec::new(),
            settings: Vec::new(),
            is_uncertain: split.is_uncertain,
            errors: split.errors,
        };
        declaration.check_unmatched(place);
        declaration.check_values();
        Ok(declaration)
    }

    fn check_unmatched(&mut self, place: &Place) {
        for entry in self.keys.unmatched().in_place(place) {
            match entry.meaning {
                Meaning::Misspelt(key) => self.attempted.push(key),
                Meaning::Setting(key) => self.settings.push((key, entry.at.clone())),
                _ => {}
            }
            if let Some(error) = entry.error(place) {
                self.errors.add(error);
            }
        }
    }

    fn check_values(&mut self) {
        for (key, field) in self.keys.fields() {
            let errors = field.errors(key);
            if !errors.is_empty() {
                self.attempted.push(key);
            }
            for error in errors {
                self.errors.add(error);
            }
        }
    }

    /// Takes what it does not state from a preset.
    pub(crate) fn complete_with(&mut self, preset: Self) {
        self.keys.complete_with(preset.keys);
        let mentioned = preset.mentioned.into_iter().filter(|key| !self.mentioned.contains(key));
        let mentioned: Vec<_> = mentioned.collect();
        self.mentioned.extend(mentioned);
    }

    /// Reports the errors recorded so far.
    pub(crate) fn report(&self, errors: &mut Errors) {
        errors.add_all(&self.errors);
    }

    /// Whether the attribute is present.
    pub(crate) fn is_present(&self) -> bool {
        self.is_present
    }

    /// The keys that have a value, in source order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'static Key, &Ident, &dyn KeyField)> {
        let fields = self.keys.fields();
        self.mentioned.iter().filter_map(move |mentioned| {
            let (key, field) = fields.iter().copied().find(|(key, _)| key == mentioned)?;
            Some((key, field.at()?, field))
        })
    }

    /// The value of a key of any kind if it is one string.
    pub(crate) fn text(&self, key: &Key) -> Option<&syn::LitStr> {
        let (_, field) = self.keys.fields().into_iter().find(|(own, _)| *own == key)?;
        field.text()
    }

    /// The settings that were given.
    pub(crate) fn settings(&self) -> &[(&'static Key, Ident)] {
        &self.settings
    }

    /// Whether a key that seems to be missing may have been typed but not recognized.
    pub(crate) fn is_uncertain(&self) -> bool {
        self.is_uncertain
    }

    /// Whether the key was typed with a mistake, so that its value may be incomplete.
    pub(crate) fn is_attempted(&self, key: &Key) -> bool {
        self.attempted.contains(&key)
    }

    /// Whether any URL was typed with a mistake.
    pub(crate) fn attempts_url(&self) -> bool {
        self.attempted.iter().any(|key| matches!(key.value, Kind::Url))
    }

    /// Whether the key was typed, even with a wrong value or under a wrong name.
    pub(crate) fn mentions(&self, key: &Key) -> bool {
        self.mentioned.contains(&key)
    }
}
