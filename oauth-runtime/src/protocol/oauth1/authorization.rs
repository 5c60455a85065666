//! Resource owner authorization (RFC 5849 section 2.2): the URL to send the browser to, and the
//! response that it brings back.

use super::parameters::encode;
use crate::crypto::secret::{Secret, equal_in_constant_time};
use crate::protocol::authorization_response::{AuthorizationResponseError, MAX_LENGTH};
use crate::protocol::error_response::ErrorResponse;
use crate::protocol::parameter::response_parameters;
use crate::url::endpoint::EndpointUrl;

/// The URL to send the browser to. A query of the endpoint is kept.
pub(crate) fn location(
    authorization_endpoint: &EndpointUrl,
    token: &Secret,
    extra: &[(String, String)],
) -> String {
    let mut location = authorization_endpoint.as_str().to_owned();
    match location.split_once('?') {
        None => location.push('?'),
        Some((_, query)) if query.is_empty() || query.ends_with('&') => {}
        Some(_) => location.push('&'),
    }
    location.push_str("oauth_token=");
    location.push_str(&encode(token.expose()));
    for (name, value) in extra {
        location.push_str(&format!("&{}={}", encode(name), encode(value)));
    }
    location
}

/// An unvalidated authorization response.
pub(crate) struct AuthorizationResponse {
    token: Option<String>,
    outcome: Outcome,
}

enum Outcome {
    Verifier(Secret),
    Refused(ErrorResponse),
}

/// Proof that the user who came back is the one who agreed. It can be used once, so it is not
/// `Clone`.
#[derive(Debug)]
pub(crate) struct Verifier(Secret);

impl Verifier {
    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl AuthorizationResponse {
    /// Reads the query. RFC 5849 does not define how a refusal is reported; providers send
    /// `denied=TOKEN`, `oauth_problem=user_refused`, or an OAuth 2.0 error.
    ///
    /// # Errors
    /// [`AuthorizationResponseError`] if it is too long, repeats a parameter or lacks one.
    pub(crate) fn parse(query: &str) -> Result<Self, AuthorizationResponseError> {
        let parameters = Parameters::parse(query)?;
        let refused = parameters.refused();
        let token = match (parameters.oauth_token, parameters.denied) {
            // Two tokens belong to two logins.
            (Some(token), Some(denied)) if token != denied => {
                return Err(AuthorizationResponseError::TokenMismatch);
            }
            (token, denied) => token.or(denied),
        };
        let outcome = match (refused, parameters.oauth_verifier) {
            (Some(response), _) => Outcome::Refused(response),
            (None, _) if token.is_none() => return Err(AuthorizationResponseError::TokenMissing),
            (None, Some(verifier)) if !verifier.is_empty() => {
                Outcome::Verifier(Secret::from(verifier))
            }
            (None, _) => return Err(AuthorizationResponseError::VerifierMissing),
        };
        Ok(Self { token, outcome })
    }

    /// The temporary token as received; it finds the pending login and proves nothing. Only a
    /// refusal may lack one: some servers do not say which login it belongs to.
    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The refusal in the response, before anything shows that it comes from the provider.
    pub(crate) fn unverified_error(&self) -> Option<&ErrorResponse> {
        match &self.outcome {
            Outcome::Refused(response) => Some(response),
            Outcome::Verifier(_) => None,
        }
    }

    /// Returns the verifier if the token is that of the pending login.
    ///
    /// # Errors
    /// The outer error if the response does not answer this login; the inner one if it does, but
    /// the user or the provider refused.
    pub(crate) fn validate(
        self,
        expected: &Secret,
    ) -> Result<Result<Verifier, ErrorResponse>, AuthorizationResponseError> {
        let is_expected = self
            .token
            .as_deref()
            .is_some_and(|token| equal_in_constant_time(token, expected.expose()));
        match self.outcome {
            Outcome::Refused(response) if self.token.is_none() || is_expected => Ok(Err(response)),
            Outcome::Verifier(verifier) if is_expected => Ok(Ok(Verifier(verifier))),
            _ => Err(AuthorizationResponseError::TokenMismatch),
        }
    }
}

response_parameters!(
    oauth_token,
    oauth_verifier,
    denied,
    oauth_problem,
    oauth_problem_advice,
    error,
    error_description,
);

impl Parameters {
    fn refused(&self) -> Option<ErrorResponse> {
        if let Some(problem) = &self.oauth_problem {
            return Some(ErrorResponse::new(problem, self.oauth_problem_advice.as_deref(), None));
        }
        if let Some(error) = &self.error {
            return Some(ErrorResponse::new(error, self.error_description.as_deref(), None));
        }
        self.denied.as_ref().map(|_| ErrorResponse::new("access_denied", None, None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(query: &str) -> Result<Result<String, String>, AuthorizationResponseError> {
        let answer = AuthorizationResponse::parse(query)?.validate(&Secret::from("t/1"))?;
        Ok(answer
            .map(|verifier| verifier.expose().to_owned())
            .map_err(|response| response.to_string()))
    }

    #[test]
    fn token_is_added_to_any_query() {
        for (endpoint, begins) in [
            ("https://op.example/authorize", "https://op.example/authorize?"),
            ("https://op.example/authorize?v=1", "https://op.example/authorize?v=1&"),
        ] {
            let endpoint = EndpointUrl::parse(endpoint, false).unwrap();
            let extra = [("force login".to_owned(), "true".to_owned())];
            assert_eq!(
                location(&endpoint, &Secret::from("t/1 +"), &extra),
                format!("{begins}oauth_token=t%2F1%20%2B&force%20login=true")
            );
        }
    }

    #[test]
    fn a_verifier_is_decoded_once() {
        assert_eq!(answer("oauth_token=t%2F1&oauth_verifier=a%252B"), Ok(Ok("a%2B".to_owned())));
    }

    #[test]
    fn foreign_token_is_refused_with_any_outcome() {
        for query in [
            "oauth_token=t%2F2&oauth_verifier=1",
            "oauth_token=&oauth_verifier=1",
            "oauth_token=t%2F2&oauth_problem=user_refused",
            "denied=t%2F2",
        ] {
            assert_eq!(answer(query), Err(AuthorizationResponseError::TokenMismatch), "{query}");
        }
    }

    #[test]
    fn missing_or_repeated_parameter_is_named() {
        use AuthorizationResponseError::{RepeatedParameter, TokenMissing, VerifierMissing};

        for (query, expected) in [
            ("", TokenMissing),
            ("oauth_verifier=1", TokenMissing),
            ("oauth_token=t%2F1", VerifierMissing),
            ("oauth_token=t%2F1&oauth_verifier=", VerifierMissing),
            ("oauth_token=1&oauth_token=1&oauth_verifier=1", RepeatedParameter("oauth_token")),
            (
                "oauth_token=1&oauth_verifier=1&oauth_verifier=1",
                RepeatedParameter("oauth_verifier"),
            ),
        ] {
            assert_eq!(answer(query), Err(expected), "{query}");
        }
    }

    #[test]
    fn a_refusal_is_read_in_every_dialect() {
        for (query, expected) in [
            ("denied=t%2F1", "access_denied"),
            ("oauth_token=t%2F1&oauth_problem=user_refused", "user_refused"),
            ("oauth_problem=permission_denied&oauth_problem_advice=no", "permission_denied (no)"),
            ("error=access_denied&error_description=No+way", "access_denied (No way)"),
            // A refusal wins over all other parameters.
            ("oauth_token=t%2F1&oauth_verifier=1&oauth_problem=x", "x"),
        ] {
            assert_eq!(answer(query), Ok(Err(expected.to_owned())), "{query}");
        }
    }

    #[test]
    fn a_response_of_any_length_is_not_read() {
        let long = |length| format!("oauth_token=t%2F1&oauth_verifier={}", "x".repeat(length));
        assert!(answer(&long(MAX_LENGTH - 100)).is_ok());
        assert_eq!(answer(&long(MAX_LENGTH)), Err(AuthorizationResponseError::TooLong));
    }
}
