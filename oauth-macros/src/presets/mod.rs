//! The presets of known providers. A declaration that names one states only the differences.
//!
//! A preset is only data, in the terms of a declaration.

mod apple;
mod github;
mod google;
mod microsoft;

use crate::key::Key;
use crate::protocol::Protocol;

/// The facts about a known provider.
pub(crate) struct Preset {
    /// The name that users type: `preset = "github"`.
    pub(crate) name: &'static str,
    /// The provider's own spelling of its name.
    pub(crate) display_name: &'static str,
    /// The colour of the provider's brand, as `0xrrggbb`: its button on the sign-in page has it.
    /// `None`: a colour that is derived from the name.
    pub(crate) brand_color: Option<u32>,
    pub(crate) protocol: Protocol,
    /// The page where a developer registers a client.
    pub(crate) registration_page: &'static str,
    /// Endpoints and issuer, each under its key.
    pub(crate) urls: &'static [(&'static Key, &'static str)],
    /// An endpoint that lists e-mail addresses and whether each is verified.
    pub(crate) emails_endpoint: Option<&'static str>,
    /// The scopes of a declaration without `scopes`.
    pub(crate) scopes: &'static [&'static str],
    /// Scopes in the provider's documentation, for detecting typos. Others are allowed.
    pub(crate) known_scopes: &'static [&'static str],
    pub(crate) token_endpoint_auth_method: Option<&'static str>,
    pub(crate) response_mode: Option<&'static str>,
    /// The members of the identity that are not where OpenID Connect puts them.
    pub(crate) identity: &'static [(&'static str, &'static str)],
    pub(crate) quirks: &'static [&'static str],
}

impl Preset {
    /// The defaults of a preset.
    const DEFAULT: Self = Self {
        name: "",
        display_name: "",
        brand_color: None,
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

    /// The preset's URL for a key.
    pub(crate) fn url(&self, key: &Key) -> Option<&'static str> {
        self.urls.iter().find(|(has, _)| *has == key).map(|(_, url)| *url)
    }
}

/// All presets, by name.
pub(crate) static PRESETS: &[&Preset] =
    &[&apple::APPLE, &github::GITHUB, &google::GOOGLE, &microsoft::MICROSOFT];
