//! Why cryptography failed, for reasons that lie in the computer and not in what was given.

/// A failure of the computer that the process runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// The operating system provided no random bytes.
    #[error("the operating system provided no random bytes")]
    Randomness,
    /// An operation failed that always succeeds with the keys that were accepted.
    #[error("a cryptographic operation failed")]
    Operation,
}
