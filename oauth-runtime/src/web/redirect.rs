//! The redirect to the provider with which a login or a logout begins.

use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

/// Sends the browser to `location`, with the cookies that `set_cookies` adds.
pub(super) fn to_provider(location: &str, set_cookies: impl FnOnce(&mut HeaderMap)) -> Response {
    let Ok(location) = HeaderValue::try_from(location) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = StatusCode::FOUND.into_response();
    response.headers_mut().insert(LOCATION, location);
    set_cookies(response.headers_mut());
    response
}

/// A list of values as a request parameter has it.
pub(super) fn joined<'s>(values: impl IntoIterator<Item = &'s str>) -> String {
    values.into_iter().collect::<Vec<_>>().join(" ")
}
