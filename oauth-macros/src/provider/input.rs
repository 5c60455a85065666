//! PARSE: the struct and its attribute as they were typed.

use proc_macro2::Ident;
use syn::{Data, DeriveInput, Generics};

use crate::attribute::{Declaration, Place};
use crate::diagnostics::Errors;
use crate::keys;

/// A declaration as it was typed.
pub(crate) struct Input<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    pub(crate) data: &'a Data,
    /// Whether there is an `#[oauth_provider(...)]` at all.
    pub(crate) is_declared: bool,
    pub(crate) declaration: Declaration,
}

static PLACE: Place = Place {
    attribute: "oauth_provider",
    keys: keys::PROVIDER,
    elsewhere: &[(keys::REGISTRY_ONLY, "in `#[oauth_registry(...)]` on the struct of clients")],
};

impl<'a> Input<'a> {
    pub(crate) fn parse(input: &'a DeriveInput, errors: &mut Errors) -> Self {
        let is_declared =
            input.attrs.iter().any(|attribute| attribute.path().is_ident(PLACE.attribute));
        Self {
            ident: &input.ident,
            generics: &input.generics,
            data: &input.data,
            is_declared,
            declaration: Declaration::parse(&input.attrs, &PLACE, errors),
        }
    }
}
