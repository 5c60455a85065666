//! The interface to the network: every request of every flow passes through [`HttpClient`].

mod body_stream;
mod builder;
mod endpoints;
mod request_body;
mod reqwest;
mod upload;

use std::time::Duration;

use ::http::{Request, Response, Uri};
use bytes::Bytes;

pub use self::body_stream::{BodyStream, Chunks};
pub(crate) use self::builder::Part;
pub use self::builder::{BuildError, ReqwestClientBuilder};
pub use self::request_body::RequestBody;
pub use self::reqwest::ReqwestClient;
use self::upload::while_progressing;
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

    /// Like [`send_streaming`](Self::send_streaming), with a request body that is sent while it is
    /// produced, and only once. [`Limits::deadline`] applies to each of its chunks, then to the
    /// head, and then to each chunk of the response. The default reads the request body first, at
    /// most [`Limits::body`] bytes of it: a client that does not override it refuses larger ones.
    ///
    /// # Errors
    /// [`NetworkError`] if the body fails, or the head of a response does not arrive in time.
    fn upload(
        &self,
        request: Request<RequestBody>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<BodyStream>, NetworkError>> {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let (host, watch, deadline) = (host_of(&parts.uri), body.watch(), limits.deadline);
            let whole = while_progressing(body.whole(limits.body), &watch, deadline).await;
            let body = match whole {
                Some(Ok(body)) => body,
                Some(Err(error)) => {
                    return Err(NetworkError::Broken { host, source: error.into() });
                }
                None => return Err(NetworkError::Timeout { host, deadline }),
            };
            self.send_streaming(Request::from_parts(parts, body), limits).await
        })
    }
}

/// The host of a request, for errors.
fn host_of(uri: &Uri) -> String {
    let host = uri.authority().map_or("", |authority| authority.as_str());
    // The host follows user name and password, which a compliance fix may have added.
    host.rsplit('@').next().unwrap_or_default().to_owned()
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
