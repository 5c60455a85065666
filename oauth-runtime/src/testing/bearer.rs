//! Access tokens in requests to protected resources (RFC 6750).

use std::sync::Arc;

use axum::http::{HeaderMap, header};

use super::error::OAuthError;
use super::fault::Fault;
use super::grant::AccessToken;
use super::parameters::Parameters;
use super::provider::Provider;

/// The token of a request: in the `Authorization` header, unless a fault requires another place.
pub(super) fn require(
    provider: &Provider,
    headers: &HeaderMap,
    query: Option<&str>,
    body: &[u8],
) -> Result<Arc<AccessToken>, OAuthError> {
    let parameter = |encoded: &[u8]| {
        let parameters = Parameters::parse(encoded)?;
        Ok::<_, OAuthError>(parameters.get("access_token").map(str::to_owned))
    };
    let text = if provider.faults.has(Fault::TokenInBodyOnly) {
        parameter(body)?
    } else if provider.faults.has(Fault::TokenInQueryOnly) {
        parameter(query.unwrap_or_default().as_bytes())?
    } else {
        from_header(headers).map(str::to_owned)
    };
    let text = text.ok_or_else(OAuthError::missing_token)?;
    provider.find_access_token(&text).ok_or_else(OAuthError::invalid_token)
}

/// The token. The case of the scheme is ignored (RFC 9110 section 11.1).
pub(super) fn from_header(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
}
