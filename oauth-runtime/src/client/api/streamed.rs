//! A call whose body is a stream.

use std::fmt;

use ::http::Response;
use bytes::{Bytes, BytesMut};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::request::{ApiRequest, json, success};
use crate::error::{NetworkError, OAuthError};
use crate::http::{BodyStream, RequestBody};

/// A call in preparation whose body is a stream: the result of
/// [`ApiRequest::body_stream`].
///
/// A stream can be sent only once, so the call is never repeated: not if the API refuses the token,
/// not if it asks to wait, and not if the connection breaks. If the token has expired, it is
/// refreshed before anything is sent. If the API refuses it all the same,
/// [`Api::refresh`](crate::Api::refresh) fetches another one for a call with a new stream.
#[must_use = "nothing is sent until `send`, `json`, `text` or `bytes` is awaited"]
pub struct StreamedRequest<'a> {
    request: ApiRequest<'a>,
    body: RequestBody,
}

impl<'a> StreamedRequest<'a> {
    pub(super) fn new(request: ApiRequest<'a>, body: RequestBody) -> Self {
        Self { request, body }
    }

    /// Sets the length of the stream in bytes, which is sent as `Content-Length`, for APIs that
    /// demand it. A stream that turns out longer or shorter causes an error. Default: the length
    /// that the body itself states, or else none, and HTTP/1.1 sends it in chunks.
    pub fn length(mut self, bytes: u64) -> Self {
        self.body.set_length(bytes);
        self
    }

    /// Sends the request and returns the response, whatever its status.
    ///
    /// # Errors
    /// As [`ApiRequest::send`]; [`CallError::BodyStream`](crate::error::CallError::BodyStream) when
    /// the stream fails.
    pub async fn send(self) -> Result<Response<Bytes>, OAuthError> {
        let (request, body) = (self.request, self.body);
        let limits = request.limits();
        let (parts, stream) = request.upload(body).await?.into_parts();
        let broken = |error| request.client().network_error(error);
        let host =
            || request.uri().and_then(|uri| uri.host().map(str::to_owned)).unwrap_or_default();
        match timeout(limits.deadline, whole(stream, limits.body)).await {
            Ok(Ok(Some(whole))) => Ok(Response::from_parts(parts, whole)),
            Ok(Ok(None)) => Err(broken(NetworkError::TooLarge { host: host(), most: limits.body })),
            Ok(Err(error)) => Err(broken(error)),
            Err(_) => {
                Err(broken(NetworkError::Timeout { host: host(), deadline: limits.deadline }))
            }
        }
    }

    /// Sends the request and returns the response, whatever its status, with a body that is a
    /// stream. See [`ApiRequest::stream`].
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn stream(self) -> Result<Response<BodyStream>, OAuthError> {
        self.request.upload(self.body).await
    }

    /// Sends the request and returns the body of a successful response.
    ///
    /// # Errors
    /// As [`send`](Self::send); [`OAuthError::Token`] for status 401, [`OAuthError::Provider`] for
    /// any other status that is not 2xx. [`OAuthError::api_error`] returns the response.
    pub async fn bytes(self) -> Result<Bytes, OAuthError> {
        let client = self.request.client();
        Ok(success(client, self.send().await?)?.into_body())
    }

    /// Like [`bytes`](Self::bytes), parsed from JSON.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes); [`OAuthError::Provider`] when it is not JSON that fits `T`.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, OAuthError> {
        let client = self.request.client();
        json(client, &self.bytes().await?)
    }

    /// Like [`bytes`](Self::bytes), as a string; invalid UTF-8 is replaced.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes).
    pub async fn text(self) -> Result<String, OAuthError> {
        Ok(String::from_utf8_lossy(&self.bytes().await?).into_owned())
    }
}

/// The whole response body; `None` if it has more than `most` bytes.
async fn whole(mut stream: BodyStream, most: usize) -> Result<Option<Bytes>, NetworkError> {
    let mut whole = BytesMut::new();
    while let Some(chunk) = stream.chunk().await? {
        if whole.len() + chunk.len() > most {
            return Ok(None);
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(Some(whole.freeze()))
}

impl fmt::Debug for StreamedRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StreamedRequest").field(&self.request).finish()
    }
}
