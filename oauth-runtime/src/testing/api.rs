//! A small API behind the access token, so that an example has something to call.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use serde_json::json;

use super::bearer;
use super::error::OAuthError;
use super::json::json;
use super::provider::Provider;

type ApiResult = Result<Response, OAuthError>;

/// `/api/resource`: says who is asking, by which method and with what scope.
pub(super) async fn resource(
    State(provider): State<Arc<Provider>>,
    method: Method,
    headers: HeaderMap,
) -> ApiResult {
    let token = bearer::require(&provider, &headers)?;
    Ok(json(
        StatusCode::OK,
        &json!({
            "sub": token.grant.sub(),
            "client_id": token.grant.client_id,
            "scope": token.scope.to_string(),
            "method": method.as_str(),
        }),
    ))
}

/// `GET /api/user`: the person in the shape that code hosts use.
pub(super) async fn user(State(provider): State<Arc<Provider>>, headers: HeaderMap) -> ApiResult {
    let token = bearer::require(&provider, &headers)?;
    let person = token
        .grant
        .person
        .as_ref()
        .ok_or_else(|| OAuthError::insufficient_scope("this needs a person's token"))?;
    let id = provider
        .people
        .iter()
        .position(|known| known.sub() == person.sub())
        .map(|position| position + 1);
    Ok(json(
        StatusCode::OK,
        &json!({
            "id": id,
            "login": person.text("preferred_username").unwrap_or(person.sub()),
            "name": person.text("name"),
            "email": person.text("email"),
            "avatar_url": person.text("picture"),
        }),
    ))
}

/// `GET /api/user/repos`: a list to show.
pub(super) async fn repos(State(provider): State<Arc<Provider>>, headers: HeaderMap) -> ApiResult {
    let token = bearer::require(&provider, &headers)?;
    let owner = token.grant.person.as_ref().map_or(token.grant.sub(), |person| {
        person.text("preferred_username").unwrap_or(person.sub())
    });
    let repository = |name: &str, description: &str, stars: u32| {
        json!({
            "name": name,
            "full_name": format!("{owner}/{name}"),
            "description": description,
            "private": false,
            "stargazers_count": stars,
        })
    };
    Ok(json(
        StatusCode::OK,
        &json!([
            repository("analytical-engine", "A general-purpose computer, in brass", 1843),
            repository("bernoulli", "Notes on computing a sequence of numbers", 512),
            repository("loom", "Patterns on punched cards", 64),
        ]),
    ))
}
