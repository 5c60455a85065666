//! Authorization response (RFC 6749 sections 4.1.2 and 4.1.2.1, RFC 9207).
//!
//! It comes through the browser, so nothing in it is trusted until `state` and `iss` are compared.

use super::tenants::Tenants;
use crate::crypto::secret::{Secret, equal_in_constant_time};
use crate::protocol::error_response::ErrorResponse;
use crate::protocol::parameter::response_parameters;

/// Longest response that is read, in bytes of the query or of the form.
pub(crate) const MAX_LENGTH: usize = 32 * 1024;

/// An unvalidated authorization response.
pub(crate) struct AuthorizationResponse {
    state: String,
    issuer: Option<String>,
    outcome: Outcome,
}

enum Outcome {
    Code(Granted),
    Error(ErrorResponse),
}

/// An authorization response that the browser has to post once more, this time from this site: see
/// [`BrowserError::CookiesWithheld`](crate::error::BrowserError::CookiesWithheld). It holds a code
/// and does not show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resubmission(Secret);

impl Resubmission {
    pub(crate) fn new(form: String) -> Self {
        Self(Secret::from(form))
    }

    /// The encoded form, as received.
    pub(crate) fn form(&self) -> &str {
        self.0.expose()
    }
}

/// Why an authorization response cannot be read or does not answer this browser's request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorizationResponseError {
    /// Longer than any real response.
    #[error("the response is longer than {MAX_LENGTH} bytes")]
    TooLong,
    /// A `POST` whose body is not a form.
    #[error("the body is not a form (`application/x-www-form-urlencoded`)")]
    NotAForm,
    /// It came in the URL, but the declaration says `response_mode = "form_post"`.
    #[error(
        "the response came in the URL, but a form was requested (`response_mode = \"form_post\"`)"
    )]
    NotPosted,
    /// A parameter that may appear only once appears more than once.
    #[error("the parameter `{0}` comes more than once")]
    RepeatedParameter(&'static str),
    /// No `state`.
    #[error("the parameter `state` is missing")]
    StateMissing,
    /// An error without `state`. Anyone can have sent it, so it has no effect.
    #[error("the parameter `state` is missing; unverified, the response says: {0}")]
    ErrorWithoutState(Box<ErrorResponse>),
    /// Neither `code` nor `error`.
    #[error("it has neither `code` nor `error`")]
    CodeMissing,
    /// The `state` belongs to another login.
    #[error("the parameter `state` does not match this login")]
    StateMismatch,
    /// The response comes from another issuer (RFC 9207).
    #[error("the parameter `iss` is not the issuer that the request was sent to")]
    IssuerMismatch,
    /// No ID token, although `response_type = "code id_token"` requests one.
    #[error("the parameter `id_token` is missing, although it was requested")]
    IdTokenMissing,
    /// No `iss`, although the provider's metadata promises it.
    #[error("the parameter `iss` is missing, although the provider's metadata promises it")]
    IssuerMissing,
    /// OAuth 1.0a without `oauth_token`.
    #[error("the parameter `oauth_token` is missing")]
    TokenMissing,
    /// OAuth 1.0a: the temporary token belongs to another login.
    #[error("the parameter `oauth_token` does not match this login")]
    TokenMismatch,
    /// OAuth 1.0a without `oauth_verifier`: nothing shows that the user of this browser agreed.
    #[error("the parameter `oauth_verifier` is missing")]
    VerifierMissing,
}

impl AuthorizationResponse {
    /// Reads the query, or the body of a form post. Unknown parameters are ignored, as RFC 6749
    /// section 3.1 demands.
    ///
    /// # Errors
    /// [`AuthorizationResponseError`] when it is too long, repeats a parameter or lacks one.
    pub(crate) fn parse(query: &str) -> Result<Self, AuthorizationResponseError> {
        let mut parameters = Parameters::parse(query)?;
        let Some(state) = parameters.state.take() else { return Err(parameters.without_state()) };
        let outcome = match (parameters.error_response(), parameters.code) {
            (Some(error), _) => Outcome::Error(error),
            (None, Some(code)) if !code.is_empty() => Outcome::Code(Granted {
                code: AuthorizationCode(Secret::from(code)),
                issuer: None,
                id_token: parameters.id_token.map(Secret::from),
                user: parameters.user,
            }),
            _ => return Err(AuthorizationResponseError::CodeMissing),
        };
        Ok(Self { state, issuer: parameters.iss, outcome })
    }

    /// The `state` as received; it finds the pending login and proves nothing.
    pub(crate) fn state(&self) -> &str {
        &self.state
    }

    /// The error in the response, before anything shows that it comes from the provider.
    pub(crate) fn unverified_error(&self) -> Option<&ErrorResponse> {
        match &self.outcome {
            Outcome::Error(response) => Some(response),
            Outcome::Code(_) => None,
        }
    }

    /// Returns the code if `state` and `iss` match the pending login.
    ///
    /// # Errors
    /// The outer error if the response does not answer the request; the inner one if it does, but
    /// the provider declined.
    pub(crate) fn validate(
        self,
        expected: &Expected<'_>,
    ) -> Result<Result<Granted, ErrorResponse>, AuthorizationResponseError> {
        if !equal_in_constant_time(&self.state, expected.state) {
            return Err(AuthorizationResponseError::StateMismatch);
        }
        match (self.issuer.as_deref(), expected.issuer) {
            (Some(found), Some(issuer)) if !expected.is_issuer(found, issuer) => {
                return Err(AuthorizationResponseError::IssuerMismatch);
            }
            (None, _) if expected.issuer_required => {
                return Err(AuthorizationResponseError::IssuerMissing);
            }
            _ => {}
        }
        Ok(match self.outcome {
            Outcome::Code(granted) if expected.id_token && granted.id_token.is_none() => {
                return Err(AuthorizationResponseError::IdTokenMissing);
            }
            Outcome::Code(granted) => Ok(Granted {
                id_token: granted.id_token.filter(|_| expected.id_token),
                issuer: self.issuer.filter(|_| expected.tenants.is_some()),
                ..granted
            }),
            Outcome::Error(error) => Err(error),
        })
    }
}

/// The response that a pending login expects.
pub(crate) struct Expected<'a> {
    pub(crate) state: &'a str,
    /// `None` for an OAuth 2.0 provider without an issuer.
    pub(crate) issuer: Option<&'a str>,
    /// Set if the issuer is a template.
    pub(crate) tenants: Option<&'a Tenants>,
    /// `authorization_response_iss_parameter_supported` in the metadata.
    pub(crate) issuer_required: bool,
    /// Whether an ID token must come with the code.
    pub(crate) id_token: bool,
}

impl Expected<'_> {
    fn is_issuer(&self, found: &str, issuer: &str) -> bool {
        match self.tenants {
            Some(tenants) => tenants.allow_issuer(found, issuer),
            None => found == issuer,
        }
    }
}

/// The content of a response with the right `state` and `iss`.
#[derive(Debug)]
pub(crate) struct Granted {
    pub(crate) code: AuthorizationCode,
    /// The issuer of the response if the expected one is a template. The ID token must have the
    /// same issuer.
    pub(crate) issuer: Option<String>,
    /// Not validated yet. Always `None` in the code flow.
    pub(crate) id_token: Option<Secret>,
    /// Apple's parameter `user`: unsigned JSON.
    pub(crate) user: Option<String>,
}

/// A code that came with the right `state` and `iss`. It can be used once, so it is not `Clone`.
#[derive(Debug)]
pub(crate) struct AuthorizationCode(Secret);

impl AuthorizationCode {
    /// A code whose response the application has validated itself.
    pub(crate) fn of_application(code: Secret) -> Self {
        Self(code)
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }
}

response_parameters!(state, code, iss, id_token, user, error, error_description, error_uri);

impl Parameters {
    fn error_response(&self) -> Option<ErrorResponse> {
        let (description, uri) = (self.error_description.as_deref(), self.error_uri.as_deref());
        self.error.as_ref().map(|error| ErrorResponse::new(error, description, uri))
    }

    fn without_state(&self) -> AuthorizationResponseError {
        match self.error_response() {
            Some(response) => AuthorizationResponseError::ErrorWithoutState(Box::new(response)),
            None => AuthorizationResponseError::StateMissing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPECTED: Expected<'_> = Expected {
        state: "abc",
        issuer: Some("https://op.example"),
        tenants: None,
        issuer_required: false,
        id_token: false,
    };

    fn code_of(query: &str, expected: &Expected<'_>) -> Result<String, AuthorizationResponseError> {
        let granted = AuthorizationResponse::parse(query)?.validate(expected)?;
        Ok(granted.expect("a code").code.expose().to_owned())
    }

    #[test]
    fn code_is_decoded_once() {
        assert_eq!(code_of("code=4%2F0A%2Bb&state=abc", &EXPECTED).unwrap(), "4/0A+b");
    }

    #[test]
    fn foreign_state_is_refused() {
        let refused = code_of("code=1&state=abd", &EXPECTED);
        assert_eq!(refused, Err(AuthorizationResponseError::StateMismatch));
    }

    #[test]
    fn foreign_issuer_is_refused() {
        let refused = code_of("code=1&state=abc&iss=https%3A%2F%2Fevil.example", &EXPECTED);
        assert_eq!(refused, Err(AuthorizationResponseError::IssuerMismatch));
    }

    #[test]
    fn promised_issuer_must_come() {
        let expected = Expected { issuer_required: true, ..EXPECTED };
        let refused = code_of("code=1&state=abc", &expected);
        assert_eq!(refused, Err(AuthorizationResponseError::IssuerMissing));
    }

    #[test]
    fn requested_id_token_must_come() {
        let expected = Expected { id_token: true, ..EXPECTED };
        let refused = code_of("code=1&state=abc", &expected);
        assert_eq!(refused, Err(AuthorizationResponseError::IdTokenMissing));
        assert_eq!(code_of("code=1&state=abc&id_token=e.y.J", &expected).unwrap(), "1");
        let error = AuthorizationResponse::parse("error=access_denied&state=abc").unwrap();
        assert!(error.validate(&expected).unwrap().is_err(), "an error comes alone");
    }

    #[test]
    fn repeated_parameters_are_refused() {
        let refused = code_of("code=1&code=2&state=abc", &EXPECTED);
        assert_eq!(refused, Err(AuthorizationResponseError::RepeatedParameter("code")));
    }

    #[test]
    fn error_with_foreign_state_is_refused() {
        let response = AuthorizationResponse::parse("error=access_denied&state=x").unwrap();
        let refused = response.validate(&EXPECTED).map(|_| ());
        assert_eq!(refused, Err(AuthorizationResponseError::StateMismatch));
    }

    #[test]
    fn error_without_state_is_kept_as_unverified() {
        let refused = AuthorizationResponse::parse("error=server_error&error_description=Down");
        let text = refused.err().unwrap().to_string();
        assert!(text.contains("`state` is missing"), "{text}");
        assert!(text.contains("unverified, the response says: server_error (Down)"), "{text}");
        let refused = AuthorizationResponse::parse("code=1").err();
        assert_eq!(refused, Some(AuthorizationResponseError::StateMissing));
    }

    #[test]
    fn an_error_is_kept_whole() {
        let query =
            "error=access_denied&error_description=No+way&error_uri=https%3A%2F%2Fx&state=abc";
        let error =
            AuthorizationResponse::parse(query).unwrap().validate(&EXPECTED).unwrap().unwrap_err();
        assert_eq!(error.error(), "access_denied");
        assert_eq!(error.description(), Some("No way"));
        assert_eq!(error.uri(), Some("https://x"));
    }

    proptest::proptest! {
        /// Any input gives an error or a value, and never passes with the wrong state.
        #[test]
        fn arbitrary_query_neither_panics_nor_passes(
            query in "\\PC{0,200}|(state|code|iss|error|&|=|%|[a-f0-9+]){0,30}",
        ) {
            if let Ok(response) = AuthorizationResponse::parse(&query) {
                let has_state = response.state() == EXPECTED.state;
                proptest::prop_assert_eq!(response.validate(&EXPECTED).is_ok(), has_state);
            }
        }
    }

    #[test]
    fn absurd_lengths_are_refused() {
        let refused = code_of(&format!("state=abc&code={}", "x".repeat(MAX_LENGTH)), &EXPECTED);
        assert_eq!(refused, Err(AuthorizationResponseError::TooLong));
    }
}
