//! A provider that is known at run time alone, described by the keys that a declaration has.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::config::{Config, ConfigFault, FaultKind, Faults, key_of};
use crate::presets;
use crate::secret::Secret;
use crate::spec::{IdentitySpec, ProviderSpec, Quirk};

/// Longest name of a provider.
const MAX_NAME: usize = 64;
/// Most bytes of all texts of a description: it may come from somebody who wishes no good.
const MAX_BYTES: usize = 16 * 1024;

/// What a declaration says of a provider, for one that is known at run time alone: the row of a
/// tenant in a database, say. [`RuntimeProviders::insert`](crate::RuntimeProviders::insert) checks
/// it, by the rules of declarations, and makes it a client.
///
/// ```
/// use oauth_runtime::ProviderDescription;
///
/// let acme = ProviderDescription::new("acme")
///     .issuer("https://login.acme.example")
///     .scopes(["openid", "email"])
///     .client_id("my-client")
///     .client_secret("s3cr3t");
/// assert_eq!(acme.name(), "acme");
///
/// let github = ProviderDescription::preset("github").client_id("id").client_secret("s3cr3t");
/// assert_eq!(github.name(), "github");
/// ```
///
/// It can be read from JSON or any other format of serde. Its members are the methods below, and no
/// other is accepted:
///
/// ```
/// # use oauth_runtime::ProviderDescription;
/// let row = r#"{
///     "name": "acme",
///     "issuer": "https://login.acme.example",
///     "scopes": ["openid", "email"],
///     "client_id": "my-client",
///     "client_secret": "s3cr3t"
/// }"#;
/// let acme: ProviderDescription = serde_json::from_str(row)?;
/// assert!(serde_json::from_str::<ProviderDescription>(r#"{"name": "acme", "isuer": ""}"#).is_err());
/// # Ok::<_, serde_json::Error>(())
/// ```
///
/// Credentials come from the description and from nowhere else: a tenant that is called like
/// another provider does not get its secret from the environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProviderDescription {
    name: String,
    preset: Option<String>,
    display_name: Option<String>,
    client_id: Option<String>,
    client_secret: Option<Secret>,
    private_key: Option<Secret>,
    private_key_id: Option<String>,
    team_id: Option<String>,
    issuer: Option<String>,
    server_metadata_url: Option<String>,
    authorize_url: Option<String>,
    access_token_url: Option<String>,
    refresh_token_url: Option<String>,
    userinfo_endpoint: Option<String>,
    jwks_uri: Option<String>,
    end_session_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    introspection_endpoint: Option<String>,
    device_authorization_endpoint: Option<String>,
    pushed_authorization_request_endpoint: Option<String>,
    api_base_url: Option<String>,
    authorize_params: BTreeMap<String, String>,
    access_token_params: BTreeMap<String, String>,
    refresh_token_params: BTreeMap<String, String>,
    scopes: Vec<String>,
    scope_separator: Option<String>,
    token_endpoint_auth_method: Option<String>,
    response_mode: Option<String>,
    id_token_signed_response_alg: Option<String>,
    leeway: Option<u32>,
    keep_tokens: bool,
    max_age: Option<u32>,
    prompt: Option<String>,
    token_placement: Option<String>,
    identity: BTreeMap<String, String>,
    quirks: Vec<String>,
    fields: BTreeMap<String, String>,
}

/// Methods that set a text, each called as the key that it stands for.
macro_rules! texts {
    ($($(#[$doc:meta])+ $name:ident)+) => {
        impl ProviderDescription {
            $(
                $(#[$doc])+
                #[must_use]
                pub fn $name(mut self, $name: impl Into<String>) -> Self {
                    self.$name = Some($name.into());
                    self
                }
            )+
        }
    };
}

texts! {
    /// Name that people are shown. Default: the preset's, else the name.
    display_name
    /// What the provider gave out when the application was registered there.
    client_id
    /// What the provider calls the private key: `kid` of what is signed.
    private_key_id
    /// Apple's name for who owns the key, where the method is `apple_jwt`.
    team_id
    /// Issuer identifier of OpenID Connect; the endpoints are read from its metadata.
    issuer
    /// URL of the metadata, where it does not follow from the issuer.
    server_metadata_url
    /// Authorization endpoint.
    authorize_url
    /// Token endpoint.
    access_token_url
    /// Token endpoint for refresh, where it is another one.
    refresh_token_url
    /// Userinfo endpoint, or the profile call of a provider of OAuth 2.0.
    userinfo_endpoint
    /// JSON Web Key Set.
    jwks_uri
    /// End-session endpoint.
    end_session_endpoint
    /// Revocation endpoint.
    revocation_endpoint
    /// Introspection endpoint.
    introspection_endpoint
    /// Device authorization endpoint.
    device_authorization_endpoint
    /// Pushed authorization request endpoint.
    pushed_authorization_request_endpoint
    /// Base of relative paths in calls to the API.
    api_base_url
    /// What the provider wants between two scopes. Default: a space.
    scope_separator
    /// `client_secret_basic`, `client_secret_post`, `none`, `private_key_jwt` …
    token_endpoint_auth_method
    /// `query` or `form_post`. Default: the query.
    response_mode
    /// The only algorithm of ID tokens that is accepted.
    id_token_signed_response_alg
    /// `prompt` of the authorization request.
    prompt
    /// Where the access token stands in calls to the API: `header`, `body` or `uri`. Default: the
    /// header.
    token_placement
}

impl ProviderDescription {
    /// A provider without a preset. The name stands in its routes, and tells it from all others: it
    /// has lower-case letters, digits, `_` and `-`.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// A provider of whom most is known, called by the name of the preset unless [`named`] says
    /// otherwise. What the description states wins over the preset.
    ///
    /// [`named`]: Self::named
    pub fn preset(preset: impl Into<String>) -> Self {
        let preset = preset.into();
        Self { name: preset.clone(), preset: Some(preset), ..Self::default() }
    }

    /// Another name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The secret that the provider gave out.
    #[must_use]
    pub fn client_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.client_secret = Some(secret.into());
        self
    }

    /// The private key of a client that signs, as PEM or JSON Web Key.
    #[must_use]
    pub fn private_key(mut self, key: impl Into<Secret>) -> Self {
        self.private_key = Some(key.into());
        self
    }

    /// Scopes of the authorization request. Default: the preset's.
    #[must_use]
    pub fn scopes<T: Into<String>>(mut self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// A further parameter of the authorization request.
    #[must_use]
    pub fn authorize_param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.authorize_params.insert(name.into(), value.into());
        self
    }

    /// A further parameter of the token request.
    #[must_use]
    pub fn access_token_param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.access_token_params.insert(name.into(), value.into());
        self
    }

    /// A further parameter of the refresh request.
    #[must_use]
    pub fn refresh_token_param(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        self.refresh_token_params.insert(name.into(), value.into());
        self
    }

    /// Seconds that the clocks may differ. Default: 60.
    #[must_use]
    pub fn leeway(mut self, seconds: u32) -> Self {
        self.leeway = Some(seconds);
        self
    }

    /// The tokens of a login outlive its session: [`Client::api_for`](crate::Client::api_for) finds
    /// them. Default: they end with it.
    #[must_use]
    pub fn keep_tokens(mut self) -> Self {
        self.keep_tokens = true;
        self
    }

    /// Oldest acceptable authentication, in seconds. Default: any.
    #[must_use]
    pub fn max_age(mut self, seconds: u32) -> Self {
        self.max_age = Some(seconds);
        self
    }

    /// Where a part of the identity lies in the claims or in the profile: `identity("id", "data.id")`.
    /// The members are those of [`identity(...)`](crate::guide::keys#members-of-identity).
    #[must_use]
    pub fn identity(mut self, member: impl Into<String>, path: impl Into<String>) -> Self {
        self.identity.insert(member.into(), path.into());
        self
    }

    /// Known [deviations](crate::guide::keys#quirks), beside the preset's. `loopback_http` is
    /// accepted only while the application itself stands on this machine. The one with a value is
    /// written `nested_token=data.access_token`.
    #[must_use]
    pub fn quirks<T: Into<String>>(mut self, quirks: impl IntoIterator<Item = T>) -> Self {
        self.quirks = quirks.into_iter().map(Into::into).collect();
        self
    }

    /// The value of a placeholder in a URL of the preset.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.fields.insert(name.into(), value.into());
        self
    }

    /// The name that people are shown.
    pub(crate) fn shown_name(&self) -> &str {
        let preset = self.preset.as_deref().and_then(presets::find);
        let of_preset = preset.map(ProviderSpec::display_name);
        self.display_name.as_deref().or(of_preset).unwrap_or(&self.name)
    }

    /// Checks what the settings of a client are not: its name, and what has no key in them.
    /// `on_this_machine` says whether the application is under development.
    pub(crate) fn check<'a>(
        &'a self,
        on_this_machine: bool,
        faults: &mut Faults,
    ) -> Option<Checked<'a>> {
        self.check_size(faults)?;
        self.check_name(faults)?;
        let preset = self.check_preset(faults)?;
        let quirks = self.check_quirks(preset, on_this_machine, faults);
        let nested_token = self.check_nested_token(preset, faults);
        let identity = self.check_identity(preset, faults);
        let fields = self.check_fields(preset, faults);
        let config = self.config(faults)?;
        Some(Checked {
            description: self,
            preset,
            quirks: quirks?,
            nested_token,
            identity,
            fields: fields?,
            config,
        })
    }

    fn fault(&self, key: &str, what: impl Into<String>) -> ConfigFault {
        ConfigFault::new(FaultKind::Malformed, format!("{}.{key}", self.name), what)
    }

    fn check_size(&self, faults: &mut Faults) -> Option<()> {
        let length: usize = self.texts().map(|(_, text)| text.len()).sum();
        let maps = [
            &self.authorize_params,
            &self.access_token_params,
            &self.refresh_token_params,
            &self.identity,
            &self.fields,
        ];
        let maps = maps.into_iter().flatten().map(|(name, value)| name.len() + value.len());
        let lists = self.scopes.iter().chain(&self.quirks).map(String::len);
        let credentials = self.client_secret.iter().chain(&self.private_key);
        let secrets = credentials.map(|secret| secret.expose().len());
        let length = length + maps.chain(lists).chain(secrets).sum::<usize>();
        if length > MAX_BYTES {
            let what = format!("of a provider is longer than {MAX_BYTES} bytes");
            faults.push(ConfigFault::new(FaultKind::Malformed, "the description", what));
        }
        (length <= MAX_BYTES).then_some(())
    }

    fn check_name(&self, faults: &mut Faults) -> Option<()> {
        let is_legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
        let is_name = self.name.len() <= MAX_NAME
            && self.name.chars().all(is_legal)
            && self.name.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !is_name {
            let what = format!(
                "is not a name: it has at most {MAX_NAME} lower-case letters, digits, `_` and `-`, and \
                 begins with one of the first two"
            );
            faults.push(ConfigFault::new(FaultKind::Malformed, "name", what));
        }
        is_name.then_some(())
    }

    fn check_preset(&self, faults: &mut Faults) -> Option<&'static ProviderSpec<'static>> {
        let Some(name) = &self.preset else { return Some(&ProviderSpec::DEFAULT) };
        let preset = presets::find(name);
        if preset.is_none() {
            let known = presets::names().collect::<Vec<_>>().join(", ");
            faults.push(self.fault("preset", "is unknown").help(format!("known are {known}")));
        }
        preset
    }

    fn check_quirks(
        &self,
        preset: &ProviderSpec<'_>,
        on_this_machine: bool,
        faults: &mut Faults,
    ) -> Option<Vec<Quirk>> {
        let mut quirks = preset.quirks.to_vec();
        let mut are_known = true;
        for name in &self.quirks {
            let fault = match Quirk::from_name(name_and_value(name).0) {
                Some(Quirk::LoopbackHttp) if !on_this_machine => {
                    let what = "holds `loopback_http`, which a provider known at run time has only \
                                while the application itself stands on this machine";
                    self.fault("quirks", what)
                        .help("who describes a provider could have requests sent to this machine")
                }
                Some(quirk) => {
                    quirks.push(quirk);
                    continue;
                }
                None => {
                    let known = Quirk::names().collect::<Vec<_>>().join(", ");
                    self.fault("quirks", "holds an unknown one").help(format!("known are {known}"))
                }
            };
            faults.push(fault);
            are_known = false;
        }
        are_known.then_some(quirks)
    }

    /// The one quirk that takes a value has one, and no other.
    fn check_nested_token<'a>(&'a self, preset: &ProviderSpec<'a>, faults: &mut Faults) -> &'a str {
        let mut path = preset.nested_token;
        for (name, value) in self.quirks.iter().map(|quirk| name_and_value(quirk)) {
            let takes_value = Quirk::from_name(name) == Some(Quirk::NestedToken);
            match value {
                Some(value) if takes_value && value.split('.').all(|step| !step.is_empty()) => {
                    path = value;
                }
                None if !takes_value => {}
                _ => {
                    let what = "holds one with a wrong value";
                    let help =
                        "write `nested_token=data.access_token`, and the others without a value";
                    faults.push(self.fault("quirks", what).help(help));
                }
            }
        }
        path
    }

    fn check_identity<'a>(
        &'a self,
        preset: &ProviderSpec<'a>,
        faults: &mut Faults,
    ) -> IdentitySpec<'a> {
        let mut spec = preset.identity;
        for (member, path) in &self.identity {
            let place = match member.as_str() {
                "id" => &mut spec.id,
                "name" => &mut spec.name,
                "username" => &mut spec.username,
                "email" => &mut spec.email,
                "email_verified" => &mut spec.email_verified,
                "picture" => &mut spec.picture,
                _ => {
                    let known = "known are id, name, username, email, email_verified, picture";
                    faults.push(self.fault("identity", "holds an unknown member").help(known));
                    continue;
                }
            };
            let last = path.rsplit('.').next().unwrap_or(path);
            let can_change =
                matches!(last, "email" | "mail" | "login" | "username" | "preferred_username");
            if member == "id" && (path.is_empty() || can_change) {
                let what = "holds an `id` that is empty or can pass to somebody else";
                let help = "write the path of what never changes, such as `sub` or `id`";
                faults.push(self.fault("identity", what).help(help));
            }
            *place = path;
        }
        spec
    }

    /// The values of the preset's placeholders, in its order.
    fn check_fields(&self, preset: &ProviderSpec<'_>, faults: &mut Faults) -> Option<Vec<String>> {
        for name in self.fields.keys().filter(|name| !preset.placeholders.contains(&name.as_str()))
        {
            let what = format!("holds `{name}`, which no URL of a preset contains");
            faults.push(self.fault("fields", what));
        }
        let value = |name: &&str| {
            let value = self.fields.get(*name).cloned();
            if value.is_none() {
                let what = format!("lacks `{name}`, which the preset needs");
                faults.push(self.fault("fields", what));
            }
            value
        };
        // All that are missing before the first ends it.
        let values: Vec<_> = preset.placeholders.iter().map(value).collect();
        values.into_iter().collect()
    }

    /// The keys and values that a configuration would have; the same reader checks them.
    fn config(&self, faults: &mut Faults) -> Option<Config> {
        let mut config = Config::description();
        for (key, value) in self.texts() {
            config = config.set(&key_of(&self.name, key), value);
        }
        for (key, secret) in
            [("CLIENT_SECRET", &self.client_secret), ("PRIVATE_KEY", &self.private_key)]
        {
            if let Some(secret) = secret {
                config = config.set(&key_of(&self.name, key), secret.expose());
            }
        }
        for (key, params) in [
            ("AUTHORIZE_PARAMS", &self.authorize_params),
            ("ACCESS_TOKEN_PARAMS", &self.access_token_params),
            ("REFRESH_TOKEN_PARAMS", &self.refresh_token_params),
        ] {
            if !params.is_empty() {
                // Texts always become JSON.
                let json = serde_json::to_string(params).unwrap_or_default();
                config = config.set(&key_of(&self.name, key), json);
            }
        }
        for (key, number) in [("LEEWAY", self.leeway), ("MAX_AGE", self.max_age)] {
            if let Some(number) = number {
                config = config.set(&key_of(&self.name, key), number.to_string());
            }
        }
        let is_single = |scope: &String| !scope.is_empty() && !scope.contains([' ', ',']);
        if !self.scopes.iter().all(is_single) {
            faults.push(self.fault("scopes", "holds one that is empty or more than one"));
            return None;
        }
        if !self.scopes.is_empty() {
            config = config.set(&key_of(&self.name, "SCOPES"), self.scopes.join(" "));
        }
        Some(config)
    }

    /// The texts that are stated, with the keys that a configuration has for them.
    fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let texts = [
            ("CLIENT_ID", &self.client_id),
            ("PRIVATE_KEY_ID", &self.private_key_id),
            ("TEAM_ID", &self.team_id),
            ("ISSUER", &self.issuer),
            ("SERVER_METADATA_URL", &self.server_metadata_url),
            ("AUTHORIZE_URL", &self.authorize_url),
            ("ACCESS_TOKEN_URL", &self.access_token_url),
            ("REFRESH_TOKEN_URL", &self.refresh_token_url),
            ("USERINFO_ENDPOINT", &self.userinfo_endpoint),
            ("JWKS_URI", &self.jwks_uri),
            ("END_SESSION_ENDPOINT", &self.end_session_endpoint),
            ("REVOCATION_ENDPOINT", &self.revocation_endpoint),
            ("INTROSPECTION_ENDPOINT", &self.introspection_endpoint),
            ("DEVICE_AUTHORIZATION_ENDPOINT", &self.device_authorization_endpoint),
            ("PUSHED_AUTHORIZATION_REQUEST_ENDPOINT", &self.pushed_authorization_request_endpoint),
            ("API_BASE_URL", &self.api_base_url),
            ("SCOPE_SEPARATOR", &self.scope_separator),
            ("TOKEN_ENDPOINT_AUTH_METHOD", &self.token_endpoint_auth_method),
            ("RESPONSE_MODE", &self.response_mode),
            ("ID_TOKEN_SIGNED_RESPONSE_ALG", &self.id_token_signed_response_alg),
            ("PROMPT", &self.prompt),
            ("TOKEN_PLACEMENT", &self.token_placement),
            ("DISPLAY_NAME", &self.display_name),
        ];
        texts.into_iter().filter_map(|(key, text)| Some((key, text.as_deref()?)))
    }
}

/// `nested_token=data.access_token`: the name of a quirk, and the value of one that takes one.
fn name_and_value(quirk: &str) -> (&str, Option<&str>) {
    match quirk.split_once('=') {
        Some((name, value)) => (name.trim(), Some(value.trim())),
        None => (quirk, None),
    }
}

/// A description whose own rules are kept; the settings of its client have theirs.
pub(crate) struct Checked<'a> {
    description: &'a ProviderDescription,
    preset: &'static ProviderSpec<'static>,
    quirks: Vec<Quirk>,
    nested_token: &'a str,
    identity: IdentitySpec<'a>,
    /// Values of the preset's placeholders.
    pub(crate) fields: Vec<String>,
    /// What the description states, where the settings look for it.
    pub(crate) config: Config,
}

impl Checked<'_> {
    /// The preset, over which the description wins.
    pub(crate) fn spec(&self) -> ProviderSpec<'_> {
        ProviderSpec {
            name: &self.description.name,
            display_name: self.description.shown_name(),
            quirks: &self.quirks,
            nested_token: self.nested_token,
            identity: self.identity,
            keep_tokens: self.description.keep_tokens,
            configured: true,
            overwrite: true,
            ..*self.preset
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::config::ConfigError;
    use crate::registry::OAuthRegistry;
    use crate::runtime_providers::RuntimeProviders;
    use crate::store::MemoryStore;

    fn providers(public_url: &str) -> RuntimeProviders {
        // Whatever stands here is the application's and no tenant's.
        let config = Config::empty()
            .set("OAUTH_PUBLIC_URL", public_url)
            .set("OAUTH_COOKIE_KEYS", "00".repeat(32))
            .set("ACME_CLIENT_ID", "id-of-another-acme")
            .set("ACME_CLIENT_SECRET", "secret-of-another-acme");
        let store = MemoryStore::new(Clock::system());
        RuntimeProviders::builder().config(config).store(store).build().unwrap()
    }

    fn acme() -> ProviderDescription {
        ProviderDescription::new("acme")
            .issuer("https://acme.example")
            .scopes(["openid", "email"])
            .client_id("id")
            .client_secret("secret")
    }

    fn error(description: ProviderDescription) -> ConfigError {
        providers("https://app.example").insert(description).map(|_| ()).unwrap_err()
    }

    /// The faults, each in one line.
    fn faults(description: ProviderDescription) -> Vec<String> {
        let error = error(description);
        error.faults().iter().map(|fault| fault.to_string().replace("\n    ", "; ")).collect()
    }

    #[test]
    fn every_key_is_checked_by_the_rules_of_declarations_and_all_faults_are_told_at_once() {
        let wrong = acme()
            .issuer("https://acme.example?a=b")
            .revocation_endpoint("http://acme.example/revoke")
            .authorize_param("state", "x")
            .access_token_param("code_verifier", "x")
            .refresh_token_param("grant_type", "x")
            .token_endpoint_auth_method("basic")
            .id_token_signed_response_alg("none")
            .response_mode("fragment")
            .prompt("none login")
            .leeway(301)
            .identity("id", "user.email")
            .identity("nick", "x");
        let error = error(wrong);
        let keys: Vec<_> = error.faults().iter().map(|fault| fault.key()).collect();
        assert_eq!(
            keys,
            [
                "acme.identity",
                "acme.identity",
                "acme.token_endpoint_auth_method",
                "acme.issuer",
                "acme.revocation_endpoint",
                "acme.authorize_params",
                "acme.access_token_params",
                "acme.refresh_token_params",
                "acme.response_mode",
                "acme.prompt",
                "acme.leeway",
                "acme.id_token_signed_response_alg",
            ],
            "{error}"
        );
        assert!(!error.to_string().contains("ACME_"), "{error}");
    }

    #[test]
    fn a_name_has_characters_that_a_url_has_and_is_short() {
        for name in ["acme", "acme-corp", "7f3c2a10-9b", "a_b"] {
            let client = providers("https://app.example").insert(acme().named(name)).unwrap();
            assert_eq!(client.redirect_uri(), format!("https://app.example/auth/{name}/callback"));
        }
        let long = "a".repeat(65);
        for name in ["", "Acme", "a/b", "a b", "..", "-a", "{name}", "ä", &long] {
            assert_eq!(error(acme().named(name)).faults()[0].key(), "name", "{name}");
        }
    }

    /// A tenant that is called like somebody else would otherwise be sent that one's secret.
    #[test]
    fn credentials_come_from_the_description_alone() {
        let without = ProviderDescription { client_id: None, client_secret: None, ..acme() };
        let help = "register an application with the provider `acme` with the redirect URI \
                    https://app.example/auth/acme/callback";
        assert_eq!(
            faults(without),
            [
                format!("acme.client_id is missing; {help}"),
                format!("acme.client_secret is missing; {help}"),
            ]
        );
        let file = r#"{"name": "acme", "client_secret_file": "/etc/passwd"}"#;
        assert!(serde_json::from_str::<ProviderDescription>(file).is_err());
    }

    #[test]
    fn what_is_missing_for_the_protocol_is_told() {
        let bare = ProviderDescription { issuer: None, scopes: Vec::new(), ..acme() };
        let keys = |description| -> Vec<_> {
            error(description).faults().iter().map(|fault| fault.key().to_owned()).collect()
        };
        assert_eq!(
            keys(bare.clone()),
            ["acme.authorize_url", "acme.access_token_url", "acme.userinfo_endpoint"]
        );
        assert_eq!(keys(bare.scopes(["openid"])), ["acme.issuer"]);
        assert_eq!(keys(acme().scopes(["email"])), ["acme.scopes"]);
        assert_eq!(keys(acme().scopes(["openid email"])), ["acme.scopes"]);
    }

    #[test]
    fn plain_http_is_for_applications_on_this_machine() {
        let local = || acme().issuer("http://127.0.0.1:9000").quirks(["loopback_http"]);
        assert!(providers("http://localhost:3000").insert(local()).is_ok());
        assert!(
            faults(local())[0].contains("only while the application itself stands on this machine")
        );
        assert!(
            faults(acme().quirks(["magic"]))[0].starts_with("acme.quirks holds an unknown one")
        );
        for quirk in ["nested_token", "nested_token=a..b", "no_pkce=yes"] {
            let faults = faults(acme().quirks([quirk]));
            assert!(faults[0].contains("wrong value"), "{quirk}: {faults:?}");
        }
        let nested = acme().quirks(["nested_token=data.access_token"]);
        assert!(providers("https://app.example").insert(nested).is_ok());
    }

    #[test]
    fn a_preset_is_taken_by_its_name_and_may_be_overridden() {
        let github = ProviderDescription::preset("github").client_id("id").client_secret("secret");
        let providers = providers("https://app.example");
        let client = providers.insert(github.clone()).unwrap();
        assert_eq!(
            (client.provider().name(), client.provider().display_name()),
            ("github", "GitHub")
        );
        let settings = &client.engine().settings;
        assert_eq!(settings.scope, "read:user user:email");
        assert!(settings.emails_endpoint.is_some() && !settings.is_open_id());

        let enterprise = github
            .named("enterprise")
            .userinfo_endpoint("https://github.acme.example/api/v3/user")
            .api_base_url("https://github.acme.example/api/v3")
            .scopes(["user:email"]);
        let client = providers.insert(enterprise).unwrap();
        let settings = &client.engine().settings;
        assert_eq!(settings.scope, "user:email");
        assert!(settings.emails_endpoint.is_none(), "its tokens are none of github.com's business");

        let google = ProviderDescription::preset("google").client_id("id").client_secret("secret");
        assert!(providers.insert(google).unwrap().engine().settings.is_open_id());
        let unknown = faults(ProviderDescription::preset("gogle"));
        assert!(unknown[0].starts_with("gogle.preset is unknown; known are "), "{unknown:?}");
    }

    #[test]
    fn a_description_has_its_most() {
        let long = acme().prompt("x".repeat(MAX_BYTES));
        assert_eq!(faults(long), ["the description of a provider is longer than 16384 bytes"]);
        let many =
            (0..2000).fold(acme(), |acme, n| acme.authorize_param(n.to_string(), "xxxxxxxx"));
        assert_eq!(faults(many).len(), 1);
    }

    #[test]
    fn neither_the_description_nor_an_error_shows_a_secret() {
        let description = acme().client_secret("hunter2").private_key("hunter3");
        let shown = format!("{description:?} {description:#?} {}", error(description.clone()));
        assert!(!shown.contains("hunter"), "{shown}");
    }

    #[test]
    fn every_member_can_be_read_from_json() {
        let json = r#"{"name": "acme", "display_name": "Acme", "issuer": "https://acme.example",
            "scopes": ["openid"], "client_id": "id", "client_secret": "secret", "leeway": 5,
            "max_age": 60, "authorize_params": {"audience": "api"}, "identity": {"name": "nick"},
            "quirks": ["additional_audiences"], "token_endpoint_auth_method": "client_secret_post"}"#;
        let description: ProviderDescription = serde_json::from_str(json).unwrap();
        let client = providers("https://app.example").insert(description).unwrap();
        let settings = &client.engine().settings;
        assert_eq!((settings.leeway, settings.max_age), (5, Some(60)));
        assert_eq!(client.provider().display_name(), "Acme");
    }

    /// The names of the page of all keys, which the compiler knows.
    #[test]
    fn every_quirk_has_its_name() {
        let page = include_str!("docs/keys.md");
        let (_, table) = page.split_once("### Quirks").unwrap();
        let (table, _) = table.split_once("\n###").unwrap();
        let names: Vec<_> =
            table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
        let known: Vec<_> = Quirk::names().collect();
        assert!(names.len() > 5);
        for name in names {
            assert!(known.contains(&name), "{name}");
        }
    }
}
