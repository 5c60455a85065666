//! What a provider publishes of itself, to be read.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::json::JsonError;

/// The metadata that a provider publishes (RFC 8414 section 2, OpenID Connect Discovery 1.0
/// section 3): what it is and what it can do. Empty for a provider that publishes none.
///
/// The library has read them itself; nothing has to be done with them. They are for an application
/// that wants to know: which languages to offer, whether there is an endpoint to register at.
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
/// What a declaration states of its own, such as another endpoint, is not in them: it wins over them.
#[derive(Clone, Default, PartialEq)]
pub struct ServerMetadata(Map<String, Value>);

/// Members of one text, each called as the specification does.
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

/// Members that are lists of texts, each called as the specification does.
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
    /// The issuer identifier, which was compared with the one that is declared.
    issuer
    /// Where logins begin.
    authorization_endpoint
    /// Where codes become tokens.
    token_endpoint
    /// Where the claims of a person are.
    userinfo_endpoint
    /// Where the keys are that sign.
    jwks_uri
    /// Where a logout at the provider begins (OpenID Connect RP-Initiated Logout 1.0).
    end_session_endpoint
    /// Where tokens end (RFC 7009).
    revocation_endpoint
    /// Where tokens are looked at (RFC 7662).
    introspection_endpoint
    /// Where a device asks for a code (RFC 8628).
    device_authorization_endpoint
    /// Where authorization requests are pushed (RFC 9126).
    pushed_authorization_request_endpoint
    /// Where clients register themselves (RFC 7591).
    registration_endpoint
    /// Documentation for developers.
    service_documentation
}

lists! {
    /// Scopes; a provider need not list all of them.
    scopes_supported
    /// What an authorization response may hold, such as `code`.
    response_types_supported
    /// How an authorization response may come back. Without it: `query` and `fragment`.
    response_modes_supported
    /// Grants. Without it: `authorization_code` and `implicit`.
    grant_types_supported
    /// PKCE methods.
    code_challenge_methods_supported
    /// How clients may authenticate. Without it: `client_secret_basic`.
    token_endpoint_auth_methods_supported
    /// What may sign ID tokens.
    id_token_signing_alg_values_supported
    /// Authentication context classes, for
    /// [`require_acr`](crate::AuthorizeRedirect::require_acr).
    acr_values_supported
    /// Claims; a provider need not list all of them.
    claims_supported
    /// Values of `prompt`.
    prompt_values_supported
    /// Languages of the provider's pages, for
    /// [`ui_locales`](crate::AuthorizeRedirect::ui_locales).
    ui_locales_supported
}

impl ServerMetadata {
    pub(crate) fn new(document: Map<String, Value>) -> Self {
        Self(document)
    }

    /// Whether the provider publishes nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A member of one text; `None` where it is missing or something else.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// The texts of a member that is a list; none where it is missing or something else.
    pub fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    /// A member that says yes or no; no where it is missing or something else.
    pub fn flag(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    /// The document as it was published.
    pub fn document(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The document, or the part of it that interests you, as a type of your own.
    ///
    /// # Errors
    /// When it does not fit `T`.
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
