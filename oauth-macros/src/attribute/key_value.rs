//! The parsed value of one key: the field that darling fills.

use darling::FromMeta;
use darling::ast::MetaNameValueInvalidExpr;
use proc_macro2::Ident;
use syn::{LitStr, Meta, Path};

use super::entry::Rest;
use super::fault::Fault;
use super::value::Value;
use crate::key::Key;

/// The parsed value of a key of the kind `V`.
///
/// Reading never fails: if a derived reader failed, it would return no struct, and CHECK would have
/// nothing to check. A wrong value leaves its faults here instead.
pub(crate) struct KeyValue<V: Value> {
    /// The key as it was typed; `None` if it was not.
    at: Option<Ident>,
    value: Option<V::Parsed>,
    faults: Vec<Fault>,
    /// Whether all of it comes from the preset.
    is_of_preset: bool,
}

impl<V: Value> KeyValue<V> {
    /// The value, as far as it could be read.
    pub(crate) fn value(&self) -> Option<&V::Parsed> {
        self.value.as_ref()
    }

    /// The key as it was typed, if its value could be read.
    pub(crate) fn at(&self) -> Option<&Ident> {
        self.at.as_ref().filter(|_| self.is_given())
    }

    /// Whether all of it comes from the preset.
    pub(crate) fn is_of_preset(&self) -> bool {
        self.is_of_preset
    }

    /// Whether there is a value.
    pub(crate) fn is_given(&self) -> bool {
        self.value.is_some()
    }

    /// Takes the value of a preset: if there is none, or the items that it lacks.
    pub(crate) fn complete_with(&mut self, preset: Self) {
        match (&mut self.value, preset.value) {
            (Some(own), Some(preset)) => V::complete(own, preset),
            (None, value) if self.at.is_none() => {
                *self = Self { value, is_of_preset: true, ..preset };
            }
            _ => {}
        }
    }
}

impl<T, V: Value<Parsed = Vec<T>>> KeyValue<V> {
    /// The items of a list; empty if there is no list.
    pub(crate) fn items(&self) -> &[T] {
        self.value.as_deref().unwrap_or_default()
    }
}

impl<V: Value> KeyValue<V> {
    fn read(path: &Path, rest: Rest) -> Self {
        let mut faults = Vec::new();
        let value = V::read(rest, &mut faults);
        Self { at: path.get_ident().cloned(), value, faults, is_of_preset: false }
    }
}

impl<V: Value> FromMeta for KeyValue<V> {
    fn from_meta(meta: &Meta) -> darling::Result<Self> {
        Ok(Self::read(meta.path(), Rest::of_meta(meta)))
    }

    fn from_invalid_expr(meta: &MetaNameValueInvalidExpr) -> darling::Result<Self> {
        Ok(Self::read(&meta.path, Rest::Other(meta.value.clone())))
    }

    fn from_none() -> Option<Self> {
        Some(Self { at: None, value: None, faults: Vec::new(), is_of_preset: false })
    }
}

/// A field of any kind, for rules that apply to all keys.
pub(crate) trait KeyField {
    /// The key as it was typed, if its value could be read.
    fn at(&self) -> Option<&Ident>;

    /// The value if it is one string.
    fn text(&self) -> Option<&LitStr>;

    /// Whether all of it comes from the preset.
    fn is_of_preset(&self) -> bool;

    /// The errors in the value of `key`, the key of this field.
    fn errors(&self, key: &Key) -> Vec<syn::Error>;
}

impl<V: Value> KeyField for KeyValue<V> {
    fn at(&self) -> Option<&Ident> {
        Self::at(self)
    }

    fn text(&self) -> Option<&LitStr> {
        V::text(self.value()?)
    }

    fn is_of_preset(&self) -> bool {
        self.is_of_preset
    }

    fn errors(&self, key: &Key) -> Vec<syn::Error> {
        let Some(at) = &self.at else { return Vec::new() };
        self.faults.iter().map(|fault| fault.error(at, key)).collect()
    }
}
