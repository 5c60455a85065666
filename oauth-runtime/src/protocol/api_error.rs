//! An unsuccessful response of an API, kept whole for the application.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use ::http::{Response, header};
use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::json::{self, JsonError};
use crate::text::shown;

/// Maximum bytes of a body that are kept.
const MAX_BODY: usize = 64 * 1024;

/// The response of an API whose status is not 2xx:
/// [`OAuthError::api_error`](crate::OAuthError::api_error).
///
/// The body is for the application. It never appears in an error text, a log line or `Debug`.
///
/// ```
/// use oauth_runtime::prelude::*;
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Problem {
///     message: String,
/// }
///
/// fn reason(error: &OAuthError) -> Option<String> {
///     Some(error.api_error()?.json::<Problem>().ok()?.message)
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ApiError(Arc<ApiResponse>);

#[derive(PartialEq, Eq)]
struct ApiResponse {
    status: u16,
    content_type: Option<String>,
    body: Bytes,
    is_cut: bool,
}

impl ApiError {
    pub(crate) fn of(response: &Response<Bytes>) -> Self {
        let content_type = response.headers().get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|kind| kind.to_str().ok());
        let body = response.body();
        Self(Arc::new(ApiResponse {
            status: response.status().as_u16(),
            content_type: content_type.map(|kind| shown(kind, 200)),
            body: body.slice(..body.len().min(MAX_BODY)),
            is_cut: body.len() > MAX_BODY,
        }))
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// The `Content-Type` header.
    pub fn content_type(&self) -> Option<&str> {
        self.0.content_type.as_deref()
    }

    /// The body, at most 64 KiB of it.
    pub fn body(&self) -> &[u8] {
        &self.0.body
    }

    /// Whether the body was longer than the part that is kept.
    pub fn is_truncated(&self) -> bool {
        self.0.is_cut
    }

    /// The body as text; bytes that are not UTF-8 are replaced.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0.body)
    }

    /// The body, deserialized from JSON.
    ///
    /// # Errors
    /// Returns an error if the body is not JSON or does not fit `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, JsonError> {
        json::read(&self.0.body)
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiError")
            .field("status", &self.0.status)
            .field("content_type", &self.0.content_type)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_is_bounded_and_not_shown() {
        let response = |body: String| {
            let builder = Response::builder().status(422).header("content-type", "text/plain");
            builder.body(Bytes::from(body)).unwrap()
        };
        let error = ApiError::of(&response("hunter2".to_owned()));
        assert_eq!((error.status(), error.content_type()), (422, Some("text/plain")));
        assert_eq!((error.body(), error.is_truncated()), (&b"hunter2"[..], false));
        assert!(!format!("{error:?}").contains("hunter2"));
        let long = ApiError::of(&response("x".repeat(MAX_BODY + 1)));
        assert_eq!((long.body().len(), long.is_truncated()), (MAX_BODY, true));
    }
}
