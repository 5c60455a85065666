//! `preset = company::acme`: a declaration with the keys of a preset that another crate defines.
//!
//! A derive cannot read another crate. So it passes the struct to the macro of the preset, and that
//! passes both to [`with_preset`], which expands the declaration with the preset's keys in it.

use proc_macro2::{Group, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, DeriveInput, Meta, Path};

use super::input::{Input, PLACE};
use crate::attribute::{Entry, entries};
use crate::diagnostics::Errors;
use crate::keys::{PRESET, runtime};

/// The call of the preset's macro with the struct.
pub(super) fn call(preset: &Path, input: &Input, item: &DeriveInput) -> TokenStream {
    let runtime = runtime(&input.attrs.keys.runtime);
    quote!(#preset! { (#runtime) #item })
}

/// The struct with the keys of the preset: `{ issuer = "https://…" } #[oauth_provider(…)] struct …`.
pub(crate) fn with_preset(tokens: TokenStream) -> syn::Result<DeriveInput> {
    let read = |input: ParseStream<'_>| Ok((input.parse::<Group>()?, input.parse()?));
    let (preset, mut item): (Group, DeriveInput) = read.parse2(tokens)?;
    let mut errors = Errors::default();
    let is_ours = |attribute: &Attribute| attribute.path().is_ident(PLACE.attribute);
    let (ours, others): (Vec<_>, Vec<_>) = item.attrs.into_iter().partition(is_ours);
    let mut own = Vec::new();
    for attribute in ours {
        if let Meta::List(list) = attribute.meta {
            own.extend(entries(&PLACE, list.tokens, &mut errors));
        }
    }
    own.retain(|entry| entry.key.unraw() != PRESET.name);
    let preset = entries(&PLACE, preset.stream(), &mut errors);
    let is_stated = |entry: &Entry| own.iter().any(|stated| stated.key == entry.key);
    let added: Vec<_> = preset.iter().filter(|entry| !is_stated(entry)).collect();
    item.attrs = others;
    item.attrs.push(syn::parse_quote!(#[oauth_provider(#(#own,)* #(#added),*)]));
    Ok(item)
}
