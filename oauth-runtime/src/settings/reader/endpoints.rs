//! The provider's URLs: issuer, metadata, endpoints, and the base of its API.

use std::borrow::Cow;

use url::Url;

use super::Reader;
use super::key::{
    ACCESS_TOKEN_URL, API_BASE_URL, AUTHORIZE_URL, DEVICE_AUTHORIZATION_ENDPOINT, EMAILS_ENDPOINT,
    END_SESSION_ENDPOINT, INTROSPECTION_ENDPOINT, ISSUER, JWKS_URI, Key, REFRESH_TOKEN_URL,
    REQUEST_TOKEN_URL, REVOCATION_ENDPOINT, SERVER_METADATA_URL, TENANTS, USERINFO_ENDPOINT,
};
use crate::config::{ConfigFault, FaultKind};
use crate::declaration::spec::{ProviderSpec, Quirk};
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::issuer::{self, IssuerError};
use crate::protocol::metadata;
use crate::protocol::tenants::{PLACEHOLDER, Tenants, issuer_of};
use crate::settings::Endpoints;
use crate::settings::authority::is_of_origin;
use crate::url::endpoint::{EndpointUrl, RedactedUrl};

/// An endpoint, its key, and its value in a declaration.
type StatedEndpoint = (EndpointKind, Key, for<'s> fn(&ProviderSpec<'s>) -> Option<&'s str>);

static ENDPOINTS: &[StatedEndpoint] = &[
    (EndpointKind::Authorization, AUTHORIZE_URL, |spec| spec.authorization_endpoint),
    (EndpointKind::Token, ACCESS_TOKEN_URL, |spec| spec.token_endpoint),
    (EndpointKind::Refresh, REFRESH_TOKEN_URL, |spec| spec.refresh_token_endpoint),
    (EndpointKind::TemporaryCredentials, REQUEST_TOKEN_URL, |spec| {
        spec.temporary_credential_endpoint
    }),
    (EndpointKind::UserInfo, USERINFO_ENDPOINT, |spec| spec.userinfo_endpoint),
    (EndpointKind::JwkSet, JWKS_URI, |spec| spec.jwks_uri),
    (EndpointKind::EndSession, END_SESSION_ENDPOINT, |spec| spec.end_session_endpoint),
    (EndpointKind::Revocation, REVOCATION_ENDPOINT, |spec| spec.revocation_endpoint),
    (EndpointKind::Introspection, INTROSPECTION_ENDPOINT, |spec| spec.introspection_endpoint),
    (EndpointKind::DeviceAuthorization, DEVICE_AUTHORIZATION_ENDPOINT, |spec| {
        spec.device_authorization_endpoint
    }),
];

impl Reader<'_> {
    /// Every endpoint that the declaration or the configuration states.
    pub(in crate::settings) fn endpoints(&mut self) -> Endpoints {
        let read = |(endpoint, key, declared): &StatedEndpoint| {
            Some((*endpoint, self.url(declared(self.spec), *key)?))
        };
        Endpoints(ENDPOINTS.iter().filter_map(read).collect())
    }

    /// A list of email addresses. It receives the token of the userinfo endpoint, so it must have
    /// the same origin: a preset's own would receive the tokens of an application that moved the
    /// other endpoints.
    pub(in crate::settings) fn emails_endpoint(
        &mut self,
        endpoints: &Endpoints,
    ) -> Option<EndpointUrl> {
        let url = self.url(self.spec.emails_endpoint, EMAILS_ENDPOINT)?;
        endpoints.get(EndpointKind::UserInfo)?.has_origin_of(&url).then_some(url)
    }

    pub(in crate::settings) fn api_base(&mut self) -> Option<EndpointUrl> {
        let base = self.url(self.spec.api_base_url, API_BASE_URL)?;
        self.without_query(API_BASE_URL, base.as_str()).then_some(base)
    }

    /// The issuer identifier, as it was written: it is compared character by character. If it is a
    /// template for several tenants, the tenants whose users may log in follow; for a single tenant
    /// it is filled in.
    pub(in crate::settings) fn issuer(&mut self) -> (Option<String>, Option<Tenants>) {
        let tenants = self.tenants();
        let Some(issuer) = self.text(self.spec.issuer, ISSUER) else { return (None, None) };
        let is_template = issuer.contains(PLACEHOLDER);
        let issuer = match tenants.as_ref().and_then(Tenants::one) {
            Some(tenant) => issuer_of(&issuer, tenant),
            None => issuer,
        };
        if is_template && tenants.is_none() {
            self.missing_tenants();
        }
        let is_url = self.checked(&issuer, ISSUER).is_some() && self.is_canonical(&issuer);
        if let Some((before, _)) = issuer.split_once("/.well-known/") {
            let what = format!(
                "is `{}`: it is where an issuer publishes its metadata",
                RedactedUrl::from(&*issuer)
            );
            let help =
                format!("set {} to it, or this to `{before}`", self.name_of(SERVER_METADATA_URL));
            self.faults.push(self.fault(FaultKind::Malformed, ISSUER, what).help(help));
            return (None, None);
        }
        let is_right = is_url && self.without_query(ISSUER, &issuer);
        let tenants = tenants.filter(|tenants| is_template && tenants.one().is_none());
        (is_right.then_some(issuer), tenants)
    }

    fn tenants(&mut self) -> Option<Tenants> {
        let configured = self.setting(TENANTS).map(|setting| {
            let names = setting.text().split(|c: char| c == ',' || c.is_whitespace());
            Tenants::parse(names.filter(|name| !name.is_empty()))
                .map_err(|why| ConfigFault::malformed(&self.name_of(TENANTS), &setting.origin, why))
        });
        let configured = configured.and_then(|tenants| self.faults.record(tenants));
        let declared = Tenants::parse(self.spec.tenants.iter().copied()).ok();
        self.winner(declared, configured)
    }

    fn missing_tenants(&mut self) {
        // A malformed list has its own fault.
        if self.setting(TENANTS).is_none() {
            let fault = ConfigFault::missing(self.name_of(TENANTS));
            self.faults.push(fault.help(
                "set it to the IDs of the tenants whose users may log in, separated by commas, \
                 or to `any`",
            ));
        }
    }

    /// Whether the issuer has a placeholder for the tenant.
    pub(super) fn issuer_has_tenants(&mut self) -> bool {
        self.text(self.spec.issuer, ISSUER).is_some_and(|issuer| issuer.contains(PLACEHOLDER))
    }

    /// Neither an issuer (RFC 8414 section 2) nor a base has a query.
    fn without_query(&mut self, key: Key, url: &str) -> bool {
        let has_query = url.contains('?');
        if has_query {
            let what = format!("is `{}`: it has a query", RedactedUrl::from(url));
            self.faults.push(self.fault(FaultKind::Malformed, key, what));
        }
        !has_query
    }

    /// Issuers are compared byte by byte, so each has one spelling. Faults of any URL are reported
    /// elsewhere.
    fn is_canonical(&mut self, issuer: &str) -> bool {
        let refused = match issuer::check(issuer) {
            Err(IssuerError::NotCanonical | IssuerError::TooLong) => issuer::check(issuer).err(),
            _ => None,
        };
        if let Some(reason) = refused {
            let what = format!("is `{}`: {reason}", RedactedUrl::from(issuer));
            let fault = self.fault(FaultKind::Malformed, ISSUER, what);
            let url = Url::parse(issuer).ok().filter(|_| reason == IssuerError::NotCanonical);
            self.faults.push(match url {
                Some(url) => fault.help(format!("write `{}`", url.as_str().trim_end_matches('/'))),
                None => fault,
            });
        }
        refused.is_none()
    }

    /// Only the issuer's own document confirms it: at its origin, if the application states the
    /// URL, and at its well-known location, if a description does.
    pub(in crate::settings) fn check_metadata_url(
        &mut self,
        issuer: Option<&str>,
        url: Option<&EndpointUrl>,
        is_described: bool,
    ) {
        let Some(url) = url else { return };
        let published = metadata::issuer_of_url(url.url());
        let is_own = match issuer {
            Some(issuer) if is_described && !issuer.contains(PLACEHOLDER) => {
                published.as_deref() == Some(issuer.trim_end_matches('/'))
            }
            // The document of a template proves nothing about a tenant: only that of a preset is
            // known to be the template's own.
            Some(issuer) if is_described => {
                self.spec.issuer == Some(issuer)
                    && self.spec.server_metadata_url == Some(url.as_str())
            }
            Some(issuer) => is_of_origin(issuer, url.url()),
            None => !is_described || published.is_some(),
        };
        if is_own {
            return;
        }
        let what = match issuer {
            Some(issuer) => {
                format!("is not where the issuer `{issuer}` publishes its metadata: it is `{url}`")
            }
            None => format!("is `{url}`, where no issuer publishes its metadata"),
        };
        let help = match issuer {
            Some(issuer) if issuer.contains(PLACEHOLDER) => {
                "state one tenant, or use the preset of this provider"
            }
            Some(_) => "remove it: the URL follows from the issuer",
            None => "state the issuer instead",
        };
        let fault = self.fault(FaultKind::Conflict, SERVER_METADATA_URL, what);
        self.faults.push(fault.help(help));
    }

    /// URL of the metadata; `None` if every endpoint is stated, so that there is no gap to fill,
    /// and the issuer need not confirm them.
    pub(in crate::settings) fn metadata_url(
        &mut self,
        issuer: Option<&str>,
        endpoints: &Endpoints,
        needed: &[EndpointKind],
        is_lacking: bool,
    ) -> Option<EndpointUrl> {
        if self.is_oauth1() {
            return None;
        }
        // One of many tenants has metadata of its own.
        let is_of_one = self.spec.issuer.is_some_and(|template| template.contains(PLACEHOLDER))
            && issuer.is_some_and(|issuer| !issuer.contains(PLACEHOLDER));
        let url = self.url(self.spec.server_metadata_url, SERVER_METADATA_URL);
        if let Some(url) = url.filter(|_| !is_of_one) {
            return Some(url);
        }
        let has_gap = needed.iter().any(|endpoint| endpoints.get(*endpoint).is_none());
        let issuer = issuer.filter(|_| has_gap || is_lacking)?;
        self.checked(&metadata::url_of_issuer(issuer), ISSUER)
    }

    /// Whether the declaration or the configuration states a URL, even an invalid one.
    pub(super) fn states(&self, declared: Option<&str>, key: Key) -> bool {
        declared.is_some() || self.setting(key).is_some()
    }

    fn url(&mut self, declared: Option<&str>, key: Key) -> Option<EndpointUrl> {
        let text = self.text(declared, key)?;
        self.checked(&text, key)
    }

    fn checked(&mut self, text: &str, key: Key) -> Option<EndpointUrl> {
        // Only declarations are templates.
        if text.replacen(PLACEHOLDER, "", usize::from(key == ISSUER)).contains(['{', '}']) {
            let what =
                format!("is `{}`: a placeholder is not filled here", RedactedUrl::from(text));
            self.faults.push(self.fault(FaultKind::Malformed, key, what).help("write the value"));
            return None;
        }
        let loopback_http = self.spec.has_quirk(Quirk::LoopbackHttp);
        let url = EndpointUrl::parse(text, loopback_http).map_err(|reason| {
            let what = format!("is `{}`: {reason}", RedactedUrl::from(text));
            self.fault(FaultKind::Malformed, key, what)
        });
        self.faults.record(url)
    }

    /// The declared text with its placeholders filled, or the configured one.
    pub(super) fn text(&mut self, declared: Option<&str>, key: Key) -> Option<String> {
        let configured = self.setting(key).map(|setting| setting.text().to_owned());
        let declared = declared.and_then(|template| self.fill(template));
        self.winner(declared, configured)
    }

    /// Inserts the fields' values into a template. At its start a value is a URL itself; inside one
    /// it must not change the host or the path.
    fn fill(&mut self, template: &str) -> Option<String> {
        if self.placeholder_values.len() < self.spec.placeholders.len() && template.contains('{') {
            // A field is missing, which has its own fault; no other follows from it.
            let is_field = |name: &&str| template.contains(&format!("{{{name}}}"));
            if self.spec.placeholders.iter().any(is_field) {
                return None;
            }
        }
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
                    "is `{}`, which is not allowed inside `{template}`",
                    RedactedUrl::from(value.as_str())
                );
                let key = self.config.name_of(self.spec.name, name);
                let fault = ConfigFault::new(FaultKind::Malformed, key, what);
                self.faults.push(fault.help("letters, digits and - . _ ~ : can"));
                return None;
            }
            text = Cow::Owned(text.replace(&placeholder, value));
        }
        Some(text.into_owned())
    }

    /// Inserts the fields' values into a string that is not a URL. They are inserted unchanged: the
    /// form encodes them. The compiler has checked that every name in braces is a field; other
    /// braces are literal.
    pub(in crate::settings) fn fill_text(&self, template: &str) -> String {
        let mut text = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let named = after.split_once('}');
            match named.and_then(|(name, after)| Some((self.field(name)?, after))) {
                Some((value, after)) => {
                    text.push_str(value);
                    rest = after;
                }
                None => {
                    text.push('{');
                    rest = after;
                }
            }
        }
        text.push_str(rest);
        text
    }

    fn field(&self, name: &str) -> Option<&str> {
        let at = self.spec.placeholders.iter().position(|field| *field == name)?;
        self.placeholder_values.get(at).map(String::as_str)
    }
}

/// The first name in braces: declarations are templates, configuration is not.
pub(super) fn placeholder(text: &str) -> Option<&str> {
    let is_name = |name: &&str| {
        let mut chars = name.chars();
        chars.next().is_some_and(|first| first.is_alphabetic() || first == '_')
            && chars.all(|c| c.is_alphanumeric() || c == '_')
    };
    let inside = text.split('{').skip(1).filter_map(|part| part.split_once('}'));
    inside.map(|(name, _)| name).find(is_name)
}

/// Whether a value cannot leave its place in the URL.
fn is_safe_inside_of_url(value: &str) -> bool {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || "-._~:".contains(c);
    value.chars().all(is_safe) && !value.contains("..") && value != "."
}
