//! A provider's metadata, for the application.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::json::JsonError;

/// The metadata that a provider publishes (RFC 8414 section 2, OpenID Connect Discovery 1.0 section
/// 3): its endpoints and capabilities. Empty for a provider that publishes none.
///
/// The library reads the metadata itself, so an application needs it only for decisions of its own:
/// which languages to offer, or whether clients can be registered.
///
/// ```
/// use oauth_runtime::prelude::*;
/// # #[derive(OAuthProvider)]
/// # #[oauth_provider(name = "acme", issuer = "https://acme.example", scopes("openid"))]
/// # struct Acme;
///
/// async fn languages(acme: &Client<Acme>) -> Result<String, OAuthError> {
///     let metadata = acme.load_server_metadata().await?;
///     Ok(metadata.list("ui_locales_supported").collect::<Vec<_>>().join(", "))
/// }
/// ```
///
/// The metadata does not contain values of the declaration, such as another endpoint, which take
/// precedence.
#[derive(Clone, Default, PartialEq)]
pub struct ServerMetadata(Map<String, Value>);

/// Members that are strings, each with the name in the specification.
macro_rules! texts {
    ($($(#[$doc:meta])+ $name:ident)+) => {
        impl ServerMetadata {
            $(
                $(#[$doc])+
                pub fn $name(&self) -> Option<&str> {
                    self.text(stringify!($name))
                }
            )+
        }
    };
}

/// Members that are lists of strings, each with the name in the specification.
macro_rules! lists {
    ($($(#[$doc:meta])+ $name:ident)+) => {
        impl ServerMetadata {
            $(
                $(#[$doc])+
                pub fn $name(&self) -> impl Iterator<Item = &str> {
                    self.list(stringify!($name))
                }
            )+
        }
    };
}

texts! {
    /// The issuer identifier, which was compared with the declared one.
    issuer
    /// The authorization endpoint, where logins start.
    authorization_endpoint
    /// The token endpoint, which exchanges codes for tokens.
    token_endpoint
    /// The userinfo endpoint, which returns the claims of a user.
    userinfo_endpoint
    /// The URL of the key set that verifies signatures.
    jwks_uri
    /// The end-session endpoint, where a logout at the provider starts (OpenID Connect RP-Initiated
    /// Logout 1.0).
    end_session_endpoint
    /// The revocation endpoint (RFC 7009).
    revocation_endpoint
    /// The introspection endpoint (RFC 7662).
    introspection_endpoint
    /// The device authorization endpoint (RFC 8628).
    device_authorization_endpoint
    /// The pushed authorization request endpoint (RFC 9126).
    pushed_authorization_request_endpoint
    /// The client registration endpoint (RFC 7591).
    registration_endpoint
    /// The URL of documentation for developers.
    service_documentation
}

lists! {
    /// Supported scopes; a provider need not list all of them.
    scopes_supported
    /// Supported values of `response_type`, such as `code`.
    response_types_supported
    /// Supported values of `response_mode`. If missing, `query` and `fragment`.
    response_modes_supported
    /// Supported grant types. If missing, `authorization_code` and `implicit`.
    grant_types_supported
    /// Supported PKCE methods.
    code_challenge_methods_supported
    /// Supported client authentication methods. If missing, `client_secret_basic`.
    token_endpoint_auth_methods_supported
    /// Algorithms that may sign ID tokens.
    id_token_signing_alg_values_supported
    /// Supported authentication context classes, for
    /// [`require_acr`](crate::AuthorizeRedirect::require_acr).
    acr_values_supported
    /// Supported claims; a provider need not list all of them.
    claims_supported
    /// Supported values of `prompt`.
    prompt_values_supported
    /// Languages of the provider's pages, for
    /// [`ui_locales`](crate::AuthorizeRedirect::ui_locales).
    ui_locales_supported
}

impl ServerMetadata {
    pub(crate) fn new(document: Map<String, Value>) -> Self {
        Self(document)
    }

    /// Whether the provider publishes no metadata.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A member that is a string; `None` if it is missing or of another type.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// The strings of a member that is a list; empty if it is missing or of another type.
    pub fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    /// A Boolean member; `false` if it is missing or of another type.
    pub fn flag(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    /// The document as it was published.
    pub fn document(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The document, or a part of it, deserialized into `T`.
    ///
    /// # Errors
    /// Returns an error if it does not fit `T`.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, JsonError> {
        serde_json::from_value(Value::Object(self.0.clone())).map_err(JsonError::from)
    }
}

impl fmt::Debug for ServerMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ServerMetadata").field(&self.issuer()).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[test]
    fn metadata_members_are_read_only_by_their_type() {
        let document = json!({
            "issuer": "https://op.example",
            "scopes_supported": ["openid", 7, "email"],
            "grant_types_supported": "authorization_code",
            "claims_parameter_supported": true,
            "token_endpoint": ["https://op.example/token"],
            "acme_tier": 3,
        });
        let Value::Object(document) = document else { panic!("an object") };
        let metadata = ServerMetadata::new(document);
        assert_eq!(metadata.issuer(), Some("https://op.example"));
        assert_eq!((metadata.token_endpoint(), metadata.jwks_uri()), (None, None));
        assert_eq!(metadata.scopes_supported().collect::<Vec<_>>(), ["openid", "email"]);
        assert_eq!(metadata.grant_types_supported().count(), 0);
        assert!(metadata.flag("claims_parameter_supported"));
        assert!(!metadata.flag("issuer") && !metadata.is_empty());
        #[derive(Deserialize)]
        struct Own {
            acme_tier: u8,
        }
        assert_eq!(metadata.read::<Own>().unwrap().acme_tier, 3);
        assert!(ServerMetadata::default().is_empty());
    }
}
