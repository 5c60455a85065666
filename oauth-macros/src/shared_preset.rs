//! `oauth_preset!`: defines a preset that the declarations of other crates use by its path.
//!
//! A preset is a declaration without a struct. It is checked here, and again with the keys of each
//! declaration that uses it.

use std::collections::BTreeSet;

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, DeriveInput};

use crate::attribute::{Entry, entries};
use crate::diagnostics::{Errors, strings_in};
use crate::keys::NAME;
use crate::provider::{self, PLACE};
use crate::url;

/// Keys whose values are relative to the crate of the declaration.
const RELATIVE: &[(&str, &str)] = &[
    ("crate", "each declaration states it, because its crate names the runtime: remove it"),
    (
        "metadata_file",
        "it would be read from the crate of each declaration: state the endpoints, or the issuer",
    ),
];

/// A preset as it was typed: `/// Docs. acme { issuer = "https://…" }`.
struct Preset {
    attributes: Vec<Attribute>,
    name: Ident,
    keys: Group,
}

impl Parse for Preset {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        const SHAPE: &str = r#"write `oauth_preset! { acme { issuer = "https://…", scopes("openid") } }`, with the keys of `#[oauth_provider(...)]`"#;
        let shape = |error: syn::Error| syn::Error::new(error.span(), SHAPE);
        let attributes = input.call(Attribute::parse_outer)?;
        let name = input.parse().map_err(shape)?;
        if !input.peek(syn::token::Brace) {
            return Err(input.error(SHAPE));
        }
        let keys = input.parse()?;
        if !input.is_empty() {
            return Err(input.error("one preset per `oauth_preset!`: write another for this one"));
        }
        Ok(Self { attributes, name, keys })
    }
}

/// The macro of the preset, and its errors.
pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    let preset: Preset = match syn::parse2(tokens) {
        Ok(preset) => preset,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    check(&preset, &mut errors);
    let errors = errors.into_compile_errors();
    let Preset { attributes, name, keys } = preset;
    let doc = format!("The preset `{name}` of OAuth providers: `preset = {name}`.");
    let keys = portable(keys.stream());
    quote! {
        #errors
        #(#attributes)*
        #[doc = #doc]
        #[macro_export]
        macro_rules! #name {
            (($($runtime:tt)*) $($item:tt)*) => {
                $($runtime)*::__private::provider_with_preset! { { #keys } $($item)* }
            };
        }
    }
}

/// Checks the keys as a declaration. If there is another shared preset below them, only each
/// declaration shows whether they fit together: here its keys and fields are unknown.
fn check(preset: &Preset, errors: &mut Errors) {
    let Preset { name, keys, .. } = preset;
    // Its errors are those of the declaration.
    let typed = entries(&PLACE, keys.stream(), &mut Errors::default());
    let mut own = keys.stream();
    for entry in &typed {
        if let Some(advice) = relative(entry) {
            let key = &entry.key;
            errors.push(key, format!("`{key}` does not belong in a preset: {advice}"));
            let others = typed.iter().filter(|entry| relative(entry).is_none());
            own = quote!(#(#others),*);
        }
    }
    let mut keys = own;
    if !typed.iter().any(|entry| entry.key.unraw() == NAME.name) {
        let name = example_name(name);
        keys = quote!(name = #name, #keys);
    }
    let fields = placeholders(keys.clone());
    let item: DeriveInput = syn::parse_quote! {
        #[oauth_provider(#keys)]
        struct #name { #(#fields: ::std::string::String),* }
    };
    drop(provider::expand(&item, errors));
}

/// Why the key does not belong in a preset, if so.
fn relative(entry: &Entry) -> Option<&'static str> {
    let key = entry.key.unraw();
    RELATIVE.iter().find(|(relative, _)| key == relative).map(|(_, advice)| *advice)
}

/// A name of a provider for messages: that of the preset, if it is a legal one.
fn example_name(preset: &Ident) -> String {
    let name = preset.unraw().to_string();
    let is_legal = name != "oauth"
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.contains(|char: char| char.is_ascii_uppercase() || !char.is_ascii());
    if is_legal { name } else { "preset".to_owned() }
}

/// The fields that a declaration with this preset needs.
fn placeholders(keys: TokenStream) -> Vec<Ident> {
    let mut texts = Vec::new();
    strings_in(keys, &mut texts);
    let names: BTreeSet<_> =
        texts.iter().flat_map(|text| url::placeholders_in_text(text)).collect();
    names.into_iter().map(|name| format_ident!("{name}")).collect()
}

/// `crate::AcmeUser` is of the preset's crate, in whatever crate the declaration is.
fn portable(keys: TokenStream) -> TokenStream {
    let tokens = keys.into_iter().flat_map(|token| match token {
        TokenTree::Group(group) => {
            let mut inside = Group::new(group.delimiter(), portable(group.stream()));
            inside.set_span(group.span());
            inside.into_token_stream()
        }
        TokenTree::Ident(ident) if ident == "crate" => quote!($#ident),
        token => token.into(),
    });
    tokens.collect()
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::expand;
    use crate::provider;
    use crate::testing::formatted;

    fn expanded(preset: proc_macro2::TokenStream) -> String {
        expand(preset).to_string()
    }

    #[test]
    fn preset_is_one_macro() {
        let preset = quote!(acme { issuer = "https://{region}.acme.example", scopes("openid") });
        let expansion = formatted(&expand(preset));
        assert_eq!(expansion.matches("macro_rules!").count(), 1, "{expansion}");
        assert!(!expansion.contains("compile_error"), "{expansion}");
    }

    #[test]
    fn wrong_preset_is_refused_where_it_is_defined() {
        for (preset, expected) in [
            (quote!(acme { issuer = "acme.example", scopes("openid") }), "https://acme.example"),
            (quote!(acme { isuer = "https://acme.example" }), "unknown key `isuer`"),
            (
                quote!(acme { authorize_url = "https://acme.example/authorize" }),
                "missing `access_token_url`",
            ),
            (quote!(acme { metadata_file = "acme.json" }), "does not belong in a preset"),
            (quote!(acme { client_secret = "s3cr3t" }), "client_secret"),
            (quote!(acme), "write `oauth_preset!"),
        ] {
            let said = expanded(preset.clone());
            assert!(said.contains("compile_error"), "{preset}");
            assert!(said.contains(expected), "{preset}: {said}");
        }
    }

    #[test]
    fn types_of_a_preset_belong_to_its_crate() {
        let said = expanded(quote!(acme {
            issuer = "https://acme.example", scopes("openid"), userinfo = crate::User<crate::Team>
        }));
        assert!(said.contains("$ crate :: User < $ crate :: Team >"), "{said}");
    }

    #[test]
    fn declaration_overrides_the_keys_of_a_preset() {
        let merged = provider::with_preset(quote! {
            { issuer = "https://acme.example", scopes("openid"), userinfo = Envelope<User, Meta>, leeway = 30 }
            #[oauth_provider(name = "sso", preset = company::acme, scopes("openid", "email"), leeway = 5)]
            struct Sso;
        });
        let merged = merged.expect("a struct");
        let attributes = &merged.attrs;
        let said = quote!(#(#attributes)*).to_string().replace(' ', "");
        assert_eq!(
            said,
            r#"#[oauth_provider(name="sso",scopes("openid","email"),leeway=5,issuer="https://acme.example",userinfo=Envelope<User,Meta>)]"#
        );
    }
}
