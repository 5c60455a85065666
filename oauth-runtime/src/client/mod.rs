//! What the application holds of a provider.

pub(crate) mod access_token;
pub(crate) mod api;
pub(crate) mod id_token;
pub(crate) mod lazy;
pub(crate) mod offline;

use std::sync::Arc;

use crate::client::access_token::{BearerAssertion, FetchAccessToken};
use crate::client::api::Api;
use crate::client::id_token::ParseIdToken;
use crate::crypto::secret::Secret;
use crate::declaration::provider::{OAuth2Provider, OAuthProvider, OpenIdProvider};
use crate::error::OAuthError;
use crate::flow::access_token::Grant;
use crate::flow::login::userinfo;
use crate::flow::provider_client::ProviderClient;
use crate::protocol::introspection::Introspection;
use crate::protocol::server_metadata::ServerMetadata;
use crate::text::opaque_debug;
use crate::token::Token;
use crate::token::owner::{Owner, Person};

/// The client of the provider `P`: begins logins and gives access to its API. Cheap to clone.
pub struct Client<P>(Arc<Inner<P>>);

/// Behind one pointer: what clones and drops a client is compiled for each provider.
struct Inner<P> {
    engine: Arc<ProviderClient>,
    provider: P,
}

impl<P: OAuthProvider> Client<P> {
    pub(crate) fn new(engine: Arc<ProviderClient>, provider: P) -> Self {
        Self(Arc::new(Inner { engine, provider }))
    }

    /// The provider's struct with the values of its fields.
    pub fn provider(&self) -> &P {
        &self.0.provider
    }

    /// A token of the application itself, without a person (RFC 6749 section 4.4). It is kept: the
    /// same scopes and parameters give the same token until shortly before it expires, when the next
    /// one is fetched, once for all who ask.
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

    /// A token for whom the client vouches with its private key, `{NAME}_PRIVATE_KEY` (RFC 7523
    /// section 2.1). It is kept like that of [`client_credentials`](Self::client_credentials), and
    /// each time that one is fetched the assertion is signed anew.
    pub fn jwt_bearer(&self, assertion: BearerAssertion) -> FetchAccessToken<P>
    where
        P: OAuth2Provider,
    {
        FetchAccessToken::new(Arc::clone(&self.0.engine), Grant::JwtBearer(assertion.0), true)
    }

    /// A token by a grant that has no method of its own, such as
    /// `urn:ietf:params:oauth:grant-type:token-exchange`: its parameters are set with
    /// [`param`](FetchAccessToken::param). It is Authlib's `fetch_access_token`. Each call sends a
    /// request. What comes with the token is not a login: an ID token is not looked at.
    pub fn fetch_access_token(&self, grant_type: &str) -> FetchAccessToken<P>
    where
        P: OAuth2Provider,
    {
        let grant = Grant::Extension(grant_type.to_owned());
        FetchAccessToken::new(Arc::clone(&self.0.engine), grant, false)
    }

    /// A token by the name and password of a person (RFC 6749 section 4.3). Each call sends a
    /// request.
    ///
    /// Do not use it where there is any other way: the application learns the password, the person
    /// learns to type it anywhere, there is no second factor, and OAuth 2.1 has it no more (RFC 9700
    /// section 2.4: "MUST NOT be used"). It is here for providers that offer nothing else. It is no
    /// login either: nothing proves to the application who it is.
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

    /// The userinfo endpoint's answer, for a token that the application has: Authlib's `userinfo`. If
    /// the token is of a login with OpenID Connect, the answer must be about the person of that login;
    /// of another token nobody knows whose it is, so that the answer is no login.
    /// [`Api::userinfo`] does it for the person who is logged in.
    ///
    /// # Errors
    /// [`OAuthError::Provider`] when there is no such endpoint, it declines, or it speaks of another
    /// person; [`OAuthError::Network`].
    pub async fn userinfo(&self, token: &Token<P>) -> Result<P::UserInfo, OAuthError> {
        userinfo::fetch_for(&self.0.engine, token.data()).await
    }

    /// The API, called with a token that the application has: of
    /// [`fetch_access_token`](Self::fetch_access_token), or kept elsewhere. It is not refreshed.
    pub fn with_token(&self, token: Token<P>) -> Api<P> {
        Api::with_token(Arc::clone(&self.0.engine), token.into_data())
    }
}

impl<P> Client<P> {
    /// Has the provider end a token (RFC 7009): the refresh token, and with it the grant; the access
    /// token where there is no other. Of the tokens of a session [`User::sign_out`](crate::User)
    /// takes care.
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

    /// Asks the provider what a token is worth (RFC 7662).
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

    /// The owner of the tokens of a user who logs in with this client, for a job that runs without a
    /// request: [`Identity::issuer`](crate::Identity::issuer) and
    /// [`Identity::subject`](crate::Identity::subject) as they were at the login.
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
    pub fn redirect_uri(&self) -> &str {
        &self.0.engine.settings.redirect_uri
    }

    /// The path at which a login with this provider begins, as visitors see it: with the path of the
    /// public URL, where the application has one. A link to it survives another mount, another
    /// `routes(login = …)` and another prefix.
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
    ///     // Append `?return_to=/path` to come back to another page than `/`.
    ///     let login = oauth.github.login_path();
    ///     axum::response::Html(format!("<a href='{login}'>Sign in with GitHub</a>"))
    /// }
    /// ```
    pub fn login_path(&self) -> String {
        let settings = &self.0.engine.settings;
        self.0.engine.shared.public_url.outside(&settings.login_path)
    }

    /// The path at which the user who is signed in connects an account, as visitors see it. The route is
    /// there if the registry has an `on_connect` or the provider is declared with `keep_tokens`.
    pub fn connect_path(&self) -> String {
        let settings = &self.0.engine.settings;
        self.0.engine.shared.public_url.outside(&settings.connect_path)
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
    ///     ([("content-type", "application/json")], oauth.acme.jwks().to_string())
    /// }
    /// ```
    pub fn jwks(&self) -> serde_json::Value {
        self.0.engine.settings.keys.jwks()
    }

    /// Loads the metadata and keys of the provider, unless they are known, and gives the metadata to
    /// read: as they were published last, for they are refreshed now and then. Without this call the
    /// first login does it; all providers of a registry are loaded by its own
    /// [`load_server_metadata`](crate::OAuthRegistry::load_server_metadata). It is Authlib's name.
    ///
    /// # Errors
    /// [`OAuthError::Network`] and [`OAuthError::Provider`] when they cannot be fetched or used.
    pub async fn load_server_metadata(&self) -> Result<ServerMetadata, OAuthError> {
        Arc::clone(&self.0.engine).load().await?;
        self.0.engine.server_metadata()
    }

    /// Validates an ID token that came by another way than a login of this library: from an app on a
    /// phone, or from a button of the provider's in a page. All rules of a login are applied; more
    /// can be stated before it is awaited. It is Authlib's `parse_id_token`.
    ///
    /// `nonce` is what the app had the provider put into the token: a random text that this server
    /// made for one sign-in of this one visitor. Whoever steals an ID token can otherwise present it
    /// as long as it is valid. Nobody is signed in by this alone.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// use oauth_runtime::{Claim, Secret};
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "google", preset = "google", scopes("openid", "email"))]
    /// # struct Google;
    ///
    /// /// `nonce` is from a session of your own, and is there once.
    /// async fn of_app(google: &Client<Google>, jwt: Secret, nonce: &str) -> Result<String, OAuthError> {
    ///     let token = google
    ///         .parse_id_token(&jwt, nonce)
    ///         .claim(Claim::new("hd").value("acme.example"))
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

    /// The same for a token of which nobody knows the nonce. Whoever has got hold of such a token can
    /// present it as their own until it expires: do it only where the token came straight from the
    /// provider, or where it proves nothing that matters.
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
