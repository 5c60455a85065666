//! Errors between this process and a provider.

use std::sync::Arc;
use std::time::Duration;

/// An error between this process and the provider.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// No connection.
    #[error("cannot connect to {host}")]
    Connect {
        /// Host of the request.
        host: String,
        /// The cause.
        #[source]
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// No complete response arrived before the deadline.
    #[error("{host} did not answer within {} s", .deadline.as_secs_f32())]
    Timeout {
        /// Host of the request.
        host: String,
        /// The time that the request had.
        deadline: Duration,
    },
    /// The connection broke, or the response is not HTTP.
    #[error("the exchange with {host} broke off")]
    Broken {
        /// Host of the request.
        host: String,
        /// The cause.
        #[source]
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// A redirect, which is not followed because it would send a secret elsewhere.
    #[error("{host} answered with a redirect (status {status}), which is never followed")]
    Redirected {
        /// Host of the request.
        host: String,
        /// The HTTP status.
        status: u16,
    },
    /// A content coding that was not requested. It could unpack to any size.
    #[error(
        "{host} answered with the content coding `{coding}`, which was not requested and is not decoded"
    )]
    ContentCoding {
        /// Host of the request.
        host: String,
        /// The value of the `Content-Encoding` header.
        coding: String,
    },
    /// More bytes than any real response has.
    #[error("{host} answered with more than {most} bytes")]
    TooLarge {
        /// Host of the request.
        host: String,
        /// Maximum bytes that are read.
        most: usize,
    },
}

impl NetworkError {
    pub(super) fn is_temporary(&self) -> bool {
        matches!(self, Self::Connect { .. } | Self::Timeout { .. } | Self::Broken { .. })
    }
}
