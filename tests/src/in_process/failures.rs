//! The typed errors that an application's error handler received, so that a test can check the rule
//! that refused.

use std::sync::{Arc, Mutex};

use oauth_runtime::OAuthError;

/// The errors of one application, in order.
#[derive(Clone, Debug, Default)]
pub struct Failures(Arc<Mutex<Vec<OAuthError>>>);

impl Failures {
    /// Stores an error.
    ///
    /// # Panics
    /// If another test thread panicked.
    pub fn push(&self, error: OAuthError) {
        self.0.lock().expect("no panic").push(error);
    }

    /// Takes the errors so far.
    ///
    /// # Panics
    /// If another test thread panicked.
    pub fn take(&self) -> Vec<OAuthError> {
        std::mem::take(&mut *self.0.lock().expect("no panic"))
    }

    /// Takes the only error since the last call.
    ///
    /// # Panics
    /// If there was none, or more than one.
    #[track_caller]
    pub fn only(&self) -> OAuthError {
        let mut errors = self.take();
        assert_eq!(errors.len(), 1, "{errors:?}");
        errors.remove(0)
    }
}
