//! Reads the settings of one provider: what is declared, what is configured, which of them wins.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::Endpoints;
use crate::config::{Config, ConfigFault, FaultKind, Faults, Setting, key_of};
use crate::endpoint::{EndpointUrl, without_user_info};
use crate::protocol::{authorization_request, metadata, token_request};
use crate::secret::Secret;
use crate::spec::{ClientAuthMethod, Protocol, ProviderSpec, Quirk};

/// Settings of one provider, on their way to becoming checked values.
pub(super) struct Reader<'a> {
    pub(super) spec: &'a ProviderSpec<'a>,
    pub(super) placeholder_values: &'a [String],
    pub(super) config: &'a Config,
    pub(super) faults: &'a mut Faults,
}

impl Reader<'_> {
    pub(super) fn key(&self, key: &str) -> String {
        key_of(self.spec.name, key)
    }

    pub(super) fn setting(&self, key: &str) -> Option<(String, Setting)> {
        let key = self.key(key);
        let setting = self.config.get(&key)?;
        Some((key, setting))
    }

    pub(super) fn client_id(&mut self, redirect_uri: &str) -> Option<String> {
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

    /// The outer `None`: a fault was recorded. The inner one: the client has no secret.
    pub(super) fn client_secret(
        &mut self,
        method: Option<ClientAuthMethod>,
        redirect_uri: &str,
    ) -> Option<Option<Secret>> {
        // Without a stated method the metadata choose among those that have a secret.
        let without_secret = method
            .filter(|method| method.needs_private_key() || *method == ClientAuthMethod::None)
            .filter(|_| self.spec.id_token_signed_response_alg != Some("HS256"));
        match (self.text_or_file("CLIENT_SECRET")?, without_secret) {
            (Some((key, _)), Some(method)) => {
                let what = format!(
                    "is set, but the client is declared with the method `{}`, which has no secret",
                    method.name(),
                );
                self.faults.push(ConfigFault::new(FaultKind::Conflict, key, what));
                None
            }
            (Some((_, secret)), None) => Some(Some(secret)),
            (None, Some(_)) => Some(None),
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
    pub(super) fn text(&mut self, declared: Option<&str>, key: &str) -> Option<String> {
        let configured = self.setting(key).map(|(_, setting)| setting.text().trim().to_owned());
        let declared = declared.and_then(|template| self.fill(template));
        if self.spec.overwrite { configured.or(declared) } else { declared.or(configured) }
    }

    pub(super) fn url(&mut self, declared: Option<&str>, key: &str) -> Option<EndpointUrl> {
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

    /// Where the metadata are; `None` if every endpoint is stated, so that there is no gap to fill.
    pub(super) fn metadata_url(
        &mut self,
        issuer: Option<&str>,
        endpoints: &Endpoints,
    ) -> Option<EndpointUrl> {
        if let Some(url) = self.url(self.spec.server_metadata_url, "SERVER_METADATA_URL") {
            return Some(url);
        }
        let is_open_id = self.spec.protocol == Protocol::OpenIdConnect;
        let has_gap = endpoints.authorization.is_none()
            || endpoints.token.is_none()
            || (is_open_id && endpoints.jwks_uri.is_none())
            || (self.spec.fetch_userinfo && endpoints.userinfo.is_none());
        let issuer = issuer.filter(|_| has_gap)?;
        self.checked(&metadata::url_of_issuer(issuer), "ISSUER")
    }

    /// Puts the fields' values into a template. At its beginning a value is a URL itself; inside of
    /// one it may only hold what cannot lead to another host or path.
    fn fill(&mut self, template: &str) -> Option<String> {
        let mut text = Cow::Borrowed(template);
        for (name, value) in self.spec.placeholders.iter().zip(self.placeholder_values) {
            let placeholder = format!("{{{name}}}");
            if !text.contains(&placeholder) {
                continue;
            }
            if template.starts_with(&placeholder) {
                let is_base = template != placeholder;
                let value = if is_base { value.trim_end_matches('/') } else { value };
                text = Cow::Owned(text.replace(&placeholder, value));
                continue;
            }
            if !is_safe_inside_of_url(value) {
                let what = format!(
                    "is `{}`, which cannot stand inside of `{template}`",
                    without_user_info(value)
                );
                let fault = ConfigFault::new(FaultKind::Malformed, self.key(name), what);
                self.faults.push(fault.help("letters, digits and - . _ ~ : can"));
                return None;
            }
            text = Cow::Owned(text.replace(&placeholder, value));
        }
        Some(text.into_owned())
    }

    pub(super) fn authorization_params(&mut self) -> Vec<(String, String)> {
        let reserved = authorization_request::RESERVED;
        self.params(self.spec.authorization_params, "AUTHORIZE_PARAMS", reserved)
    }

    pub(super) fn token_params(&mut self) -> Vec<(String, String)> {
        self.params(self.spec.token_params, "ACCESS_TOKEN_PARAMS", token_request::RESERVED)
    }

    /// Parameters of the declaration and of the configuration, merged; on the same name the one
    /// that `overwrite` says wins.
    fn params(
        &mut self,
        declared: &[(&str, &str)],
        key: &str,
        reserved: &[&str],
    ) -> Vec<(String, String)> {
        let mut params: Vec<(String, String)> = declared
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        for (name, value) in self.json_object(key) {
            if reserved.contains(&name.as_str()) {
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

    pub(super) fn client_kwargs(&mut self) -> Map<String, Value> {
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

    /// The outer `None`: a fault was recorded. The inner one: none is stated.
    pub(super) fn auth_method(
        &mut self,
        kwargs: &Map<String, Value>,
    ) -> Option<Option<ClientAuthMethod>> {
        let configured = kwargs.get("token_endpoint_auth_method").and_then(Value::as_str);
        let method = configured.map(ClientAuthMethod::from_name);
        if method == Some(None) {
            let what = "holds an unknown `token_endpoint_auth_method`";
            let fault = ConfigFault::new(FaultKind::Malformed, self.key("CLIENT_KWARGS"), what);
            let known = ClientAuthMethod::names().join(", ");
            self.faults.push(fault.help(format!("known are {known}")));
            return None;
        }
        let configured = method.flatten();
        let declared = self.spec.token_endpoint_auth_method;
        let method =
            if self.spec.overwrite { configured.or(declared) } else { declared.or(configured) };
        Some(method)
    }

    pub(super) fn scope(&mut self, kwargs: &Map<String, Value>) -> String {
        let declared = self.spec.scopes.join(self.spec.scope_separator);
        match kwargs.get("scope").and_then(Value::as_str) {
            Some(configured) if self.spec.overwrite || declared.is_empty() => configured.to_owned(),
            _ => declared,
        }
    }

    /// What the compiler could not see because configuration may state it.
    pub(super) fn check_completeness(
        &mut self,
        endpoints: &Endpoints,
        metadata_url: Option<&EndpointUrl>,
    ) {
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

/// What cannot lead out of the place in the URL where it is put.
fn is_safe_inside_of_url(value: &str) -> bool {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || "-._~:".contains(c);
    value.chars().all(is_safe) && !value.contains("..") && value != "."
}
