//! Token introspection (RFC 7662).

use ::http::{Request, Response};
use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::answer;
use super::client_authentication::ClientAuthentication;
use super::token_request;
use crate::clock::UnixTime;
use crate::crypto::secret::Secret;
use crate::json::{self, JsonError};
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::url::endpoint::EndpointUrl;

/// The provider's description of a token (RFC 7662 section 2.2).
///
/// For an inactive token, the provider says nothing else: the token may be expired, revoked or
/// unknown, or not for this client to see.
#[derive(Debug, Clone, Deserialize)]
pub struct Introspection {
    active: bool,
    scope: Option<String>,
    client_id: Option<String>,
    username: Option<String>,
    sub: Option<String>,
    exp: Option<UnixTime>,
    iat: Option<UnixTime>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

impl Introspection {
    /// `active`: whether the token may be used now.
    pub fn is_active(&self) -> bool {
        self.active
    }

    /// The scopes in `scope`, one by one.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scope.as_deref().unwrap_or_default().split(' ').filter(|scope| !scope.is_empty())
    }

    /// `client_id`: the client that the token was issued to.
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// `username`: a human-readable name; never use it as the key of an account.
    pub fn username(&self) -> Option<&str> {
        self.username.as_deref()
    }

    /// `sub`: the user whose token it is.
    pub fn subject(&self) -> Option<&str> {
        self.sub.as_deref()
    }

    /// `exp`: when it expires.
    pub fn expires_at(&self) -> Option<UnixTime> {
        self.exp
    }

    /// `iat`: when it was issued.
    pub fn issued_at(&self) -> Option<UnixTime> {
        self.iat
    }

    /// All other members, such as `aud` or `iss`, deserialized into `T`.
    ///
    /// # Errors
    /// Returns an error if they do not fit `T`.
    pub fn others<T: DeserializeOwned>(&self) -> Result<T, JsonError> {
        serde_json::from_value(Value::Object(self.others.clone())).map_err(JsonError::from)
    }
}

/// Asks the provider to describe a token (section 2.1).
pub(crate) fn request(
    introspection_endpoint: &EndpointUrl,
    authentication: &ClientAuthentication,
    token: &Secret,
) -> Request<Bytes> {
    token_request::about_token(introspection_endpoint, authentication, token, None)
}

/// Reads the response.
///
/// # Errors
/// [`ProviderError::Declined`], [`ProviderError::Status`], [`ProviderError::Malformed`].
pub(crate) fn read(response: &Response<Bytes>) -> Result<Introspection, ProviderError> {
    let (endpoint, status) = (EndpointKind::Introspection, response.status());
    if !status.is_success() {
        return Err(ProviderError::refused(endpoint, response));
    }
    let document = json::without_byte_order_mark(response.body());
    json::read(document).map_err(|reason| {
        ProviderError::malformed(endpoint, response, reason)
            .with_hint(answer::hint_at_status_200(response))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_body(body: &'static str) -> Result<Introspection, ProviderError> {
        read(&Response::new(Bytes::from(body)))
    }

    #[test]
    fn an_active_token_is_described() {
        let body = r#"{"active":true,"scope":"read write","sub":"ada","exp":9,"iss":"https://op.example"}"#;
        let token = read_body(body).unwrap();
        assert!(token.is_active());
        assert_eq!(token.scopes().collect::<Vec<_>>(), ["read", "write"]);
        assert_eq!(
            (token.subject(), token.expires_at()),
            (Some("ada"), Some(UnixTime::from_secs(9)))
        );
        #[derive(Deserialize)]
        struct Others {
            iss: String,
        }
        assert_eq!(token.others::<Others>().unwrap().iss, "https://op.example");
    }

    #[test]
    fn token_is_active_only_if_the_response_says_so() {
        assert!(!read_body(r#"{"active":false}"#).unwrap().is_active());
        for body in ["{}", r#"{"active":"true"}"#, "true", ""] {
            assert!(matches!(read_body(body), Err(ProviderError::Malformed { .. })), "{body}");
        }
    }
}
