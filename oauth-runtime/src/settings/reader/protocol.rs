//! Determines the provider's protocol and checks that it is fully configured.
//!
//! The compiler does this for most declarations; these are its rules for declarations that the
//! configuration completes.

use super::Reader;
use super::key::{
    ACCESS_TOKEN_URL, ALL, AUTHORIZE_PARAMS, AUTHORIZE_URL, CLIENT_KWARGS, CODE_CHALLENGE_METHOD,
    DECLARED_ONLY, DEVICE_AUTHORIZATION_ENDPOINT, EMAILS_ENDPOINT, ISSUER, JWKS_URI, Key,
    LOGIN_PARAMS, PROMPT, Protocols, REQUEST_TOKEN_URL, RESPONSE_MODE, RESPONSE_TYPE, SCOPES,
    SERVER_METADATA_URL, TENANTS, USERINFO_ENDPOINT,
};
use crate::config::{ConfigFault, FaultKind};
use crate::declaration::spec::{Identification, Protocol};

impl Reader<'_> {
    /// OpenID Connect needs the scope `openid` and a way to verify an ID token; one without the
    /// other is a mistake.
    pub(in crate::settings) fn protocol(&mut self, scope: &str, separator: &str) -> Protocol {
        let has_openid = scope.split(separator).any(|scope| scope == "openid");
        if self.spec.no_login {
            if has_openid {
                let what = "holds `openid`, which asks for an ID token: only a login has one";
                self.faults.push(self.fault(FaultKind::Conflict, SCOPES, what).help("remove it"));
            }
            return Protocol::OAuth2;
        }
        if self.is_oauth1() {
            return Protocol::OAuth1;
        }
        if !self.spec.configured {
            if self.spec.protocol == Protocol::OpenIdConnect && !has_openid {
                let what = "has no `openid`";
                let help = "add it: the provider is declared as an OpenID Connect provider";
                self.faults.push(self.fault(FaultKind::Conflict, SCOPES, what).help(help));
            }
            return self.spec.protocol;
        }
        if has_openid && !self.states_issuer() && !self.states_metadata() {
            let help = format!(
                "the scope `openid` asks for an ID token, which needs an issuer to verify it against; \
                 or set {}",
                self.name_of(SERVER_METADATA_URL)
            );
            self.faults.push(ConfigFault::missing(self.name_of(ISSUER)).help(help));
        }
        let promise = if has_openid { None } else { self.promises_id_token() };
        if let Some(key) = promise {
            let what = "has no `openid`";
            let help =
                format!("add it: {} makes this an OpenID Connect provider", self.name_of(key));
            self.faults.push(self.fault(FaultKind::Conflict, SCOPES, what).help(help));
        }
        // Decided despite the fault, so that no other follows from it.
        if has_openid || promise.is_some() { Protocol::OpenIdConnect } else { Protocol::OAuth2 }
    }

    /// Whether the provider speaks OAuth 1.0a: it is declared so, or the declaration leaves it to the
    /// configuration.
    pub(in crate::settings) fn is_oauth1(&self) -> bool {
        let is_configured = || self.spec.may_be_oauth1 && self.setting(REQUEST_TOKEN_URL).is_some();
        self.spec.protocol == Protocol::OAuth1 || is_configured()
    }

    /// A stated key that only makes sense with an ID token. An issuer with all endpoints may be
    /// there for RFC 9207, and metadata under another well-known path may be those of RFC 8414.
    fn promises_id_token(&mut self) -> Option<Key> {
        let metadata = self.text(self.spec.server_metadata_url, SERVER_METADATA_URL);
        if metadata.as_ref().is_some_and(|url| url.ends_with("/openid-configuration")) {
            return Some(SERVER_METADATA_URL);
        }
        if self.states(self.spec.jwks_uri, JWKS_URI) {
            return Some(JWKS_URI);
        }
        let has_endpoints = self.states(self.spec.authorization_endpoint, AUTHORIZE_URL)
            && self.states(self.spec.token_endpoint, ACCESS_TOKEN_URL);
        (self.states_issuer() && metadata.is_none() && !has_endpoints).then_some(ISSUER)
    }

    fn states_issuer(&self) -> bool {
        self.states(self.spec.issuer, ISSUER)
    }

    fn states_metadata(&self) -> bool {
        self.states(self.spec.server_metadata_url, SERVER_METADATA_URL)
    }

    /// Whether the userinfo endpoint is stated.
    pub(in crate::settings) fn states_userinfo(&self) -> bool {
        self.states(self.spec.userinfo_endpoint, USERINFO_ENDPOINT)
    }

    /// Checks that every endpoint that the protocol needs is stated or can be discovered.
    pub(in crate::settings) fn completeness(&mut self, protocol: Protocol) {
        let is_discovered = protocol == Protocol::OpenIdConnect
            || self.states_metadata()
            || (self.spec.no_login && self.states_issuer());
        let spec = self.spec;
        if protocol == Protocol::OAuth1 {
            return self.completeness_of_oauth1();
        }
        if !spec.configured || is_discovered {
            return;
        }
        if spec.no_login {
            if !self.states(spec.token_endpoint, ACCESS_TOKEN_URL) {
                let metadata = self.name_of(SERVER_METADATA_URL);
                let help = format!("or set {metadata}, or {}", self.name_of(ISSUER));
                let fault = ConfigFault::missing(self.name_of(ACCESS_TOKEN_URL));
                self.faults.push(fault.help(help));
            }
            return;
        }
        let must_identify = spec.identification == Identification::Identified;
        let is_of_token = spec.identity.is_of_token();
        for (declared, key) in [
            (spec.authorization_endpoint, AUTHORIZE_URL),
            (spec.token_endpoint, ACCESS_TOKEN_URL),
            (spec.userinfo_endpoint, USERINFO_ENDPOINT),
        ] {
            if !self.states(declared, key)
                && (key != USERINFO_ENDPOINT || (must_identify && !is_of_token))
            {
                let help = format!(
                    "or set {}, or {} and the scope `openid`",
                    self.name_of(SERVER_METADATA_URL),
                    self.name_of(ISSUER)
                );
                self.faults.push(ConfigFault::missing(self.name_of(key)).help(help));
            }
        }
    }

    /// RFC 5849 section 2: three URLs, which are not published anywhere.
    fn completeness_of_oauth1(&mut self) {
        let spec = self.spec;
        for (declared, key) in [
            (spec.temporary_credential_endpoint, REQUEST_TOKEN_URL),
            (spec.authorization_endpoint, AUTHORIZE_URL),
            (spec.token_endpoint, ACCESS_TOKEN_URL),
        ] {
            if !self.states(declared, key) {
                self.faults.push(ConfigFault::missing(self.name_of(key)));
            }
        }
    }

    /// Refuses settings that only another protocol uses, and those that this version does not use
    /// yet.
    pub(in crate::settings) fn unusable_keys(&mut self, protocol: Protocol) {
        let name = self.spec.name;
        let has_tenants = self.spec.no_login || TENANTS.is_known_by(protocol);
        for key in ALL {
            if self.spec.no_login && is_of_logins(*key) {
                let help = format!("remove it: no user logs in with `{name}`");
                self.refuse(*key, "applies to logins only", &help);
            } else if *key == TENANTS && has_tenants {
                // Compared with the issuer below.
            } else if !key.is_known_by(protocol) {
                let (what, help) = match key.protocols {
                    Protocols::OpenIdConnect => (
                        "applies to OpenID Connect only",
                        format!(
                            "`{name}` is not such a provider: it has no scope `openid`, or no issuer"
                        ),
                    ),
                    Protocols::OAuth1 => (
                        "applies to OAuth 1.0a only",
                        format!("`{name}` is declared without `request_token_url`"),
                    ),
                    Protocols::OAuth2 | Protocols::Any => (
                        "applies to OAuth 2.0 only",
                        format!(
                            "{} makes `{name}` an OAuth 1.0a provider: remove it",
                            self.source_of_oauth1(),
                        ),
                    ),
                };
                self.refuse(*key, what, &help);
            } else if let Some(feature) = key.awaits {
                let what = format!("needs {feature}, which this version does not have");
                self.refuse(*key, &what, "remove it");
            }
        }
        // A description may state some of them itself.
        for key in DECLARED_ONLY.iter().filter(|_| !self.config.is_description()) {
            let help = format!("write it into the `#[oauth_provider(...)]` of `{name}`");
            self.refuse(*key, "belongs in the declaration and is not read from here", &help);
        }
        // Tenants are distinguished by the issuer: without a placeholder in it, the list would
        // exclude no one.
        if has_tenants && !self.issuer_has_tenants() {
            let help = "remove it: this issuer is that of one tenant";
            self.refuse(TENANTS, "needs an issuer with `{tenantid}` in it", help);
        }
    }

    /// The name of the key that determines OAuth 1.0a.
    fn source_of_oauth1(&self) -> String {
        match self.spec.protocol {
            Protocol::OAuth1 => "`request_token_url`".to_owned(),
            _ => self.name_of(REQUEST_TOKEN_URL),
        }
    }

    fn refuse(&mut self, key: Key, what: &str, help: &str) {
        let fault = if let Some((member, _)) = self.member_of(key) {
            let what = format!("holds `{member}`, which {what}");
            self.fault(FaultKind::Conflict, CLIENT_KWARGS, what)
        } else if self.setting(key).is_some() {
            self.fault(FaultKind::Conflict, key, what)
        } else {
            return;
        };
        self.faults.push(fault.help(help));
    }
}

/// Whether only a login uses the setting. The tenant is a part of the issuer's URL.
fn is_of_logins(key: Key) -> bool {
    (key.protocols == Protocols::OpenIdConnect && key != TENANTS)
        || [
            AUTHORIZE_URL,
            AUTHORIZE_PARAMS,
            LOGIN_PARAMS,
            CODE_CHALLENGE_METHOD,
            RESPONSE_TYPE,
            RESPONSE_MODE,
            PROMPT,
            DEVICE_AUTHORIZATION_ENDPOINT,
            USERINFO_ENDPOINT,
            EMAILS_ENDPOINT,
        ]
        .contains(&key)
}
