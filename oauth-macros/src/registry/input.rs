//! PARSE: the struct of clients and its attributes as they were typed.

use darling::util::require_ident;
use darling::{FromDeriveInput, FromField};
use proc_macro2::Ident;
use syn::{Attribute, DeriveInput, Generics, PathArguments, Type};

use crate::attribute::{Declaration, Place};
use crate::diagnostics::Errors;
use crate::key::Key;
use crate::keys::{self, ClientKeys, RegistryKeys};
use crate::shape::Shape;

/// A registry as it was typed.
#[derive(FromDeriveInput)]
#[darling(forward_attrs(oauth_registry))]
pub(crate) struct Input {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    #[darling(with = Shape::read)]
    pub(crate) data: Shape<Field>,
    #[darling(with = of_struct)]
    pub(crate) attrs: Declaration<RegistryKeys>,
}

/// A field with its own attribute.
#[derive(FromField)]
#[darling(forward_attrs(oauth_registry))]
pub(crate) struct Field {
    #[darling(with = require_ident)]
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    #[darling(with = of_field)]
    pub(crate) attrs: Declaration<ClientKeys>,
}

/// When the client of a field exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// `Client<P>`
    Always,
    /// `Option<Client<P>>`: only if it is configured.
    IfConfigured,
    /// `LazyClient<P>`: always, but usable only if it is configured.
    Lazy,
}

static STRUCT: Place = Place {
    attribute: "oauth_registry",
    keys: keys::REGISTRY,
    settings: &[],
    elsewhere: &[PROVIDER, CONFIGURATION],
    advice: keys::NO_KEYS,
};

static FIELD: Place = Place {
    attribute: "oauth_registry",
    keys: keys::REGISTRY_FIELD,
    settings: &[],
    elsewhere: &[
        (keys::REGISTRY, "in the `#[oauth_registry(...)]` above the struct"),
        PROVIDER,
        CONFIGURATION,
    ],
    advice: keys::NO_KEYS,
};

/// Keys, and the place they belong in.
type Elsewhere = (&'static [&'static Key], &'static str);

const PROVIDER: Elsewhere = (keys::PROVIDER, "in `#[oauth_provider(...)]` on the provider");
const CONFIGURATION: Elsewhere = (keys::CONFIGURATION, "in the configuration of the provider");

fn of_struct(attributes: Vec<Attribute>) -> darling::Result<Declaration<RegistryKeys>> {
    Declaration::read(attributes, &STRUCT)
}

fn of_field(attributes: Vec<Attribute>) -> darling::Result<Declaration<ClientKeys>> {
    Declaration::read(attributes, &FIELD)
}

impl Input {
    /// Reads the registry and records its errors.
    pub(crate) fn parse(input: &DeriveInput, errors: &mut Errors) -> Option<Self> {
        let input =
            Self::from_derive_input(input).map_err(|error| errors.add(error.into())).ok()?;
        input.attrs.report(errors);
        for field in input.data.fields() {
            field.attrs.report(errors);
        }
        Some(input)
    }
}

impl Field {
    /// The `P` of `Client<P>`, `Option<Client<P>>` or `LazyClient<P>`; `None` for any other
    /// type.
    pub(crate) fn provider(&self) -> Option<&Type> {
        let optional = only_argument(&self.ty, "Option");
        let lazy = only_argument(&self.ty, "LazyClient");
        lazy.or_else(|| only_argument(optional.unwrap_or(&self.ty), "Client"))
    }

    pub(crate) fn presence(&self) -> Presence {
        if only_argument(&self.ty, "Option").is_some() {
            Presence::IfConfigured
        } else if only_argument(&self.ty, "LazyClient").is_some() {
            Presence::Lazy
        } else {
            Presence::Always
        }
    }
}

/// The `GitHub` of `Client<GitHub>`, with any path before `Client`.
fn only_argument<'a>(ty: &'a Type, generic: &str) -> Option<&'a Type> {
    let Type::Path(path) = ungrouped(ty) else {
        return None;
    };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    let mut arguments = arguments.args.iter();
    match (arguments.next()?, arguments.next()) {
        (syn::GenericArgument::Type(argument), None) if last.ident == generic => Some(argument),
        _ => None,
    }
}

/// Unwraps the invisible group around a type that came through a `macro_rules!`.
fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        ty => ty,
    }
}
