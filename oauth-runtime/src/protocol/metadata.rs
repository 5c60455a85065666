//! Authorization server metadata (RFC 8414, OpenID Connect Discovery 1.0 section 3).

use ::http::{Request, Response, header};
use bytes::Bytes;
use serde::{Deserialize, Deserializer};
use url::Url;

use super::token_request::JSON;
use crate::endpoint::EndpointUrl;
use crate::error::{Endpoint, ProviderError};
use crate::json::{self, Members};
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
    pub(crate) end_session_endpoint: Option<String>,
    pub(crate) revocation_endpoint: Option<String>,
    pub(crate) introspection_endpoint: Option<String>,
    pub(crate) device_authorization_endpoint: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) id_token_signing_alg_values_supported: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) authorization_response_iss_parameter_supported: bool,
}

/// Some providers write `null` for what they do not have.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
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
    format!("{}{OPENID_SUFFIX}", issuer.trim_end_matches('/'))
}

/// Which issuer the document must name.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ExpectedIssuer<'a> {
    /// This one, character by character.
    Exactly(&'a str),
    /// One whose metadata are at this URL by the rules of RFC 8414 section 3.1 or OpenID Connect
    /// Discovery 1.0 section 4; where the URL follows neither, one of the same origin.
    PublishedAt(&'a Url),
    /// Any: there is no document.
    Any,
}

impl ExpectedIssuer<'_> {
    fn check(self, found: &str) -> Result<(), ProviderError> {
        let expected = match self {
            Self::Exactly(expected) if expected != found => expected,
            Self::PublishedAt(url) if !is_published_at(found, url) => {
                url.as_str().trim_end_matches(OPENID_SUFFIX)
            }
            _ => return Ok(()),
        };
        Err(ProviderError::MetadataIssuer {
            expected: expected.to_owned(),
            found: shown(found, 200),
        })
    }
}

const OPENID_SUFFIX: &str = "/.well-known/openid-configuration";
const OAUTH_INFIX: &str = "/.well-known/oauth-authorization-server";

fn is_published_at(issuer: &str, url: &Url) -> bool {
    let Ok(issuer) = Url::parse(issuer) else { return false };
    if issuer.origin() != url.origin() || issuer.query().is_some() || issuer.fragment().is_some() {
        return false;
    }
    let path = issuer.path().trim_end_matches('/');
    if url.query().is_some() {
        return true;
    }
    if let Some(before) = url.path().strip_suffix(OPENID_SUFFIX) {
        before == path
    } else if let Some(behind) = url.path().strip_prefix(OAUTH_INFIX) {
        behind.trim_end_matches('/') == path
    } else {
        true
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
        return Err(ProviderError::refused(endpoint, response));
    }
    let document = json::read(json::without_byte_order_mark(response.body()));
    let Members(metadata): Members<Metadata> =
        document.map_err(|reason| ProviderError::malformed(endpoint, response, reason))?;
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
        let url = Url::parse("https://op.example/.well-known/openid-configuration").unwrap();
        let expected = ExpectedIssuer::PublishedAt(&url);
        assert!(read_issuer("https://op.example", expected).is_ok());
        assert!(read_issuer("https://op.example/", expected).is_ok());
        for foreign in ["https://evil.example", "https://op.example/tenant", "op.example", ""] {
            assert!(read_issuer(foreign, expected).is_err(), "{foreign}");
        }
    }

    #[test]
    fn an_issuer_with_a_path_stands_before_or_behind_the_well_known_part() {
        for (url, issuer) in [
            ("https://op.example/t/.well-known/openid-configuration", "https://op.example/t"),
            ("https://op.example/.well-known/oauth-authorization-server/t", "https://op.example/t"),
        ] {
            let url = Url::parse(url).unwrap();
            let expected = ExpectedIssuer::PublishedAt(&url);
            assert!(read_issuer(issuer, expected).is_ok(), "{url}");
            assert!(read_issuer("https://op.example/other", expected).is_err(), "{url}");
        }
    }

    #[test]
    fn a_url_that_follows_no_rule_speaks_for_its_own_origin_alone() {
        let url = Url::parse("https://op.example/v2/meta.json").unwrap();
        let expected = ExpectedIssuer::PublishedAt(&url);
        assert!(read_issuer("https://op.example/v2", expected).is_ok());
        assert!(read_issuer("https://accounts.google.com", expected).is_err());
    }

    #[test]
    fn unknown_members_and_algorithm_names_are_ignored() {
        let body = r#"{"issuer":"i","x":{},"token_endpoint_auth_methods_supported":null,"id_token_signing_alg_values_supported":["RS256","FUTURE"]}"#;
        let response = Response::new(Bytes::from(body));
        let metadata = read(&response, ExpectedIssuer::Any).unwrap();
        assert_eq!(metadata.id_token_signing_alg_values_supported, ["RS256", "FUTURE"]);
    }
}
