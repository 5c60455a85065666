//! The recorded answers of a provider.

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

use serde::Deserialize;
use serde_json::Value;

/// What a provider documents.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fixture {
    /// Values of the preset's parameters.
    #[serde(default)]
    pub(crate) fields: BTreeMap<String, String>,
    /// The issuer of a provider of OpenID Connect. All of its endpoints come from its metadata.
    pub(crate) issuer: Option<String>,
    /// The authorization endpoint.
    pub(crate) authorize: Option<String>,
    /// The temporary credential endpoint of OAuth 1.0a.
    pub(crate) request_token: Option<String>,
    /// The token endpoint.
    pub(crate) token: Option<Exchange>,
    /// The endpoint of the profile.
    pub(crate) profile: Option<Exchange>,
    /// The endpoint of the e-mail addresses.
    pub(crate) emails: Option<Exchange>,
    /// The parameter `scope` of the authorization request.
    #[serde(default)]
    pub(crate) scope: String,
    /// Other parameters of the authorization request.
    #[serde(default)]
    pub(crate) authorize_params: BTreeMap<String, String>,
    /// Other parameters of the token request.
    #[serde(default)]
    pub(crate) token_params: BTreeMap<String, String>,
    /// Other parameters of the callback.
    #[serde(default)]
    pub(crate) callback: BTreeMap<String, String>,
    /// The provider's names of the protocol's parameters.
    #[serde(default)]
    pub(crate) names: BTreeMap<String, String>,
    /// The secret that signs ID tokens, if no key pair does.
    pub(crate) signs_with: Option<String>,
    /// Whether clients have no secret.
    #[serde(default)]
    pub(crate) is_public: bool,
    /// Scopes whose claims the provider releases without being asked.
    pub(crate) released_scopes: Option<String>,
    /// The claims of the ID token or of userinfo.
    #[serde(default)]
    pub(crate) claims: BTreeMap<String, Value>,
    /// `None` for a provider that identifies no user.
    pub(crate) identity: Option<Expected>,
}

/// A request, as far as the provider distinguishes it, and its answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exchange {
    /// The whole URL with its query.
    pub(crate) url: String,
    /// The method. Default: `GET` for a profile, `POST` for a token.
    pub(crate) method: Option<String>,
    /// Headers that the provider needs.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    /// The body that the provider needs, if it is not the protocol's.
    pub(crate) body: Option<String>,
    /// How the token is transmitted: in the header as `Bearer`, unless said otherwise.
    pub(crate) credential: Option<String>,
    /// The answer: JSON, or a string that is sent as it is. `{access_token}` and the like are
    /// filled in.
    #[serde(default)]
    pub(crate) answer: Value,
}

/// The user.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) email: Option<String>,
    /// Whether the address counts as verified.
    #[serde(default)]
    pub(crate) is_verified: bool,
    pub(crate) picture: Option<String>,
}

impl Fixture {
    /// The fixture of a preset.
    pub(crate) fn of(preset: &str) -> Self {
        let path = folder().join(format!("{preset}.json"));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"))
    }

    /// The names of all fixtures, sorted.
    pub(crate) fn names() -> Vec<String> {
        let files = fs::read_dir(folder()).expect("the folder");
        let name = |file: std::io::Result<fs::DirEntry>| {
            let name = file.expect("a file").file_name().into_string().expect("UTF-8");
            name.strip_suffix(".json").expect("only JSON").to_owned()
        };
        let mut names: Vec<_> = files.map(name).collect();
        names.sort();
        names
    }
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/presets/fixtures")
}
