//! The error response of a provider (RFC 6749 sections 4.1.2.1 and 5.2).

use std::fmt;

use crate::text::shown;

/// A provider's complete error response (RFC 6749 sections 4.1.2.1 and 5.2).
///
/// The text comes from outside. Control characters are removed and lengths are bounded, but it
/// still has to be escaped wherever it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorResponse {
    error: String,
    description: Option<String>,
    uri: Option<String>,
}

impl ErrorResponse {
    pub(crate) fn new(error: &str, description: Option<&str>, uri: Option<&str>) -> Self {
        Self {
            error: shown(error, 100),
            description: description.map(|text| shown(text, 1000)),
            uri: uri.map(|text| shown(text, 1000)),
        }
    }

    /// `error`: the code, such as `access_denied` or `invalid_grant`.
    pub fn error(&self) -> &str {
        &self.error
    }

    /// `error_description`: text for developers.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// `error_uri`: a page about the error. Untrusted: never make it a link without checking it.
    pub fn uri(&self) -> Option<&str> {
        self.uri.as_deref()
    }
}

impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.error)?;
        match &self.description {
            Some(description) => write!(f, " ({description})"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_provider_is_cut_to_a_bounded_length() {
        let long = "x".repeat(1_000_000);
        let response = ErrorResponse::new(&long, Some(&long), Some(&long));
        assert_eq!(response.error().len(), 100);
        assert_eq!(response.description().map(str::len), Some(1_000));
        assert_eq!(response.uri().map(str::len), Some(1_000));
    }
}
