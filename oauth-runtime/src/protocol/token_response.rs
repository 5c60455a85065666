//! Access token response (RFC 6749 sections 5.1 and 5.2; OpenID Connect Core 1.0 section 3.1.3.3).

use ::http::Response;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::{Endpoint, ErrorResponse, ProviderError};
use crate::json;
use crate::secret::Secret;

/// A lifetime beyond ten years is a mistake, not a promise.
const LONGEST_LIFETIME: u64 = 10 * 365 * 24 * 3600;

/// A token response that can be used.
#[derive(Debug)]
pub(crate) struct TokenResponse {
    pub(crate) access_token: Secret,
    /// As the provider writes it; `Bearer` where it writes none.
    pub(crate) token_type: String,
    pub(crate) refresh_token: Option<Secret>,
    pub(crate) id_token: Option<Secret>,
    /// Seconds after the response. `None`: the provider does not say, or says something absurd.
    pub(crate) expires_in: Option<u64>,
    /// The granted scopes. `None`: the provider does not say; never "all that was asked for".
    pub(crate) scope: Option<Vec<String>>,
    /// The members that no specification names, as a JSON object: they may be secrets too.
    pub(crate) extra: Option<Secret>,
}

/// Deviations that change how a response is read.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Quirks {
    pub(crate) missing_token_type: bool,
    pub(crate) comma_separated_scopes: bool,
}

#[derive(Deserialize)]
struct Document {
    access_token: Option<Secret>,
    token_type: Option<String>,
    refresh_token: Option<Secret>,
    id_token: Option<Secret>,
    /// A number by the specification; some providers send text.
    expires_in: Option<Value>,
    scope: Option<Value>,
    error: Option<Value>,
    error_description: Option<Value>,
    error_uri: Option<Value>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

/// Reads the answer of a token endpoint. An `error` is believed with any status: GitHub answers
/// errors with 200.
///
/// # Errors
/// [`ProviderError::Declined`] with the provider's error response, [`ProviderError::Status`] for
/// another status, [`ProviderError::Malformed`] and [`ProviderError::Unusable`] for an answer that
/// cannot be used.
pub(crate) fn read(
    response: &Response<Bytes>,
    quirks: Quirks,
) -> Result<TokenResponse, ProviderError> {
    let status = response.status();
    let document = match json::read::<Document>(response.body()) {
        Ok(document) => document,
        Err(_) if !status.is_success() => {
            return Err(ProviderError::Status {
                endpoint: Endpoint::Token,
                status: status.as_u16(),
            });
        }
        Err(reason) => {
            return Err(ProviderError::Malformed { endpoint: Endpoint::Token, reason });
        }
    };
    if let Some(response) = document.error_response() {
        return Err(ProviderError::Declined { endpoint: Endpoint::Token, response });
    }
    if !status.is_success() {
        return Err(ProviderError::Status { endpoint: Endpoint::Token, status: status.as_u16() });
    }
    document.tokens(quirks)
}

/// The error response in a body, if it is one (RFC 6749 section 5.2).
pub(crate) fn error_response(body: &[u8]) -> Option<ErrorResponse> {
    json::read::<Document>(body).ok()?.error_response()
}

impl Document {
    fn error_response(&self) -> Option<ErrorResponse> {
        fn text(value: &Option<Value>) -> Option<&str> {
            value.as_ref()?.as_str()
        }
        let (description, uri) = (text(&self.error_description), text(&self.error_uri));
        Some(ErrorResponse::new(text(&self.error)?, description, uri))
    }

    fn tokens(self, quirks: Quirks) -> Result<TokenResponse, ProviderError> {
        let unusable = |what| ProviderError::Unusable { endpoint: Endpoint::Token, what };
        let access_token = self
            .access_token
            .filter(is_token)
            .ok_or_else(|| unusable("without a usable `access_token`"))?;
        let token_type = match self.token_type {
            // RFC 6749 section 5.1: compared without regard to case.
            Some(kind) if kind.eq_ignore_ascii_case("bearer") => kind,
            Some(_) => return Err(unusable("with a `token_type` that is not `Bearer`")),
            None if quirks.missing_token_type => "Bearer".to_owned(),
            None => return Err(unusable("without `token_type`")),
        };
        // Any JSON that was read can be written.
        let extra = |members| serde_json::to_string(members).map(Secret::from).ok();
        Ok(TokenResponse {
            access_token,
            token_type,
            refresh_token: self.refresh_token.filter(is_token),
            id_token: self.id_token.filter(|token| !token.is_empty()),
            expires_in: self.expires_in.as_ref().and_then(lifetime),
            scope: self.scope.as_ref().and_then(|scope| scopes(scope, quirks)),
            extra: Some(&self.extra).filter(|members| !members.is_empty()).and_then(extra),
        })
    }
}

/// RFC 6749 appendix A.12: visible ASCII, so that it cannot break out of a header.
fn is_token(token: &Secret) -> bool {
    !token.is_empty() && token.expose().bytes().all(|byte| (0x20..=0x7e).contains(&byte))
}

fn lifetime(value: &Value) -> Option<u64> {
    let seconds = match value {
        Value::String(text) => text.trim().parse().ok()?,
        Value::Number(number) => number.as_f64()?,
        _ => return None,
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked range")]
    #[expect(clippy::cast_precision_loss, reason = "ten years fit")]
    (1.0..=LONGEST_LIFETIME as f64).contains(&seconds).then_some(seconds as u64)
}

fn scopes(value: &Value, quirks: Quirks) -> Option<Vec<String>> {
    let text = value.as_str()?;
    let is_separator = |c: char| c == ' ' || (quirks.comma_separated_scopes && c == ',');
    Some(text.split(is_separator).filter(|scope| !scope.is_empty()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_with(status: u16, body: &str, quirks: Quirks) -> Result<TokenResponse, ProviderError> {
        let response =
            Response::builder().status(status).body(Bytes::from(body.to_owned())).unwrap();
        read(&response, quirks)
    }

    fn tokens(body: &str) -> Result<TokenResponse, ProviderError> {
        read_with(200, body, Quirks::default())
    }

    #[test]
    fn a_usual_response() {
        let tokens = tokens(
            r#"{"access_token":"a","token_type":"bearer","expires_in":3600,"scope":"openid email"}"#,
        )
        .unwrap();
        assert_eq!(tokens.access_token.expose(), "a");
        assert_eq!(tokens.expires_in, Some(3600));
        assert_eq!(tokens.scope.unwrap(), ["openid", "email"]);
        assert_eq!((tokens.token_type.as_str(), tokens.extra), ("bearer", None));
    }

    #[test]
    fn members_that_no_specification_names_are_kept_and_not_shown() {
        let body = r#"{"access_token":"a","token_type":"Bearer","team":{"id":7},"bot":"xoxb-1"}"#;
        let tokens = tokens(body).unwrap();
        assert!(!format!("{tokens:?}").contains("xoxb"));
        let extra: Value = serde_json::from_str(tokens.extra.unwrap().expose()).unwrap();
        assert_eq!(extra, serde_json::json!({"team": {"id": 7}, "bot": "xoxb-1"}));
    }

    #[test]
    fn missing_scope_is_unknown_and_never_all_that_was_asked_for() {
        let tokens = tokens(r#"{"access_token":"a","token_type":"Bearer"}"#).unwrap();
        assert_eq!(tokens.scope, None);
    }

    #[test]
    fn an_error_with_status_200_is_an_error() {
        let error = tokens(r#"{"error":"bad_verification_code","error_description":"Expired"}"#);
        let Err(ProviderError::Declined { response, .. }) = error else { panic!("{error:?}") };
        assert_eq!(response.to_string(), "bad_verification_code (Expired)");
    }

    #[test]
    fn token_types_other_than_bearer_are_refused() {
        let mac = tokens(r#"{"access_token":"a","token_type":"mac"}"#).unwrap_err();
        assert!(mac.to_string().contains("not `Bearer`"), "{mac}");
        let none = tokens(r#"{"access_token":"a"}"#).unwrap_err();
        assert!(none.to_string().contains("without `token_type`"), "{none}");
        let quirks = Quirks { missing_token_type: true, ..Quirks::default() };
        assert!(read_with(200, r#"{"access_token":"a"}"#, quirks).is_ok());
    }

    #[test]
    fn lifetimes_are_read_from_text_and_absurd_ones_are_unknown() {
        for (given, expected) in [
            ("\"3600\"", Some(3600)),
            ("3599.9", Some(3599)),
            ("0", None),
            ("-5", None),
            ("1e300", None),
            ("\"soon\"", None),
            ("[]", None),
            ("null", None),
        ] {
            let body =
                format!(r#"{{"access_token":"a","token_type":"Bearer","expires_in":{given}}}"#);
            assert_eq!(tokens(&body).unwrap().expires_in, expected, "{given}");
        }
    }

    #[test]
    fn a_token_that_breaks_out_of_a_header_is_refused() {
        let error = tokens(r#"{"access_token":"a\r\nX: y","token_type":"Bearer"}"#).unwrap_err();
        assert!(!error.to_string().contains("X: y"));
    }

    #[test]
    fn an_error_page_is_reported_by_its_status() {
        let error = read_with(503, "<html>", Quirks::default()).unwrap_err();
        assert!(matches!(error, ProviderError::Status { status: 503, .. }));
    }

    #[test]
    fn comma_separated_scopes_are_a_quirk() {
        let body = r#"{"access_token":"a","token_type":"Bearer","scope":"repo,gist"}"#;
        assert_eq!(tokens(body).unwrap().scope.unwrap(), ["repo,gist"]);
        let quirks = Quirks { comma_separated_scopes: true, ..Quirks::default() };
        assert_eq!(read_with(200, body, quirks).unwrap().scope.unwrap(), ["repo", "gist"]);
    }
}
