//! The presets of known providers. A declaration that names one states only the differences.
//!
//! A preset is a file in `presets`: the keys of a declaration, and the [facts](Facts) that no
//! declaration has. Only the file that a declaration names is read.

mod files;
#[cfg(test)]
mod page_tests;
#[cfg(test)]
pub(crate) mod tests;

use proc_macro2::{LexError, TokenStream};
use quote::quote;
use syn::{Attribute, LitStr};

use crate::attribute::{Declaration, KeyValue, Place, Text, Texts, entries};
use crate::diagnostics::{Errors, nearest};
use crate::keys::{FACTS, Facts, ProviderKeys, REQUEST_TOKEN_URL};
use crate::protocol::Protocol;
use crate::provider::PLACE;

use files::FILES;

/// A preset that has been read.
pub(crate) struct Preset {
    /// The name that users type: `preset = "github"`.
    #[cfg(test)]
    pub(crate) name: &'static str,
    /// The provider's own spelling of its name.
    pub(crate) display_name: String,
    pub(crate) protocol: Protocol,
    pub(crate) facts: PresetFacts,
}

/// The facts about a provider that are not keys of a declaration.
pub(crate) struct PresetFacts {
    /// The page where a developer registers a client.
    pub(crate) registration_page: String,
    /// The page of the provider to check the preset against.
    #[cfg(test)]
    pub(crate) documentation: String,
    /// The day of the last check: `2026-11-29`.
    #[cfg(test)]
    pub(crate) checked: String,
    /// The placeholders in the URLs.
    pub(crate) parameters: Vec<Parameter>,
    /// Scopes in the provider's documentation, for detecting typos. Others are allowed.
    pub(crate) known_scopes: Vec<String>,
    /// What else a developer has to know.
    #[cfg(test)]
    pub(crate) notes: Vec<String>,
    /// Other names of the provider, for users who look for one of them.
    also_known_as: Vec<String>,
}

/// A value that the application supplies: a field of the struct.
pub(crate) struct Parameter {
    pub(crate) name: String,
    /// What it is, with an example.
    pub(crate) description: String,
    /// The value for a struct without this field.
    pub(crate) default: Option<String>,
}

/// The names of all presets, sorted.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, _)| *name)
}

/// The preset with this name, and its declaration. A parameter for which `has_field` is false has
/// its default value.
pub(crate) fn find(
    name: &str,
    has_field: impl Fn(&str) -> bool,
    errors: &mut Errors,
) -> Option<(Preset, Declaration<ProviderKeys>)> {
    let at = FILES.binary_search_by_key(&name, |(name, _)| name).ok()?;
    let file = FILES.get(at)?;
    #[cfg(test)]
    let name = file.0;
    let text = file.1;
    let (mut facts, mut keys) = split(text, errors)?;
    let mut read = facts_of(&facts, errors)?;
    let filled = read.parameters.iter().filter(|parameter| !has_field(&parameter.name));
    let filled =
        filled.filter_map(|parameter| Some((&parameter.name, parameter.default.as_ref()?)));
    let fill = |text: String, (name, value): (&String, &String)| {
        text.replace(&format!("{{{name}}}"), value)
    };
    let text_with_defaults = filled.fold(text.to_owned(), fill);
    if text_with_defaults != text {
        (facts, keys) = split(&text_with_defaults, errors)?;
        read = facts_of(&facts, errors)?;
    }
    let declaration = Declaration::<ProviderKeys>::read(vec![attribute(&keys)], &PLACE);
    let declaration = declaration.map_err(|error| errors.add(error.into())).ok()?;
    declaration.report(errors);
    let display_name = text_of(&declaration.keys.display_name);
    let protocol = protocol(&declaration);
    let preset = Preset {
        #[cfg(test)]
        name,
        display_name,
        protocol,
        facts: read,
    };
    Some((preset, declaration))
}

/// The presets that `name` may stand for, the most likely first.
pub(crate) fn similar(name: &str) -> Vec<&'static str> {
    let plain = |name: &str| name.to_lowercase().replace(['-', '_', ' '], "");
    let name = plain(name);
    let is_known_as = |text: &str| {
        let mut errors = Errors::default();
        let facts = split(text, &mut errors).and_then(|(facts, _)| facts_of(&facts, &mut errors));
        facts.is_some_and(|facts| facts.also_known_as.iter().any(|own| plain(own) == name))
    };
    let known = FILES.iter().filter(|(_, text)| is_known_as(text)).map(|(name, _)| *name);
    let begins = |own: &&str| name.len() > 2 && plain(own).starts_with(&name);
    let mut similar = Vec::new();
    for name in known.chain(nearest(&name, names())).chain(names().filter(begins)) {
        if !similar.contains(&name) {
            similar.push(name);
        }
    }
    similar.truncate(3);
    similar
}

/// The tokens of a file: the facts, and the keys of the declaration.
fn split(text: &str, errors: &mut Errors) -> Option<(TokenStream, TokenStream)> {
    let tokens: TokenStream =
        text.parse().map_err(|error: LexError| errors.add(error.into())).ok()?;
    let (facts, keys): (Vec<_>, Vec<_>) =
        entries(&PLACE, tokens, errors).into_iter().partition(|entry| entry.is_any_of(FACTS));
    Some((quote!(#(#facts),*), quote!(#(#keys),*)))
}

fn attribute(entries: &TokenStream) -> Attribute {
    syn::parse_quote!(#[oauth_provider(#entries)])
}

static FACTS_PLACE: Place =
    Place { attribute: "oauth_provider", keys: FACTS, settings: &[], elsewhere: &[], advice: &[] };

fn facts_of(facts: &TokenStream, errors: &mut Errors) -> Option<PresetFacts> {
    let facts = Declaration::<Facts>::read(vec![attribute(facts)], &FACTS_PLACE);
    let facts = facts.map_err(|error| errors.add(error.into())).ok()?;
    facts.report(errors);
    let keys = &facts.keys;
    let defaults = keys.defaults.items();
    let parameters = keys.parameters.items().iter().map(|parameter| Parameter {
        name: parameter.name.clone(),
        description: parameter.value.value(),
        default: defaults
            .iter()
            .find(|default| default.name == parameter.name)
            .map(|default| default.value.value()),
    });
    Some(PresetFacts {
        registration_page: text_of(&keys.registration_page),
        #[cfg(test)]
        documentation: text_of(&keys.documentation),
        #[cfg(test)]
        checked: text_of(&keys.checked),
        parameters: parameters.collect(),
        known_scopes: texts_of(&keys.known_scopes),
        #[cfg(test)]
        notes: texts_of(&keys.notes),
        also_known_as: texts_of(&keys.also_known_as),
    })
}

fn text_of(value: &KeyValue<Text>) -> String {
    value.value().map(LitStr::value).unwrap_or_default()
}

fn texts_of(value: &KeyValue<Texts>) -> Vec<String> {
    value.items().iter().map(LitStr::value).collect()
}

fn protocol(declaration: &Declaration<ProviderKeys>) -> Protocol {
    let scopes = declaration.keys.scopes.items();
    if declaration.mentions(&REQUEST_TOKEN_URL) {
        Protocol::OAuth1
    } else if scopes.iter().any(|scope| scope.value() == "openid") {
        Protocol::OpenIdConnect
    } else {
        Protocol::OAuth2
    }
}
