//! Sends the requests of all flows: with the provider's HTTP client, headers and time limit.

use std::sync::Arc;

use ::http::{Request, Response};
use bytes::Bytes;

use super::provider_client::ProviderClient;
use crate::error::OAuthError;
use crate::http::{BodyStream, Limits};

impl ProviderClient {
    /// The limits of a request to an endpoint of this provider.
    pub(crate) fn document(&self) -> Limits {
        self.limits(Limits::DOCUMENT)
    }

    /// `limits` with the configured time limit.
    pub(crate) fn limits(&self, limits: Limits) -> Limits {
        let deadline = self.settings.transport.timeout.unwrap_or(limits.deadline);
        Limits { deadline, ..limits }
    }

    /// Adds the configured headers to a request to this provider, unless it has them.
    fn add_headers(&self, request: &mut Request<Bytes>) {
        for (name, value) in &self.settings.transport.headers {
            request.headers_mut().entry(name).or_insert_with(|| value.clone());
        }
    }

    /// Sends a request of a flow to this provider.
    ///
    /// # Errors
    /// [`OAuthError::Network`].
    pub(crate) fn send(
        &self,
        mut request: Request<Bytes>,
        limits: Limits,
    ) -> impl Future<Output = Result<Response<Bytes>, OAuthError>> + Send {
        self.add_headers(&mut request);
        self.send_unchanged(request, limits)
    }

    /// Sends a request that may be to another origin, without the configured headers.
    ///
    /// Not an `async fn`: its future would contain the request and enlarge each future around it.
    ///
    /// # Errors
    /// [`OAuthError::Network`].
    pub(crate) fn send_unchanged(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> impl Future<Output = Result<Response<Bytes>, OAuthError>> + Send {
        let answer = self.http.send(request, limits);
        async move {
            answer.await.map_err(|error| OAuthError::Network {
                provider: Arc::clone(&self.settings.name),
                error,
            })
        }
    }

    /// Like [`send`](Self::send), but the response body is a stream.
    ///
    /// # Errors
    /// [`OAuthError::Network`].
    pub(crate) fn stream(
        &self,
        mut request: Request<Bytes>,
        limits: Limits,
    ) -> impl Future<Output = Result<Response<BodyStream>, OAuthError>> + Send {
        self.add_headers(&mut request);
        self.stream_unchanged(request, limits)
    }

    /// Like [`send_unchanged`](Self::send_unchanged), but the response body is a stream.
    ///
    /// # Errors
    /// [`OAuthError::Network`].
    pub(crate) async fn stream_unchanged(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<BodyStream>, OAuthError> {
        let answer = self.http.send_streaming(request, limits).await;
        answer.map_err(|error| OAuthError::Network {
            provider: Arc::clone(&self.settings.name),
            error,
        })
    }
}
