//! Authorization server metadata (RFC 8414, OpenID Connect Discovery 1.0 section 3).

use ::http::{Request, Response, header};
use bytes::Bytes;
use serde::Deserialize;

use super::token_request::JSON;
use crate::endpoint::EndpointUrl;
use crate::error::{Endpoint, ProviderError};
use crate::json;
use crate::text::shown;

/// The members that a client needs. Members and algorithm names that are unknown here are ignored:
/// they come with every new specification.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) issuer: String,
    pub(crate) authorization_endpoint: Option<String>,
    pub(crate) token_endpoint: Option<String>,
    pub(crate) userinfo_endpoint: Option<String>,
    pub(crate) jwks_uri: Option<String>,
    #[serde(default)]
    pub(crate) id_token_signing_alg_values_supported: Vec<String>,
    #[serde(default)]
    pub(crate) authorization_response_iss_parameter_supported: bool,
}

/// A `GET` of a public document.
pub(crate) fn request(url: &EndpointUrl) -> Request<Bytes> {
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = url.uri();
    request.headers_mut().insert(header::ACCEPT, JSON);
    request
}

/// Where an issuer publishes its metadata (OpenID Connect Discovery 1.0 section 4).
pub(crate) fn url_of_issuer(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

/// Which issuer the document must name.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ExpectedIssuer<'a> {
    /// This one, character by character.
    Exactly(&'a str),
    /// One whose metadata are at this URL by the rule of [`url_of_issuer`]: with or without a slash
    /// at its end.
    PublishedAt(&'a str),
    /// Any: the URL follows no rule, so it alone says whom it belongs to.
    Any,
}

impl<'a> ExpectedIssuer<'a> {
    pub(crate) fn of_url(url: &'a str) -> Self {
        if url.ends_with("/.well-known/openid-configuration") {
            Self::PublishedAt(url)
        } else {
            Self::Any
        }
    }

    fn check(self, found: &str) -> Result<(), ProviderError> {
        let expected = match self {
            Self::Exactly(expected) if expected != found => expected,
            Self::PublishedAt(url) if url_of_issuer(found) != url => {
                url.trim_end_matches("/.well-known/openid-configuration")
            }
            _ => return Ok(()),
        };
        Err(ProviderError::MetadataIssuer {
            expected: expected.to_owned(),
            found: shown(found, 200),
        })
    }
}

/// Reads the document and compares its issuer with the one that was asked for (RFC 8414
/// section 3.3), character by character.
///
/// # Errors
/// [`ProviderError::Status`], [`ProviderError::Malformed`], [`ProviderError::MetadataIssuer`].
pub(crate) fn read(
    response: &Response<Bytes>,
    expected: ExpectedIssuer<'_>,
) -> Result<Metadata, ProviderError> {
    let endpoint = Endpoint::Metadata;
    if !response.status().is_success() {
        return Err(ProviderError::Status { endpoint, status: response.status().as_u16() });
    }
    let metadata: Metadata = json::read(response.body())
        .map_err(|reason| ProviderError::Malformed { endpoint, reason })?;
    expected.check(&metadata.issuer)?;
    Ok(metadata)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_issuer(found: &str, expected: ExpectedIssuer<'_>) -> Result<String, String> {
        let response = Response::new(Bytes::from(format!(r#"{{"issuer":"{found}"}}"#)));
        read(&response, expected).map(|m| m.issuer).map_err(|error| error.to_string())
    }

    #[test]
    fn the_issuer_is_compared_character_by_character() {
        let expected = ExpectedIssuer::Exactly("https://op.example");
        assert!(read_issuer("https://op.example", expected).is_ok());
        let error = read_issuer("https://op.example/", expected).unwrap_err();
        assert!(error.contains("differ only by a slash"), "{error}");
        let error = read_issuer("https://evil.example", expected).unwrap_err();
        assert!(!error.contains("slash"), "{error}");
    }

    #[test]
    fn a_metadata_url_stands_for_its_issuer_with_or_without_slash() {
        let url = "https://op.example/.well-known/openid-configuration";
        let expected = ExpectedIssuer::of_url(url);
        assert!(read_issuer("https://op.example", expected).is_ok());
        assert!(read_issuer("https://op.example/", expected).is_ok());
        assert!(read_issuer("https://evil.example", expected).is_err());
    }

    #[test]
    fn unknown_members_and_algorithm_names_are_ignored() {
        let body =
            r#"{"issuer":"i","x":{},"id_token_signing_alg_values_supported":["RS256","FUTURE"]}"#;
        let response = Response::new(Bytes::from(body));
        let metadata = read(&response, ExpectedIssuer::Any).unwrap();
        assert_eq!(metadata.id_token_signing_alg_values_supported, ["RS256", "FUTURE"]);
    }
}
