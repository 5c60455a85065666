//! Errors when the metadata of all providers is loaded at once.

use std::fmt;

use super::OAuthError;

/// Why a registry could not load the metadata and keys of all its providers: one error for each
/// provider that failed.
#[derive(Debug, Clone)]
pub struct ServerMetadataError(Vec<OAuthError>);

impl ServerMetadataError {
    /// Returns an error if there were failures.
    pub(crate) fn check(failures: Vec<OAuthError>) -> Result<(), Self> {
        if failures.is_empty() { Ok(()) } else { Err(Self(failures)) }
    }

    /// The errors, in the order of the registry's fields. Each names its provider.
    pub fn failures(&self) -> &[OAuthError] {
        &self.0
    }

    /// Whether all of them can succeed a little later.
    pub fn is_temporary(&self) -> bool {
        self.0.iter().all(OAuthError::is_temporary)
    }
}

impl fmt::Display for ServerMetadataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "metadata or keys of {} could not be loaded",
            match self.0.len() {
                1 => "a provider".to_owned(),
                several => format!("{several} providers"),
            }
        )?;
        for failure in &self.0 {
            write!(f, "\n- {failure}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ServerMetadataError {}
