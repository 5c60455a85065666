//! What goes wrong between this process and a provider.

use std::sync::Arc;
use std::time::Duration;

/// What went wrong between this process and the provider.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// No connection.
    #[error("cannot connect to {host}")]
    Connect {
        /// Host of the request.
        host: String,
        /// Why.
        #[source]
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// No whole answer before the deadline.
    #[error("{host} did not answer within {} s", .deadline.as_secs_f32())]
    Timeout {
        /// Host of the request.
        host: String,
        /// How long it was waited for.
        deadline: Duration,
    },
    /// The connection broke or the answer is not HTTP.
    #[error("the exchange with {host} broke off")]
    Broken {
        /// Host of the request.
        host: String,
        /// Why.
        #[source]
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// A redirect, which is not followed: it would carry a secret to another place.
    #[error("{host} answered with a redirect (status {status}), which is never followed")]
    Redirected {
        /// Host of the request.
        host: String,
        /// The HTTP status.
        status: u16,
    },
    /// A content coding that was not asked for: it could unpack to any size.
    #[error(
        "{host} answered with the content coding `{coding}`, which was not asked for and is not undone"
    )]
    ContentCoding {
        /// Host of the request.
        host: String,
        /// What the `Content-Encoding` header says.
        coding: String,
    },
    /// More bytes than any real answer has.
    #[error("{host} answered with more than {most} bytes")]
    TooLarge {
        /// Host of the request.
        host: String,
        /// Most bytes that are read.
        most: usize,
    },
}

impl NetworkError {
    pub(super) fn is_temporary(&self) -> bool {
        matches!(self, Self::Connect { .. } | Self::Timeout { .. } | Self::Broken { .. })
    }
}
