//! Token revocation (RFC 7009).

use ::http::{Request, Response};
use bytes::Bytes;

use super::client_authentication::ClientAuthentication;
use super::token_request::{self, TokenTypeHint};
use crate::crypto::secret::Secret;
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::url::endpoint::EndpointUrl;

/// Asks the provider to revoke a token (section 2.1).
pub(crate) fn request(
    revocation_endpoint: &EndpointUrl,
    authentication: &ClientAuthentication,
    token: &Secret,
    hint: TokenTypeHint,
) -> Request<Bytes> {
    token_request::about_token(revocation_endpoint, authentication, token, Some(hint))
}

/// Reads the response. A token that the provider does not know counts as revoked: it responds with
/// status 200 (section 2.2).
///
/// # Errors
/// [`ProviderError::Declined`] with the provider's error response, [`ProviderError::Status`].
pub(crate) fn read(response: &Response<Bytes>) -> Result<(), ProviderError> {
    if response.status().is_success() {
        return Ok(());
    }
    Err(ProviderError::refused(EndpointKind::Revocation, response))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_with(status: u16, body: &'static str) -> Result<(), ProviderError> {
        read(&Response::builder().status(status).body(Bytes::from(body)).unwrap())
    }

    #[test]
    fn success_needs_no_body_and_errors_are_kept() {
        assert!(read_with(200, "").is_ok());
        let declined = read_with(400, r#"{"error":"unsupported_token_type"}"#).unwrap_err();
        assert!(declined.to_string().contains("unsupported_token_type"), "{declined}");
        let status = read_with(503, "<html>").unwrap_err();
        assert!(matches!(status, ProviderError::Status { status: 503, .. }));
    }
}
