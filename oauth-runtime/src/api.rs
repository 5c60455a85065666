//! Calls to a provider's API in the name of the person who is logged in.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use ::http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::{Url, form_urlencoded};

use crate::endpoint::{EndpointError, EndpointUrl};
use crate::error::{CallError, Endpoint, OAuthError, ProviderError, TokenError};
use crate::flow::discovery::ProviderClient;
use crate::flow::grant_record::GrantId;
use crate::flow::{protected_request, userinfo};
use crate::http::Limits;
use crate::json;
use crate::provider::OAuthProvider;
use crate::token::TokenData;

/// The API of the provider `P`, called with the access token of the person who is logged in.
///
/// As an extractor it demands a login with this provider. The token stays fresh: it is refreshed
/// shortly before it expires, beside the calls, and once when the API refuses it; calls at the same
/// time share one refresh, on one machine or ten.
///
/// ```
/// use oauth_runtime::prelude::*;
/// # #[derive(OAuthProvider)]
/// # #[oauth_provider(name = "github", preset = "github", scopes("read:user"))]
/// # struct GitHub;
///
/// async fn repositories(github: Api<GitHub>) -> Result<String, OAuthError> {
///     github.get("user/repos").text().await
/// }
/// ```
pub struct Api<P> {
    caller: Caller,
    provider: PhantomData<fn() -> P>,
}

/// Who calls, without the brand of the provider.
struct Caller {
    client: Arc<ProviderClient>,
    access: Access,
}

/// Whose token a call carries.
enum Access {
    /// That of a login, which is refreshed, with who is logged in at this provider.
    Login { grant: GrantId, subject: String },
    /// One that the application has itself. Nothing is known of it, and it is not refreshed.
    Token(Arc<TokenData>),
}

impl<P: OAuthProvider> Api<P> {
    /// `GET`. The path is relative to `api_base_url`, or an absolute URL of the same origin.
    pub fn get(&self, path: &str) -> ApiRequest<'_> {
        self.request(Method::GET, path)
    }

    /// `POST`.
    pub fn post(&self, path: &str) -> ApiRequest<'_> {
        self.request(Method::POST, path)
    }

    /// `PUT`.
    pub fn put(&self, path: &str) -> ApiRequest<'_> {
        self.request(Method::PUT, path)
    }

    /// `PATCH`.
    pub fn patch(&self, path: &str) -> ApiRequest<'_> {
        self.request(Method::PATCH, path)
    }

    /// `DELETE`.
    pub fn delete(&self, path: &str) -> ApiRequest<'_> {
        self.request(Method::DELETE, path)
    }

    /// Any method.
    pub fn request(&self, method: Method, path: &str) -> ApiRequest<'_> {
        let request = self.caller.url(path).map(|url| {
            let mut request = Request::new(Bytes::new());
            *request.method_mut() = method;
            *request.uri_mut() = url.uri();
            let json = HeaderValue::from_static("application/json");
            request.headers_mut().insert(header::ACCEPT, json);
            request
        });
        ApiRequest { caller: &self.caller, request: request.map_err(OAuthError::from) }
    }

    /// The userinfo endpoint's answer, with the subject compared to that of the login, where the
    /// token is of one.
    ///
    /// # Errors
    /// [`OAuthError::Provider`] when there is no such endpoint, it declines, or it speaks of another
    /// person; [`OAuthError::Network`].
    pub async fn userinfo(&self) -> Result<P::UserInfo, OAuthError> {
        let client = &self.caller.client;
        let resolved = client.resolved().await?;
        let token = self.caller.token().await?;
        let path = client.settings.identity.id.as_str();
        let subject = self.caller.subject().map(|subject| (path, subject));
        let endpoint = resolved.userinfo_endpoint.as_ref();
        let claims = userinfo::fetch(client, endpoint, &token, subject).await?;
        serde_json::from_value(claims).map_err(|error| {
            let reason = error.into();
            client.blame(ProviderError::Malformed { endpoint: Endpoint::UserInfo, reason })
        })
    }

    pub(crate) fn new(client: Arc<ProviderClient>, grant: GrantId, subject: String) -> Self {
        let access = Access::Login { grant, subject };
        Self { caller: Caller { client, access }, provider: PhantomData }
    }

    /// Calls with a token of the application itself.
    pub(crate) fn with_token(client: Arc<ProviderClient>, token: TokenData) -> Self {
        let access = Access::Token(Arc::new(token));
        Self { caller: Caller { client, access }, provider: PhantomData }
    }
}

impl Caller {
    async fn token(&self) -> Result<Arc<TokenData>, OAuthError> {
        match &self.access {
            Access::Login { grant, .. } => self.client.fresh_token(grant).await,
            Access::Token(token) => Ok(Arc::clone(token)),
        }
    }

    fn subject(&self) -> Option<&str> {
        match &self.access {
            Access::Login { subject, .. } => Some(subject),
            Access::Token(_) => None,
        }
    }

    /// Sends the request with a fresh token; once more with another one, if the API does not take
    /// the first.
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, OAuthError> {
        let Self { client, access } = self;
        let token = self.token().await?;
        let answer = protected_request::send(client, request.clone(), &token, Limits::API).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        let Access::Login { grant, .. } = access else { return Ok(answer) };
        match client.other_token(grant, &token).await {
            Ok(other) => protected_request::send(client, request, &other, Limits::API).await,
            Err(OAuthError::Token { error: TokenError::Refused, .. }) => Ok(answer),
            Err(error) => Err(error),
        }
    }

    /// The token goes to the API's own origin and nowhere else; a relative path stays below the
    /// API's base.
    fn url(&self, path: &str) -> Result<EndpointUrl, CallError> {
        let loopback_http = self.client.settings.loopback_http;
        let bad = |reason| CallError::BadUrl { url: path.to_owned(), reason };
        let Some(base) = &self.client.settings.api_base else {
            return Err(CallError::NoApiBase(path.to_owned()));
        };
        let is_absolute = path.starts_with("https://") || path.starts_with("http://");
        let url = if is_absolute {
            Url::parse(path).map_err(|_| bad(EndpointError::NotAUrl))?
        } else {
            let text = format!("{base}{}", path.trim_start_matches('/'));
            Url::parse(&text).map_err(|_| bad(EndpointError::NotAUrl))?
        };
        let stays_below = is_absolute || url.path().starts_with(base.url().path());
        let url = EndpointUrl::check(url, loopback_http).map_err(bad)?;
        if stays_below && url.has_origin_of(base) {
            Ok(url)
        } else {
            Err(CallError::ForeignOrigin(path.to_owned()))
        }
    }
}

impl<P> fmt::Debug for Api<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Api({})", self.caller.client.name())
    }
}

/// One call that is being prepared.
#[must_use = "nothing is sent until `send`, `json`, `text` or `bytes` is awaited"]
pub struct ApiRequest<'a> {
    caller: &'a Caller,
    request: Result<Request<Bytes>, OAuthError>,
}

impl ApiRequest<'_> {
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

    /// Sends the request and gives the answer, whatever its status.
    ///
    /// # Errors
    /// [`OAuthError::Call`] when the request cannot be made as asked; [`OAuthError::Token`] when
    /// there is no token any more, [`OAuthError::Provider`] and [`OAuthError::Store`] when it could
    /// not be refreshed just now; [`OAuthError::Network`].
    pub async fn send(self) -> Result<Response<Bytes>, OAuthError> {
        self.caller.send(self.request?).await
    }

    /// The body of a successful answer.
    ///
    /// # Errors
    /// As [`send`](Self::send); [`OAuthError::Token`] for status 401, [`OAuthError::Provider`] for
    /// any other status that is not 2xx.
    pub async fn bytes(self) -> Result<Bytes, OAuthError> {
        let client = &self.caller.client;
        let response = self.send().await?;
        match response.status() {
            status if status.is_success() => Ok(response.into_body()),
            StatusCode::UNAUTHORIZED => Err(client.no_token(TokenError::Refused)),
            status => Err(client
                .blame(ProviderError::Status { endpoint: Endpoint::Api, status: status.as_u16() })),
        }
    }

    /// The body of a successful answer, from JSON.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes); [`OAuthError::Provider`] when it is not JSON of the shape of `T`.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, OAuthError> {
        let client = &self.caller.client;
        let body = self.bytes().await?;
        json::read(&body).map_err(|reason| {
            client.blame(ProviderError::Malformed { endpoint: Endpoint::Api, reason })
        })
    }

    /// The body of a successful answer, as text; what is not UTF-8 is replaced.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes).
    pub async fn text(self) -> Result<String, OAuthError> {
        Ok(String::from_utf8_lossy(&self.bytes().await?).into_owned())
    }
}

impl fmt::Debug for ApiRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.request.as_ref().map(|request| (request.method(), request.uri()));
        f.debug_tuple("ApiRequest").field(&shown.ok()).finish()
    }
}
