//! Starting a login in a handler of the application.

use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::sync::Arc;

use axum::http::HeaderMap;

use super::return_to;
use crate::client::Client;
use crate::crypto::secret::Secret;
use crate::declaration::provider::{AnyProvider, LoginProvider, OAuth2Provider, OpenIdProvider};
use crate::error::OAuthError;
use crate::flow::login::{self, LoginOptions};
use crate::flow::provider_client::ProviderClient;
use crate::protocol::authorization_request::RESERVED;
use crate::protocol::claims_request::{Claim, ClaimsRequest};
use crate::protocol::token_request;
use crate::sync::future::BoxFuture;
use crate::url::redirect_uri::IntoRedirectUri;
use crate::web::login::authorization_url::AuthorizationUrl;
use crate::web::login::authorization_url::LoginRedirect;
use crate::web::placement;
use crate::web::redirect::joined;
use crate::web::session::Session;
use crate::web::session::cookies;
use crate::web::session::user::User;
use crate::web::visit::Permit;

/// The builder of a login, or of the connection of an account. `.await` makes it a
/// [`LoginRedirect`]; [`into_url`](Self::into_url) makes it an [`AuthorizationUrl`].
///
/// A parameter that exists in one protocol only can be set only for providers of that protocol: one
/// that the provider would ignore does not compile.
#[must_use = "nothing happens until it is awaited and its result goes into the response"]
pub struct AuthorizeRedirect<P> {
    beginning: Beginning,
    provider: PhantomData<fn() -> P>,
}

/// A login that has not started, for any provider.
pub(crate) struct Beginning {
    client: Arc<ProviderClient>,
    /// Boxed: the options pass through several futures, and each would contain them.
    options: Box<LoginOptions>,
    expired: Vec<String>,
    /// The scopes that a page of this application asked for.
    question: Option<Box<[String]>>,
}

impl<P: AnyProvider> Client<P> {
    /// Starts a login in a handler. Awaiting it returns a response that redirects the browser to
    /// the provider. Authlib calls this `authorize_redirect`.
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
    pub fn authorize_redirect(&self) -> AuthorizeRedirect<P>
    where
        P: LoginProvider,
    {
        AuthorizeRedirect::new(Arc::clone(self.engine()))
    }

    /// Connects an account of this provider to the signed-in user. The session is unchanged.
    /// Awaiting it returns a response that redirects the browser to the provider.
    ///
    /// The generated callback passes the result to `on_connect`. Without `on_connect` it stores the
    /// tokens of a provider with `keep_tokens`. Another
    /// [`redirect_uri`](AuthorizeRedirect::redirect_uri) names a route that takes
    /// [`Connection`](crate::Connection).
    ///
    /// Use it on a `POST` route. If another site could send a user here, that site would decide
    /// when an account is connected, and at the provider perhaps which one.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("repo"), keep_tokens)]
    /// # struct GitHub;
    /// # #[derive(Clone, OAuthRegistry)]
    /// # struct Providers { github: Client<GitHub> }
    ///
    /// async fn connect(
    ///     user: User,
    ///     State(oauth): State<Providers>,
    /// ) -> Result<impl IntoResponse, OAuthError> {
    ///     oauth.github.connect_redirect(&user).return_to("/settings").await
    /// }
    /// ```
    pub fn connect_redirect(&self, user: &User) -> AuthorizeRedirect<P>
    where
        P: LoginProvider,
    {
        self.authorize_redirect().connecting_in(user.session())
    }
}

impl<P> AuthorizeRedirect<P> {
    pub(crate) fn new(client: Arc<ProviderClient>) -> Self {
        Self { beginning: Beginning::new(client), provider: PhantomData }
    }

    /// Makes it the connection of an account in this session.
    pub(crate) fn connecting_in(mut self, session: &Session) -> Self {
        self.beginning.connects_in(session);
        self
    }

    /// Sets the path to which the user is redirected after the login. Anything but a path of this
    /// application is replaced with `/`: otherwise a link could make the login redirect to any
    /// site.
    pub fn return_to(mut self, path: &str) -> Self {
        self.beginning.return_to(path);
        self
    }

    /// Tells the provider which user is probably logging in (OpenID Connect Core 1.0 section
    /// 3.1.2.1).
    pub fn login_hint(self, hint: &str) -> Self
    where
        P: OAuth2Provider,
    {
        self.set("login_hint", hint)
    }

    /// Sets the prompt: `login`, `consent`, `select_account` or `none` (OpenID Connect Core 1.0
    /// section 3.1.2.1).
    pub fn prompt(self, prompt: &str) -> Self
    where
        P: OAuth2Provider,
    {
        self.set("prompt", prompt)
    }

    /// Sets the maximum age of the user's authentication in seconds. The provider asks the user
    /// again if it is older, and the ID token must prove it (OpenID Connect Core 1.0 section
    /// 3.1.2.1).
    pub fn max_age(mut self, seconds: u32) -> Self
    where
        P: OpenIdProvider,
    {
        self.beginning.options.max_age = Some(seconds);
        self
    }

    /// Sets the preferred authentication contexts, in order of preference (OpenID Connect Core 1.0
    /// section 3.1.2.1). The provider need not comply; [`IdToken::acr`](crate::IdToken::acr) is the
    /// context that it used.
    pub fn acr_values<'s>(self, values: impl IntoIterator<Item = &'s str>) -> Self
    where
        P: OpenIdProvider,
    {
        self.set("acr_values", &joined(values))
    }

    /// Requires one of these authentication contexts; the ID token must prove it (OpenID Connect
    /// Core 1.0 section 5.5.1.1). The provider publishes their names as `acr_values_supported` in
    /// its metadata.
    pub fn require_acr<'s>(self, values: impl IntoIterator<Item = &'s str>) -> Self
    where
        P: OpenIdProvider,
    {
        self.claims(ClaimsRequest::new().id_token(Claim::new("acr").essential().values(values)))
    }

    /// Requires all of these authentication methods, such as `mfa` or `hwk` (RFC 8176). The request
    /// asks for the claim `amr` as essential (OpenID Connect Core 1.0 section 5.5.1), and the ID
    /// token must list every one of them.
    pub fn require_amr<'s>(self, methods: impl IntoIterator<Item = &'s str>) -> Self
    where
        P: OpenIdProvider,
    {
        self.claims(ClaimsRequest::new().id_token(Claim::new("amr").essential().values(methods)))
    }

    /// Requests individual claims in addition to those of the scopes.
    pub fn claims(mut self, claims: ClaimsRequest) -> Self
    where
        P: OpenIdProvider,
    {
        self.beginning.options.claims.merge(claims);
        self
    }

    /// Sets the languages of the provider's pages as BCP 47 tags, in order of preference (OpenID
    /// Connect Core 1.0 section 3.1.2.1).
    pub fn ui_locales<'s>(self, locales: impl IntoIterator<Item = &'s str>) -> Self
    where
        P: OAuth2Provider,
    {
        self.set("ui_locales", &joined(locales))
    }

    /// Sets the languages of the claims as BCP 47 tags, in order of preference (OpenID Connect Core
    /// 1.0 section 5.2). [`UserInfo::localized`](crate::UserInfo::localized) reads them.
    pub fn claims_locales<'s>(self, locales: impl IntoIterator<Item = &'s str>) -> Self
    where
        P: OpenIdProvider,
    {
        self.set("claims_locales", &joined(locales))
    }

    /// Sets how the provider's pages are shown: `page`, `popup`, `touch` or `wap` (OpenID Connect
    /// Core 1.0 section 3.1.2.1).
    pub fn display(self, display: &str) -> Self
    where
        P: OpenIdProvider,
    {
        self.set("display", display)
    }

    /// Names the expected user by an ID token of an earlier login, as its
    /// [`compact`](crate::IdToken::compact) string: the provider declines if another user logs in
    /// (OpenID Connect Core 1.0 section 3.1.2.1). Useful with `prompt("none")`. The token, with its
    /// claims about the user, becomes part of a URL.
    pub fn id_token_hint(self, id_token: &Secret) -> Self
    where
        P: OpenIdProvider,
    {
        self.set("id_token_hint", id_token.expose())
    }

    /// Replaces the declared scopes. With OpenID Connect, `openid` is always included: without it
    /// there is no ID token, and the user is unknown.
    pub fn scopes<'s>(mut self, scopes: impl IntoIterator<Item = &'s str>) -> Self
    where
        P: OAuth2Provider,
    {
        self.beginning.scopes(scopes);
        self
    }

    /// Sets another parameter that the provider documents; it replaces a declared one. A parameter
    /// that the library sets itself, such as `state`, causes an error when this is awaited.
    pub fn param(mut self, name: &str, value: &str) -> Self {
        self.beginning.param(name, value);
        self
    }

    /// Sets a parameter of the token request of this login that the provider documents; it replaces
    /// a declared one of `access_token_params`. It is sealed into the cookie of the login, so keep it
    /// short. A parameter that the library sets itself, such as `code`, causes an error when this is
    /// awaited.
    pub fn access_token_param(mut self, name: &str, value: &str) -> Self
    where
        P: OAuth2Provider,
    {
        self.beginning.options.token_params.set_unreserved(name, value, token_request::RESERVED);
        self
    }

    /// Sets a redirect URI other than the client's own: the path of another route of this
    /// application, or an absolute URL. Both have to be registered with the provider, and the route
    /// completes the login with [`Login`](crate::Login). The value comes from source code or from
    /// configuration ([`RedirectUri::configured`](crate::RedirectUri::configured)), never from a request: an attacker who chooses
    /// it receives the code.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("read:user"))]
    /// # struct GitHub;
    /// # #[derive(Clone, OAuthRegistry)]
    /// # struct Providers { github: Client<GitHub> }
    ///
    /// async fn popup(State(oauth): State<Providers>) -> Result<impl IntoResponse, OAuthError> {
    ///     oauth.github.authorize_redirect().redirect_uri("/popup/callback").await
    /// }
    /// ```
    pub fn redirect_uri(mut self, uri: impl IntoRedirectUri) -> Self {
        self.beginning.options.overrides.redirect_uri = Some(uri.into_redirect_uri());
        self
    }

    /// Replaces the generated `state`: at least 22 random base64url characters or 32
    /// hexadecimal digits, which are 128 bits, new for each login, of letters, digits and `- . _ ~`. A weaker one causes an error when this is awaited, because an
    /// attacker who guesses it can complete a login in another user's browser. To pass data to the
    /// time after the login, use [`return_to`](Self::return_to).
    pub fn state(mut self, state: impl Into<String>) -> Self
    where
        P: OAuth2Provider,
    {
        self.beginning.options.overrides.state = Some(state.into());
        self
    }

    /// Replaces the generated `nonce` (OpenID Connect), under the same conditions as
    /// [`state`](Self::state).
    pub fn nonce(mut self, nonce: impl Into<String>) -> Self
    where
        P: OpenIdProvider,
    {
        self.beginning.options.overrides.nonce = Some(nonce.into());
        self
    }

    /// Replaces the generated code verifier (RFC 7636): at least 43 random characters, new for each
    /// login.
    pub fn code_verifier(mut self, verifier: impl Into<Secret>) -> Self
    where
        P: OAuth2Provider,
    {
        self.beginning.options.overrides.code_verifier = Some(verifier.into());
        self
    }

    /// Reads the browser's pending logins, so that the oldest are evicted if there are many. The
    /// generated route does this. In a handler it only matters for users who start many logins.
    pub fn with_cookies_of(mut self, headers: &HeaderMap) -> Self {
        self.beginning.with_cookies_of(headers);
        self
    }

    /// Begins the login for an application that sends the browser to the provider itself, for
    /// example by a script: the result is the URL, with what the callback needs. It is Authlib's
    /// `create_authorization_url`.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("read:user"))]
    /// # struct GitHub;
    /// # #[derive(Clone, OAuthRegistry)]
    /// # struct Providers { github: Client<GitHub> }
    ///
    /// /// A script opens the URL. A cookie keeps the login, as with a redirect.
    /// async fn login(State(oauth): State<Providers>) -> Result<impl IntoResponse, OAuthError> {
    ///     let begun = oauth.github.authorize_redirect().into_url().await?;
    ///     let url = begun.url().to_owned();
    ///     Ok((begun, url))
    /// }
    /// ```
    ///
    /// # Errors
    /// Those of awaiting the builder.
    #[doc(alias = "create_authorization_url")]
    pub async fn into_url(self) -> Result<AuthorizationUrl, OAuthError> {
        // Boxed: it would make the futures of handlers larger.
        Box::pin(self.beginning.begin_by_hand()).await
    }

    fn set(mut self, name: &str, value: &str) -> Self {
        self.beginning.options.params.set(name, value);
        self
    }
}

impl Beginning {
    /// Sets a parameter of the authorization request.
    pub(crate) fn param(&mut self, name: &str, value: &str) {
        self.options.params.set_unreserved(name, value, RESERVED);
    }

    pub(crate) fn new(client: Arc<ProviderClient>) -> Self {
        let home = client.shared.public_url.home();
        let options = LoginOptions { return_to: home, ..LoginOptions::default() };
        Self { client, options: Box::new(options), expired: Vec::new(), question: None }
    }

    /// Replaces the scopes; the browser records that they were asked for.
    pub(crate) fn asks_for(&mut self, scopes: Vec<String>) {
        self.scopes(scopes.iter().map(String::as_str));
        self.question = Some(scopes.into());
    }

    pub(crate) fn return_to(&mut self, path: &str) {
        if let Some(path) = return_to::own_path(&self.client.shared.public_url, path) {
            self.options.return_to = path;
        }
    }

    pub(crate) fn connects_in(&mut self, session: &Session) {
        self.options.connects_in = Some(session.id.clone());
    }

    pub(crate) fn scopes<'s>(&mut self, scopes: impl IntoIterator<Item = &'s str>) {
        let scope = self.client.settings.scope_of(scopes);
        self.options.params.set("scope", scope);
    }

    pub(crate) fn login_hint(&mut self, hint: &str) {
        self.options.params.set("login_hint", hint);
    }

    pub(crate) fn with_cookies_of(&mut self, headers: &HeaderMap) {
        self.expired = cookies::surplus(headers, &self.client.shared.cookie_names.pending_login);
    }

    /// The path to which the login leads.
    pub(crate) fn into_return_to(self) -> String {
        self.options.return_to
    }

    /// Starts the login. The permit says whether the login may replace the session that exists by
    /// then.
    pub(crate) async fn begin(mut self, permit: Permit) -> Result<AuthorizationUrl, OAuthError> {
        self.options.spares_session = !permit.replaces_session();
        let begun = login::begin(&self.client, self.options).await?;
        let is_https = self.client.shared.public_url.is_https();
        let question = match &self.question {
            Some(scopes) => Some(Box::new((
                self.client.shared.cookie_names.scope_question.clone(),
                self.client.question(scopes, &begun.cookie_name)?,
            ))),
            None => None,
        };
        Ok(AuthorizationUrl { begun, expired: self.expired, question, is_https })
    }

    async fn begin_by_hand(self) -> Result<AuthorizationUrl, OAuthError> {
        if self.options.overrides.redirect_uri.is_none() {
            let Self { client, .. } = &self;
            placement::expect_routes(&client.shared, &client.settings.callback_path);
        }
        self.begin(Permit::of_application()).await
    }
}

impl<P> IntoFuture for AuthorizeRedirect<P> {
    type Output = Result<LoginRedirect, OAuthError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let beginning = self.beginning;
        Box::pin(async move { beginning.begin_by_hand().await.map(LoginRedirect::from) })
    }
}

impl<P> fmt::Debug for AuthorizeRedirect<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizeRedirect")
            .field("client", &self.beginning.client)
            .field("options", &self.beginning.options)
            .finish_non_exhaustive()
    }
}
