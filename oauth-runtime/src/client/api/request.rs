//! One call to an API, prepared and sent.

use std::fmt;
use std::time::Duration;

use ::http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::{Url, form_urlencoded};

use super::caller::{Caller, Needs};
use super::pages::Pages;
use crate::error::{CallError, NetworkError, OAuthError};
use crate::flow::provider_client::ProviderClient;
use crate::http::BodyStream;
use crate::json;
use crate::protocol::answer::AnswerExcerpt;
use crate::protocol::api_error::ApiError;
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::protocol::retry_after;
use crate::url::endpoint::RedactedUrl;

/// How often a call is repeated when the API asks to come back later.
const MOST_RETRIES: usize = 3;
/// Longest time that a call waits for that, in all.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// One call that is being prepared.
#[must_use = "nothing is sent until `send`, `json`, `text` or `bytes` is awaited"]
pub struct ApiRequest<'a> {
    caller: &'a Caller,
    request: Result<Request<Bytes>, OAuthError>,
    needs: Needs,
    /// Why the token must not go there, if it must not.
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
            request
        });
        Self {
            caller,
            request: request.map_err(OAuthError::from),
            needs: Needs::default(),
            foreign,
        }
    }

    /// The same request at another place of the API.
    pub(super) fn moved_to(self, url: &str) -> Self {
        let mut moved = Self::new(self.caller, Method::GET, url);
        if let (Ok(new), Ok(old)) = (&mut moved.request, &self.request) {
            *new.headers_mut() = old.headers().clone();
            *new.method_mut() = old.method().clone();
        }
        // What was allowed by name was allowed for the first place alone.
        Self { needs: self.needs, ..moved }
    }

    /// Scopes that this call needs. Where the grant is known to lack one, nothing is sent, and the
    /// error is [`TokenError::ScopesNeeded`](crate::error::TokenError::ScopesNeeded): as a response it is a page that leads the person to a
    /// login which asks for what is granted already and what is missing, and back here.
    ///
    /// Where the provider does not say what it granted, the call is made.
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

    /// Sends no token: for what is public, at any origin.
    pub fn withhold_token(mut self) -> Self {
        self.needs.no_token = true;
        self.foreign = None;
        self
    }

    /// Sends the token outside of `api_base_url`, to this origin, such as `https://uploads.github.com`.
    /// It must be the origin of the URL of this call, written out, so that no URL from elsewhere
    /// decides where a token goes. The path is free: with the origin of `api_base_url`, the call may
    /// lead above its path.
    pub fn with_token_at(mut self, origin: &str) -> Self {
        let own = Url::parse(origin).map(|url| url.origin());
        let target = self.request.as_ref().ok().map(|request| request.uri().to_string());
        let target = target.and_then(|uri| Url::parse(&uri).ok()).map(|url| url.origin());
        if own.is_ok_and(|own| own.is_tuple() && Some(own) == target) {
            self.foreign = None;
        }
        self
    }

    /// Adds a header; it replaces one of the same name. `Authorization` holds the token: to replace
    /// it is an error when the request is sent.
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

    /// Sends the request and gives the answer, whatever its status. A `GET`, `HEAD` or `OPTIONS` that
    /// is answered with 429 or 503 and `Retry-After` is sent again when that time has come: at most
    /// three times, and not if it takes more than half a minute. One whose connection breaks is sent
    /// once more at once.
    ///
    /// # Errors
    /// [`OAuthError::Call`] when the request cannot be made as asked; [`OAuthError::Token`] when
    /// there is no token any more, [`OAuthError::Provider`] and [`OAuthError::Store`] when it could
    /// not be refreshed just now; [`OAuthError::Network`].
    pub async fn send(self) -> Result<Response<Bytes>, OAuthError> {
        self.exchange().await
    }

    /// Sends the request and gives the answer, whatever its status, with a body that comes in
    /// pieces: for what is too large for memory. Each piece has the deadline of a whole answer, and
    /// no bound is set to all of them: whoever reads counts.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn stream(self) -> Result<Response<BodyStream>, OAuthError> {
        self.caller.stream(self.checked()?, &self.needs).await
    }

    /// The pages of a list.
    pub fn pages(self) -> Pages<'a> {
        Pages::new(self)
    }

    /// The body of a successful answer.
    ///
    /// # Errors
    /// As [`send`](Self::send); [`OAuthError::Token`] for status 401, [`OAuthError::Provider`] for
    /// any other status that is not 2xx. [`OAuthError::api_error`] has the answer.
    pub async fn bytes(self) -> Result<Bytes, OAuthError> {
        Ok(self.successful().await?.into_body())
    }

    /// The body of a successful answer, from JSON.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes); [`OAuthError::Provider`] when it is not JSON of the shape of `T`.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, OAuthError> {
        json(self.client(), &self.bytes().await?)
    }

    /// The body of a successful answer, as text; what is not UTF-8 is replaced.
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

    /// An answer with a status of success.
    pub(super) async fn successful(&self) -> Result<Response<Bytes>, OAuthError> {
        let client = self.client();
        let response = self.exchange().await?;
        match response.status() {
            status if status.is_success() => Ok(response),
            StatusCode::UNAUTHORIZED => Err(client.refused_token(ApiError::of(&response))),
            status => Err(client.blame(ProviderError::Status {
                endpoint: EndpointKind::Api,
                status: status.as_u16(),
                answer: AnswerExcerpt::default(),
                body: Some(ApiError::of(&response)),
            })),
        }
    }

    /// The request, if it may be sent.
    fn checked(&self) -> Result<&Request<Bytes>, OAuthError> {
        match (&self.request, &self.foreign) {
            (Ok(_), Some(foreign)) => Err(foreign.clone().into()),
            (request, _) => request.as_ref().map_err(OAuthError::clone),
        }
    }

    async fn exchange(&self) -> Result<Response<Bytes>, OAuthError> {
        let request = self.checked()?;
        let mut left = LONGEST_PAUSE;
        for _ in 0..MOST_RETRIES {
            let answer = self.attempt(request).await?;
            let pause = self.pause_before_retry(request.method(), &answer);
            let Some(pause) = pause.filter(|pause| *pause <= left) else { return Ok(answer) };
            tracing::debug!(provider = self.client().name(), ?pause, "the API asks to wait");
            tokio::time::sleep(pause).await;
            left -= pause;
        }
        self.attempt(request).await
    }

    /// What changes nothing is sent once more when its connection breaks (RFC 9110 section 9.2.2): the
    /// API may end one that was idle in the moment in which it is used again.
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

    /// What changes nothing may be sent again (RFC 9110 section 9.2.1), when the API says when.
    fn pause_before_retry(&self, method: &Method, answer: &Response<Bytes>) -> Option<Duration> {
        let asks = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE];
        if !method.is_safe() || !asks.contains(&answer.status()) {
            return None;
        }
        retry_after::read(answer.headers(), self.client().now()).map(Duration::from_secs)
    }
}

/// Reads the body of an answer of an API.
pub(super) fn json<T: DeserializeOwned>(
    client: &ProviderClient,
    body: &[u8],
) -> Result<T, OAuthError> {
    json::read(body).map_err(|reason| {
        let answer = AnswerExcerpt::default();
        client.blame(ProviderError::Malformed { endpoint: EndpointKind::Api, reason, answer })
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
