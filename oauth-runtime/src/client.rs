//! What the application holds of a provider.

use std::fmt;
use std::sync::Arc;

use crate::flow::discovery::ProviderClient;
use crate::provider::OAuthProvider;
use crate::web::authorize_redirect::AuthorizeRedirect;
use crate::web::session::Sessions;

/// The client of the provider `P`: begins logins and gives access to its API. Cheap to clone.
pub struct Client<P> {
    engine: Arc<ProviderClient>,
    provider: Arc<P>,
}

impl<P: OAuthProvider> Client<P> {
    pub(crate) fn new(engine: Arc<ProviderClient>, provider: P) -> Self {
        Self { engine, provider: Arc::new(provider) }
    }

    /// The provider's struct with the values of its fields.
    pub fn provider(&self) -> &P {
        &self.provider
    }

    /// Begins a login by hand: awaited, it becomes a response that sends the browser to the
    /// provider. It is Authlib's `authorize_redirect`.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("read:user"))]
    /// # struct GitHub;
    /// # #[derive(Clone, OAuthRegistry)]
    /// # struct Providers { github: Client<GitHub> }
    ///
    /// async fn login(State(oauth): State<Providers>) -> Result<impl IntoResponse, OAuthError> {
    ///     oauth.github.authorize_redirect().login_hint("ada").await
    /// }
    /// ```
    pub fn authorize_redirect(&self) -> AuthorizeRedirect {
        AuthorizeRedirect::new(Arc::clone(&self.engine))
    }
}

impl<P> Client<P> {
    /// The redirect URI, as it has to be registered with the provider.
    pub fn redirect_uri(&self) -> &str {
        &self.engine.settings.redirect_uri
    }

    /// The public keys of this client as a JSON Web Key Set (RFC 7517 section 5): what a provider
    /// asks for when a client with the method `private_key_jwt` is registered. Empty where the
    /// configuration has no private key.
    ///
    /// Print it once, or serve it where the provider may fetch it:
    ///
    /// ```
    /// # use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(
    /// #     name = "acme",
    /// #     issuer = "https://acme.example",
    /// #     scopes("openid"),
    /// #     token_endpoint_auth_method = "private_key_jwt"
    /// # )]
    /// # struct Acme;
    /// # #[derive(Clone, OAuthRegistry)]
    /// # struct Providers { acme: Client<Acme> }
    /// async fn jwks(State(oauth): State<Providers>) -> impl IntoResponse {
    ///     axum::Json(oauth.acme.jwks())
    /// }
    /// ```
    pub fn jwks(&self) -> serde_json::Value {
        self.engine.settings.keys.jwks()
    }

    /// The sessions of the registry that this client belongs to.
    pub fn sessions(&self) -> Sessions {
        Sessions::new(Arc::clone(&self.engine.shared))
    }

    pub(crate) fn engine(&self) -> &Arc<ProviderClient> {
        &self.engine
    }
}

impl<P> Clone for Client<P> {
    fn clone(&self) -> Self {
        Self { engine: Arc::clone(&self.engine), provider: Arc::clone(&self.provider) }
    }
}

impl<P> fmt::Debug for Client<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.engine.name())
    }
}
