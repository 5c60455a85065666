//! The one seam to the network: every request of every flow passes through [`HttpClient`].

mod body_stream;
mod endpoints;
mod reqwest;

use std::time::Duration;

use ::http::{Request, Response};
use bytes::Bytes;

pub use self::body_stream::{BodyStream, Chunks};
pub use self::reqwest::{BuildError, ReqwestClient};
use crate::error::NetworkError;
pub use crate::sync::future::BoxFuture;

/// Sends one request and reads one whole answer.
///
/// # Duties
/// - A redirect is never followed: it would carry a secret to another place. It is an error.
/// - Not more than [`Limits::body`] bytes are read, whatever the answer announces.
/// - After [`Limits::deadline`] the request ends, whatever state it is in.
/// - No content coding is asked for, and none is undone: it is an error.
/// - Any other status is an answer, not an error.
pub trait HttpClient: Send + Sync + 'static {
    /// Sends `request`.
    ///
    /// # Errors
    /// [`NetworkError`] if a complete response does not arrive within the limits.
    fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, NetworkError>>;

    /// Sends `request`, and gives the answer's body in pieces. The head, and then each piece, has
    /// [`Limits::deadline`]; [`Limits::body`] does not apply. The default reads a whole answer with
    /// [`send`](Self::send), so it is right but for answers that are large or slow.
    ///
    /// # Errors
    /// [`NetworkError`] if the head of a response does not arrive in time.
    fn send_streaming(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<BodyStream>, NetworkError>> {
        Box::pin(async move { Ok(self.send(request, limits).await?.map(BodyStream::whole)) })
    }
}

/// The limits of one exchange.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Limits {
    /// Most bytes of the answer's body.
    pub body: usize,
    /// Longest time from the request to the last byte of the answer.
    pub deadline: Duration,
}

impl Limits {
    /// At most `body` bytes of an answer's body, within `deadline`.
    pub const fn new(body: usize, deadline: Duration) -> Self {
        Self { body, deadline }
    }

    /// Token, userinfo and metadata answers: 256 KiB, 10 s.
    pub const DOCUMENT: Self = Self { body: 256 * 1024, deadline: Duration::from_secs(10) };
    /// API answers: 8 MiB, 30 s.
    pub const API: Self = Self { body: 8 * 1024 * 1024, deadline: Duration::from_secs(30) };
}
