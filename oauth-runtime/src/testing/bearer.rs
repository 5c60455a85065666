//! Access tokens as a protected resource reads them (RFC 6750).

use std::sync::Arc;

use axum::http::{HeaderMap, header};

use super::error::OAuthError;
use super::grant::AccessToken;
use super::provider::Provider;

/// The access token of the `Authorization` header.
pub(super) fn require(
    provider: &Provider,
    headers: &HeaderMap,
) -> Result<Arc<AccessToken>, OAuthError> {
    let text = from_header(headers).ok_or_else(OAuthError::missing_token)?;
    provider.find_access_token(text).ok_or_else(OAuthError::invalid_token)
}

/// The token's text; the scheme's letter case does not matter (RFC 9110 section 11.1).
pub(super) fn from_header(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
}
