//! Sends the requests of all flows: with the provider's HTTP client, headers and time limit.

use std::sync::Arc;

use ::http::{Request, Response};
use bytes::Bytes;

use super::provider_client::ProviderClient;
use crate::error::{CallError, NetworkError, OAuthError};
use crate::http::{BodyStream, Limits, RequestBody};
use crate::protocol::exchange_trace;

/// The target of the traces of each exchange.
const EXCHANGE: &str = "oauth_runtime::exchange";

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
    pub(super) fn add_headers(&self, request: &mut Request<Bytes>) {
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
        let is_traced = self.trace(|| exchange_trace::request(&request));
        let answer = self.http.send(request, limits);
        async move {
            let answer = answer.await.map_err(|error| self.network_error(error))?;
            if is_traced {
                self.trace(|| exchange_trace::response(&answer));
            }
            Ok(answer)
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
        self.trace(|| exchange_trace::request(&request));
        let answer = self.http.send_streaming(request, limits).await;
        let answer = answer.map_err(|error| self.network_error(error))?;
        self.trace(|| exchange_trace::head(&answer));
        Ok(answer)
    }

    /// Sends a request whose body is a stream, without the configured headers. The body appears in
    /// no trace.
    ///
    /// # Errors
    /// [`CallError::BodyStream`]; [`OAuthError::Network`].
    pub(crate) async fn upload_unchanged(
        &self,
        request: Request<RequestBody>,
        limits: Limits,
    ) -> Result<Response<BodyStream>, OAuthError> {
        self.trace(|| exchange_trace::request_head(&request));
        let watch = request.body().watch();
        let answer = self.http.upload(request, limits).await;
        let answer = answer.map_err(|error| match watch.fault(&error) {
            Some(fault) => CallError::BodyStream(fault).into(),
            None => self.network_error(error),
        })?;
        self.trace(|| exchange_trace::head(&answer));
        Ok(answer)
    }

    pub(crate) fn network_error(&self, error: NetworkError) -> OAuthError {
        OAuthError::Network { provider: Arc::clone(&self.settings.name), error }
    }

    /// Logs a message of an exchange, if anything listens. Returns whether it does.
    pub(super) fn trace(&self, message: impl FnOnce() -> String) -> bool {
        let is_traced = tracing::enabled!(target: EXCHANGE, tracing::Level::DEBUG);
        if is_traced {
            tracing::debug!(target: EXCHANGE, provider = self.name(), "{}", message());
        }
        is_traced
    }
}
