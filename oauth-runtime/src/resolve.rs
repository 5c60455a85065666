//! From a declaration to a client that can be used: declaration and configuration become
//! [`Settings`] when the application starts; with the provider's metadata they become
//! [`Resolved`].

use std::borrow::Cow;

use serde_json::{Map, Value};
use url::Url;

use crate::config::{Config, ConfigFault, FaultKind, Faults, Setting, key_of};
use crate::endpoint::{EndpointUrl, is_loopback, without_user_info};
use crate::error::{Endpoint, ProviderError};
use crate::protocol::authorization_request::{AuthorizationRequestTemplate, RESERVED, Template};
use crate::protocol::client_authentication::ClientAuthentication;
use crate::protocol::jwk::SigningAlgorithm;
use crate::protocol::metadata::{self, ExpectedIssuer, Metadata};
use crate::secret::Secret;
use crate::spec::{ClientAuthMethod, Protocol, ProviderSpec, Quirk};

/// One client at one provider, immutable once built.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) spec: &'static ProviderSpec,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<Secret>,
    pub(crate) authentication: ClientAuthentication,
    pub(crate) redirect_uri: String,
    pub(crate) api_base: Option<EndpointUrl>,
    pub(crate) emails_endpoint: Option<EndpointUrl>,
    pub(crate) token_params: Vec<(String, String)>,
    /// Where the metadata are, for a provider that publishes them.
    pub(crate) metadata_url: Option<EndpointUrl>,
    /// Whether plain http is allowed towards this machine.
    pub(crate) loopback_http: bool,
    issuer: Option<String>,
    endpoints: Endpoints,
    scope: String,
    authorization_params: Vec<(String, String)>,
    with_pkce: bool,
    algorithm: Option<SigningAlgorithm>,
}

/// Endpoints that declaration or configuration state; metadata fill the gaps.
#[derive(Debug)]
struct Endpoints {
    authorization: Option<EndpointUrl>,
    token: Option<EndpointUrl>,
    userinfo: Option<EndpointUrl>,
    jwks_uri: Option<EndpointUrl>,
}

/// Everything that a login needs, ready to use.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) authorization_request: AuthorizationRequestTemplate,
    pub(crate) token_endpoint: EndpointUrl,
    /// Only where a login calls it.
    pub(crate) userinfo_endpoint: Option<EndpointUrl>,
    pub(crate) jwks_uri: Option<EndpointUrl>,
    /// The issuer identifier; `None` for an OAuth 2.0 provider that has none.
    pub(crate) issuer: Option<String>,
    /// Who vouches for the identity: the issuer, else the origin of the authorization endpoint.
    pub(crate) authority: String,
    pub(crate) algorithms: Vec<SigningAlgorithm>,
    /// The provider promises `iss` in the authorization response (RFC 9207 section 3).
    pub(crate) response_issuer_required: bool,
    pub(crate) with_pkce: bool,
}

impl Settings {
    /// Joins declaration and configuration; `None` once every fault has been recorded.
    pub(crate) fn new(
        spec: &'static ProviderSpec,
        placeholder_values: &[String],
        redirect_uri: String,
        config: &Config,
        faults: &mut Faults,
    ) -> Option<Self> {
        let mut reader = Reader { spec, placeholder_values, config, faults };
        // Each line records its own faults, so that one start shows them all.
        let kwargs = reader.client_kwargs();
        let client_id = reader.client_id(&redirect_uri);
        let method = reader.auth_method(&kwargs);
        let client_secret = method.and_then(|method| reader.client_secret(method, &redirect_uri));
        let issuer = reader.text(spec.issuer, "ISSUER");
        let metadata_url = reader.metadata_url(issuer.as_deref());
        let endpoints = Endpoints {
            authorization: reader.url(spec.authorization_endpoint, "AUTHORIZE_URL"),
            token: reader.url(spec.token_endpoint, "ACCESS_TOKEN_URL"),
            userinfo: reader.url(spec.userinfo_endpoint, "USERINFO_ENDPOINT"),
            jwks_uri: reader.url(spec.jwks_uri, "JWKS_URI"),
        };
        let emails_endpoint = reader.url(spec.emails_endpoint, "EMAILS_URL");
        let api_base = reader.url(spec.api_base_url, "API_BASE_URL");
        let mut authorization_params = reader.params(spec.authorization_params, "AUTHORIZE_PARAMS");
        set_authentication_params(&mut authorization_params, spec);
        let token_params = reader.params(spec.token_params, "ACCESS_TOKEN_PARAMS");
        let scope = reader.scope(&kwargs);
        reader.check_completeness(&endpoints, metadata_url.as_ref());
        let client_id = client_id?;
        let client_secret = client_secret?;
        Some(Self {
            spec,
            authentication: ClientAuthentication::new(
                method?,
                &client_id,
                client_secret.as_ref(),
                !spec.has_quirk(Quirk::UnencodedBasic),
            ),
            client_id,
            client_secret,
            redirect_uri,
            api_base: api_base.map(with_slash),
            emails_endpoint,
            token_params,
            metadata_url,
            loopback_http: spec.has_quirk(Quirk::LoopbackHttp),
            issuer,
            endpoints,
            scope,
            authorization_params,
            with_pkce: !spec.has_quirk(Quirk::NoPkce),
            algorithm: spec.id_token_signed_response_alg.and_then(SigningAlgorithm::from_name),
        })
    }

    /// The issuer that the metadata must name: the declared one, else the one that their URL
    /// stands for.
    pub(crate) fn expected_issuer(&self) -> ExpectedIssuer<'_> {
        match (&self.issuer, &self.metadata_url) {
            (Some(issuer), _) => ExpectedIssuer::Exactly(issuer),
            (None, Some(url)) => ExpectedIssuer::of_url(url.as_str()),
            (None, None) => ExpectedIssuer::Any,
        }
    }

    /// Adds what the provider publishes. What declaration or configuration state wins.
    ///
    /// # Errors
    /// [`ProviderError::NoEndpoint`] and [`ProviderError::BadEndpoint`].
    pub(crate) fn resolve(&self, metadata: Option<&Metadata>) -> Result<Resolved, ProviderError> {
        let endpoint = |own: &Option<EndpointUrl>, published: Option<&String>, which| match own {
            Some(own) => Ok(Some(own.clone())),
            None => published
                .map(|url| {
                    EndpointUrl::parse(url, self.loopback_http)
                        .map_err(|reason| ProviderError::BadEndpoint { endpoint: which, reason })
                })
                .transpose(),
        };
        let published = |pick: fn(&Metadata) -> Option<&String>| metadata.and_then(pick);
        let own = &self.endpoints;
        let authorization_endpoint = endpoint(
            &own.authorization,
            published(|metadata| metadata.authorization_endpoint.as_ref()),
            Endpoint::Authorization,
        )?
        .ok_or(ProviderError::NoEndpoint(Endpoint::Authorization))?;
        let token_endpoint = endpoint(
            &own.token,
            published(|metadata| metadata.token_endpoint.as_ref()),
            Endpoint::Token,
        )?
        .ok_or(ProviderError::NoEndpoint(Endpoint::Token))?;
        let userinfo_endpoint = endpoint(
            &own.userinfo,
            published(|metadata| metadata.userinfo_endpoint.as_ref()),
            Endpoint::UserInfo,
        )?;
        if self.spec.fetch_userinfo && userinfo_endpoint.is_none() {
            return Err(ProviderError::NoEndpoint(Endpoint::UserInfo));
        }
        let jwks_uri = endpoint(
            &own.jwks_uri,
            published(|metadata| metadata.jwks_uri.as_ref()),
            Endpoint::JwkSet,
        )?;
        let is_open_id = self.spec.protocol == Protocol::OpenIdConnect;
        if is_open_id && jwks_uri.is_none() && self.algorithm != Some(SigningAlgorithm::HS256) {
            return Err(ProviderError::NoEndpoint(Endpoint::JwkSet));
        }
        let issuer = metadata.map(|metadata| metadata.issuer.clone()).or(self.issuer.clone());
        let authority = issuer
            .clone()
            .unwrap_or_else(|| authorization_endpoint.url().origin().ascii_serialization());
        Ok(Resolved {
            authorization_request: AuthorizationRequestTemplate::new(&Template {
                authorization_endpoint: &authorization_endpoint,
                client_id: &self.client_id,
                redirect_uri: &self.redirect_uri,
                scope: &self.scope,
                with_pkce: self.with_pkce,
                extra: &self.authorization_params,
            }),
            token_endpoint,
            userinfo_endpoint,
            jwks_uri,
            issuer,
            authority,
            algorithms: self.algorithms(metadata),
            response_issuer_required: metadata
                .is_some_and(|metadata| metadata.authorization_response_iss_parameter_supported),
            with_pkce: self.with_pkce,
        })
    }

    /// The declared algorithm; else every asymmetric one that the metadata list; else RS256, the
    /// default of OpenID Connect. Never what a token says.
    fn algorithms(&self, metadata: Option<&Metadata>) -> Vec<SigningAlgorithm> {
        if let Some(declared) = self.algorithm {
            return vec![declared];
        }
        let listed = metadata.map(|metadata| &metadata.id_token_signing_alg_values_supported);
        let mut algorithms: Vec<_> = listed
            .into_iter()
            .flatten()
            .filter_map(|name| SigningAlgorithm::from_name(name))
            .filter(|algorithm| SigningAlgorithm::ASYMMETRIC.contains(algorithm))
            .collect();
        if algorithms.is_empty() {
            algorithms.push(SigningAlgorithm::RS256);
        }
        algorithms
    }
}

/// What the declaration demands of the person's authentication goes into every request: otherwise
/// the provider never hears of it (OpenID Connect Core 1.0 section 3.1.2.1).
fn set_authentication_params(params: &mut Vec<(String, String)>, spec: &ProviderSpec) {
    let has_prompt = params.iter().any(|(name, _)| name == "prompt");
    let mut set = |name: &str, value: String| {
        params.retain(|(own, _)| own != name);
        params.push((name.to_owned(), value));
    };
    // The ID token is checked against it, so no other age may be asked for.
    if let Some(seconds) = spec.max_age {
        set("max_age", seconds.to_string());
    }
    let is_overwritten = spec.overwrite && has_prompt;
    if let Some(prompt) = spec.prompt.filter(|_| !is_overwritten) {
        set("prompt", prompt.to_owned());
    }
}

/// `Url::join` drops what stands behind the last slash of its base.
fn with_slash(base: EndpointUrl) -> EndpointUrl {
    if base.url().path().ends_with('/') {
        return base;
    }
    let mut url = base.url().clone();
    url.set_path(&format!("{}/", base.url().path()));
    let is_http = url.scheme() == "http";
    EndpointUrl::check(url, is_http).unwrap_or(base)
}

/// Reads the settings of one provider.
struct Reader<'a> {
    spec: &'static ProviderSpec,
    placeholder_values: &'a [String],
    config: &'a Config,
    faults: &'a mut Faults,
}

impl Reader<'_> {
    fn key(&self, key: &str) -> String {
        key_of(self.spec.name, key)
    }

    fn setting(&self, key: &str) -> Option<(String, Setting)> {
        let key = self.key(key);
        let setting = self.config.get(&key)?;
        Some((key, setting))
    }

    fn client_id(&mut self, redirect_uri: &str) -> Option<String> {
        if let Some((_, setting)) = self.setting("CLIENT_ID") {
            return Some(setting.text().trim().to_owned());
        }
        let fault =
            ConfigFault::missing(self.key("CLIENT_ID")).help(self.where_to_get(redirect_uri));
        self.faults.push(fault);
        None
    }

    fn where_to_get(&self, redirect_uri: &str) -> String {
        let place = self.spec.registration_page.map_or_else(
            || format!("with the provider `{}`", self.spec.name),
            |page| format!("at {page}"),
        );
        format!("register an application {place} with the redirect URI {redirect_uri}")
    }

    /// The outer `None`: a fault was recorded. The inner one: a public client.
    #[expect(clippy::option_option, reason = "two different kinds of nothing, both named above")]
    fn client_secret(
        &mut self,
        method: ClientAuthMethod,
        redirect_uri: &str,
    ) -> Option<Option<Secret>> {
        let secret = self.setting("CLIENT_SECRET");
        let file = self.setting("CLIENT_SECRET_FILE");
        let is_public = method == ClientAuthMethod::None;
        match (secret, file) {
            (Some((key, _)), Some((other, _))) => {
                let fault =
                    ConfigFault::new(FaultKind::Conflict, key, format!("and {other} are both set"));
                self.faults.push(fault.help("set one of them"));
                None
            }
            (Some((key, _)), None) | (None, Some((key, _))) if is_public => {
                let what = "is set, but the client is declared with the method `none`, which has no secret";
                self.faults.push(ConfigFault::new(FaultKind::Conflict, key, what));
                None
            }
            (Some((_, setting)), None) => Some(Some(Secret::from(setting.text().trim()))),
            (None, Some((key, setting))) => {
                let read = std::fs::read_to_string(setting.text()).map_err(|error| {
                    let what = format!("names a file that cannot be read: {error}");
                    ConfigFault::new(FaultKind::Unreadable, key, what)
                });
                let text = Secret::from(self.faults.record(read)?);
                Some(Some(Secret::from(text.expose().trim())))
            }
            (None, None) if is_public => Some(None),
            (None, None) => {
                let help = format!(
                    "{}; {} may name a file that holds it",
                    self.where_to_get(redirect_uri),
                    self.key("CLIENT_SECRET_FILE"),
                );
                self.faults.push(ConfigFault::missing(self.key("CLIENT_SECRET")).help(help));
                None
            }
        }
    }

    /// The declared text or the configured one, by `overwrite`; placeholders filled.
    fn text(&mut self, declared: Option<&'static str>, key: &str) -> Option<String> {
        let configured = self.setting(key).map(|(_, setting)| setting.text().trim().to_owned());
        let declared = declared.and_then(|template| self.fill(template));
        if self.spec.overwrite { configured.or(declared) } else { declared.or(configured) }
    }

    fn url(&mut self, declared: Option<&'static str>, key: &str) -> Option<EndpointUrl> {
        let text = self.text(declared, key)?;
        self.checked(&text, key)
    }

    fn checked(&mut self, text: &str, key: &str) -> Option<EndpointUrl> {
        let loopback_http = self.spec.has_quirk(Quirk::LoopbackHttp);
        let url = EndpointUrl::parse(text, loopback_http).map_err(|reason| {
            let what = format!("is `{}`: {reason}", without_user_info(text));
            ConfigFault::new(FaultKind::Malformed, self.key(key), what)
        });
        self.faults.record(url)
    }

    fn metadata_url(&mut self, issuer: Option<&str>) -> Option<EndpointUrl> {
        if let Some(url) = self.url(self.spec.server_metadata_url, "SERVER_METADATA_URL") {
            return Some(url);
        }
        // An issuer beside stated endpoints is only compared; discovery is what fills gaps.
        let needs_discovery = self.spec.token_endpoint.is_none();
        let issuer = issuer.filter(|_| needs_discovery)?;
        self.checked(&metadata::url_of_issuer(issuer), "ISSUER")
    }

    /// Puts the fields' values into a template. At its beginning a value is a URL itself; inside of
    /// one it may only hold what cannot lead to another host or path.
    fn fill(&mut self, template: &'static str) -> Option<String> {
        let mut text = Cow::Borrowed(template);
        for (name, value) in self.spec.placeholders.iter().zip(self.placeholder_values) {
            let placeholder = format!("{{{name}}}");
            if !text.contains(&placeholder) {
                continue;
            }
            let is_safe = |c: char| c.is_ascii_alphanumeric() || "-._~:".contains(c);
            if template.starts_with(&placeholder) {
                let is_base = template != placeholder;
                let value = if is_base { value.trim_end_matches('/') } else { value };
                text = Cow::Owned(text.replacen(&placeholder, value, 1));
                continue;
            }
            if !value.chars().all(is_safe) {
                let shown = without_user_info(value);
                let what = format!("is `{shown}`, which cannot stand inside of `{template}`");
                let fault = ConfigFault::new(FaultKind::Malformed, self.key(name), what);
                self.faults.push(fault.help("letters, digits and - . _ ~ : can"));
                return None;
            }
            text = Cow::Owned(text.replace(&placeholder, value));
        }
        Some(text.into_owned())
    }

    /// Parameters of the declaration and of the configuration, merged; on the same name the one
    /// that `overwrite` says wins.
    fn params(
        &mut self,
        declared: &'static [(&'static str, &'static str)],
        key: &str,
    ) -> Vec<(String, String)> {
        let mut params: Vec<(String, String)> = declared
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        for (name, value) in self.json_object(key) {
            if RESERVED.contains(&name.as_str()) {
                let what = format!("holds `{name}`, which the library sets itself");
                self.faults.push(ConfigFault::new(FaultKind::Malformed, self.key(key), what));
                continue;
            }
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            match params.iter_mut().find(|(declared, _)| *declared == name) {
                Some(param) if self.spec.overwrite => param.1 = value,
                Some(_) => {}
                None => params.push((name, value)),
            }
        }
        params
    }

    fn json_object(&mut self, key: &str) -> Map<String, Value> {
        let Some((key, setting)) = self.setting(key) else { return Map::new() };
        let object =
            crate::json::read::<Map<String, Value>>(setting.text().as_bytes()).map_err(|why| {
                ConfigFault::malformed(
                    &key,
                    &setting.origin,
                    format!("a JSON object is asked for; {why}"),
                )
            });
        self.faults.record(object).unwrap_or_default()
    }

    fn client_kwargs(&mut self) -> Map<String, Value> {
        const KNOWN: [&str; 3] = ["scope", "token_endpoint_auth_method", "code_challenge_method"];
        let kwargs = self.json_object("CLIENT_KWARGS");
        for (name, value) in &kwargs {
            let what = if !KNOWN.contains(&name.as_str()) {
                format!("holds `{name}`; known are {}", KNOWN.join(", "))
            } else if !value.is_string() {
                format!("holds `{name}`, which must be text")
            } else if name == "code_challenge_method" && value != "S256" {
                "holds a `code_challenge_method` other than `S256`".to_owned()
            } else {
                continue;
            };
            self.faults.push(ConfigFault::new(
                FaultKind::Malformed,
                self.key("CLIENT_KWARGS"),
                what,
            ));
        }
        kwargs
    }

    fn auth_method(&mut self, kwargs: &Map<String, Value>) -> Option<ClientAuthMethod> {
        let configured = match kwargs.get("token_endpoint_auth_method").and_then(Value::as_str) {
            None => None,
            Some("client_secret_basic") => Some(ClientAuthMethod::ClientSecretBasic),
            Some("client_secret_post") => Some(ClientAuthMethod::ClientSecretPost),
            Some("none") => Some(ClientAuthMethod::None),
            Some(_) => {
                let what = "holds an unknown `token_endpoint_auth_method`";
                let fault = ConfigFault::new(FaultKind::Malformed, self.key("CLIENT_KWARGS"), what);
                self.faults
                    .push(fault.help("known are client_secret_basic, client_secret_post, none"));
                return None;
            }
        };
        let declared = self.spec.token_endpoint_auth_method;
        let method =
            if self.spec.overwrite { configured.or(declared) } else { declared.or(configured) };
        Some(method.unwrap_or(ClientAuthMethod::ClientSecretBasic))
    }

    fn scope(&mut self, kwargs: &Map<String, Value>) -> String {
        let declared = self.spec.scopes.join(self.spec.scope_separator);
        match kwargs.get("scope").and_then(Value::as_str) {
            Some(configured) if self.spec.overwrite || declared.is_empty() => configured.to_owned(),
            _ => declared,
        }
    }

    /// What the compiler could not see because configuration may state it.
    fn check_completeness(&mut self, endpoints: &Endpoints, metadata_url: Option<&EndpointUrl>) {
        if metadata_url.is_some()
            || self.spec.server_metadata_url.is_some()
            || self.spec.issuer.is_some()
        {
            return;
        }
        for (endpoint, declared, key) in [
            (&endpoints.authorization, self.spec.authorization_endpoint, "AUTHORIZE_URL"),
            (&endpoints.token, self.spec.token_endpoint, "ACCESS_TOKEN_URL"),
        ] {
            if endpoint.is_none() && declared.is_none() {
                let help = format!("or set {}", self.key("SERVER_METADATA_URL"));
                self.faults.push(ConfigFault::missing(self.key(key)).help(help));
            }
        }
    }
}

/// The address under which people reach the application. It is configuration, never the `Host`
/// header: whoever can choose the redirect URI receives the codes.
#[derive(Debug, Clone)]
pub(crate) struct PublicUrl(Url);

impl PublicUrl {
    /// https, or plain http on this machine.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let url = Url::parse(text).map_err(|_| "it is not an absolute URL")?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            _ => return Err("it is not https; plain http is allowed on localhost alone"),
        }
        let has_more = !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some();
        if has_more {
            return Err("it has more than scheme, host, port and path");
        }
        Ok(Self(url))
    }

    /// `path` under this address.
    pub(crate) fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0.as_str().trim_end_matches('/'))
    }

    pub(crate) fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    pub(crate) fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Host and port as a `Host` header shows them.
    pub(crate) fn authority(&self) -> &str {
        self.0.authority()
    }

    /// Path under which the application stands, without a slash at the end: mostly empty.
    pub(crate) fn base_path(&self) -> &str {
        self.0.path().trim_end_matches('/')
    }
}
