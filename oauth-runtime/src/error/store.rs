//! Errors of a store.

use std::sync::Arc;

/// An error of a store.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The URL of a store cannot be used. The text does not repeat the URL, which may contain a
    /// password.
    #[error("the URL of the store cannot be used: {0}")]
    Url(&'static str),
    /// The store cannot be reached, or declined.
    #[error("it did not respond as expected: {0}")]
    Backend(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// Other tasks or instances wrote the same record at every attempt.
    #[error("the record of kind `{0}` was changed concurrently at every attempt to write it")]
    Contended(&'static str),
    /// A record cannot be read: written by another version, damaged, or moved under another key.
    #[error(
        "the record of kind `{0}` cannot be read: it was written by another version of the library, was changed, or was moved from another key"
    )]
    Unreadable(&'static str),
    /// A record was sealed with a key that this instance does not have.
    #[error(
        "the record of kind `{kind}` was sealed with the key `{key_id}`, which is not in `OAUTH_COOKIE_KEYS`: add that key again, after the first; without it, the record is lost"
    )]
    KeyLost {
        /// The kind of the record: the first part of its key in the store.
        kind: &'static str,
        /// The name of the lost key: records with the same name were sealed with the same key.
        key_id: String,
    },
    /// The store has no room for another record of this kind. It did not evict a record that is
    /// still needed.
    #[error(
        "the store has no room for another record of kind `{0}`: use a store outside this process, such as SQLite, PostgreSQL or Redis"
    )]
    Full(&'static str),
    /// The back end cannot list its records.
    #[error("this store cannot list its records: its back end does not implement `Store::list`")]
    CannotList,
}

impl StoreError {
    /// Wraps an error of a back end.
    pub fn backend(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Backend(Arc::from(error.into()))
    }

    pub(super) fn is_temporary(&self) -> bool {
        matches!(self, Self::Backend(_) | Self::Contended(_) | Self::Full(_))
    }
}
