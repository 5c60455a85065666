//! Text that is never shown: client secrets, tokens, codes and verifiers.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::constant_time;
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// Text that must not reach a log, an error or a page.
///
/// It has no `Display` and no `Serialize`; its `Debug` hides the content; comparison takes the same
/// time wherever the texts differ. Clones share one text, which is overwritten when the last of them
/// is dropped.
///
/// ```
/// use oauth_runtime::Secret;
///
/// let secret = Secret::from("tr0ub4dor");
/// assert_eq!(format!("{secret:?}"), "Secret(…)");
/// assert_eq!(secret.expose(), "tr0ub4dor");
/// ```
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// The text itself. Whoever calls this answers for where it goes.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Arc::new(Zeroizing::new(text)))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        equal_in_constant_time(self.expose(), other.expose())
    }
}

impl Eq for Secret {}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

/// Whether two texts are the same, in a time that depends on their lengths alone.
pub(crate) fn equal_in_constant_time(a: &str, b: &str) -> bool {
    constant_time::verify_slices_are_equal(a.as_bytes(), b.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_text() {
        assert!(!format!("{:?}", Some(Secret::from("hunter2"))).contains("hunter2"));
    }

    #[test]
    fn equality_is_by_content() {
        assert_eq!(Secret::from("a"), Secret::from("a"));
        assert_ne!(Secret::from("a"), Secret::from("b"));
        assert_ne!(Secret::from("a"), Secret::from("aa"));
    }
}
