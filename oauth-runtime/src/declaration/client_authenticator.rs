//! Client authentication by the application.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use ::http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::sync::future::BoxFuture;
use crate::text::opaque_debug;
use crate::url::endpoint::RedactedUrl;

/// A client authentication of the application's own, such as an assertion that a key management
/// service signs. [`client_authenticator_of`](crate::RegistryBuilder::client_authenticator_of) sets
/// it for one provider.
///
/// It is asked before each request that authenticates the client: for tokens, refresh, revocation,
/// introspection and the codes of a device. It sees no code, verifier, token or secret, and it can
/// only add: a parameter that proves the grant, or a header such as `Host` or `Content-Type`, makes
/// the request fail with [`CallError::ReservedParameter`](crate::error::CallError::ReservedParameter)
/// or [`CallError::ReservedHeader`](crate::error::CallError::ReservedHeader).
///
/// `client_assertion`, `client_assertion_type`, `client_secret` and the header `Authorization` are
/// accepted only if the provider is declared with `token_endpoint_auth_method = "none"`, because a
/// request must not authenticate the client in two ways (RFC 6749 section 2.3).
///
/// ```
/// use oauth_runtime::prelude::*;
/// use oauth_runtime::{ClientAuthenticator, ClientProof, ClientRequest};
/// # async fn sign(_: &str) -> std::io::Result<String> { Ok(String::new()) }
///
/// #[derive(OAuthProvider)]
/// #[oauth_provider(
///     name = "acme",
///     issuer = "https://acme.example",
///     scopes("openid"),
///     token_endpoint_auth_method = "none"
/// )]
/// struct Acme;
///
/// #[derive(Clone, OAuthRegistry)]
/// struct Providers {
///     acme: Client<Acme>,
/// }
///
/// /// The private key never leaves the service.
/// struct KeyService;
///
/// impl ClientAuthenticator for KeyService {
///     type Error = std::io::Error;
///
///     async fn authenticate(&self, request: &ClientRequest<'_>) -> std::io::Result<ClientProof> {
///         const JWT: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
///         let proof = ClientProof::new().param("client_assertion_type", JWT);
///         Ok(proof.param("client_assertion", sign(request.url()).await?))
///     }
/// }
///
/// let builder = Providers::builder().client_authenticator_of::<Acme>(KeyService);
/// ```
pub trait ClientAuthenticator: Send + Sync + 'static {
    /// The error of the authentication. Callers receive its text in
    /// [`CallError::ClientAuthentication`](crate::error::CallError::ClientAuthentication), so it
    /// must not contain a secret.
    type Error: Into<Box<dyn Error + Send + Sync>>;

    /// Returns what authenticates the client in one request. A request that is repeated is
    /// authenticated again.
    ///
    /// # Errors
    /// When the client cannot be authenticated; then the request is not sent.
    fn authenticate(
        &self,
        request: &ClientRequest<'_>,
    ) -> impl Future<Output = Result<ClientProof, Self::Error>> + Send;
}

/// A request that is about to authenticate the client.
pub struct ClientRequest<'a> {
    pub(crate) method: Method,
    pub(crate) url: &'a str,
    pub(crate) grant_type: Option<&'a str>,
    pub(crate) params: &'a [(String, String)],
}

impl ClientRequest<'_> {
    /// `POST`, or `GET` with `quirks(get_token_request)`.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The URL of the endpoint.
    pub fn url(&self) -> &str {
        self.url
    }

    /// `grant_type` of a token request or a refresh.
    pub fn grant_type(&self) -> Option<&str> {
        self.grant_type
    }

    /// The parameters that prove nothing, in order.
    pub fn params(&self) -> impl Iterator<Item = (&str, &str)> {
        self.params.iter().map(|(name, value)| (&**name, &**value))
    }
}

/// Names only: the values may be about a user.
impl fmt::Debug for ClientRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let params: Vec<_> = self.params().map(|(name, _)| name).collect();
        f.debug_struct("ClientRequest")
            .field("url", &RedactedUrl::from(self.url))
            .field("grant_type", &self.grant_type)
            .field("params", &params)
            .finish_non_exhaustive()
    }
}

/// What authenticates the client in one request: parameters and headers.
#[derive(Clone, Default)]
#[must_use]
pub struct ClientProof {
    pub(crate) params: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
}

impl ClientProof {
    /// An empty proof.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a parameter, in place of one of its name.
    pub fn param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        self.params.retain(|(own, _)| *own != name);
        self.params.push((name, value.into()));
        self
    }

    /// Sets a header. Its value is treated as a secret.
    pub fn header(mut self, name: HeaderName, mut value: HeaderValue) -> Self {
        value.set_sensitive(true);
        self.headers.insert(name, value);
        self
    }
}

opaque_debug!(ClientProof);

/// [`ClientAuthenticator`] without the application's type.
pub(crate) trait Authenticator: Send + Sync {
    fn proof<'a>(
        &'a self,
        request: &'a ClientRequest<'a>,
    ) -> BoxFuture<'a, Result<ClientProof, String>>;
}

impl<A: ClientAuthenticator> Authenticator for A {
    fn proof<'a>(
        &'a self,
        request: &'a ClientRequest<'a>,
    ) -> BoxFuture<'a, Result<ClientProof, String>> {
        Box::pin(async move {
            self.authenticate(request).await.map_err(|error| error.into().to_string())
        })
    }
}

/// The authenticators of a registry, by the name of the provider.
#[derive(Default, Clone)]
pub(crate) struct Authenticators(Vec<(&'static str, Arc<dyn Authenticator>)>);

impl Authenticators {
    pub(crate) fn set(&mut self, provider: &'static str, own: Arc<dyn Authenticator>) {
        self.0.retain(|(name, _)| *name != provider);
        self.0.push((provider, own));
    }

    pub(crate) fn of(&self, provider: &str) -> Option<Arc<dyn Authenticator>> {
        let mut all = self.0.iter();
        all.find(|(name, _)| *name == provider).map(|(_, own)| Arc::clone(own))
    }
}

impl fmt::Debug for Authenticators {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}
