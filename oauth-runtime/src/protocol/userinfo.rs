//! Userinfo request and response (OpenID Connect Core 1.0 section 5.3), and the profile call of
//! OAuth 2.0 providers.

use ::http::{HeaderValue, Request, Response, header};
use bytes::Bytes;
use serde_json::Value;

use super::token_request::JSON;
use crate::endpoint::EndpointUrl;
use crate::error::{Endpoint, ErrorResponse, ProviderError};
use crate::identity;
use crate::json::{self, Unambiguous};
use crate::secret::Secret;

/// A `GET`, on which the access token is still to be put.
pub(crate) fn request(endpoint: &EndpointUrl) -> Request<Bytes> {
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = endpoint.uri();
    request.headers_mut().insert(header::ACCEPT, JSON);
    request
}

/// `Bearer` and the token, marked as sensitive.
pub(crate) fn bearer(access_token: &Secret) -> HeaderValue {
    let text = format!("Bearer {}", access_token.expose());
    // Reading a token response has refused tokens that no header can carry.
    let mut value = HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

/// Reads the answer as JSON.
///
/// # Errors
/// [`ProviderError::Declined`] for an error response of RFC 6750 section 3, [`ProviderError::Status`]
/// for another status than 200, [`ProviderError::Malformed`] where it is not JSON.
pub(crate) fn read(response: &Response<Bytes>) -> Result<Value, ProviderError> {
    let endpoint = Endpoint::UserInfo;
    if let Some(response) = challenge(response) {
        return Err(ProviderError::Declined { endpoint, response });
    }
    if !response.status().is_success() {
        return Err(ProviderError::Status { endpoint, status: response.status().as_u16() });
    }
    let content_type = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    if content_type.is_some_and(|kind| kind.starts_with(b"application/jwt")) {
        let what = "with a signed response, which is not supported yet";
        return Err(ProviderError::Unusable { endpoint, what });
    }
    let claims = json::read(response.body()).map(|Unambiguous(claims)| claims);
    claims.map_err(|reason| ProviderError::Malformed { endpoint, reason })
}

/// The error of a `WWW-Authenticate: Bearer` header (RFC 6750 section 3).
fn challenge(response: &Response<Bytes>) -> Option<ErrorResponse> {
    let challenge = response.headers().get(header::WWW_AUTHENTICATE)?.to_str().ok()?;
    let parameter = |name: &str| {
        let (_, rest) = challenge.split_once(&format!("{name}=\""))?;
        Some(rest.split_once('"')?.0)
    };
    Some(ErrorResponse::new(parameter("error")?, parameter("error_description"), None))
}

/// Compares the subject at `path` with the one that is known (section 5.3.2): without that, the
/// claims of one person could be taken for another's.
///
/// # Errors
/// [`ProviderError::SubjectMismatch`], also when there is no subject.
pub(crate) fn check_subject(
    claims: &Value,
    path: &str,
    subject: &str,
) -> Result<(), ProviderError> {
    match identity::subject_at(claims, path) {
        Some(found) if found == subject => Ok(()),
        _ => Err(ProviderError::SubjectMismatch),
    }
}

/// The address to use of a list of `{email, primary, verified}`: the primary one if it is verified,
/// else any verified one.
pub(crate) fn verified_email(list: &Value) -> Option<&str> {
    let is = |entry: &Value, member: &str| entry.get(member).and_then(Value::as_bool) == Some(true);
    let verified = || list.as_array().into_iter().flatten().filter(|entry| is(entry, "verified"));
    verified()
        .find(|entry| is(entry, "primary"))
        .or_else(|| verified().next())?
        .get("email")?
        .as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn subject_must_be_the_same_and_present() {
        assert!(check_subject(&json!({"sub": "1"}), "sub", "1").is_ok());
        for claims in [json!({"sub": "2"}), json!({}), json!({"sub": ["1"]}), json!([])] {
            assert!(matches!(
                check_subject(&claims, "sub", "1"),
                Err(ProviderError::SubjectMismatch)
            ));
        }
    }

    #[test]
    fn an_unverified_address_is_never_chosen() {
        let list = json!([
            {"email": "evil@x", "primary": true, "verified": false},
            {"email": "good@x", "primary": false, "verified": true},
        ]);
        assert_eq!(verified_email(&list), Some("good@x"));
        assert_eq!(verified_email(&json!([{"email": "evil@x", "primary": true}])), None);
        assert_eq!(verified_email(&json!({"message": "Not found"})), None);
    }

    #[test]
    fn a_challenge_is_kept_as_error_response() {
        let response = Response::builder()
            .status(401)
            .header(
                "www-authenticate",
                r#"Bearer realm="x", error="invalid_token", error_description="gone""#,
            )
            .body(Bytes::new())
            .unwrap();
        assert_eq!(challenge(&response).unwrap().to_string(), "invalid_token (gone)");
    }
}
