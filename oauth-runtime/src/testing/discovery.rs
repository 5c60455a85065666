//! The metadata document (OpenID Connect Discovery 1.0 section 3, RFC 8414 section 2) and its JWK
//! Set.

use std::sync::Arc;

use axum::extract::{OriginalUri, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::authorization_request::{ACR_VALUES, ResponseType};
use super::authorization_response::ResponseMode;
use super::client_assertion;
use super::client_authentication::METHODS;
use super::device;
use super::encryption::{ContentEncryptionAlgorithm, KeyManagementAlgorithm};
use super::endpoint::Endpoint;
use super::error::OAuthError;
use super::fault::Fault;
use super::json::json;
use super::provider::Provider;
use super::signing_key::SigningAlgorithm;
use super::spoil;

/// `GET /.well-known/openid-configuration` and `GET /.well-known/oauth-authorization-server`.
pub(super) async fn metadata(State(provider): State<Arc<Provider>>) -> Response {
    let confidential: Vec<_> = METHODS.iter().filter(|method| **method != "none").collect();
    let assertion_algorithms: Vec<_> =
        SigningAlgorithm::ALL.iter().map(|it| it.name()).chain([client_assertion::HS256]).collect();
    let key_management = KeyManagementAlgorithm::ALL.map(KeyManagementAlgorithm::name);
    let content_encryption = ContentEncryptionAlgorithm::ALL.map(ContentEncryptionAlgorithm::name);
    let mut document = json!({
        "issuer": provider.issuer,
        "authorization_endpoint": provider.url(Endpoint::Authorization),
        "token_endpoint": provider.url(Endpoint::Token),
        "userinfo_endpoint": provider.url(Endpoint::Userinfo),
        "jwks_uri": provider.url(Endpoint::Jwks),
        "revocation_endpoint": provider.url(Endpoint::Revocation),
        "introspection_endpoint": provider.url(Endpoint::Introspection),
        "device_authorization_endpoint": provider.url(Endpoint::DeviceAuthorization),
        "end_session_endpoint": provider.url(Endpoint::EndSession),
        "scopes_supported": ["openid", "profile", "email", "address", "phone", "offline_access"],
        "response_types_supported": ResponseType::NAMES,
        "response_modes_supported": ResponseMode::NAMES,
        "grant_types_supported": [
            "authorization_code",
            "refresh_token",
            "client_credentials",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            device::GRANT_TYPE,
        ],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [provider.keys.algorithm().name()],
        "token_endpoint_auth_methods_supported": METHODS,
        "token_endpoint_auth_signing_alg_values_supported": assertion_algorithms,
        "revocation_endpoint_auth_methods_supported": METHODS,
        "introspection_endpoint_auth_methods_supported": confidential,
        "userinfo_signing_alg_values_supported": SigningAlgorithm::ALL.map(SigningAlgorithm::name),
        "id_token_encryption_alg_values_supported": key_management,
        "id_token_encryption_enc_values_supported": content_encryption,
        "userinfo_encryption_alg_values_supported": key_management,
        "userinfo_encryption_enc_values_supported": content_encryption,
        "code_challenge_methods_supported": ["S256"],
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "acr_values_supported": ACR_VALUES,
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "c_hash", "acr", "sid",
            "name", "preferred_username", "picture", "email", "email_verified", "address",
            "phone_number", "phone_number_verified",
        ],
        "authorization_response_iss_parameter_supported": !provider.has_tenants(),
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
    });
    spoil::metadata(&provider, &mut document);
    public(&provider, &document)
}

/// `GET /jwks`, or `GET /jwks/moved` if the metadata refers to it.
pub(super) async fn jwks(
    State(provider): State<Arc<Provider>>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, OAuthError> {
    let is_moved = provider.faults.has(Fault::JwksMoved);
    if uri.path().ends_with("/moved") != is_moved {
        return Ok(StatusCode::NOT_FOUND.into_response());
    }
    let published = provider.keys.published();
    let mut keys: Vec<Value> = published.iter().map(|key| key.to_jwk()).collect();
    spoil::jwks(&provider, &mut keys)?;
    Ok(public(&provider, &json!({ "keys": keys })))
}

/// A document with the provider's `Cache-Control`.
fn public(provider: &Provider, document: &Value) -> Response {
    let mut response = json(StatusCode::OK, document);
    if let Some(value) = &provider.cache_control {
        response.headers_mut().insert(header::CACHE_CONTROL, value.clone());
    }
    response
}
