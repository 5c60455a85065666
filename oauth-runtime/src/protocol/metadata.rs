//! Authorization server metadata (RFC 8414, OpenID Connect Discovery 1.0 section 3).

use ::http::{Request, Response, header};
use bytes::Bytes;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use url::Url;

use super::issuer;
use super::tenants::PLACEHOLDER;
use super::token_request::JSON;
use crate::json::{self, Members};
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::text::shown;
use crate::url::endpoint::EndpointUrl;

/// The members that a client needs. Unknown members and algorithm names are ignored, because every
/// new specification adds some. A member of the wrong type counts as missing, because a login must
/// not fail over a member that it does not need.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) issuer: String,
    #[serde(default, deserialize_with = "text")]
    pub(crate) authorization_endpoint: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) token_endpoint: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) userinfo_endpoint: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) jwks_uri: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) end_session_endpoint: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) revocation_endpoint: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) introspection_endpoint: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) device_authorization_endpoint: Option<String>,
    #[serde(default, deserialize_with = "texts")]
    pub(crate) id_token_signing_alg_values_supported: Vec<String>,
    #[serde(default, deserialize_with = "texts")]
    pub(crate) token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default, deserialize_with = "texts")]
    pub(crate) token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    #[serde(default, deserialize_with = "flag")]
    pub(crate) authorization_response_iss_parameter_supported: bool,
}

impl Metadata {
    /// The URL of an endpoint, if the document has it.
    pub(crate) fn endpoint(&self, endpoint: EndpointKind) -> Option<&str> {
        let url = match endpoint {
            EndpointKind::Authorization => &self.authorization_endpoint,
            EndpointKind::Token => &self.token_endpoint,
            EndpointKind::UserInfo => &self.userinfo_endpoint,
            EndpointKind::JwkSet => &self.jwks_uri,
            EndpointKind::EndSession => &self.end_session_endpoint,
            EndpointKind::Revocation => &self.revocation_endpoint,
            EndpointKind::Introspection => &self.introspection_endpoint,
            EndpointKind::DeviceAuthorization => &self.device_authorization_endpoint,
            _ => return None,
        };
        url.as_deref().filter(|url| !url.is_empty())
    }
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        _ => None,
    })
}

fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let Value::Array(list) = Value::deserialize(deserializer)? else { return Ok(Vec::new()) };
    let text = |value| if let Value::String(text) = value { Some(text) } else { None };
    Ok(list.into_iter().filter_map(text).collect())
}

fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Value::deserialize(deserializer)? == Value::Bool(true))
}

/// A `GET` of a public document.
pub(crate) fn request(url: &EndpointUrl) -> Request<Bytes> {
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = url.uri();
    request.headers_mut().insert(header::ACCEPT, JSON);
    request
}

/// The URL where an issuer publishes its metadata (OpenID Connect Discovery 1.0 section 4).
pub(crate) fn url_of_issuer(issuer: &str) -> String {
    format!("{}{OPENID_SUFFIX}", issuer.trim_end_matches('/'))
}

/// The issuer whose metadata is at this URL: its path comes before or after the well-known part
/// (RFC 8414 section 3.1, OpenID Connect Discovery 1.0 section 4). `None` for a URL that follows
/// neither rule.
pub(crate) fn issuer_of_url(url: &Url) -> Option<String> {
    if url.query().is_some() {
        return None;
    }
    let path = match url.path().strip_suffix(OPENID_SUFFIX) {
        Some(path) => path,
        // The rest must be empty or a path: the host `op.co` must not vouch for `op.com`.
        None => url
            .path()
            .strip_prefix(OAUTH_INFIX)
            .filter(|path| path.is_empty() || path.starts_with('/'))?,
    };
    let path = path.trim_end_matches('/');
    Some(format!("{}{path}", url.origin().ascii_serialization()))
}

/// The issuer that the document must name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ExpectedIssuer<'a> {
    /// This issuer, byte by byte. `None`: the issuer that the URL of the document implies.
    pub(crate) issuer: Option<&'a str>,
    /// The URL of the document. A document at one path of a host does not speak for another path,
    /// unless the application's own code names it.
    pub(crate) url: &'a Url,
    /// Whether only the well-known URL of the issuer counts, because the issuer may be untrusted
    /// input.
    pub(crate) is_strict: bool,
}

impl ExpectedIssuer<'_> {
    fn check(self, found: &str) -> Result<(), ProviderError> {
        issuer::check(found).map_err(|reason| ProviderError::MalformedIssuer { reason })?;
        let expected = match self.issuer {
            Some(expected) if expected != found => expected,
            // The document of a template is elsewhere than those of the issuers that it stands for.
            Some(_) if !self.is_strict || found.contains(PLACEHOLDER) => return Ok(()),
            _ if self.is_published(found) => return Ok(()),
            _ => self.url.as_str().trim_end_matches(OPENID_SUFFIX),
        };
        Err(ProviderError::MetadataIssuer {
            expected: shown(expected, 200),
            found: shown(found, 200),
        })
    }

    fn is_published(self, issuer: &str) -> bool {
        match issuer_of_url(self.url) {
            Some(published) => issuer.trim_end_matches('/') == published,
            None => {
                let is_of_origin =
                    || Url::parse(issuer).is_ok_and(|issuer| issuer.origin() == self.url.origin());
                !self.is_strict && is_of_origin()
            }
        }
    }
}

const OPENID_SUFFIX: &str = "/.well-known/openid-configuration";
const OAUTH_INFIX: &str = "/.well-known/oauth-authorization-server";

/// Reads the document and compares its issuer with the expected one (RFC 8414 section 3.3),
/// character by character.
///
/// # Errors
/// [`ProviderError::Status`], [`ProviderError::Malformed`], [`ProviderError::MalformedIssuer`],
/// [`ProviderError::MetadataIssuer`].
pub(crate) fn read(
    response: &Response<Bytes>,
    expected: ExpectedIssuer<'_>,
) -> Result<Metadata, ProviderError> {
    let endpoint = EndpointKind::Metadata;
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

    /// The issuer of a document at `url`, read as it is.
    fn read_issuer(found: &str, expected: ExpectedIssuer<'_>) -> Result<String, String> {
        let document = serde_json::json!({ "issuer": found });
        let response = Response::new(Bytes::from(document.to_string()));
        read(&response, expected).map(|m| m.issuer).map_err(|error| error.to_string())
    }

    fn at(url: &Url) -> ExpectedIssuer<'_> {
        ExpectedIssuer { issuer: None, url, is_strict: false }
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn the_issuer_is_compared_character_by_character() {
        let url = url("https://op.example/.well-known/openid-configuration");
        let expected = ExpectedIssuer { issuer: Some("https://op.example"), ..at(&url) };
        assert!(read_issuer("https://op.example", expected).is_ok());
        let error = read_issuer("https://op.example/", expected).unwrap_err();
        assert!(error.contains("differ only by a slash"), "{error}");
        let error = read_issuer("https://evil.example", expected).unwrap_err();
        assert!(!error.contains("slash"), "{error}");
    }

    #[test]
    fn metadata_url_fits_an_issuer_with_or_without_slash() {
        let url = url("https://op.example/.well-known/openid-configuration");
        assert!(read_issuer("https://op.example", at(&url)).is_ok());
        assert!(read_issuer("https://op.example/", at(&url)).is_ok());
        for foreign in ["https://evil.example", "https://op.example/tenant", "op.example", ""] {
            assert!(read_issuer(foreign, at(&url)).is_err(), "{foreign}");
        }
    }

    #[test]
    fn issuer_path_is_before_or_after_the_well_known() {
        for (place, issuer) in [
            ("https://op.example/t/.well-known/openid-configuration", "https://op.example/t"),
            ("https://op.example/.well-known/oauth-authorization-server/t", "https://op.example/t"),
        ] {
            let place = url(place);
            assert!(read_issuer(issuer, at(&place)).is_ok(), "{place}");
            assert!(read_issuer("https://op.example/other", at(&place)).is_err(), "{place}");
        }
    }

    #[test]
    fn irregular_metadata_url_speaks_for_its_own_origin() {
        let url = url("https://op.example/v2/meta.json");
        assert!(read_issuer("https://op.example/v2", at(&url)).is_ok());
        assert!(read_issuer("https://accounts.google.com", at(&url)).is_err());
    }

    /// On many hosts, any user can upload a file.
    #[test]
    fn strict_issuer_publishes_at_its_well_known_place() {
        let strict = |url, issuer| ExpectedIssuer { issuer, url, is_strict: true };
        let file = url("https://git.example/evil/files/meta.json");
        let own = url("https://git.example/evil/files/.well-known/openid-configuration");
        for issuer in [None, Some("https://git.example")] {
            assert!(read_issuer("https://git.example", strict(&file, issuer)).is_err());
            assert!(read_issuer("https://git.example", strict(&own, issuer)).is_err());
        }
        assert!(read_issuer("https://git.example/evil/files", strict(&own, None)).is_ok());
    }

    #[test]
    fn document_names_no_issuer_at_another_host() {
        for place in [
            "https://accounts.other.co/.well-known/oauth-authorization-serverm",
            "https://op.example/.well-known/oauth-authorization-server.evil.example/t",
            "https://op.example/.well-known/oauth-authorization-server:8443",
            "https://op.example/.well-known/openid-configuration/t",
            "https://op.example/.well-known/openid-configuration?t",
        ] {
            assert_eq!(issuer_of_url(&url(place)), None, "{place}");
        }
        let place = url("https://op.example/.well-known/oauth-authorization-server/t/");
        assert_eq!(issuer_of_url(&place).as_deref(), Some("https://op.example/t"));
    }

    #[test]
    fn issuer_that_is_not_its_own_parsed_form_is_refused() {
        let url = url("https://op.example/.well-known/openid-configuration");
        for (found, reason) in [
            ("https://op.example\n", "not written as a URL parser writes it"),
            ("\nhttps://op.example", "not written as a URL parser writes it"),
            ("https://x@op.example", "has a user name"),
        ] {
            let expected = ExpectedIssuer { issuer: Some(found), ..at(&url) };
            for expected in [at(&url), expected] {
                let error = read_issuer(found, expected).unwrap_err();
                assert!(error.contains(reason), "{found:?}: {error}");
                assert!(!error.contains('\n'), "{error:?}");
            }
        }
    }

    #[test]
    fn unknown_members_and_algorithm_names_are_ignored() {
        let body = r#"{"issuer":"https://i.example","x":{},"token_endpoint_auth_methods_supported":null,"id_token_signing_alg_values_supported":["RS256","FUTURE"]}"#;
        let response = Response::new(Bytes::from(body));
        let url = url("https://i.example/.well-known/openid-configuration");
        let metadata = read(&response, at(&url)).unwrap();
        assert_eq!(metadata.id_token_signing_alg_values_supported, ["RS256", "FUTURE"]);
    }

    #[test]
    fn member_of_another_type_counts_as_missing() {
        let document = serde_json::json!({
            "issuer": "https://i.example",
            "token_endpoint": "https://i.example/token",
            "end_session_endpoint": {},
            "userinfo_endpoint": null,
            "id_token_signing_alg_values_supported": [1, "ES256", null],
            "token_endpoint_auth_methods_supported": "client_secret_post",
            "authorization_response_iss_parameter_supported": "true",
        });
        let response = Response::new(Bytes::from(document.to_string()));
        let url = url("https://i.example/.well-known/openid-configuration");
        let metadata = read(&response, at(&url)).unwrap();
        assert_eq!(metadata.endpoint(EndpointKind::Token), Some("https://i.example/token"));
        assert_eq!(metadata.endpoint(EndpointKind::EndSession), None);
        assert_eq!(metadata.id_token_signing_alg_values_supported, ["ES256"]);
        assert!(metadata.token_endpoint_auth_methods_supported.is_empty());
        assert!(!metadata.authorization_response_iss_parameter_supported);
    }
}
