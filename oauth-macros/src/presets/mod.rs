//! Providers whose facts are known: a declaration that names one states only what differs.
//!
//! A preset is data, in the words that a declaration would use. Code has no place in it.

mod apple;
mod github;
mod google;
mod microsoft;

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::keys::Key;
use crate::provider::model::Protocol;
use crate::{provider, url};

/// What is known about a provider.
pub(crate) struct Preset {
    /// What users type: `preset = "github"`.
    pub(crate) name: &'static str,
    /// The provider's own name, as it writes it.
    pub(crate) display_name: &'static str,
    pub(crate) protocol: Protocol,
    /// Where a developer registers a client.
    pub(crate) registration_page: &'static str,
    /// Endpoints and issuer, each under its key.
    pub(crate) urls: &'static [(&'static Key, &'static str)],
    /// A call beside userinfo that lists e-mail addresses with their verification.
    pub(crate) emails_endpoint: Option<&'static str>,
    /// The scopes of a declaration that states none.
    pub(crate) scopes: &'static [&'static str],
    /// Scopes in the provider's documentation, for telling a slip of the pen. Others are allowed.
    pub(crate) known_scopes: &'static [&'static str],
    pub(crate) token_endpoint_auth_method: Option<&'static str>,
    pub(crate) response_mode: Option<&'static str>,
    /// Where the identity lies, as far as it is not where OpenID Connect has it.
    pub(crate) identity: &'static [(&'static str, &'static str)],
    pub(crate) quirks: &'static [&'static str],
}

impl Preset {
    /// What a preset does not state.
    const DEFAULT: Self = Self {
        name: "",
        display_name: "",
        protocol: Protocol::OAuth2,
        registration_page: "",
        urls: &[],
        emails_endpoint: None,
        scopes: &[],
        known_scopes: &[],
        token_endpoint_auth_method: None,
        response_mode: None,
        identity: &[],
        quirks: &[],
    };

    /// The URL that the preset has for a key.
    pub(crate) fn url(&self, key: &Key) -> Option<&'static str> {
        self.urls.iter().find(|(has, _)| *has == key).map(|(_, url)| *url)
    }
}

/// All presets, by name.
pub(crate) static PRESETS: &[&Preset] =
    &[&apple::APPLE, &github::GITHUB, &google::GOOGLE, &microsoft::MICROSOFT];

/// All presets as the runtime describes them: a list of what a derive would emit for each.
pub(crate) fn descriptions() -> TokenStream {
    let descriptions = PRESETS.iter().map(|preset| {
        let name = preset.name;
        let placeholders =
            preset.urls.iter().flat_map(|(_, text)| url::placeholders(text).unwrap_or_default());
        // The tenant stands in each ID token, and is no field.
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
    use super::{PRESETS, descriptions};
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
