//! Userinfo request and response (OpenID Connect Core 1.0 section 5.3), and the profile request of
//! OAuth 2.0 providers.

use ::http::{Request, Response, header};
use bytes::Bytes;
use serde_json::Value;

use super::answer::AnswerExcerpt;
use super::jwe::JweError;
use super::jws::{self, JwsError, VerificationKeys};
use super::media_type;
use super::token_request::JSON;
use crate::crypto::secret::Secret;
use crate::identity;
use crate::json::{self, Unambiguous};
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::protocol::error_response::ErrorResponse;
use crate::url::endpoint::EndpointUrl;

/// A `GET` that still lacks the access token.
pub(crate) fn request(endpoint: &EndpointUrl) -> Request<Bytes> {
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = endpoint.uri();
    request.headers_mut().insert(header::ACCEPT, JSON);
    request
}

/// Why a signed or encrypted userinfo response was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UserInfoError {
    /// It came as plain JSON, although the declaration says that it is signed or encrypted.
    #[error("it is neither signed nor encrypted, although the declaration says that it is")]
    InClear,
    /// It is signed or encrypted, but the declaration does not say so.
    #[error(
        "it is signed or encrypted, but the declaration does not say so: write `userinfo_signed_response_alg` or `userinfo_encrypted_response_alg`"
    )]
    NotDeclared,
    /// Its signature was not accepted.
    #[error(transparent)]
    Signature(#[from] JwsError),
    /// It could not be decrypted.
    #[error(transparent)]
    Encryption(#[from] JweError),
    /// Issued by another issuer.
    #[error("`iss` is not the issuer")]
    Issuer,
    /// Issued for another client.
    #[error("`aud` does not name this client")]
    Audience,
    /// Expired, or not valid yet.
    #[error("`exp` or `nbf` says that it is not valid now: are the clocks right?")]
    NotValidNow,
}

/// The expected claims of a signed response (section 5.3.2).
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    /// Seconds.
    pub(crate) leeway: u64,
    /// Seconds since 1970-01-01 UTC.
    pub(crate) now: u64,
}

/// Reads the response as JSON.
///
/// # Errors
/// [`ProviderError::Declined`] for an error response of RFC 6750 section 3,
/// [`ProviderError::Status`] for another status than 200, [`ProviderError::Malformed`] if it is not
/// JSON.
pub(crate) fn read(response: &Response<Bytes>) -> Result<Value, ProviderError> {
    check_status(response)?;
    if is_jwt(response) {
        return Err(UserInfoError::NotDeclared.into());
    }
    let claims = json::read(json::without_byte_order_mark(response.body()));
    let claims = claims.map(|Unambiguous(claims)| claims);
    claims.map_err(|reason| ProviderError::malformed(EndpointKind::UserInfo, response, reason))
}

/// Reads the response as the compact token that it is declared to be.
///
/// # Errors
/// As [`read`]; [`ProviderError::UserInfo`] for a plain response.
pub(crate) fn read_compact(response: &Response<Bytes>) -> Result<Secret, ProviderError> {
    check_status(response)?;
    let text = std::str::from_utf8(response.body()).ok().filter(|_| is_jwt(response));
    text.map(|text| Secret::from(text.trim_ascii())).ok_or(UserInfoError::InClear.into())
}

/// The claims of a signed response, checked against `expected`.
///
/// # Errors
/// [`ProviderError::UserInfo`], [`ProviderError::Malformed`].
pub(crate) fn read_signed(
    compact: &Secret,
    keys: &VerificationKeys<'_>,
    expected: &Expected<'_>,
) -> Result<Value, ProviderError> {
    let verified =
        jws::verify(compact.expose(), &["jwt"], keys).map_err(UserInfoError::Signature)?;
    let claims = claims(&verified.bytes)?;
    // Both SHOULD be present. LemonLDAP::NG sends neither, and a response without them still comes
    // from this issuer's endpoint and names this subject.
    if claims.get("iss").is_some_and(|issuer| issuer != expected.issuer) {
        return Err(UserInfoError::Issuer.into());
    }
    let is_for_us = match claims.get("aud") {
        Some(Value::Array(list)) => list.iter().any(|one| one == expected.client_id),
        Some(one) => one == expected.client_id,
        None => true,
    };
    if !is_for_us {
        return Err(UserInfoError::Audience.into());
    }
    let is_valid = |name: &str, valid: &dyn Fn(f64) -> bool| {
        claims.get(name).is_none_or(|time| time.as_f64().is_some_and(valid))
    };
    #[expect(clippy::cast_precision_loss, reason = "seconds fit")]
    let (earliest, latest) = (
        expected.now.saturating_sub(expected.leeway) as f64,
        expected.now.saturating_add(expected.leeway) as f64,
    );
    if is_valid("exp", &|time| time > earliest) && is_valid("nbf", &|time| time <= latest) {
        Ok(claims)
    } else {
        Err(UserInfoError::NotValidNow.into())
    }
}

/// The claims of a JSON document.
///
/// # Errors
/// [`ProviderError::Malformed`].
pub(crate) fn claims(document: &[u8]) -> Result<Value, ProviderError> {
    let claims = json::read(document).map(|Unambiguous(claims)| claims);
    claims.map_err(|reason| ProviderError::Malformed {
        endpoint: EndpointKind::UserInfo,
        reason,
        answer: AnswerExcerpt::default(),
    })
}

fn check_status(response: &Response<Bytes>) -> Result<(), ProviderError> {
    let endpoint = EndpointKind::UserInfo;
    if let Some(response) = challenge(response) {
        return Err(ProviderError::Declined { endpoint, response });
    }
    if !response.status().is_success() {
        return Err(ProviderError::refused(endpoint, response));
    }
    Ok(())
}

fn is_jwt(response: &Response<Bytes>) -> bool {
    media_type::is(response.headers(), "application/jwt")
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

/// Compares the subject at `path` with the known one (section 5.3.2). Otherwise, the claims of one
/// user could be mistaken for another's.
///
/// # Errors
/// [`ProviderError::SubjectMismatch`], also if there is no subject.
pub(crate) fn check_subject(
    claims: &Value,
    path: &str,
    subject: &str,
) -> Result<(), ProviderError> {
    match claims.as_object().and_then(|claims| identity::subject_at(claims, path)) {
        Some(found) if found == subject => Ok(()),
        _ => Err(ProviderError::SubjectMismatch),
    }
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
