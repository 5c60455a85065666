//! Providers whose facts are known: a declaration that names one states only what differs.
//!
//! A preset is data, in the words that a declaration would use. Code has no place in it.

mod apple;
mod github;
mod google;
mod microsoft;

use crate::key::Key;
use crate::protocol::Protocol;

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
