//! [`HttpClient`] on reqwest: one connection pool for the process.

use std::sync::Arc;
use std::time::Duration;

use ::http::{HeaderMap, Request, Response, header};
use ::reqwest::{Client, Error};
use bytes::{Bytes, BytesMut};
use tokio::time::timeout;

use super::builder::{BuildError, ReqwestClientBuilder};
use super::endpoints::Endpoints;
use super::upload::{Upload, while_progressing};
use super::{BodyStream, BoxFuture, Chunks, HttpClient, Limits, RequestBody, host_of};
use crate::error::NetworkError;
use crate::text::shown;

/// The default client: HTTP/1.1 and HTTP/2, rustls with the system's certificate store, no
/// redirects, no decompression, no proxies from the environment.
#[derive(Debug, Clone)]
pub struct ReqwestClient {
    client: Client,
    endpoints: Arc<Endpoints>,
    /// Lowers the limits of requests.
    timeout: Option<Duration>,
}

impl ReqwestClient {
    /// Creates a client with its own connection pool.
    ///
    /// # Errors
    /// [`BuildError`] if the system's certificate store cannot be read.
    pub fn new() -> Result<Self, BuildError> {
        Self::builder().build()
    }

    /// Starts a client with settings, such as a proxy or a private certificate authority.
    ///
    /// ```
    /// use oauth_runtime::http::ReqwestClient;
    ///
    /// let client = ReqwestClient::builder()
    ///     .proxy("http://proxy.internal:3128")
    ///     .user_agent("acme-portal/2.1")
    ///     .build()?;
    /// # drop(client);
    /// # Ok::<(), oauth_runtime::http::BuildError>(())
    /// ```
    pub fn builder() -> ReqwestClientBuilder {
        ReqwestClientBuilder::new()
    }

    pub(super) fn with_timeout(client: Client, timeout: Option<Duration>) -> Self {
        Self { client, endpoints: Arc::default(), timeout }
    }

    fn bound(&self, limits: Limits) -> Limits {
        let deadline = self.timeout.map_or(limits.deadline, |limit| limit.min(limits.deadline));
        Limits { deadline, ..limits }
    }

    /// Takes the request apart at once, so that the future does not carry it.
    fn exchange(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> impl Future<Output = Result<Response<Bytes>, NetworkError>> + Send + 'static {
        let (host, limits) = (host_of(request.uri()), self.bound(limits));
        let answer = self.endpoints.request(request).map(|mut request| {
            *request.timeout_mut() = Some(limits.deadline);
            self.client.execute(request)
        });
        Self::read(answer, host, limits)
    }

    async fn read(
        answer: Result<impl Future<Output = Result<::reqwest::Response, Error>>, Error>,
        host: String,
        limits: Limits,
    ) -> Result<Response<Bytes>, NetworkError> {
        let failed = |error: Error| network_error(error, host.clone(), limits);
        let mut response = answer.map_err(failed)?.await.map_err(failed)?;
        if response.status().is_redirection() {
            return Err(NetworkError::Redirected { status: response.status().as_u16(), host });
        }
        if let Some(coding) = content_coding(response.headers()) {
            return Err(NetworkError::ContentCoding { host, coding });
        }
        let too_large = || NetworkError::TooLarge { host: host.clone(), most: limits.body };
        if response.content_length().is_some_and(|length| length > limits.body as u64) {
            return Err(too_large());
        }
        let mut body = Body::default();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > limits.body {
                return Err(too_large());
            }
            body.push(chunk);
        }
        let mut whole = Response::new(body.whole());
        *whole.status_mut() = response.status();
        *whole.headers_mut() = std::mem::take(response.headers_mut());
        Ok(whole)
    }

    async fn begin(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<BodyStream>, NetworkError> {
        let (host, limits) = (host_of(request.uri()), self.bound(limits));
        let failed = |error: Error| network_error(error, host.clone(), limits);
        let request = self.endpoints.request(request).map_err(failed)?;
        let head = timeout(limits.deadline, self.client.execute(request)).await;
        answer_of(head.ok(), host, limits)
    }

    async fn send_body(
        &self,
        request: Request<RequestBody>,
        limits: Limits,
    ) -> Result<Response<BodyStream>, NetworkError> {
        let (parts, body) = request.into_parts();
        let (host, limits) = (host_of(&parts.uri), self.bound(limits));
        let failed = |error: Error| network_error(error, host.clone(), limits);
        let request = self.endpoints.request(Request::from_parts(parts, Bytes::new()));
        let mut request = request.map_err(failed)?;
        let watch = body.watch();
        *request.body_mut() = Some(::reqwest::Body::wrap(Upload::new(body)));
        let exchange = self.client.execute(request);
        let head = while_progressing(exchange, &watch, limits.deadline).await;
        let answer = answer_of(head, host.clone(), limits)?;
        match content_coding(answer.headers()) {
            Some(coding) => Err(NetworkError::ContentCoding { host, coding }),
            None => Ok(answer),
        }
    }
}

/// The response with this head; `None` if it did not arrive in time.
fn answer_of(
    head: Option<Result<::reqwest::Response, Error>>,
    host: String,
    limits: Limits,
) -> Result<Response<BodyStream>, NetworkError> {
    let Some(head) = head else {
        return Err(NetworkError::Timeout { host, deadline: limits.deadline });
    };
    let mut response = head.map_err(|error| network_error(error, host.clone(), limits))?;
    let status = response.status();
    if status.is_redirection() {
        return Err(NetworkError::Redirected { status: status.as_u16(), host });
    }
    let headers = std::mem::take(response.headers_mut());
    let mut answer = Response::new(BodyStream::new(ResponseChunks { response, host, limits }));
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    Ok(answer)
}

/// The rest of a response whose head has arrived.
struct ResponseChunks {
    response: ::reqwest::Response,
    host: String,
    limits: Limits,
}

impl Chunks for ResponseChunks {
    fn next_chunk(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, NetworkError>> {
        Box::pin(async {
            let deadline = self.limits.deadline;
            match timeout(deadline, self.response.chunk()).await {
                Ok(piece) => {
                    piece.map_err(|error| network_error(error, self.host.clone(), self.limits))
                }
                Err(_) => Err(NetworkError::Timeout { host: self.host.clone(), deadline }),
            }
        })
    }
}

/// The content coding of a response, if any. No request asks for one, and a few bytes could unpack
/// to gigabytes.
fn content_coding(headers: &HeaderMap) -> Option<String> {
    let coding = headers.get(header::CONTENT_ENCODING)?.to_str().unwrap_or("unreadable");
    let is_none = coding.trim().is_empty() || coding.trim().eq_ignore_ascii_case("identity");
    (!is_none).then(|| shown(coding, 40))
}

/// A body that is assembled from chunks. A single chunk, the usual case, is not copied.
#[derive(Default)]
struct Body {
    first: Bytes,
    all: BytesMut,
}

impl Body {
    fn len(&self) -> usize {
        self.first.len().max(self.all.len())
    }

    fn push(&mut self, piece: Bytes) {
        if self.len() == 0 {
            self.first = piece;
            return;
        }
        if self.all.is_empty() {
            self.all.extend_from_slice(&self.first);
        }
        self.all.extend_from_slice(&piece);
    }

    fn whole(self) -> Bytes {
        if self.all.is_empty() { self.first } else { self.all.freeze() }
    }
}

impl HttpClient for ReqwestClient {
    fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, NetworkError>> {
        Box::pin(self.exchange(request, limits))
    }

    fn send_streaming(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<BodyStream>, NetworkError>> {
        Box::pin(self.begin(request, limits))
    }

    fn upload(
        &self,
        request: Request<RequestBody>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<BodyStream>, NetworkError>> {
        Box::pin(self.send_body(request, limits))
    }
}

fn network_error(error: Error, host: String, limits: Limits) -> NetworkError {
    // The text of the error would repeat the URL, whose query may hold secrets.
    let source = Arc::new(error.without_url());
    if source.is_timeout() {
        NetworkError::Timeout { host, deadline: limits.deadline }
    } else if source.is_connect() {
        NetworkError::Connect { host, source }
    } else {
        NetworkError::Broken { host, source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_is_whole_from_any_number_of_chunks() {
        let of = |pieces: &[&'static str]| {
            let mut body = Body::default();
            for piece in pieces {
                body.push(Bytes::from_static(piece.as_bytes()));
            }
            (body.len(), body.whole())
        };
        for pieces in [&["abc"][..], &["a", "bc"], &["", "ab", "", "c"], &["a", "b", "c", ""]] {
            assert_eq!(of(pieces), (3, Bytes::from_static(b"abc")), "{pieces:?}");
        }
        assert_eq!(of(&[]), (0, Bytes::new()));
    }
}
