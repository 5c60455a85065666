//! The client of one provider, as the application uses it.

pub(crate) mod access_token;
pub(crate) mod api;
pub(crate) mod id_token;
pub(crate) mod lazy;
pub(crate) mod offline;

use std::sync::Arc;

use crate::client::access_token::{BearerAssertion, FetchAccessToken};
use crate::client::api::{Api, Caller};
use crate::client::id_token::ParseIdToken;
use crate::crypto::secret::Secret;
use crate::declaration::provider::{AnyProvider, LoginProvider, OAuth2Provider, OpenIdProvider};
use crate::error::OAuthError;
use crate::flow::access_token::Grant;
use crate::flow::login::userinfo;
use crate::flow::provider_client::ProviderClient;
use crate::protocol::introspection::Introspection;
use crate::protocol::jwk::JwkSet;
use crate::protocol::server_metadata::ServerMetadata;
use crate::text::opaque_debug;
use crate::token::Token;
use crate::token::owner::{Owner, Person};

/// The client of the provider `P`: starts logins and gives access to the provider's API. Cheap to
/// clone.
pub struct Client<P>(Arc<Inner<P>>);

/// The contents behind one pointer: code that clones and drops a client is compiled for each
/// provider.
struct Inner<P> {
    engine: Arc<ProviderClient>,
    /// Calls without a token.
    public: Caller,
    provider: P,
}

impl<P: AnyProvider> Client<P> {
    pub(crate) fn new(engine: Arc<ProviderClient>, provider: P) -> Self {
        let public = Caller::without_token(Arc::clone(&engine));
        Self(Arc::new(Inner { engine, public, provider }))
    }

    /// The provider's struct with the values of its fields.
    pub fn provider(&self) -> &P {
        &self.0.provider
    }

    /// The name of the provider in routes and configuration keys.
    pub fn name(&self) -> &str {
        self.engine().name()
    }

    /// The name of the provider for users: `display_name` of the declaration, or else its `name`.
    pub fn display_name(&self) -> &str {
        &self.engine().settings.display_name
    }

    /// The client identifier that the provider issued to this application (RFC 6749 section 2.2);
    /// for OAuth 1.0a the identifier of the client credentials.
    pub fn client_id(&self) -> &str {
        &self.engine().settings.client_id
    }

    /// Requests a token of the application itself, without a user (RFC 6749 section 4.4). It is
    /// cached: the same scopes and parameters return the same token until shortly before it
    /// expires. Then the next one is fetched, by one request for all callers. Without scopes of its
    /// own it asks for the declared ones, except those of OpenID Connect, which are about a user.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("read:user"))]
    /// # struct Acme;
    ///
    /// async fn report(acme: &Client<Acme>) -> Result<String, OAuthError> {
    ///     let acme = acme.client_credentials().scopes(["reports"]).api().await?;
    ///     acme.get("reports/today").text().await
    /// }
    /// ```
    pub fn client_credentials(&self) -> FetchAccessToken<P>
    where
        P: OAuth2Provider,
    {
        FetchAccessToken::new(Arc::clone(&self.0.engine), Grant::ClientCredentials, true)
    }

    /// Requests a token with an assertion that the client signs with its private key,
    /// `{NAME}_PRIVATE_KEY` (RFC 7523 section 2.1). The token is cached like that of
    /// [`client_credentials`](Self::client_credentials), and the assertion is signed for each
    /// request.
    pub fn jwt_bearer(&self, assertion: BearerAssertion) -> FetchAccessToken<P>
    where
        P: OAuth2Provider,
    {
        FetchAccessToken::new(Arc::clone(&self.0.engine), Grant::JwtBearer(assertion.0), true)
    }

    /// Requests a token by a grant that has no method of its own, such as
    /// `urn:ietf:params:oauth:grant-type:token-exchange`. Set its parameters with
    /// [`param`](FetchAccessToken::param). Authlib calls this `fetch_access_token`. Each call sends
    /// a request. The response is not a login: an ID token in it is ignored.
    pub fn fetch_access_token(&self, grant_type: &str) -> FetchAccessToken<P>
    where
        P: OAuth2Provider,
    {
        let grant = Grant::Extension(grant_type.to_owned());
        FetchAccessToken::new(Arc::clone(&self.0.engine), grant, false)
    }

    /// Requests a token by the name and password of a user (RFC 6749 section 4.3). Each call sends
    /// a request.
    ///
    /// Do not use it if there is any alternative: the application learns the password, the user
    /// learns to enter it anywhere, there is no second factor, and OAuth 2.1 removes it (RFC 9700
    /// section 2.4: "MUST NOT be used"). It is here for providers that offer nothing else. It is
    /// not a login either: nothing proves to the application who the user is.
    pub fn fetch_access_token_with_password(
        &self,
        username: &str,
        password: &Secret,
    ) -> FetchAccessToken<P>
    where
        P: OAuth2Provider,
    {
        let (username, password) = (username.to_owned(), password.clone());
        let grant = Grant::Password { username, password };
        FetchAccessToken::new(Arc::clone(&self.0.engine), grant, false)
    }

    /// Fetches userinfo for a token that the application has. Authlib calls this `userinfo`. If the
    /// token came from an OpenID Connect login, the response must be about the user of that login.
    /// The user of any other token is unknown, so its response is not a login. [`Api::userinfo`]
    /// does this for the signed-in user.
    ///
    /// # Errors
    /// [`OAuthError::Provider`] when there is no such endpoint, it declines, or its response is
    /// about another user; [`OAuthError::Network`].
    pub async fn userinfo(&self, token: &Token<P>) -> Result<P::UserInfo, OAuthError> {
        userinfo::fetch_for(&self.0.engine, token.data()).await
    }

    /// Returns the API, called with a token that the application has: from
    /// [`fetch_access_token`](Self::fetch_access_token), or stored elsewhere. The token is not
    /// refreshed: [`with_renewed_token`](Self::with_renewed_token) does that.
    pub fn with_token(&self, token: Token<P>) -> Api<P> {
        Api::with_token(Arc::clone(&self.0.engine), token.into_data())
    }
}

impl<P> Client<P> {
    /// Revokes a token at the provider (RFC 7009): the refresh token, which ends the grant, or the
    /// access token if there is no refresh token. [`User::sign_out`](crate::User) revokes the
    /// tokens of a session.
    ///
    /// # Errors
    /// [`OAuthError::Provider`] when the provider has no revocation endpoint or declines;
    /// [`OAuthError::Network`].
    pub async fn revoke(&self, token: &Token<P>) -> Result<(), OAuthError>
    where
        P: OAuth2Provider,
    {
        self.0.engine.revoke(token.data()).await
    }

    /// Introspects a token at the provider (RFC 7662).
    ///
    /// # Errors
    /// [`OAuthError::Provider`] when the provider has no introspection endpoint or declines;
    /// [`OAuthError::Network`].
    pub async fn introspect(&self, token: &Secret) -> Result<Introspection, OAuthError>
    where
        P: OAuth2Provider,
    {
        self.0.engine.introspect(token).await
    }

    /// Returns the owner of the tokens of a user who logs in with this client, for a background
    /// job. `issuer` and `subject` are [`Identity::issuer`](crate::Identity::issuer) and
    /// [`Identity::subject`](crate::Identity::subject) of the login.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("repo"), keep_tokens)]
    /// # struct GitHub;
    ///
    /// async fn nightly(github: &Client<GitHub>, issuer: &str, subject: &str) -> Result<String, OAuthError> {
    ///     let owner = github.person(issuer, subject);
    ///     github.api_for(owner).await?.get("user/repos").text().await
    /// }
    /// ```
    pub fn person(&self, issuer: &str, subject: &str) -> Owner {
        let settings = &self.0.engine.settings;
        Owner::Person(Person::new(&settings.name, &settings.binding, issuer, subject))
    }

    /// The redirect URI, as it has to be registered with the provider.
    pub fn redirect_uri(&self) -> &str
    where
        P: LoginProvider,
    {
        &self.0.engine.settings.redirect_uri
    }

    /// The path that starts a login with this provider, as visitors see it, including the path
    /// of the public URL. Links made with it stay valid if the mount, `routes(login = …)` or the
    /// prefix changes.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github")]
    /// # struct GitHub;
    /// # #[derive(Clone, OAuthRegistry)]
    /// # struct Providers { github: Client<GitHub> }
    ///
    /// async fn home(State(oauth): State<Providers>) -> axum::response::Html<String> {
    ///     // Append `?return_to=/path` to return to another page than `/`.
    ///     let login = oauth.github.login_path();
    ///     axum::response::Html(format!("<a href='{login}'>Sign in with GitHub</a>"))
    /// }
    /// ```
    pub fn login_path(&self) -> String
    where
        P: LoginProvider,
    {
        let settings = &self.0.engine.settings;
        self.0.engine.shared.public_url.outside(&settings.login_path)
    }

    /// The path on which the signed-in user connects an account, as visitors see it. The route
    /// exists if the registry has an `on_connect` or the provider is declared with `keep_tokens`.
    pub fn connect_path(&self) -> String
    where
        P: LoginProvider,
    {
        let settings = &self.0.engine.settings;
        self.0.engine.shared.public_url.outside(&settings.connect_path)
    }

    /// The public keys of this client as a JSON Web Key Set (RFC 7517 section 5), which a provider
    /// needs to register a client with the method `private_key_jwt`. Empty if no private key is
    /// configured.
    ///
    /// Print it once, or serve it where the provider can fetch it:
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
    ///     ([("content-type", "application/json")], oauth.acme.jwks().to_string())
    /// }
    /// ```
    pub fn jwks(&self) -> serde_json::Value {
        self.0.engine.settings.keys.jwks()
    }

    /// Loads the metadata and keys of the provider, unless they are loaded, and returns the
    /// metadata as last published: they are refreshed regularly. Otherwise the first login loads
    /// them. [`OAuthRegistry::load_server_metadata`](crate::OAuthRegistry::load_server_metadata)
    /// loads those of all providers of a registry. The name is Authlib's.
    ///
    /// # Errors
    /// [`OAuthError::Network`] and [`OAuthError::Provider`] when they cannot be fetched or used.
    pub async fn load_server_metadata(&self) -> Result<ServerMetadata, OAuthError> {
        Arc::clone(&self.0.engine).load().await?;
        self.0.engine.server_metadata()
    }

    /// Returns the provider's public keys, by which its ID tokens are verified: those of `jwks_uri`,
    /// as last published, or those of `{NAME}_JWKS`. The first call fetches them. With them, your
    /// application can verify other tokens of this provider, such as access tokens that are JWTs.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "acme", issuer = "https://acme.example", scopes("openid"))]
    /// # struct Acme;
    ///
    /// async fn show(acme: &Client<Acme>) -> Result<(), OAuthError> {
    ///     for key in acme.load_key_set().await?.keys() {
    ///         println!("{:?}: {}", key.key_id(), key.to_json());
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// [`OAuthError::Network`] and [`OAuthError::Provider`] when they cannot be fetched or used.
    pub async fn load_key_set(&self) -> Result<Arc<JwkSet>, OAuthError>
    where
        P: OpenIdProvider,
    {
        self.0.engine.key_set().await
    }

    /// Validates an ID token that did not come from a login of this library: from an app on a
    /// phone, or from a provider's button in a page. All rules of a login apply; add more before it
    /// is awaited. Authlib calls this `parse_id_token`.
    ///
    /// `nonce` is the value that the app had the provider put into the token: a random string that
    /// this server generated for one sign-in of this one visitor. Without it, an attacker could
    /// present a stolen ID token while it is valid. This method does not sign the user in.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// use oauth_runtime::Secret;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "google", preset = "google", scopes("openid", "email"))]
    /// # struct Google;
    ///
    /// /// `nonce` is from your own session and is used once.
    /// async fn of_app(google: &Client<Google>, jwt: Secret, nonce: &str) -> Result<String, OAuthError> {
    ///     let token = google
    ///         .parse_id_token(&jwt, nonce)
    ///         .claim(("hd", "acme.example"))
    ///         .check("email_verified", |is_verified| is_verified.is_some_and(|it| it == true))
    ///         .await?;
    ///     Ok(token.subject().to_owned())
    /// }
    /// ```
    pub fn parse_id_token(&self, id_token: &Secret, nonce: &str) -> ParseIdToken
    where
        P: OpenIdProvider,
    {
        ParseIdToken::new(Arc::clone(&self.0.engine), id_token, Some(nonce.to_owned()))
    }

    /// Like [`parse_id_token`](Self::parse_id_token), for a token whose nonce is unknown. An
    /// attacker who obtains such a token can present it as their own until it expires: use this
    /// only if the token came directly from the provider, or if nothing depends on it.
    pub fn parse_id_token_without_nonce(&self, id_token: &Secret) -> ParseIdToken
    where
        P: OpenIdProvider,
    {
        ParseIdToken::new(Arc::clone(&self.0.engine), id_token, None)
    }

    pub(crate) fn engine(&self) -> &Arc<ProviderClient> {
        &self.0.engine
    }
}

impl<P> Clone for Client<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

opaque_debug!(Client<P>, |it| it.0.engine.name());
