//! PARSE: the struct and its attribute as they were typed.

use darling::util::require_ident;
use darling::{FromDeriveInput, FromField};
use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::{Attribute, DeriveInput, Generics, Type};

use crate::attribute::{Declaration, Place, PresetName};
use crate::diagnostics::{Errors, any_of};
use crate::keys::{self, ProviderKeys};
use crate::presets::{self, Preset};
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
    /// The built-in preset, whose keys are part of the declaration.
    #[darling(skip)]
    pub(crate) preset: Option<Preset>,
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
        let mut input =
            Self::from_derive_input(input).map_err(|error| errors.add(error.into())).ok()?;
        input.attrs.report(errors);
        input.read_preset(errors);
        Some(input)
    }

    /// `preset = "github"`: the keys of the preset complete the declaration.
    fn read_preset(&mut self, errors: &mut Errors) {
        let Some(PresetName::BuiltIn(typed)) = self.attrs.keys.preset.value() else { return };
        let name = typed.value();
        let fields = match &self.data {
            Shape::Struct(fields) => fields.as_slice(),
            _ => &[],
        };
        let has_field = |name: &str| fields.iter().any(|field| field.ident.unraw() == name);
        if let Some((preset, declaration)) = presets::find(&name, has_field, errors) {
            self.attrs.complete_with(declaration);
            self.preset = Some(preset);
        } else {
            errors.push(typed, unknown_preset(&name));
        }
    }
}

fn unknown_preset(name: &str) -> String {
    let similar = presets::similar(name);
    let advice = match similar.as_slice() {
        [only] => format!("write `preset = \"{only}\"`"),
        [] => "`oauth_runtime::guide::presets` lists all of them; declare any other OpenID Connect provider with `issuer = \"https://…\"` and `scopes(\"openid\")`, and any other OAuth 2.0 provider with its endpoints".to_owned(),
        several => {
            let names: Vec<_> = several.iter().map(|name| format!("preset = \"{name}\"")).collect();
            format!("write {}", any_of(names.iter().map(String::as_str)))
        }
    };
    format!("unknown preset \"{name}\": {advice}")
}
