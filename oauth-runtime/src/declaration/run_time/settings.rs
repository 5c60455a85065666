//! A description in the words of a configuration, where the same reader checks it.

use super::ProviderDescription;
use crate::config::{Config, Faults, key_of};

impl ProviderDescription {
    /// The keys and values that a configuration would have; the same reader checks them.
    pub(super) fn config(&self, faults: &mut Faults) -> Option<Config> {
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
            ("REQUEST_TOKEN_PARAMS", &self.request_token_params),
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
    pub(super) fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let texts = [
            ("CLIENT_ID", &self.client_id),
            ("PRIVATE_KEY_ID", &self.private_key_id),
            ("TEAM_ID", &self.team_id),
            ("ISSUER", &self.issuer),
            ("SERVER_METADATA_URL", &self.server_metadata_url),
            ("AUTHORIZE_URL", &self.authorize_url),
            ("ACCESS_TOKEN_URL", &self.access_token_url),
            ("REFRESH_TOKEN_URL", &self.refresh_token_url),
            ("REQUEST_TOKEN_URL", &self.request_token_url),
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
            ("SIGNATURE_METHOD", &self.signature_method),
            ("SIGNATURE_TYPE", &self.signature_type),
            ("REALM", &self.realm),
            ("DISPLAY_NAME", &self.display_name),
        ];
        texts.into_iter().filter_map(|(key, text)| Some((key, text.as_deref()?)))
    }
}
