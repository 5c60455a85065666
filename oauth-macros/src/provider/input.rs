//! PARSE: the struct and its attribute as they were typed.

use darling::util::require_ident;
use darling::{FromDeriveInput, FromField};
use proc_macro2::Ident;
use syn::{Attribute, DeriveInput, Generics, Type};

use crate::attribute::{Declaration, Place};
use crate::diagnostics::Errors;
use crate::keys::{self, ProviderKeys};
use crate::shape::Shape;

/// A declaration as it was typed.
#[derive(FromDeriveInput)]
#[darling(forward_attrs(oauth_provider))]
pub(crate) struct Input {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    #[darling(with = Shape::read)]
    pub(crate) data: Shape<Field>,
    #[darling(with = declaration)]
    pub(crate) attrs: Declaration<ProviderKeys>,
}

/// A field of the struct.
#[derive(FromField)]
#[darling(forward_attrs(oauth_provider))]
pub(crate) struct Field {
    #[darling(with = require_ident)]
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    /// The attributes that belong on the struct.
    pub(crate) attrs: Vec<Attribute>,
}

pub(crate) static PLACE: Place = Place {
    attribute: "oauth_provider",
    keys: keys::PROVIDER,
    settings: keys::CONFIGURATION,
    elsewhere: &[(keys::REGISTRY, "in `#[oauth_registry(...)]` on the struct of clients")],
    advice: keys::NO_KEYS,
};

fn declaration(attributes: Vec<Attribute>) -> darling::Result<Declaration<ProviderKeys>> {
    Declaration::read(attributes, &PLACE)
}

impl Input {
    /// Reads the declaration and records its errors.
    pub(crate) fn parse(input: &DeriveInput, errors: &mut Errors) -> Option<Self> {
        let input =
            Self::from_derive_input(input).map_err(|error| errors.add(error.into())).ok()?;
        input.attrs.report(errors);
        Some(input)
    }
}
