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

/// Names another TOML file than [`TOML_FILE`].
const TOML_FILE_KEY: &str = "OAUTH_CONFIG";
/// Read if it is there.
const TOML_FILE: &str = "oauth.toml";
/// Read if it is there, in debug builds alone.
const DOTENV_FILE: &str = ".env";

/// Where settings are looked up. The first source that has a key wins; an empty value counts as
/// absent.
///
/// # Keys
///
/// Of each provider, with its declared name in capitals in front: `GITHUB_CLIENT_ID`.
///
/// | key | value |
/// | --- | --- |
/// | `CLIENT_ID`, `CLIENT_SECRET` | what the provider gave out when the application was registered there |
/// | `CLIENT_SECRET_FILE` | a file that holds the secret |
/// | `PRIVATE_KEY`, or `PRIVATE_KEY_FILE` for a file | the private key of a client that signs: PEM as OpenSSL writes it (RSA, EC, Ed25519), or a JSON Web Key |
/// | `DECRYPTION_KEY`, or `DECRYPTION_KEY_FILE` for a file | the private key to which the provider encrypts: RSA or EC, PEM or a JSON Web Key |
/// | `PRIVATE_KEY_ID` | what the provider calls that key: `kid` of what is signed |
/// | `TEAM_ID` | Apple's name for you, where the method is `apple_jwt` |
/// | the name of a field | the value of this field of the struct |
/// | `TENANTS` | whose people may log in, where a provider has tenants: their identifiers with commas between them, or `any` |
/// | `ISSUER`, `SERVER_METADATA_URL` | issuer identifier, URL of its metadata |
/// | `AUTHORIZE_URL`, `ACCESS_TOKEN_URL`, `REFRESH_TOKEN_URL`, `REQUEST_TOKEN_URL` | endpoints |
/// | `USERINFO_ENDPOINT`, `JWKS_URI`, `END_SESSION_ENDPOINT`, `REVOCATION_ENDPOINT`, `INTROSPECTION_ENDPOINT`, `DEVICE_AUTHORIZATION_ENDPOINT` | more endpoints |
/// | `EMAILS_ENDPOINT` | a call that lists e-mail addresses with their verification, of the origin of the userinfo endpoint |
/// | `API_BASE_URL` | base of relative paths in calls to the API |
/// | `AUTHORIZE_PARAMS`, `ACCESS_TOKEN_PARAMS`, `REFRESH_TOKEN_PARAMS`, `REQUEST_TOKEN_PARAMS` | a JSON object of more parameters, merged with the declared ones |
/// | `CLIENT_KWARGS` | a JSON object whose members are the keys below, in lower case; scopes are its member `scope` |
/// | `SCOPES` | scopes with spaces or commas between them |
/// | `SCOPE_SEPARATOR`, `TOKEN_ENDPOINT_AUTH_METHOD`, `CODE_CHALLENGE_METHOD`, `RESPONSE_MODE`, `PROMPT`, `TOKEN_PLACEMENT`, `ID_TOKEN_SIGNED_RESPONSE_ALG`, `USERINFO_SIGNED_RESPONSE_ALG` | as the declaration has them |
/// | `MAX_AGE`, `LEEWAY` | seconds |
/// | `SIGNATURE_METHOD`, `SIGNATURE_TYPE`, `REALM` | of OAuth 1.0a, as the declaration has them |
///
/// What the declaration states, be it with a `preset`, wins; if it says `overwrite`, the
/// configuration wins. A setting that the provider's protocol does not know is a fault, as it is an
/// error in a declaration. So is a key that only a declaration has, such as `GITHUB_QUIRKS`. So is a value that still carries its quotes, as a file does that no shell has
/// read, and a name that is nearly one of the application's, such as `OAUTH_COOKIE_KEY`.
///
/// Of the application:
///
/// | key | value | default |
/// | --- | --- | --- |
/// | `OAUTH_PUBLIC_URL` | the address under which people reach the application | `http://localhost:3000` in debug builds, else none |
/// | `OAUTH_COOKIE_KEYS` | keys that seal cookies, 32 random bytes each as base64 or hexadecimal digits, separated by commas; the first seals, all open | a random one where the public URL is on this machine, else none |
/// | `OAUTH_STORE_URL` | where tokens and sign-outs are kept: `memory:`, `sqlite:…`, `postgres:…`, `redis:…`; guide: [stores](crate::guide::stores) | `memory:` |
/// | `OAUTH_CONFIG` | path of the TOML file | `oauth.toml` if there is one |
///
/// # Files
///
/// In TOML a table is a provider, and `[oauth]` the application:
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
/// What is not a setting in such a table is a fault: it would be left unread. Tables of providers that the
/// registry does not have are left alone, so several may share a file.
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
    /// Whether it is the description of one provider: then its keys are called as that calls them.
    is_description: bool,
}

/// One setting with the place it comes from.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) value: Secret,
    pub(crate) origin: String,
}

impl Setting {
    /// The value, without white space around it and without quotes that came with it, which
    /// [`Config::check_quotes`] reports.
    pub(crate) fn text(&self) -> &str {
        let text = self.value.expose().trim();
        unquoted(text).unwrap_or(text)
    }

    /// Whether the value came with quotes around it.
    pub(crate) fn is_quoted(&self) -> bool {
        unquoted(self.value.expose().trim()).is_some()
    }
}

impl Config {
    /// No setting at all: for tests, and for applications that configure in code alone.
    pub fn empty() -> Self {
        Self { sources: vec![Source::code()], faults: Vec::new(), is_description: false }
    }

    /// What the description of a provider says; nothing else is looked up.
    pub(crate) fn description() -> Self {
        Self { is_description: true, ..Self::empty() }
    }

    /// The environment, then the TOML file `oauth.toml` in the working directory or the one that
    /// `OAUTH_CONFIG` names, then, in debug builds alone, the file `.env` of the working directory.
    ///
    /// In TOML a table is a provider: `client_id` in `[github]` is `GITHUB_CLIENT_ID`. Files that
    /// are there and cannot be read are reported by [`build`](crate::RegistryBuilder::build).
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

    /// Sets a key in code; it wins over every other source.
    #[must_use]
    pub fn set(mut self, key: &str, value: impl Into<String>) -> Self {
        if let Some(Source::Code(settings)) = self.sources.first_mut() {
            settings.insert(key.to_owned(), Secret::from(value.into()));
        }
        self
    }

    /// Adds a TOML file behind the sources that are there already.
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

    /// The setting, unless it is empty everywhere: an empty variable counts as absent.
    pub(crate) fn get(&self, key: &str) -> Option<Setting> {
        self.sources.iter().find_map(|source| {
            let value = source.get(key).filter(|value| !value.expose().trim().is_empty())?;
            let origin =
                if self.is_description { "its description".to_owned() } else { source.to_string() };
            Some(Setting { value, origin })
        })
    }

    /// Records what stands in a table of a TOML file and is not one of the whole names in `known`: it
    /// would be left unread.
    pub(crate) fn check_table(&self, table: &str, known: &[String], faults: &mut Faults) {
        let prefix = key_of(table, "");
        for source in &self.sources {
            let Source::File { path, stated, .. } = source else { continue };
            let own = stated.iter().filter(|(name, _)| key_of(name, "") == prefix);
            for (name, key) in own.filter(|(name, key)| !known.contains(&key_of(name, key))) {
                let what = format!("in {path} is no setting");
                let fault = ConfigFault::new(FaultKind::Malformed, format!("{name}.{key}"), what);
                faults.push(fault.help("the documentation of `Config` has all there are"));
            }
        }
    }

    /// What may have been meant for a key that is missing: itself without a value, or a name that
    /// differs only in case and `_`, or lacks the word `CLIENT`, as with other libraries.
    pub(crate) fn meant_for(&self, key: &str) -> Option<Meant> {
        if self.sources.iter().any(|source| source.get(key).is_some()) {
            return Some(Meant::Empty);
        }
        let (whole, short) = (letters(key), letters(&key.replacen("CLIENT_", "", 1)));
        let is_near = |name: &String| {
            let letters = bare(name);
            let is_shared = || self.shared_setting_meant_by(name).is_some_and(|meant| meant == key);
            letters == whole || letters == short || is_shared()
        };
        self.sources.iter().flat_map(Source::names).find(is_near).map(Meant::OtherName)
    }

    /// Whether it looks where an application is usually configured.
    pub(crate) fn reads_environment(&self) -> bool {
        self.sources.iter().any(|source| matches!(source, Source::Environment))
    }

    pub(crate) fn is_description(&self) -> bool {
        self.is_description
    }

    /// A key of a provider as errors show it: `GITHUB_CLIENT_ID`, or `github.client_id` where a
    /// description says it.
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

/// What stands in the place of a missing setting.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Meant {
    /// The setting, and no value.
    Empty,
    /// A setting of this name.
    OtherName(String),
}

fn letters(name: &str) -> String {
    name.chars().filter(|c| *c != '_').map(|c| c.to_ascii_uppercase()).collect()
}

/// `{NAME}_{KEY}` in upper case; what no variable name may contain becomes `_`.
pub(crate) fn key_of(name: &str, key: &str) -> String {
    let upper = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    name.chars().map(upper).chain(['_']).chain(key.chars().map(upper)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_setting_is_found() {
        let other = |name: &str| Some(Meant::OtherName(name.to_owned()));
        let meant = |name, key| Config::empty().set(name, "x").meant_for(key);
        for name in ["GITHUB_CLIENTID", "github_client_id", "GITHUB_ID"] {
            assert_eq!(meant(name, "GITHUB_CLIENT_ID"), other(name));
        }
        assert_eq!(meant("GITHUB_SECRET", "GITHUB_CLIENT_SECRET"), other("GITHUB_SECRET"));
        for name in ["GITHUB_TOKEN", "GITHUB_CLIENT_SECRET", "ID", "GITLAB_CLIENT_ID"] {
            assert_eq!(meant(name, "GITHUB_CLIENT_ID"), None, "{name}");
        }
        let empty = Config::empty().set("GITHUB_CLIENT_ID", " ");
        assert_eq!(empty.meant_for("GITHUB_CLIENT_ID"), Some(Meant::Empty));
    }
}
