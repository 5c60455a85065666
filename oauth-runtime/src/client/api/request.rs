//! One call to an API.

use std::fmt;
use std::time::Duration;

use ::http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::{Url, form_urlencoded};

use super::caller::{Caller, Needs};
use super::multipart::Multipart;
use super::pages::Pages;
use super::streamed::StreamedRequest;
use crate::error::{CallError, NetworkError, OAuthError};
use crate::flow::provider_client::ProviderClient;
use crate::http::{BodyStream, Limits, RequestBody};
use crate::json;
use crate::protocol::answer::AnswerExcerpt;
use crate::protocol::api_error::ApiError;
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::protocol::media_type;
use crate::protocol::retry_after;
use crate::url::endpoint::RedactedUrl;

/// Maximum number of retries when the API asks to wait.
const MAX_RETRIES: usize = 3;
/// Maximum total time that a call waits for retries.
const MAX_PAUSE: Duration = Duration::from_secs(30);
/// Maximum time limit of a call: a provider that hangs must not hold its resources for longer.
const MAX_TIMEOUT: Duration = Duration::from_secs(600);

pub(super) const BAD_CONTENT_TYPE: &str =
    "its content type has a character that a header cannot have";
const STREAMED_FORM: &str = "a form cannot be a stream";
const FORM: &str = "application/x-www-form-urlencoded";
const BAD_TIMEOUT: &str = "its time limit is zero or longer than ten minutes";

/// A call in preparation.
#[must_use = "nothing is sent until `send`, `json`, `text` or `bytes` is awaited"]
pub struct ApiRequest<'a> {
    caller: &'a Caller,
    request: Result<Request<Bytes>, OAuthError>,
    needs: Needs,
    /// The reason why the token must not be sent there, if there is one.
    foreign: Option<CallError>,
}

impl<'a> ApiRequest<'a> {
    pub(super) fn new(caller: &'a Caller, method: Method, path: &str) -> Self {
        let mut foreign = None;
        let request = caller.url(path).map(|(url, is_own)| {
            foreign = (!is_own).then(|| CallError::ForeignOrigin(path.into()));
            let mut request = Request::new(Bytes::new());
            *request.method_mut() = method;
            *request.uri_mut() = url.uri();
            let json = HeaderValue::from_static("application/json");
            request.headers_mut().insert(header::ACCEPT, json);
            if is_own {
                caller.add_headers(&mut request);
            }
            request
        });
        let needs = Needs::new(caller);
        Self { caller, request: request.map_err(OAuthError::from), needs, foreign }
    }

    /// The same request to another URL of the API.
    pub(super) fn moved_to(self, url: &str) -> Self {
        let mut moved = Self::new(self.caller, Method::GET, url);
        if let (Ok(new), Ok(old)) = (&mut moved.request, &self.request) {
            *new.headers_mut() = old.headers().clone();
            *new.method_mut() = old.method().clone();
        }
        // Exceptions were granted only for the first URL.
        Self { needs: self.needs, ..moved }
    }

    /// Declares scopes that this call needs. If the grant is known to lack one, nothing is sent,
    /// and the error is [`TokenError::ScopesNeeded`](crate::error::TokenError::ScopesNeeded). As a
    /// response that is a page from which the user goes to a login for the granted and the missing
    /// scopes, and then returns.
    ///
    /// If the provider does not state the granted scopes, the call is made.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("read:user"))]
    /// # struct GitHub;
    ///
    /// async fn gists(github: Api<GitHub>) -> Result<String, OAuthError> {
    ///     github.get("gists").needs_scopes(["gist"]).text().await
    /// }
    /// ```
    pub fn needs_scopes<'s>(mut self, scopes: impl IntoIterator<Item = &'s str>) -> Self {
        self.needs.scopes.extend(scopes.into_iter().map(str::to_owned));
        self
    }

    /// Sends no token: for public resources, at any origin.
    pub fn withhold_token(mut self) -> Self {
        self.needs.no_token = true;
        self.foreign = None;
        self
    }

    /// Sends the token outside `api_base_url`, to this origin, such as
    /// `https://uploads.github.com`. It must be the origin of the URL of this call, written out, so
    /// that a URL from elsewhere never decides where a token is sent. The path is not restricted:
    /// with the origin of `api_base_url`, the call may use a path above its path.
    pub fn with_token_at(mut self, origin: &str) -> Self {
        let own = Url::parse(origin).map(|url| url.origin());
        let target = self.request.as_ref().ok().map(|request| request.uri().to_string());
        let target = target.and_then(|uri| Url::parse(&uri).ok()).map(|url| url.origin());
        if own.is_ok_and(|own| own.is_tuple() && Some(own) == target) {
            self.foreign = None;
        }
        self
    }

    /// Sets a header and replaces one of the same name. `Authorization` holds the token: replacing
    /// it causes an error when the request is sent.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        if name == header::AUTHORIZATION {
            self.request = Err(CallError::ReservedHeader("authorization").into());
        } else if let Ok(request) = &mut self.request {
            request.headers_mut().insert(name, value);
        }
        self
    }

    /// Adds parameters to the query.
    pub fn query<'q>(mut self, pairs: impl IntoIterator<Item = (&'q str, &'q str)>) -> Self {
        if let Ok(request) = &mut self.request {
            let uri = request.uri();
            let (path, query) = (uri.path(), uri.query().unwrap_or_default());
            let mut serializer = form_urlencoded::Serializer::new(query.to_owned());
            let query = serializer.extend_pairs(pairs).finish();
            let mut parts = uri.clone().into_parts();
            let text = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
            parts.path_and_query = text.parse().ok();
            match Uri::from_parts(parts) {
                Ok(uri) => *request.uri_mut() = uri,
                Err(_) => {
                    self.request = Err(CallError::Body("the query is too long".into()).into())
                }
            }
        }
        self
    }

    /// Sends `pairs` as a form.
    pub fn body_form<'q>(mut self, pairs: impl IntoIterator<Item = (&'q str, &'q str)>) -> Self {
        if let Ok(request) = &mut self.request {
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            request.headers_mut().insert(header::CONTENT_TYPE, form);
            let mut serializer = form_urlencoded::Serializer::new(String::new());
            *request.body_mut() = serializer.extend_pairs(pairs).finish().into();
        }
        self
    }

    /// Sends `body` as JSON.
    pub fn body_json<T: Serialize>(mut self, body: &T) -> Self {
        if let Ok(request) = &mut self.request {
            match serde_json::to_vec(body) {
                Ok(bytes) => {
                    let json = HeaderValue::from_static("application/json");
                    request.headers_mut().insert(header::CONTENT_TYPE, json);
                    *request.body_mut() = bytes.into();
                }
                Err(error) => self.request = Err(CallError::Body(error.to_string()).into()),
            }
        }
        self
    }

    /// Sends `body` as it is, with this `Content-Type`, such as `application/xml`.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("repo"))]
    /// # struct GitHub;
    ///
    /// async fn upload(github: Api<GitHub>, archive: Vec<u8>) -> Result<String, OAuthError> {
    ///     let upload = github.post("https://uploads.github.com/repos/ada/loom/releases/1/assets");
    ///     let upload = upload.with_token_at("https://uploads.github.com").query([("name", "loom.zip")]);
    ///     upload.body("application/zip", archive).text().await
    /// }
    /// ```
    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        if let Ok(request) = &mut self.request {
            match HeaderValue::from_str(content_type) {
                Ok(kind) => {
                    request.headers_mut().insert(header::CONTENT_TYPE, kind);
                    *request.body_mut() = body.into();
                }
                Err(_) => self.request = Err(CallError::Unsendable(BAD_CONTENT_TYPE).into()),
            }
        }
        self
    }

    /// Sends a form with files (RFC 7578).
    pub fn body_multipart(self, form: Multipart) -> Self {
        match form.encode() {
            Ok((content_type, body)) => self.body(&content_type, body),
            Err(error) => Self { request: self.request.and(Err(error)), ..self },
        }
    }

    /// Sends `body` while it is produced, with this `Content-Type`, for bodies that are too large for
    /// memory: the body of a request to the application, or
    /// [`Body::from_stream`](axum::body::Body::from_stream) of a stream of
    /// `Result<Bytes, E>`. It is sent once: see [`StreamedRequest`].
    ///
    /// The total size and the total time are not limited: the [`timeout`](Self::timeout) applies to
    /// each chunk that the application produces and the API accepts, then to the head of the
    /// response, and then to its body. A form cannot be a stream, because its parameters are signed
    /// in OAuth 1.0a, and it may hold the token: use [`body_form`](Self::body_form).
    /// The signature of OAuth 1.0a does not cover a stream (RFC 5849 section 3.4.1.3.1), and there is
    /// no `oauth_body_hash`.
    ///
    /// ```
    /// use axum::body::Body;
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("repo"))]
    /// # struct GitHub;
    ///
    /// /// Passes the body of a request on to the API.
    /// async fn upload(github: Api<GitHub>, archive: Body) -> Result<String, OAuthError> {
    ///     let upload = github.post("https://uploads.github.com/repos/ada/loom/releases/1/assets");
    ///     let upload = upload.with_token_at("https://uploads.github.com").query([("name", "loom.zip")]);
    ///     upload.body_stream("application/zip", archive).text().await
    /// }
    /// ```
    pub fn body_stream(
        mut self,
        content_type: &str,
        body: impl Into<RequestBody>,
    ) -> StreamedRequest<'a> {
        self = self.body(content_type, Bytes::new());
        if self.request.as_ref().is_ok_and(|request| media_type::is(request.headers(), FORM)) {
            self.request = Err(CallError::Unsendable(STREAMED_FORM).into());
        }
        StreamedRequest::new(self, body.into())
    }

    /// Sets the time limit of each attempt of this call, from the request to the last byte of the
    /// response: more than zero and at most ten minutes. Default: 30 s, or the setting `TIMEOUT`. For
    /// [`stream`](Self::stream) it applies to the head and to each chunk. Any other limit causes an
    /// error when the request is sent.
    pub fn timeout(mut self, limit: Duration) -> Self {
        if limit.is_zero() || limit > MAX_TIMEOUT {
            self.request = self.request.and(Err(CallError::Unsendable(BAD_TIMEOUT).into()));
        } else {
            self.needs.limits.deadline = limit;
        }
        self
    }

    /// Sends the request and returns the response, whatever its status. A `GET`, `HEAD` or
    /// `OPTIONS` that is answered with 429 or 503 and `Retry-After` is repeated at that time: at
    /// most three times, and only within half a minute. If its connection breaks, it is repeated
    /// once at once.
    ///
    /// # Errors
    /// [`OAuthError::Call`] when the request is invalid; [`OAuthError::Token`] when there is no
    /// longer a token, [`OAuthError::Provider`] and [`OAuthError::Store`] when it could not be
    /// refreshed; [`OAuthError::Network`].
    pub async fn send(self) -> Result<Response<Bytes>, OAuthError> {
        self.exchange().await
    }

    /// Sends the request and returns the response, whatever its status, with a body that is a
    /// stream, for bodies that are too large for memory. Each chunk has the deadline of a whole
    /// response, and the total size is not limited: the caller has to count.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn stream(self) -> Result<Response<BodyStream>, OAuthError> {
        self.caller.stream(self.checked()?, &self.needs).await
    }

    /// Returns the pages of a list.
    pub fn pages(self) -> Pages<'a> {
        Pages::new(self)
    }

    /// Sends the request and returns the body of a successful response.
    ///
    /// # Errors
    /// As [`send`](Self::send); [`OAuthError::Token`] for status 401, [`OAuthError::Provider`] for
    /// any other status that is not 2xx. [`OAuthError::api_error`] returns the response.
    pub async fn bytes(self) -> Result<Bytes, OAuthError> {
        Ok(self.successful().await?.into_body())
    }

    /// Like [`bytes`](Self::bytes), parsed from JSON.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes); [`OAuthError::Provider`] when it is not JSON that fits `T`.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, OAuthError> {
        json(self.client(), &self.bytes().await?)
    }

    /// Like [`bytes`](Self::bytes), as a string; invalid UTF-8 is replaced.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes).
    pub async fn text(self) -> Result<String, OAuthError> {
        Ok(String::from_utf8_lossy(&self.bytes().await?).into_owned())
    }

    pub(super) fn client(&self) -> &'a ProviderClient {
        &self.caller.client
    }

    pub(super) fn uri(&self) -> Option<Uri> {
        self.request.as_ref().ok().map(|request| request.uri().clone())
    }

    /// Returns a response with a success status.
    pub(super) async fn successful(&self) -> Result<Response<Bytes>, OAuthError> {
        success(self.client(), self.exchange().await?)
    }

    /// Sends the request once, with a body that is a stream. Only the body states its length: the
    /// server would read another one from the connection (RFC 9112 section 6.3).
    pub(super) async fn upload(
        &self,
        body: RequestBody,
    ) -> Result<Response<BodyStream>, OAuthError> {
        let request = self.checked()?;
        for framing in ["content-length", "transfer-encoding"] {
            if request.headers().contains_key(framing) {
                return Err(CallError::ReservedHeader(framing).into());
            }
        }
        self.caller.upload(request.clone(), body, &self.needs).await
    }

    pub(super) fn limits(&self) -> Limits {
        self.needs.limits
    }

    /// Returns the request, if it may be sent.
    fn checked(&self) -> Result<&Request<Bytes>, OAuthError> {
        match (&self.request, &self.foreign) {
            (Ok(_), Some(foreign)) => Err(foreign.clone().into()),
            (request, _) => request.as_ref().map_err(OAuthError::clone),
        }
    }

    async fn exchange(&self) -> Result<Response<Bytes>, OAuthError> {
        let request = self.checked()?;
        let mut left = MAX_PAUSE;
        for _ in 0..MAX_RETRIES {
            let answer = self.attempt(request).await?;
            let pause = self.pause_before_retry(request.method(), &answer);
            let Some(pause) = pause.filter(|pause| *pause <= left) else { return Ok(answer) };
            tracing::debug!(provider = self.client().name(), ?pause, "the API asks to wait");
            tokio::time::sleep(pause).await;
            left -= pause;
        }
        self.attempt(request).await
    }

    /// Repeats an idempotent request once when its connection breaks (RFC 9110 section 9.2.2): the
    /// API may close an idle connection at the moment in which it is reused.
    async fn attempt(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, OAuthError> {
        match self.caller.send(request, &self.needs).await {
            Err(OAuthError::Network { error: NetworkError::Broken { .. }, .. })
                if request.method().is_safe() =>
            {
                self.caller.send(request, &self.needs).await
            }
            answer => answer,
        }
    }

    /// The pause before a safe request (RFC 9110 section 9.2.1) is repeated, if the API states one.
    fn pause_before_retry(&self, method: &Method, answer: &Response<Bytes>) -> Option<Duration> {
        let asks = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE];
        if !method.is_safe() || !asks.contains(&answer.status()) {
            return None;
        }
        retry_after::read(answer.headers(), self.client().now()).map(Duration::from_secs)
    }
}

/// Returns a response with a success status.
pub(super) fn success(
    client: &ProviderClient,
    response: Response<Bytes>,
) -> Result<Response<Bytes>, OAuthError> {
    match response.status() {
        status if status.is_success() => Ok(response),
        StatusCode::UNAUTHORIZED => Err(client.refused_token(ApiError::of(&response))),
        status => Err(client.provider_error(ProviderError::Status {
            endpoint: EndpointKind::Api,
            status: status.as_u16(),
            answer: AnswerExcerpt::default(),
            body: Some(ApiError::of(&response)),
        })),
    }
}

/// Parses the body of an API response.
pub(super) fn json<T: DeserializeOwned>(
    client: &ProviderClient,
    body: &[u8],
) -> Result<T, OAuthError> {
    json::read(body).map_err(|reason| {
        let answer = AnswerExcerpt::default();
        client.provider_error(ProviderError::Malformed {
            endpoint: EndpointKind::Api,
            reason,
            answer,
        })
    })
}

impl fmt::Debug for ApiRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.request.as_ref().map(|request| {
            (request.method(), RedactedUrl::from(request.uri().to_string().as_str()))
        });
        f.debug_tuple("ApiRequest").field(&shown.ok()).finish()
    }
}
