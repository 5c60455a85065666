//! How a client proves who it is (RFC 6749 section 2.3, OpenID Connect Core 1.0 section 9).

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::client::RegisteredClient;
use super::error::OAuthError;
use super::parameters::{Parameters, form_decode};
use super::provider::Provider;

/// The methods, as the metadata names them.
pub(super) const METHODS: [&str; 3] = ["client_secret_basic", "client_secret_post", "none"];

/// The client that sent the request, authenticated by exactly one method.
pub(super) fn authenticate<'p>(
    provider: &'p Provider,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<&'p RegisteredClient, OAuthError> {
    let in_body = parameters.get("client_id");
    let (id, secret) = match headers.get(header::AUTHORIZATION) {
        Some(value) => {
            let (id, secret) =
                value.to_str().ok().and_then(basic_credentials).ok_or_else(|| {
                    OAuthError::invalid_client("the Authorization header is malformed")
                })?;
            if parameters.get("client_secret").is_some() {
                return Err(OAuthError::invalid_request(
                    "the client authenticates in the header and in the body",
                ));
            }
            if in_body.is_some_and(|in_body| in_body != id) {
                return Err(OAuthError::invalid_request(
                    "client_id is another one than in the header",
                ));
            }
            (id, Some(secret))
        }
        None => {
            let id = in_body.ok_or_else(|| OAuthError::invalid_client("client_id is missing"))?;
            let secret = parameters.get("client_secret").map(str::to_owned);
            (id.to_owned(), secret)
        }
    };
    let client =
        provider.client(&id).ok_or_else(|| OAuthError::invalid_client("the client is unknown"))?;
    match (&client.secret, secret) {
        (None, None) => Ok(client),
        (Some(expected), Some(secret))
            if verify_slices_are_equal(expected.as_bytes(), secret.as_bytes()).is_ok() =>
        {
            Ok(client)
        }
        (Some(_), Some(_)) => Err(OAuthError::invalid_client("the client secret is wrong")),
        (Some(_), None) => Err(OAuthError::invalid_client("the client secret is missing")),
        (None, Some(_)) => Err(OAuthError::invalid_client("a public client has no secret")),
    }
}

/// Identifier and secret are form-encoded before they are joined (RFC 6749 section 2.3.1).
fn basic_credentials(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((form_decode(id), form_decode(secret)))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;

    use super::{STANDARD, basic_credentials};

    #[test]
    fn basic_credentials_are_form_decoded() {
        let header = format!("basic {}", STANDARD.encode("my%3Aapp:50%25+off"));
        assert_eq!(basic_credentials(&header), Some(("my:app".to_owned(), "50% off".to_owned())));
    }
}
