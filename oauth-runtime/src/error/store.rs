//! What goes wrong with a store.

use std::sync::Arc;

/// What a store could not do.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The URL of a store cannot be used. The text does not repeat it: a password may be in it.
    #[error("the URL of the store cannot be used: {0}")]
    Url(&'static str),
    /// The store cannot be reached, or declined.
    #[error("it did not answer as it should: {0}")]
    Backend(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// Others wrote the same record all the time.
    #[error("the record of kind `{0}` was changed by others at every attempt to write it")]
    Contended(&'static str),
    /// A record cannot be read: written by another version, damaged, or moved under another key.
    #[error(
        "the record of kind `{0}` cannot be read: it was written by another version of the library, changed, or moved from another key"
    )]
    Unreadable(&'static str),
    /// A record was sealed with a key that this machine does not have.
    #[error(
        "the record of kind `{kind}` was sealed with the key `{key_id}`, which is not in `OAUTH_COOKIE_KEYS`: add that key again, behind the first; without it the record is lost"
    )]
    KeyLost {
        /// What the record is about: the first part of its key in the store.
        kind: &'static str,
        /// Names the lost key: records with the same name were sealed with the same key.
        key_id: String,
    },
    /// There is no room for another record of this kind. Nothing that is needed was removed to make
    /// room.
    #[error(
        "there is no room for another record of kind `{0}`: use a store outside of this process, such as SQLite, PostgreSQL or Redis"
    )]
    Full(&'static str),
    /// The back end cannot tell which records it has.
    #[error("this store cannot list its records: its back end does not implement `Store::list`")]
    CannotList,
}

impl StoreError {
    /// What a back end says when it cannot do its duty.
    pub fn backend(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Backend(Arc::from(error.into()))
    }

    pub(super) fn is_temporary(&self) -> bool {
        matches!(self, Self::Backend(_) | Self::Contended(_) | Self::Full(_))
    }
}
