//! The presets as the runtime describes them: the expansion of a declaration of each.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::presets::PRESETS;
use crate::{provider, url};

/// All presets as the runtime describes them, as a list expression.
pub(crate) fn descriptions() -> TokenStream {
    let descriptions = PRESETS.iter().map(|preset| {
        let name = preset.name;
        let placeholders =
            preset.urls.iter().flat_map(|(_, text)| url::placeholders(text).unwrap_or_default());
        // The tenant comes from each ID token, not from a field.
        let fields: BTreeSet<_> = placeholders.filter(|name| *name != "tenantid").collect();
        let fields = fields.iter().map(|field| format_ident!("{field}"));
        provider::description(&syn::parse_quote! {
            #[oauth_provider(crate = crate, name = #name, preset = #name)]
            struct Preset { #(#fields: String),* }
        })
    });
    quote!(&[#(#descriptions),*])
}

#[cfg(test)]
mod tests {
    use super::descriptions;
    use crate::presets::PRESETS;
    use crate::testing::formatted;

    #[test]
    fn every_preset_is_described_for_the_runtime() {
        let descriptions = descriptions();
        let file =
            formatted(&quote::quote!(static PRESETS: &[ProviderSpec<'static>] = #descriptions;));
        for preset in PRESETS {
            assert!(file.contains(&format!("name: \"{}\"", preset.name)), "{file}");
        }
        assert!(!file.contains("compile_error"), "{file}");
    }
}
