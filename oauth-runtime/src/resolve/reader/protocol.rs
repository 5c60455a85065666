//! Which protocol the provider speaks, and whether enough is stated for it.
//!
//! For most declarations the compiler knows; these are its rules for what is complete only with the
//! configuration.

use super::Reader;
use super::key::{
    ACCESS_TOKEN_URL, AUTHORIZE_URL, CLIENT_KWARGS, ISSUER, JWKS_URI, Key, OPEN_ID_KEYS, SCOPES,
    SERVER_METADATA_URL, USERINFO_ENDPOINT,
};
use crate::config::{ConfigFault, FaultKind};
use crate::spec::Protocol;

impl Reader<'_> {
    /// OpenID Connect is what has the scope `openid` and a way to verify an ID token; one without
    /// the other is a mistake.
    pub(in crate::resolve) fn protocol(&mut self, scope: &str, separator: &str) -> Protocol {
        if !self.spec.configured || self.spec.protocol == Protocol::OAuth1 {
            return self.spec.protocol;
        }
        let has_openid = scope.split(separator).any(|scope| scope == "openid");
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
        // With the fault, so that none follows from it.
        if has_openid || promise.is_some() { Protocol::OpenIdConnect } else { Protocol::OAuth2 }
    }

    /// What is stated and makes sense with an ID token alone. An issuer with all endpoints beside it
    /// may be there for RFC 9207, and metadata under another well-known path are RFC 8414's.
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

    /// Every endpoint that the protocol needs is stated or can be discovered.
    pub(in crate::resolve) fn completeness(&mut self, protocol: Protocol) {
        let is_discovered = protocol == Protocol::OpenIdConnect || self.states_metadata();
        if !self.spec.configured || is_discovered {
            return;
        }
        for (declared, key) in [
            (self.spec.authorization_endpoint, AUTHORIZE_URL),
            (self.spec.token_endpoint, ACCESS_TOKEN_URL),
            (self.spec.userinfo_endpoint, USERINFO_ENDPOINT),
        ] {
            if !self.states(declared, key) {
                let help = format!(
                    "or set {}, or {} and the scope `openid`",
                    self.name_of(SERVER_METADATA_URL),
                    self.name_of(ISSUER)
                );
                self.faults.push(ConfigFault::missing(self.name_of(key)).help(help));
            }
        }
    }

    /// What only an ID token could answer is no setting of another protocol.
    pub(in crate::resolve) fn keys_of_another(&mut self, protocol: Protocol) {
        if protocol == Protocol::OpenIdConnect {
            return;
        }
        for key in OPEN_ID_KEYS {
            let member = self.member_of(*key).map(|(name, _)| name);
            let what = "is of OpenID Connect";
            let fault = if let Some(name) = member {
                let what = format!("holds `{name}`, which {what}");
                self.fault(FaultKind::Conflict, CLIENT_KWARGS, what)
            } else if self.setting(*key).is_some() {
                self.fault(FaultKind::Conflict, *key, what)
            } else {
                continue;
            };
            let help = format!(
                "`{}` is no such provider: it has no scope `openid`, or no issuer",
                self.spec.name
            );
            self.faults.push(fault.help(help));
        }
    }
}
