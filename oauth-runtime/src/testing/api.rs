//! A small API that requires an access token, for examples.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::header::LINK;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use serde_json::json;
use url::form_urlencoded;

use super::bearer;
use super::endpoint::Endpoint;
use super::error::OAuthError;
use super::json::json;
use super::provider::Provider;

type ApiResult = Result<Response, OAuthError>;

/// `/api/resource`: returns the user, the method and the scope of the request.
pub(super) async fn resource(
    State(provider): State<Arc<Provider>>,
    method: Method,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> ApiResult {
    let token = bearer::require(&provider, &headers, query.as_deref(), &body)?;
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

/// `GET /api/user`: the user in the format of code hosts.
pub(super) async fn user(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> ApiResult {
    let token = bearer::require(&provider, &headers, query.as_deref(), &[])?;
    let person = token
        .grant
        .person
        .as_ref()
        .ok_or_else(|| OAuthError::insufficient_scope("this needs a user's token"))?;
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

/// `GET /api/user/repos?per_page=2&page=1`: a list in pages, with links between them (RFC 8288).
/// Without `per_page` it is a single page.
pub(super) async fn repos(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> ApiResult {
    let token = bearer::require(&provider, &headers, query.as_deref(), &[])?;
    let owner = token.grant.person.as_ref().map_or(token.grant.sub(), |person| {
        person.text("preferred_username").unwrap_or(person.sub())
    });
    let repository = |name: &str, description: &str, language: &str, stars: u32| {
        json!({
            "name": name,
            "full_name": format!("{owner}/{name}"),
            "description": description,
            "language": language,
            "private": false,
            "stargazers_count": stars,
        })
    };
    let all = [
        repository("analytical-engine", "A general-purpose computer, in brass", "Cards", 1843),
        repository("bernoulli", "Notes on computing a sequence of numbers", "Diagram", 512),
        repository("loom", "Patterns on punched cards", "Cards", 64),
    ];
    let number = |name: &str| {
        let query = query.as_deref().unwrap_or_default();
        let found = form_urlencoded::parse(query.as_bytes()).find(|(own, _)| own == name);
        found.and_then(|(_, value)| value.parse().ok()).filter(|number| *number > 0)
    };
    let (per_page, page) = (number("per_page").unwrap_or(all.len()), number("page").unwrap_or(1));
    let shown: Vec<_> =
        all.iter().skip((page - 1).saturating_mul(per_page)).take(per_page).collect();
    let mut response = json(StatusCode::OK, &json!(shown));
    if page.saturating_mul(per_page) < all.len() {
        let base = provider.url(Endpoint::Api);
        let next =
            format!("<{base}/user/repos?per_page={per_page}&page={}>; rel=\"next\"", page + 1);
        response.headers_mut().extend(HeaderValue::try_from(next).map(|next| (LINK, next)));
    }
    Ok(response)
}
