//! The userinfo endpoint (OpenID Connect Core 1.0 section 5.3).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::bearer;
use super::client::RegisteredClient;
use super::error::OAuthError;
use super::fault::Fault;
use super::grant::AccessToken;
use super::json::{no_store, no_store_json};
use super::person::Person;
use super::provider::Provider;
use super::spoil;
use super::token::read_form;

/// `GET /userinfo` with the token in the header.
pub(super) async fn get(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, OAuthError> {
    if provider.faults.has(Fault::UserinfoByPostOnly) {
        return Ok(StatusCode::METHOD_NOT_ALLOWED.into_response());
    }
    let token = bearer::require(&provider, &headers, query.as_deref(), &[])?;
    respond(&provider, &token)
}

/// `POST /userinfo` with the token in the header, or in the form (RFC 6750 section 2.2).
pub(super) async fn post(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    form: Bytes,
) -> Result<Response, OAuthError> {
    if form.is_empty() {
        let token = bearer::require(&provider, &headers, query.as_deref(), &[])?;
        return respond(&provider, &token);
    }
    let parameters = read_form(&headers, &form)?;
    let token = match (bearer::from_header(&headers), parameters.get("access_token")) {
        (Some(_), Some(_)) => {
            return Err(OAuthError::invalid_request(
                "the access token is in the header and in the body",
            ));
        }
        (Some(text), None) | (None, Some(text)) => text,
        (None, None) => return Err(OAuthError::missing_token()),
    };
    let token = provider.find_access_token(token).ok_or_else(OAuthError::invalid_token)?;
    respond(&provider, &token)
}

fn respond(provider: &Provider, token: &AccessToken) -> Result<Response, OAuthError> {
    let person = token
        .grant
        .person
        .as_ref()
        .filter(|_| token.scope.contains("openid"))
        .ok_or_else(|| OAuthError::insufficient_scope("userinfo requires the scope openid"))?;
    let mut claims = person.claims(&token.scope, |claim| token.grant.claims.in_userinfo(claim));
    spoil::userinfo(provider, person, &token.scope, &mut claims);
    if let Some(client) = provider.client(&token.grant.client_id)
        && let Some(token) = as_token(provider, client, person, &mut claims)?
    {
        let jwt = HeaderValue::from_static("application/jwt");
        return Ok(no_store((StatusCode::OK, [(header::CONTENT_TYPE, jwt)], token)));
    }
    Ok(no_store_json(StatusCode::OK, &Value::Object(claims)))
}

/// The response as a token, signed, encrypted or both; `None` if the client is registered for
/// neither.
fn as_token(
    provider: &Provider,
    client: &RegisteredClient,
    person: &Person,
    claims: &mut Map<String, Value>,
) -> Result<Option<String>, OAuthError> {
    let signed = match client.userinfo_algorithm {
        None => None,
        Some(algorithm) => {
            claims.insert("iss".to_owned(), json!(provider.issuer_for(Some(person))));
            claims.insert("aud".to_owned(), json!(client.id));
            spoil::signed_userinfo(provider, &provider.keys.of(algorithm), claims)?
        }
    };
    let encryption = client.userinfo_encryption;
    if encryption.is_none() {
        return Ok(signed);
    }
    let members = if signed.is_some() { json!({ "cty": "JWT" }) } else { json!({}) };
    let plain = signed.unwrap_or_else(|| Value::Object(claims.clone()).to_string());
    Ok(Some(spoil::encrypted(provider, client, encryption, &members, plain)?))
}
