//! Error responses of the endpoints that clients call (RFC 6749 section 5.2, RFC 6750 section 3).

use std::borrow::Cow;

use aws_lc_rs::error::Unspecified;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::json::no_store_json;
use super::parameters::Repeated;

/// An OAuth error: a status, a registered code and a description for developers.
#[derive(Debug)]
pub(super) struct OAuthError {
    status: StatusCode,
    /// `None` if the request contained no token, as RFC 6750 section 3.1 requires.
    code: Option<&'static str>,
    description: Cow<'static, str>,
    challenge: Option<Challenge>,
}

#[derive(Clone, Copy, Debug)]
enum Challenge {
    Basic,
    Bearer,
}

const REALM: &str = "development identity provider";

impl OAuthError {
    fn bad_request(code: &'static str, description: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: Some(code),
            description: description.into(),
            challenge: None,
        }
    }

    fn bearer(status: StatusCode, code: Option<&'static str>, description: &'static str) -> Self {
        Self { status, code, description: description.into(), challenge: Some(Challenge::Bearer) }
    }

    pub(super) fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::bad_request("invalid_request", description)
    }

    pub(super) fn invalid_grant(description: &'static str) -> Self {
        Self::bad_request("invalid_grant", description)
    }

    pub(super) fn invalid_scope(description: &'static str) -> Self {
        Self::bad_request("invalid_scope", description)
    }

    pub(super) fn unauthorized_client(description: &'static str) -> Self {
        Self::bad_request("unauthorized_client", description)
    }

    pub(super) fn unsupported_grant_type() -> Self {
        Self::bad_request(
            "unsupported_grant_type",
            "the supported grant types are authorization_code, refresh_token, client_credentials, jwt-bearer and device_code",
        )
    }

    /// The user has not answered yet (RFC 8628 section 3.5, also for the next three).
    pub(super) fn authorization_pending() -> Self {
        Self::bad_request("authorization_pending", "the user has not answered yet")
    }

    pub(super) fn slow_down() -> Self {
        Self::bad_request(
            "slow_down",
            "the request came too early: the interval is five seconds longer",
        )
    }

    pub(super) fn expired_token() -> Self {
        Self::bad_request("expired_token", "the device code is unknown or expired")
    }

    pub(super) fn access_denied() -> Self {
        Self::bad_request("access_denied", "the user denied access")
    }

    /// The client did not authenticate (RFC 6749 section 5.2: status 401 with a challenge).
    pub(super) fn invalid_client(description: &'static str) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            code: Some("invalid_client"),
            description: description.into(),
            challenge: Some(Challenge::Basic),
        }
    }

    /// A request to a protected resource without an access token.
    pub(super) fn missing_token() -> Self {
        Self::bearer(StatusCode::UNAUTHORIZED, None, "an access token is required")
    }

    pub(super) fn invalid_token() -> Self {
        Self::bearer(
            StatusCode::UNAUTHORIZED,
            Some("invalid_token"),
            "the access token is unknown, expired or revoked",
        )
    }

    pub(super) fn insufficient_scope(description: &'static str) -> Self {
        Self::bearer(StatusCode::FORBIDDEN, Some("insufficient_scope"), description)
    }

    fn challenge_header(&self) -> Option<HeaderValue> {
        let text = match (self.challenge?, self.code) {
            (Challenge::Basic, _) => format!("Basic realm=\"{REALM}\", charset=\"UTF-8\""),
            (Challenge::Bearer, None) => format!("Bearer realm=\"{REALM}\""),
            (Challenge::Bearer, Some(code)) => format!(
                "Bearer realm=\"{REALM}\", error=\"{code}\", error_description=\"{}\"",
                self.description
            ),
        };
        HeaderValue::try_from(text).ok()
    }
}

impl From<Repeated> for OAuthError {
    fn from(Repeated(name): Repeated) -> Self {
        Self::invalid_request(format!("{name} is given more than once"))
    }
}

/// Signing failed, which is not the client's fault.
impl From<Unspecified> for OAuthError {
    fn from(_: Unspecified) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: Some("server_error"),
            description: "a cryptographic operation failed".into(),
            challenge: None,
        }
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let mut response = match self.code {
            Some(code) => no_store_json(
                self.status,
                &json!({ "error": code, "error_description": self.description }),
            ),
            None => self.status.into_response(),
        };
        if let Some(challenge) = self.challenge_header() {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
