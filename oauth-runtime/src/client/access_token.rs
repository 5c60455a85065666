//! Access tokens that are fetched without a browser, and their requests.

use std::marker::PhantomData;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::client::api::Api;
use crate::declaration::provider::AnyProvider;
use crate::error::OAuthError;
use crate::flow::access_token::{self, AccessTokenRequest, Grant};
use crate::flow::extra_parameters::ExtraParameters;
use crate::flow::provider_client::ProviderClient;
use crate::protocol::token_request::RESERVED;
use crate::sync::future::BoxFuture;
use crate::text::opaque_debug;
use crate::token::Token;

/// A request for an access token without a browser. Awaiting it returns a [`Token`].
///
/// Created by [`Client::client_credentials`](crate::Client::client_credentials) and the other
/// methods that fetch tokens.
#[must_use = "nothing is sent until this, or its `api`, is awaited"]
pub struct FetchAccessToken<P> {
    client: Arc<ProviderClient>,
    request: AccessTokenRequest,
    /// Whether a cached token of the client may be used.
    is_cached: bool,
    provider: PhantomData<fn() -> P>,
}

impl<P: AnyProvider> FetchAccessToken<P> {
    pub(crate) fn new(client: Arc<ProviderClient>, grant: Grant, is_cached: bool) -> Self {
        let request = AccessTokenRequest { grant, params: ExtraParameters::default() };
        Self { client, request, is_cached, provider: PhantomData }
    }

    /// Sets the scopes. An empty list leaves the choice to the provider. Default: for
    /// [`client_credentials`](crate::Client::client_credentials) the declared scopes, except
    /// those of OpenID Connect; for any other grant the provider chooses.
    pub fn scopes<'s>(self, scopes: impl IntoIterator<Item = &'s str>) -> Self {
        let separator = &self.client.settings.scope_separator;
        let scope = scopes.into_iter().collect::<Vec<_>>().join(separator);
        self.param("scope", &scope)
    }

    /// Sets another parameter that the provider documents, such as `audience` or `resource`; it
    /// replaces a declared one of `access_token_params`. A parameter that the library sets itself,
    /// such as `grant_type`, causes an error when this is awaited.
    pub fn param(mut self, name: &str, value: &str) -> Self {
        self.request.params.set_unreserved(name, value, RESERVED);
        self
    }

    /// Adds a resource for which the token is requested (RFC 8707 section 2): the URL of an API.
    /// Several calls request one token for several resources.
    pub fn resource(mut self, url: &str) -> Self {
        self.request.params.add("resource", url);
        self
    }

    /// Adds an audience for which the token is requested (RFC 8693 section 2.1): the name by which
    /// the provider knows an API. Several calls request one token for several audiences.
    pub fn audience(mut self, name: &str) -> Self {
        self.request.params.add("audience", name);
        self
    }

    /// Bypasses the cached token, for example after the API has refused it.
    pub fn fresh(self) -> Self {
        self.request.forget(&self.client);
        self
    }

    /// Returns the API, called with this token and, once it expires or the API refuses it, with the
    /// next one. Listeners of
    /// [`on_token_updated`](crate::RegistryBuilder::on_token_updated) are notified of each next
    /// one. A token of a password or extension grant is used until it expires.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("read:user"))]
    /// # struct Acme;
    ///
    /// async fn report(acme: &Client<Acme>) -> Result<String, OAuthError> {
    ///     acme.client_credentials().scopes(["reports"]).api().await?.get("reports/today").text().await
    /// }
    /// ```
    ///
    /// # Errors
    /// As for awaiting the token itself.
    pub async fn api(self) -> Result<Api<P>, OAuthError> {
        let client = Arc::clone(&self.client);
        let again = self.is_cached.then(|| self.request.clone());
        let token = self.fetch().await?;
        Ok(match again {
            Some(request) => Api::of_request(client, request),
            None => Api::with_token(client, token.into_data()),
        })
    }

    async fn fetch(self) -> Result<Token<P>, OAuthError> {
        self.request.params.check()?;
        let data = if self.is_cached {
            self.request.cached(&self.client).await?
        } else {
            self.request.fetch(&self.client).await?
        };
        Ok(Token::new(data))
    }
}

impl<P: AnyProvider> IntoFuture for FetchAccessToken<P> {
    type Output = Result<Token<P>, OAuthError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    /// # Errors
    /// [`OAuthError::Provider`] when the provider declines, [`OAuthError::Network`], and
    /// [`OAuthError::Call`] for a reserved parameter, or an assertion without a private key.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.fetch())
    }
}

opaque_debug!(FetchAccessToken<P>, |it| it.client.name());

/// An assertion about the subject of a token, which the client signs with its private key, or on
/// request with its secret (RFC 7523 section 2.1). It is signed for each request and is valid for one minute.
///
/// ```
/// use oauth_runtime::BearerAssertion;
///
/// // A service account of Google, whose address is the client identifier.
/// let assertion = BearerAssertion::new("ada@example.org")
///     .audience("https://oauth2.googleapis.com/token")
///     .claim("scope", "https://www.googleapis.com/auth/calendar.readonly");
/// ```
#[derive(Clone, Debug)]
pub struct BearerAssertion(pub(crate) access_token::BearerAssertion);

impl BearerAssertion {
    /// Creates an assertion about `subject`: a user, or the client itself.
    pub fn new(subject: impl Into<String>) -> Self {
        Self::of(Some(subject.into()))
    }

    /// Creates an assertion without `sub`, for a provider that takes the issuer as the subject. RFC
    /// 7523 section 3 demands a subject, so most providers refuse it.
    pub fn without_subject() -> Self {
        Self::of(None)
    }

    fn of(subject: Option<String>) -> Self {
        let (issuer, audience, claims) = (None, None, Map::new());
        let is_symmetric = false;
        Self(access_token::BearerAssertion { subject, issuer, audience, claims, is_symmetric })
    }

    /// Signs with HS256 and the client secret instead of the private key, for a provider that
    /// demands it. Without a secret, fetching the token is
    /// [`CallError::NoClientSecret`](crate::error::CallError::NoClientSecret).
    #[must_use]
    pub fn signed_with_client_secret(mut self) -> Self {
        self.0.is_symmetric = true;
        self
    }

    /// Sets `iss`, the issuer of the assertion. Default: the client identifier.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.0.issuer = Some(issuer.into());
        self
    }

    /// Sets `aud`, the audience of the assertion. Default: the issuer of the provider, or else its
    /// token endpoint.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.0.audience = Some(audience.into());
        self
    }

    /// Sets another claim that the provider documents. The library sets the claims of RFC 7523
    /// (`iss`, `sub`, `aud`, `exp`, `iat`, `jti`): setting one of them here causes an error when
    /// the token is fetched ([`CallError::ReservedClaim`](crate::error::CallError::ReservedClaim)).
    #[must_use]
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.0.claims.insert(name.into(), value.into());
        self
    }
}
