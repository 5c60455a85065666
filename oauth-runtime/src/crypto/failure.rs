//! Failures of cryptography that are not caused by its input.

/// A failure of the system that the process runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// The operating system provided no random bytes.
    #[error("the operating system provided no random bytes")]
    Randomness,
    /// An operation failed that always succeeds with accepted keys.
    #[error("a cryptographic operation failed")]
    Operation,
}
