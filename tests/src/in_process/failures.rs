//! What an application's error handler was given: typed, so that a test can say which rule refused.

use std::sync::{Arc, Mutex};

use oauth_runtime::OAuthError;

/// The errors of one application, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Failures(Arc<Mutex<Vec<OAuthError>>>);

impl Failures {
    /// Remembers an error.
    ///
    /// # Panics
    /// When another test thread panicked meanwhile.
    pub fn push(&self, error: OAuthError) {
        self.0.lock().expect("no panic").push(error);
    }

    /// The errors so far; they are forgotten.
    ///
    /// # Panics
    /// When another test thread panicked meanwhile.
    pub fn take(&self) -> Vec<OAuthError> {
        std::mem::take(&mut *self.0.lock().expect("no panic"))
    }

    /// The one error since the last look.
    ///
    /// # Panics
    /// When there was none, or more than one.
    #[track_caller]
    pub fn only(&self) -> OAuthError {
        let mut errors = self.take();
        assert_eq!(errors.len(), 1, "{errors:?}");
        errors.remove(0)
    }
}
