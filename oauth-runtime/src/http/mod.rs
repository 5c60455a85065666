//! The interface to the network: every request of every flow passes through [`HttpClient`].

mod body_stream;
mod builder;
mod endpoints;
mod reqwest;

use std::time::Duration;

use ::http::{Request, Response};
use bytes::Bytes;

pub use self::body_stream::{BodyStream, Chunks};
pub(crate) use self::builder::Part;
pub use self::builder::{BuildError, ReqwestClientBuilder};
pub use self::reqwest::ReqwestClient;
use crate::error::NetworkError;
pub use crate::sync::future::BoxFuture;

/// Sends one request and reads one complete response.
///
/// # Duties
/// - A redirect is an error and never followed: it would send a secret elsewhere.
/// - At most [`Limits::body`] bytes are read, whatever the response announces.
/// - After [`Limits::deadline`], the request is aborted in any state.
/// - No content coding is requested or decoded: one in a response is an error.
/// - Any other status is a response, not an error.
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

    /// Sends `request` and returns the response's body in chunks. [`Limits::deadline`] applies to
    /// the head and then to each chunk; [`Limits::body`] does not apply. The default reads a
    /// complete response with [`send`](Self::send), which is right unless responses are large or
    /// slow.
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
    /// Maximum bytes of the response's body.
    pub body: usize,
    /// Maximum time from the request to the last byte of the response.
    pub deadline: Duration,
}

impl Limits {
    /// At most `body` bytes of a response's body, within `deadline`.
    pub const fn new(body: usize, deadline: Duration) -> Self {
        Self { body, deadline }
    }

    /// Token, userinfo and metadata responses: 256 KiB, 10 s.
    pub const DOCUMENT: Self = Self { body: 256 * 1024, deadline: Duration::from_secs(10) };
    /// API responses: 8 MiB, 30 s.
    pub const API: Self = Self { body: 8 * 1024 * 1024, deadline: Duration::from_secs(30) };
}
