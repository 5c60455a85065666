//! Calls to a provider's API in the name of the person who is logged in.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use ::http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response as AxumResponse};
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::endpoint::{EndpointError, EndpointUrl};
use crate::error::{CallError, Endpoint, OAuthError, ProviderError, TokenError};
use crate::flow::discovery::ProviderClient;
use crate::flow::userinfo;
use crate::http::Limits;
use crate::json;
use crate::protocol::userinfo::bearer;
use crate::provider::OAuthProvider;
use crate::token::TokenData;
use crate::web::rejection::NotLoggedIn;
use crate::web::state::HasClient;
use crate::web::user::User;

/// The API of the provider `P`, called with the access token of the person who is logged in.
///
/// As an extractor it demands a login with this provider.
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
    client: Arc<ProviderClient>,
    token: TokenData,
    user: User,
    provider: PhantomData<fn() -> P>,
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
        let request = self.url(path).map(|url| {
            let mut request = Request::new(Bytes::new());
            *request.method_mut() = method;
            *request.uri_mut() = url.uri();
            let headers = request.headers_mut();
            headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
            headers.insert(header::AUTHORIZATION, bearer(&self.token.access_token));
            request
        });
        ApiRequest { client: &self.client, request: request.map_err(OAuthError::from) }
    }

    /// The userinfo endpoint's answer, with the subject compared to the session's.
    ///
    /// # Errors
    /// [`OAuthError::Provider`] when there is no such endpoint, it declines, or it speaks of another
    /// person; [`OAuthError::Network`].
    pub async fn userinfo(&self) -> Result<P::UserInfo, OAuthError> {
        let resolved = self.client.resolved().await?;
        let subject = (self.client.settings.spec.identity.id, self.user.subject());
        let claims =
            userinfo::fetch(&self.client, &resolved, &self.token.access_token, Some(subject))
                .await?;
        serde_json::from_value(claims).map_err(|error| {
            let reason = error.into();
            self.client.blame(ProviderError::Malformed { endpoint: Endpoint::UserInfo, reason })
        })
    }

    /// The token goes to the API's own origin and nowhere else.
    fn url(&self, path: &str) -> Result<EndpointUrl, CallError> {
        let loopback_http = self.client.settings.loopback_http;
        let bad = |reason| CallError::BadUrl { url: path.to_owned(), reason };
        let base = self.client.settings.api_base.as_ref();
        let url = match (Url::parse(path), base) {
            (Ok(absolute), _) => absolute,
            (Err(_), None) => return Err(CallError::NoApiBase(path.to_owned())),
            (Err(_), Some(base)) => {
                base.url().join(path).map_err(|_| bad(EndpointError::NotAUrl))?
            }
        };
        let url = EndpointUrl::check(url, loopback_http).map_err(bad)?;
        match base {
            Some(base) if url.has_origin_of(base) => Ok(url),
            _ => Err(CallError::ForeignOrigin(path.to_owned())),
        }
    }
}

impl<P> fmt::Debug for Api<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Api({})", self.client.name())
    }
}

/// One call that is being prepared.
#[must_use = "nothing is sent until `send`, `json`, `text` or `bytes` is awaited"]
pub struct ApiRequest<'a> {
    client: &'a ProviderClient,
    request: Result<Request<Bytes>, OAuthError>,
}

impl ApiRequest<'_> {
    /// Adds a header; it replaces one of the same name, but never the token.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        if let Ok(request) = &mut self.request
            && name != header::AUTHORIZATION
        {
            request.headers_mut().insert(name, value);
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
    /// [`OAuthError::Call`] when the request cannot be made as asked, [`OAuthError::Network`].
    pub async fn send(self) -> Result<Response<Bytes>, OAuthError> {
        self.client.send(self.request?, Limits::API).await
    }

    /// The body of a successful answer.
    ///
    /// # Errors
    /// As [`send`](Self::send); [`OAuthError::Token`] for status 401, [`OAuthError::Provider`] for
    /// any other status that is not 2xx.
    pub async fn bytes(self) -> Result<Bytes, OAuthError> {
        let client = self.client;
        let response = self.send().await?;
        match response.status() {
            status if status.is_success() => Ok(response.into_body()),
            StatusCode::UNAUTHORIZED => {
                Err(OAuthError::Token { provider: client.name(), error: TokenError::Expired })
            }
            status => Err(client
                .blame(ProviderError::Status { endpoint: Endpoint::Api, status: status.as_u16() })),
        }
    }

    /// The body of a successful answer, from JSON.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes); [`OAuthError::Provider`] when it is not JSON of the shape of `T`.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, OAuthError> {
        let client = self.client;
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

impl<S, P> FromRequestParts<S> for Api<P>
where
    P: OAuthProvider,
    S: HasClient<P> + Send + Sync,
{
    type Rejection = ApiRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiRejection> {
        let client = state.client();
        let engine = Arc::clone(client.engine());
        let Some(user) = User::of_request(&client.sessions(), parts) else {
            return Err(ApiRejection::NotLoggedIn(NotLoggedIn::new(client.sessions(), parts)));
        };
        let missing = |error| OAuthError::Token { provider: engine.name(), error };
        let store = &*engine.shared.store;
        let token = TokenData::load(store, user.session_id(), engine.name())
            .await
            .and_then(|token| token.ok_or_else(|| missing(TokenError::Missing)))
            .map_err(ApiRejection::Token)?;
        if token.is_expired(engine.now()) {
            return Err(ApiRejection::Token(missing(TokenError::Expired)));
        }
        Ok(Self { client: engine, token, user, provider: PhantomData })
    }
}

/// Why there is no [`Api`] for this request.
#[derive(Debug)]
#[non_exhaustive]
pub enum ApiRejection {
    /// Nobody is logged in.
    NotLoggedIn(NotLoggedIn),
    /// There is no usable token, or the store does not answer.
    Token(OAuthError),
}

impl IntoResponse for ApiRejection {
    fn into_response(self) -> AxumResponse {
        match self {
            Self::NotLoggedIn(rejection) => rejection.into_response(),
            Self::Token(error) => error.into_response(),
        }
    }
}
