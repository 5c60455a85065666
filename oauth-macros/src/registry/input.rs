//! PARSE: the struct of clients and its attributes as they were typed.

use proc_macro2::Ident;
use syn::{Data, DeriveInput, Field as SynField, Generics, PathArguments, Type};

use crate::attribute::{Declaration, Place};
use crate::diagnostics::Errors;
use crate::keys;

/// A registry as it was typed.
pub(crate) struct Input<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    pub(crate) data: &'a Data,
    pub(crate) declaration: Declaration,
    /// The named fields; empty for any other shape.
    pub(crate) fields: Vec<Field<'a>>,
}

/// A field with its own attribute.
pub(crate) struct Field<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) ty: &'a Type,
    /// The `P` of `Client<P>`, `Option<Client<P>>` or `LazyClient<P>`; `None` where the type is
    /// something else.
    pub(crate) provider: Option<&'a Type>,
    pub(crate) presence: Presence,
    pub(crate) declaration: Declaration,
}

/// When the client of a field is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// `Client<P>`
    Always,
    /// `Option<Client<P>>`: only if it is configured.
    IfConfigured,
    /// `LazyClient<P>`: always, and used only if it is configured.
    Lazy,
}

static STRUCT: Place = Place {
    attribute: "oauth_registry",
    keys: keys::REGISTRY,
    elsewhere: &[(keys::PROVIDER, "in `#[oauth_provider(...)]` on the provider")],
};

static FIELD: Place = Place {
    attribute: "oauth_registry",
    keys: keys::REGISTRY_FIELD,
    elsewhere: &[
        (keys::REGISTRY, "in the `#[oauth_registry(...)]` above the struct"),
        (keys::PROVIDER, "in `#[oauth_provider(...)]` on the provider"),
    ],
};

impl<'a> Input<'a> {
    pub(crate) fn parse(input: &'a DeriveInput, errors: &mut Errors) -> Self {
        let declaration = Declaration::parse(&input.attrs, &STRUCT, errors);
        let fields = match &input.data {
            Data::Struct(data) => {
                data.fields.iter().filter_map(|field| Field::parse(field, errors)).collect()
            }
            Data::Enum(_) | Data::Union(_) => Vec::new(),
        };
        Self {
            ident: &input.ident,
            generics: &input.generics,
            data: &input.data,
            declaration,
            fields,
        }
    }
}

impl<'a> Field<'a> {
    fn parse(field: &'a SynField, errors: &mut Errors) -> Option<Self> {
        let optional = only_argument(&field.ty, "Option");
        let lazy = only_argument(&field.ty, "LazyClient");
        let presence = match (optional, lazy) {
            (Some(_), _) => Presence::IfConfigured,
            (None, Some(_)) => Presence::Lazy,
            (None, None) => Presence::Always,
        };
        Some(Self {
            ident: field.ident.as_ref()?,
            ty: &field.ty,
            provider: lazy.or_else(|| only_argument(optional.unwrap_or(&field.ty), "Client")),
            presence,
            declaration: Declaration::parse(&field.attrs, &FIELD, errors),
        })
    }
}

/// The `GitHub` of `Client<GitHub>`, whatever path stands in front of it.
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

/// A type that came through a `macro_rules!` stands in an invisible group.
fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        ty => ty,
    }
}
