//! The request with which the browser brings an authorization response: a `GET` with the parameters
//! in its query, or a `POST` with them in a form (OAuth 2.0 Form Post Response Mode).

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};

use crate::error::BrowserError;
use crate::protocol::authorization_response::{AuthorizationResponseError, MAX_LENGTH};

const FORM: &str = "application/x-www-form-urlencoded";

/// Takes a callback apart: its head, and the parameters as they came. Those of a `POST` stand in its
/// body alone: two places could say two things.
pub(super) async fn read(request: Request) -> (Parts, Result<String, BrowserError>) {
    let (parts, body) = request.into_parts();
    let parameters = if parts.method == Method::POST {
        form(&parts.headers, body).await.map_err(BrowserError::from)
    } else {
        Ok(parts.uri.query().unwrap_or_default().to_owned())
    };
    (parts, parameters)
}

async fn form(headers: &HeaderMap, body: Body) -> Result<String, AuthorizationResponseError> {
    if !is_form(headers) {
        return Err(AuthorizationResponseError::NotAForm);
    }
    let body = to_bytes(body, MAX_LENGTH).await;
    let body = body.map_err(|_| AuthorizationResponseError::TooLong)?;
    String::from_utf8(body.into()).map_err(|_| AuthorizationResponseError::NotAForm)
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
    kind.trim().eq_ignore_ascii_case(FORM)
}
