//! Configuration: `{NAME}_{KEY}` from code, the environment, a TOML file and, in development, a
//! `.env` file, in this order. Every fault of all providers is reported at once.

mod error;
mod fields;
mod names;
mod source;

use std::path::{Path, PathBuf};

pub(crate) use self::error::Faults;
pub use self::error::{ConfigError, ConfigFault, FaultKind};
pub use self::fields::{FieldValue, Fields};
use self::names::bare;
pub(crate) use self::names::unquoted;
use self::source::Source;
use crate::crypto::secret::Secret;

/// The key that names another TOML file than [`TOML_FILE`].
const TOML_FILE_KEY: &str = "OAUTH_CONFIG";
/// Read if it exists.
const TOML_FILE: &str = "oauth.toml";
/// Read if it exists, in debug builds only.
const DOTENV_FILE: &str = ".env";

/// The sources of settings. The first source that has a key wins; an empty value counts as absent.
///
/// # Keys
///
/// Keys of each provider, prefixed with its declared name in capitals: `GITHUB_CLIENT_ID`.
///
/// | key | value |
/// | --- | --- |
/// | `CLIENT_ID`, `CLIENT_SECRET` | the credentials that the provider issued when the application was registered |
/// | `CLIENT_SECRET_FILE` | a file that holds the secret |
/// | `PRIVATE_KEY`, or `PRIVATE_KEY_FILE` for a file | the private key of a client that signs: PEM as OpenSSL writes it (RSA, EC, Ed25519), or a JSON Web Key |
/// | `DECRYPTION_KEY`, or `DECRYPTION_KEY_FILE` for a file | the private key that decrypts what the provider encrypts: RSA or EC, PEM or a JSON Web Key |
/// | `JWKS`, or `JWKS_FILE` for a file | the public keys of an OpenID Connect provider as a JSON Web Key Set, instead of those at `jwks_uri`: they are never fetched, so a rotation needs a new value |
/// | `PRIVATE_KEY_ID` | the provider's identifier of that key: the `kid` of signed tokens |
/// | `TEAM_ID` | Apple's identifier of your team, for the method `apple_jwt` |
/// | the name of a field | the value of this field of the struct |
/// | `TENANTS` | the tenants whose users may log in, if a provider has tenants: their IDs, separated by commas, or `any` |
/// | `ISSUER`, `SERVER_METADATA_URL` | issuer identifier, URL of its metadata |
/// | `AUTHORIZE_URL`, `ACCESS_TOKEN_URL`, `REFRESH_TOKEN_URL`, `REQUEST_TOKEN_URL` | endpoints |
/// | `USERINFO_ENDPOINT`, `JWKS_URI`, `END_SESSION_ENDPOINT`, `REVOCATION_ENDPOINT`, `INTROSPECTION_ENDPOINT`, `DEVICE_AUTHORIZATION_ENDPOINT` | more endpoints |
/// | `EMAILS_ENDPOINT` | an endpoint that lists e-mail addresses with their verification, at the origin of the userinfo endpoint |
/// | `EMAILS`, `REQUEST_NAMES`, `RESPONSE_NAMES` | a JSON object of the members that the key has in a declaration |
/// | `REDIRECT_ID`, `CALLBACK_PARAMS` | as in the declaration; names are separated by spaces or commas |
/// | `API_BASE_URL` | base of relative paths in calls to the API |
/// | `AUTHORIZE_PARAMS`, `ACCESS_TOKEN_PARAMS`, `REFRESH_TOKEN_PARAMS`, `REQUEST_TOKEN_PARAMS` | a JSON object of additional parameters, merged with the declared ones |
/// | `LOGIN_PARAMS` | parameters that the route of a login takes from its query, separated by spaces or commas |
/// | `API_PARAMS`, `API_HEADERS`, `USERINFO_PARAMS`, `USERINFO_HEADERS` | a JSON object of additional parameters and headers of requests with a token, merged with the declared ones |
/// | `USERINFO_QUERY` | a GraphQL query for the profile |
/// | `CLIENT_KWARGS` | a JSON object whose members are the keys below, in lower case; scopes are its member `scope` |
/// | `SCOPES` | scopes, separated by spaces or commas |
/// | `SCOPE_SEPARATOR`, `TOKEN_ENDPOINT_AUTH_METHOD`, `TOKEN_ENDPOINT_AUTH_SIGNING_ALG`, `CODE_CHALLENGE_METHOD`, `RESPONSE_TYPE`, `RESPONSE_MODE`, `PROMPT`, `TOKEN_PLACEMENT` | as in the declaration |
/// | `ID_TOKEN_SIGNED_RESPONSE_ALG`, `ID_TOKEN_ENCRYPTED_RESPONSE_ALG`, `ID_TOKEN_ENCRYPTED_RESPONSE_ENC` | requirements on ID tokens, as in the declaration |
/// | `USERINFO_SIGNED_RESPONSE_ALG`, `USERINFO_ENCRYPTED_RESPONSE_ALG`, `USERINFO_ENCRYPTED_RESPONSE_ENC` | requirements on userinfo responses, as in the declaration |
/// | `MAX_AGE`, `LEEWAY` | seconds |
/// | `SIGNATURE_METHOD`, `SIGNATURE_TYPE`, `REALM` | for OAuth 1.0a, as in the declaration |
/// | `PROXY` | the proxy of all `https` requests to the provider, such as `http://proxy.internal:3128` |
/// | `TRUST_ENV` | `true`: without `PROXY`, use the proxy of `HTTPS_PROXY` or `ALL_PROXY`, except for the hosts in `NO_PROXY`. Default: `false` |
/// | `VERIFY` | a file with the certificates, in PEM, of the only authorities to trust for this provider. Default: `true`, the authorities of the system |
/// | `CERT` | the certificate of the client and its private key, in PEM: a file, or two files separated by a comma |
/// | `HEADERS` | a JSON object of further headers for the provider's endpoints and its API, such as `User-Agent` |
/// | `TIMEOUT` | time limit of each request to the provider in seconds, from 0.1 to 60. Default: 10, and 30 for calls to the API |
///
/// Values of the declaration, including those of its `preset`, take precedence unless it has
/// `overwrite`. These settings are faults: one that the provider's protocol does not have, as in a
/// declaration; a key that only a declaration has, such as `GITHUB_QUIRKS`; a value that is still
/// in quotes, as in a file that was not read by a shell; and a name that is nearly one of the
/// application's, such as `OAUTH_COOKIE_KEY`.
///
/// Keys of the application:
///
/// | key | value | default |
/// | --- | --- | --- |
/// | `OAUTH_PUBLIC_URL` | the URL at which users reach the application | `http://localhost:3000` in debug builds, else none |
/// | `OAUTH_COOKIE_KEYS` | keys that seal cookies, 32 random bytes each as base64 or hexadecimal digits, separated by commas; the first seals, all open | a random one if the public URL is on this machine, else none |
/// | `OAUTH_STORE_URL` | where tokens and sign-outs are kept: `memory:`, `sqlite:…`, `postgres:…`, `redis:…`; guide: [stores](crate::guide::stores) | `memory:` |
/// | `OAUTH_APP_NAME`, `OAUTH_APP_LOGO`, `OAUTH_APP_COLOR` | the application's name, logo and colour on the pages of the library; guide: [pages](crate::guide::pages) | none, none, `#2456d6` |
/// | `OAUTH_CONFIG` | path of the TOML file | `oauth.toml` if there is one |
///
/// # Files
///
/// In TOML, a table is a provider, and `[oauth]` is the application:
///
/// ```toml
/// [oauth]
/// public_url = "https://app.example"
///
/// [github]
/// client_id = "Iv1.8a61f9b3a7aba766"
/// client_secret_file = "/run/secrets/github"
/// ```
///
/// A key in such a table that is not a setting is a fault, because it would be ignored. Tables of
/// providers that the registry does not have are ignored, so several applications may share a file.
///
/// # In code
///
/// ```
/// use oauth_runtime::Config;
///
/// let config = Config::empty().set("GITHUB_CLIENT_ID", "Iv1.8a61f9b3a7aba766");
/// assert_eq!(format!("{config:?}"), "Config(code)");
/// ```
#[derive(Clone)]
pub struct Config {
    sources: Vec<Source>,
    faults: Vec<ConfigFault>,
    /// Whether it is the description of one provider, whose names for the keys are then used in
    /// errors.
    is_description: bool,
}

/// One setting with its source.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) value: Secret,
    pub(crate) origin: String,
}

impl Setting {
    /// The value, without surrounding white space and quotes, which [`Config::check_quotes`]
    /// reports.
    pub(crate) fn text(&self) -> &str {
        let text = self.value.expose().trim();
        unquoted(text).unwrap_or(text)
    }

    /// Whether the value is in quotes.
    pub(crate) fn is_quoted(&self) -> bool {
        unquoted(self.value.expose().trim()).is_some()
    }
}

impl Config {
    /// Creates a configuration without settings, for tests and for applications that are configured
    /// only in code.
    pub fn empty() -> Self {
        Self { sources: vec![Source::code()], faults: Vec::new(), is_description: false }
    }

    /// Creates a configuration for the description of a provider, without any other source.
    pub(crate) fn description() -> Self {
        Self { is_description: true, ..Self::empty() }
    }

    /// The environment, then the TOML file `oauth.toml` in the working directory or the one that
    /// `OAUTH_CONFIG` names, then, only in debug builds, the file `.env` in the working directory.
    ///
    /// In TOML, a table is a provider: `client_id` in `[github]` is `GITHUB_CLIENT_ID`. Files that
    /// exist but cannot be read are reported by [`build`](crate::RegistryBuilder::build).
    pub fn from_env() -> Self {
        let mut config = Self::empty().with(Ok(Source::Environment));
        let named = config.get(TOML_FILE_KEY).map(|setting| PathBuf::from(setting.text()));
        match named {
            Some(path) => config = config.with(Source::toml_file(&path)),
            None if Path::new(TOML_FILE).exists() => config = config.toml_file(TOML_FILE),
            None => {}
        }
        if cfg!(debug_assertions) && Path::new(DOTENV_FILE).exists() {
            config = config.with(Source::dotenv_file(Path::new(DOTENV_FILE)));
        }
        config
    }

    /// Sets a key in code, which takes precedence over every other source.
    #[must_use]
    pub fn set(mut self, key: &str, value: impl Into<String>) -> Self {
        if let Some(Source::Code(settings)) = self.sources.first_mut() {
            settings.insert(key.to_owned(), Secret::from(value.into()));
        }
        self
    }

    /// Adds a TOML file after the existing sources.
    #[must_use]
    pub fn toml_file(self, path: impl AsRef<Path>) -> Self {
        self.with(Source::toml_file(path.as_ref()))
    }

    /// Adds the text of a TOML file.
    #[cfg(any(test, feature = "fuzz-internals"))]
    pub(crate) fn toml_text(self, text: &str) -> Self {
        self.with(Source::toml_text(Path::new(TOML_FILE), text))
    }

    /// Adds the text of a `.env` file.
    #[cfg(any(test, feature = "fuzz-internals"))]
    pub(crate) fn dotenv_text(self, text: &str) -> Self {
        self.with(Source::dotenv_text(Path::new(DOTENV_FILE), text))
    }

    fn with(mut self, source: Result<Source, ConfigFault>) -> Self {
        match source {
            Ok(source) => self.sources.push(source),
            Err(fault) => self.faults.push(fault),
        }
        self
    }

    /// The setting, unless it is empty in all sources: an empty variable counts as absent.
    pub(crate) fn get(&self, key: &str) -> Option<Setting> {
        self.sources.iter().find_map(|source| {
            let value = source.get(key).filter(|value| !value.expose().trim().is_empty())?;
            let origin =
                if self.is_description { "its description".to_owned() } else { source.to_string() };
            Some(Setting { value, origin })
        })
    }

    /// Records each key in a table of a TOML file whose full name is not in `known`, because it
    /// would be ignored.
    pub(crate) fn check_table(&self, table: &str, known: &[String], faults: &mut Faults) {
        let prefix = key_of(table, "");
        for source in &self.sources {
            let Source::File { path, stated, .. } = source else { continue };
            let own = stated.iter().filter(|(name, _)| key_of(name, "") == prefix);
            for (name, key) in own.filter(|(name, key)| !known.contains(&key_of(name, key))) {
                let what = format!("in {path} is not a setting");
                let fault = ConfigFault::new(FaultKind::Malformed, format!("{name}.{key}"), what);
                faults.push(fault.help("the documentation of `Config` lists all settings"));
            }
        }
    }

    /// The setting that may have been meant for a missing key: the key itself without a value, or a
    /// name that differs only in case and `_`, or lacks the word `CLIENT`, as in other libraries.
    pub(crate) fn suggestion_for(&self, key: &str) -> Option<Suggestion> {
        if self.sources.iter().any(|source| source.get(key).is_some()) {
            return Some(Suggestion::Empty);
        }
        let (whole, short) = (letters(key), letters(&key.replacen("CLIENT_", "", 1)));
        let is_near = |name: &String| {
            let letters = bare(name);
            let is_shared = || self.similar_shared_setting(name).is_some_and(|meant| meant == key);
            letters == whole || letters == short || is_shared()
        };
        self.sources.iter().flat_map(Source::names).find(is_near).map(Suggestion::OtherName)
    }

    /// Whether it includes the environment, the usual place of configuration.
    pub(crate) fn reads_environment(&self) -> bool {
        self.sources.iter().any(|source| matches!(source, Source::Environment))
    }

    pub(crate) fn is_description(&self) -> bool {
        self.is_description
    }

    /// A key of a provider as shown in errors: `GITHUB_CLIENT_ID`, or `github.client_id` in a
    /// description.
    pub(crate) fn name_of(&self, provider: &str, key: &str) -> String {
        if self.is_description {
            format!("{provider}.{}", key.to_ascii_lowercase())
        } else {
            key_of(provider, key)
        }
    }

    /// Faults of the sources themselves.
    pub(crate) fn take_faults(&mut self) -> Vec<ConfigFault> {
        std::mem::take(&mut self.faults)
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sources: Vec<_> = self.sources.iter().map(ToString::to_string).collect();
        write!(f, "Config({})", sources.join(", "))
    }
}

/// The setting that may have been meant for a missing one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Suggestion {
    /// The setting itself, without a value.
    Empty,
    /// A setting with this name.
    OtherName(String),
}

fn letters(name: &str) -> String {
    name.chars().filter(|c| *c != '_').map(|c| c.to_ascii_uppercase()).collect()
}

/// `{NAME}_{KEY}` in upper case; characters that a variable name cannot contain become `_`.
pub(crate) fn key_of(name: &str, key: &str) -> String {
    let upper = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    name.chars().map(upper).chain(['_']).chain(key.chars().map(upper)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_setting_is_found() {
        let other = |name: &str| Some(Suggestion::OtherName(name.to_owned()));
        let meant = |name, key| Config::empty().set(name, "x").suggestion_for(key);
        for name in ["GITHUB_CLIENTID", "github_client_id", "GITHUB_ID"] {
            assert_eq!(meant(name, "GITHUB_CLIENT_ID"), other(name));
        }
        assert_eq!(meant("GITHUB_SECRET", "GITHUB_CLIENT_SECRET"), other("GITHUB_SECRET"));
        for name in ["GITHUB_TOKEN", "GITHUB_CLIENT_SECRET", "ID", "GITLAB_CLIENT_ID"] {
            assert_eq!(meant(name, "GITHUB_CLIENT_ID"), None, "{name}");
        }
        let empty = Config::empty().set("GITHUB_CLIENT_ID", " ");
        assert_eq!(empty.suggestion_for("GITHUB_CLIENT_ID"), Some(Suggestion::Empty));
    }
}
