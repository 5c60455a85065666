//! Device authorization request and response (RFC 8628 sections 3.1 and 3.2), and the token
//! endpoint's errors while the user has not answered (section 3.5).

use std::fmt;

use ::http::{Request, Response};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::answer;
use super::client_authentication::ClientAuthentication;
use super::token_request;
use super::token_response;
use crate::crypto::secret::Secret;
use crate::json::{self, Members};
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::text::shown;
use crate::url::endpoint::{EndpointUrl, is_loopback};

/// `grant_type` of the token requests (section 3.4).
pub(crate) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Parameters of the device authorization request that the library sets itself.
pub(crate) const RESERVED: &[&str] =
    &["client_id", "client_secret", "client_assertion", "client_assertion_type"];

/// Seconds between two token requests if the provider does not say (section 3.2), and the increase
/// after `slow_down` (section 3.5).
const INTERVAL: u64 = 5;
/// Maximum seconds between two token requests, whatever the provider says and however long it does
/// not respond.
const MAX_INTERVAL: u64 = 300;
/// Maximum lifetime of a code, in seconds.
const MAX_LIFETIME: u64 = 24 * 3600;
/// Longest code that a user could type.
const MAX_USER_CODE_LENGTH: usize = 100;

/// The provider's response for one login of a device.
pub(crate) struct DeviceAuthorizationResponse {
    pub(crate) device_code: Secret,
    /// The code that the user types.
    pub(crate) user_code: String,
    /// The page where the user types it.
    pub(crate) verification_uri: Url,
    /// A URL of the page that includes the code. `None` if the provider has no such page.
    pub(crate) verification_uri_complete: Option<Url>,
    /// Seconds after the response.
    pub(crate) expires_in: u64,
    pub(crate) interval: Interval,
}

/// Shows neither code: one fetches the tokens, the other signs the device in.
impl fmt::Debug for DeviceAuthorizationResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceAuthorizationResponse")
            .field("expires_in", &self.expires_in)
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}

/// Seconds between two token requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interval(u64);

impl Interval {
    pub(crate) fn seconds(self) -> u64 {
        self.0
    }

    /// The interval after `slow_down` (section 3.5).
    #[must_use]
    pub(crate) fn slowed_down(self) -> Self {
        Self((self.0 + INTERVAL).min(MAX_INTERVAL))
    }

    /// The interval after a timeout: an exponential backoff (section 3.5).
    #[must_use]
    pub(crate) fn backed_off(self) -> Self {
        Self((self.0 * 2).min(MAX_INTERVAL))
    }
}

#[derive(Deserialize)]
struct Document {
    device_code: Option<Secret>,
    user_code: Option<String>,
    verification_uri: Option<String>,
    /// Google's name for it, from drafts of the specification
    /// (<https://developers.google.com/identity/protocols/oauth2/limited-input-device>,
    /// 2026-11-26).
    verification_url: Option<String>,
    verification_uri_complete: Option<String>,
    expires_in: Option<Value>,
    interval: Option<Value>,
}

/// A request for a code. `scope` is empty if no scope is requested.
pub(crate) fn request<'p>(
    device_authorization_endpoint: &EndpointUrl,
    authentication: &ClientAuthentication,
    scope: &'p str,
    extra: impl IntoIterator<Item = (&'p str, &'p str)>,
) -> Request<Bytes> {
    let scope = (!scope.is_empty()).then_some(("scope", scope));
    let parameters = scope.into_iter().chain(extra);
    token_request::client_request(device_authorization_endpoint, authentication, parameters)
}

/// Reads the response. `loopback_http` allows a loopback page without https.
///
/// # Errors
/// [`ProviderError::Declined`], [`ProviderError::Status`], [`ProviderError::Malformed`] and
/// [`ProviderError::Unusable`].
pub(crate) fn read(
    response: &Response<Bytes>,
    loopback_http: bool,
) -> Result<DeviceAuthorizationResponse, ProviderError> {
    let (endpoint, status) = (EndpointKind::DeviceAuthorization, response.status());
    // GitHub declines with status 200.
    if let Some(response) = answer::error_response(response) {
        return Err(ProviderError::Declined { endpoint, response });
    }
    if !status.is_success() {
        return Err(ProviderError::status(endpoint, response));
    }
    let document = json::read(json::without_byte_order_mark(response.body()));
    let Members(document): Members<Document> =
        document.map_err(|reason| ProviderError::malformed(endpoint, response, reason))?;
    let checked = document.checked(loopback_http);
    checked.map_err(|what| ProviderError::unusable(endpoint, response, what))
}

impl Document {
    fn checked(self, loopback_http: bool) -> Result<DeviceAuthorizationResponse, &'static str> {
        let device_code = self.device_code.filter(|code| !code.is_empty());
        let user_code = self.user_code.filter(|code| is_user_code(code));
        let page = |uri: Option<String>| uri.and_then(|uri| page(&uri, loopback_http));
        let lifetime = self.expires_in.as_ref().and_then(token_response::lifetime);
        let interval = self.interval.as_ref().and_then(token_response::lifetime);
        Ok(DeviceAuthorizationResponse {
            device_code: device_code.ok_or("without `device_code`")?,
            user_code: user_code.ok_or("without a `user_code` that a user can type")?,
            verification_uri: page(self.verification_uri.or(self.verification_url))
                .ok_or("without a `verification_uri` that is an https URL")?,
            verification_uri_complete: page(self.verification_uri_complete),
            expires_in: lifetime.ok_or("without a usable `expires_in`")?.min(MAX_LIFETIME),
            interval: Interval(interval.unwrap_or(INTERVAL).min(MAX_INTERVAL)),
        })
    }
}

/// The code is shown on terminals, which interpret control characters.
fn is_user_code(code: &str) -> bool {
    !code.trim().is_empty() && shown(code, MAX_USER_CODE_LENGTH) == code
}

/// A page for browsers, which programs may open on their own. It must not be a `file:` URL or
/// anything that a shell or a terminal interprets.
fn page(uri: &str, loopback_http: bool) -> Option<Url> {
    let url = Url::parse(uri).ok()?;
    let is_secure = match url.scheme() {
        "https" => true,
        "http" => loopback_http && is_loopback(&url),
        _ => false,
    };
    (is_secure && url.username().is_empty() && url.password().is_none()).then_some(url)
}

/// The meaning of a token endpoint error for a waiting device (section 3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// The user has not answered yet.
    Pending,
    /// The user has not answered yet, and the device polls too often.
    SlowDown,
    /// The code has expired.
    Expired,
}

/// `None` for a refusal that is final.
pub(crate) fn wait(error: &ProviderError) -> Option<Wait> {
    match error {
        ProviderError::Declined { endpoint: EndpointKind::Token, response } => {
            match response.error() {
                "authorization_pending" => Some(Wait::Pending),
                "slow_down" => Some(Wait::SlowDown),
                "expired_token" => Some(Wait::Expired),
                _ => None,
            }
        }
        // Gateways and proxies use this status for `slow_down` (RFC 6585 section 4).
        ProviderError::Status { endpoint: EndpointKind::Token, status: 429, .. } => {
            Some(Wait::SlowDown)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::error_response::ErrorResponse;

    /// The example of RFC 8628 section 3.2, with members changed or, by `null`, taken out.
    fn answer(changes: &str) -> Result<DeviceAuthorizationResponse, ProviderError> {
        let mut document: Value = serde_json::from_str(
            r#"{"device_code": "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS",
                "user_code": "WDJB-MJHT",
                "verification_uri": "https://example.com/device",
                "verification_uri_complete": "https://example.com/device?user_code=WDJB-MJHT",
                "expires_in": 1800,
                "interval": 7}"#,
        )
        .unwrap();
        let changes: Value = serde_json::from_str(changes).unwrap();
        for (name, value) in changes.as_object().unwrap() {
            document[name] = value.clone();
        }
        read(&Response::new(Bytes::from(document.to_string())), false)
    }

    #[test]
    fn the_example_of_the_specification_is_read() {
        let read = answer("{}").unwrap();
        assert_eq!(read.device_code.expose(), "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS");
        assert_eq!(read.user_code, "WDJB-MJHT");
        assert_eq!(read.verification_uri.as_str(), "https://example.com/device");
        let complete = read.verification_uri_complete.unwrap();
        assert_eq!(complete.as_str(), "https://example.com/device?user_code=WDJB-MJHT");
        assert_eq!((read.expires_in, read.interval.seconds()), (1800, 7));
    }

    #[test]
    fn missing_optional_members_have_defaults() {
        let read = answer(r#"{"verification_uri_complete": null, "interval": null}"#).unwrap();
        assert_eq!((read.verification_uri_complete, read.interval.seconds()), (None, 5));
        let google =
            r#"{"verification_uri": null, "verification_url": "https://www.google.com/device"}"#;
        let read = answer(google).unwrap();
        assert_eq!(read.verification_uri.as_str(), "https://www.google.com/device");
    }

    #[test]
    fn displayed_code_and_url_are_harmless() {
        for (changes, missing) in [
            (r#"{"device_code": ""}"#, "device_code"),
            (r#"{"user_code": "\u001b[2Jgotcha"}"#, "user_code"),
            (r#"{"user_code": " "}"#, "user_code"),
            (r#"{"verification_uri": "http://example.com/device"}"#, "verification_uri"),
            (r#"{"verification_uri": "file:///etc/passwd"}"#, "verification_uri"),
            (r#"{"verification_uri": "javascript:alert(1)"}"#, "verification_uri"),
            (r#"{"verification_uri": "https://you@example.com/"}"#, "verification_uri"),
            (r#"{"expires_in": null}"#, "expires_in"),
        ] {
            let error = answer(changes).unwrap_err().to_string();
            assert!(error.contains(missing), "{error}");
        }
        let long = format!(r#"{{"user_code": "{}"}}"#, "X".repeat(101));
        assert!(answer(&long).is_err());
        // An optional member that cannot be used is left out.
        let read = answer(r#"{"verification_uri_complete": "calc:"}"#).unwrap();
        assert_eq!(read.verification_uri_complete, None);
    }

    #[test]
    fn times_are_bounded() {
        assert!(answer(r#"{"expires_in": 1e15}"#).is_err(), "no promise is that long");
        let read = answer(r#"{"expires_in": 1e6, "interval": 1e6}"#).unwrap();
        assert_eq!((read.expires_in, read.interval.seconds()), (24 * 3600, 300));
        let read = answer(r#"{"interval": 0}"#).unwrap();
        assert_eq!(read.interval.seconds(), 5);
        assert_eq!(read.interval.slowed_down().seconds(), 10);
        assert_eq!(Interval(5).backed_off().backed_off().seconds(), 20);
        assert_eq!(Interval(299).slowed_down(), Interval(300).backed_off());
    }

    #[test]
    fn a_refusal_is_kept_whatever_its_status() {
        for status in [200, 400] {
            let response = Response::builder()
                .status(status)
                .body(Bytes::from(r#"{"error": "device_flow_disabled"}"#))
                .unwrap();
            let error = read(&response, false).unwrap_err().to_string();
            let said = "the device authorization endpoint declined: device_flow_disabled";
            assert_eq!(error, said);
        }
        let response = Response::builder().status(503).body(Bytes::new()).unwrap();
        assert!(matches!(read(&response, false), Err(ProviderError::Status { status: 503, .. })));
    }

    #[test]
    fn token_endpoint_error_is_pending_or_final() {
        let declined = |error, endpoint| ProviderError::Declined {
            endpoint,
            response: ErrorResponse::new(error, None, None),
        };
        for (error, expected) in [
            ("authorization_pending", Some(Wait::Pending)),
            ("slow_down", Some(Wait::SlowDown)),
            ("expired_token", Some(Wait::Expired)),
            ("access_denied", None),
            ("invalid_grant", None),
        ] {
            assert_eq!(wait(&declined(error, EndpointKind::Token)), expected, "{error}");
        }
        assert_eq!(wait(&declined("authorization_pending", EndpointKind::UserInfo)), None);
        let status = |status| ProviderError::Status {
            endpoint: EndpointKind::Token,
            status,
            answer: answer::AnswerExcerpt::default(),
            body: None,
        };
        assert_eq!(wait(&status(429)), Some(Wait::SlowDown));
        assert_eq!(wait(&status(404)), None);
    }
}
