//! The logout request and the return from it (OpenID Connect RP-Initiated Logout 1.0 sections 2 and
//! 3).

use std::borrow::Cow;

use url::form_urlencoded;

use crate::crypto::secret::{Secret, equal_in_constant_time};
use crate::url::endpoint::EndpointUrl;

/// Parameters that have their own method, or that the library sets itself.
pub(crate) const RESERVED: &[&str] =
    &["client_id", "id_token_hint", "post_logout_redirect_uri", "state"];

/// Longest hint that is sent. Many servers refuse a URL of more than 8 KiB; the client identifier
/// still identifies the client.
const MAX_HINT_LENGTH: usize = 6 * 1024;
/// Longest query that is read on the way back, in bytes.
const MAX_LENGTH: usize = 16 * 1024;

/// Asks the provider to end its session.
pub(crate) struct LogoutRequest<'a> {
    pub(crate) end_session_endpoint: &'a EndpointUrl,
    pub(crate) client_id: &'a str,
    pub(crate) id_token_hint: Option<&'a Secret>,
    pub(crate) post_logout_redirect_uri: Option<&'a str>,
    pub(crate) state: Option<&'a str>,
    pub(crate) extra: &'a [(String, String)],
}

impl LogoutRequest<'_> {
    /// The URL to send the browser to.
    pub(crate) fn url(&self) -> String {
        let mut query = self.end_session_endpoint.with_query();
        query.append_pair("client_id", self.client_id);
        let hint = self.id_token_hint.map(Secret::expose);
        for (name, value) in [
            ("id_token_hint", hint.filter(|hint| hint.len() <= MAX_HINT_LENGTH)),
            ("post_logout_redirect_uri", self.post_logout_redirect_uri),
            ("state", self.state),
        ] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        query.extend_pairs(self.extra);
        query.finish()
    }
}

/// Why a return from the provider does not answer a logout of this browser.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogoutResponseError {
    /// The logout's cookie is missing or cannot be opened: the logout was started in another
    /// browser, under another host name or with another provider, or it has expired.
    #[error("no logout with this provider is pending in this browser")]
    NoPendingLogout,
    /// Longer than any real return.
    #[error("the query is longer than {MAX_LENGTH} bytes")]
    TooLong,
    /// `state` appears more than once.
    #[error("the parameter `state` comes more than once")]
    RepeatedState,
    /// No `state`.
    #[error("the parameter `state` is missing")]
    StateMissing,
    /// The `state` belongs to another logout.
    #[error("the parameter `state` does not match this logout")]
    StateMismatch,
}

/// The `state` that came back; it finds the pending logout and proves nothing.
///
/// # Errors
/// [`LogoutResponseError`] if the query is too long, or does not have `state` exactly once.
pub(crate) fn state(query: &str) -> Result<Cow<'_, str>, LogoutResponseError> {
    if query.len() > MAX_LENGTH {
        return Err(LogoutResponseError::TooLong);
    }
    let mut states = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "state");
    let (_, state) = states.next().ok_or(LogoutResponseError::StateMissing)?;
    match states.next() {
        Some(_) => Err(LogoutResponseError::RepeatedState),
        None => Ok(state),
    }
}

/// Compares the `state` that came back with the one that was sent.
///
/// # Errors
/// [`LogoutResponseError::StateMismatch`].
pub(crate) fn validate(state: &str, sent: &str) -> Result<(), LogoutResponseError> {
    if equal_in_constant_time(state, sent) {
        Ok(())
    } else {
        Err(LogoutResponseError::StateMismatch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    fn parameters(endpoint: &str, hint: &str, with_return: bool) -> Vec<(String, String)> {
        let hint = Secret::from(hint);
        let request = LogoutRequest {
            end_session_endpoint: &EndpointUrl::parse(endpoint, false).unwrap(),
            client_id: "my client",
            id_token_hint: Some(&hint),
            post_logout_redirect_uri: with_return.then_some("https://app.example/bye?x=1&y"),
            state: with_return.then_some("st"),
            extra: &[("ui_locales".to_owned(), "de en".to_owned())],
        };
        Url::parse(&request.url()).unwrap().query_pairs().into_owned().collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn every_parameter_is_there_once() {
        let expected = pairs(&[
            ("client_id", "my client"),
            ("id_token_hint", "a.b.c"),
            ("post_logout_redirect_uri", "https://app.example/bye?x=1&y"),
            ("state", "st"),
            ("ui_locales", "de en"),
        ]);
        assert_eq!(parameters("https://op.example/end", "a.b.c", true), expected);
    }

    #[test]
    fn endpoint_query_is_kept_and_nothing_empty_is_sent() {
        let expected = pairs(&[
            ("p", "1"),
            ("client_id", "my client"),
            ("id_token_hint", "a.b.c"),
            ("ui_locales", "de en"),
        ]);
        for endpoint in ["https://op.example/end?p=1", "https://op.example/end?p=1&"] {
            assert_eq!(parameters(endpoint, "a.b.c", false), expected);
        }
    }

    #[test]
    fn overlong_hint_is_left_out() {
        let has_hint = |length| {
            parameters("https://op.example/end", &"a".repeat(length), false)
                .iter()
                .any(|(name, _)| name == "id_token_hint")
        };
        assert!(has_hint(6 * 1024) && !has_hint(6 * 1024 + 1));
    }

    #[test]
    fn the_state_that_was_sent_must_come_back_once() {
        let validate =
            |query: &str, sent: &str| state(query).and_then(|state| validate(&state, sent));
        assert_eq!(validate("state=a%20b&x=1", "a b"), Ok(()));
        for (query, expected) in [
            ("", LogoutResponseError::StateMissing),
            ("State=a", LogoutResponseError::StateMissing),
            ("state=", LogoutResponseError::StateMismatch),
            ("state=b", LogoutResponseError::StateMismatch),
            ("state=a&state=b", LogoutResponseError::RepeatedState),
            ("state=a&state=a", LogoutResponseError::RepeatedState),
            (&format!("state=a&x={}", "x".repeat(MAX_LENGTH)), LogoutResponseError::TooLong),
        ] {
            assert_eq!(validate(query, "a"), Err(expected), "{query:.30}");
        }
    }
}
