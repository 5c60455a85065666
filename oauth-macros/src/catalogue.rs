//! The presets as the runtime describes them: the expansion of a declaration of each, and its facts.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::diagnostics::Errors;
use crate::presets::{self, Parameter, Preset};
use crate::provider;

/// All presets as the runtime describes them, as a list expression.
pub(crate) fn presets() -> TokenStream {
    let mut errors = Errors::default();
    let presets = presets::names()
        .filter_map(|name| presets::find(name, |_| true, &mut errors))
        .map(|(preset, _)| describe(&preset));
    let presets: Vec<_> = presets.collect();
    let errors = errors.into_compile_errors();
    quote!({ #errors &[#(#presets),*] })
}

/// The expression for one preset.
fn describe(preset: &Preset) -> TokenStream {
    let Preset { name, facts, .. } = preset;
    let fields = facts.parameters.iter().map(|parameter| format_ident!("{}", parameter.name));
    let spec = provider::description(&syn::parse_quote! {
        #[oauth_provider(crate = crate, name = "preset", preset = #name)]
        struct Preset { #(#fields: String),* }
    });
    let (documentation, checked, notes) = (&facts.documentation, &facts.checked, &facts.notes);
    let parameters = facts.parameters.iter().map(|parameter| {
        let Parameter { name, description, default } = parameter;
        let default = match default {
            Some(default) => quote!(::core::option::Option::Some(#default)),
            None => quote!(::core::option::Option::None),
        };
        quote!(Parameter { name: #name, description: #description, default: #default })
    });
    quote! {
        Preset {
            name: #name,
            spec: #spec,
            documentation: #documentation,
            checked: #checked,
            parameters: &[#(#parameters),*],
            notes: &[#(#notes),*],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::presets;
    use crate::presets::names;
    use crate::testing::formatted;

    #[test]
    fn every_preset_is_described_for_the_runtime() {
        let presets = presets();
        let file = formatted(&quote::quote!(static PRESETS: &[Preset] = #presets;));
        for name in names() {
            assert!(file.contains(&format!("name: \"{name}\"")), "{name}");
        }
        assert!(!file.contains("compile_error"), "{file}");
    }
}
