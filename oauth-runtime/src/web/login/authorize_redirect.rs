//! The beginning of a login by hand.

use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::sync::Arc;

use axum::http::HeaderMap;

use super::return_to;
use crate::client::Client;
use crate::crypto::secret::Secret;
use crate::declaration::provider::OAuthProvider;
use crate::declaration::provider::{OAuth2Provider, OpenIdProvider};
use crate::error::OAuthError;
use crate::flow::login::{self, LoginOptions};
use crate::flow::provider_client::ProviderClient;
use crate::protocol::authorization_request::RESERVED;
use crate::protocol::claims_request::{Claim, ClaimsRequest};
use crate::sync::future::BoxFuture;
use crate::url::redirect_uri::RedirectUri;
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

/// A login that begins, of any provider.
pub(crate) struct Beginning {
    client: Arc<ProviderClient>,
    /// In a box: they pass through several futures, and each would carry them whole.
    options: Box<LoginOptions>,
    expired: Vec<String>,
    /// Scopes that a page of this application said to be needed.
    question: Option<Box<[String]>>,
}

impl<P: OAuthProvider> Client<P> {
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
    pub fn authorize_redirect(&self) -> AuthorizeRedirect<P> {
        AuthorizeRedirect::new(Arc::clone(self.engine()))
    }

    /// Connects an account of this provider to the user who is signed in. The session stays as it is.
    /// Awaited, it becomes a response that sends the browser to the provider.
    ///
    /// The generated callback hands the provider's answer to `on_connect`; without one it keeps the
    /// tokens of a provider with `keep_tokens`. Another
    /// [`redirect_uri`](AuthorizeRedirect::redirect_uri) leads to a route that takes
    /// [`Connection`](crate::Connection).
    ///
    /// It belongs on a route that answers `POST`. If another site could send a user here, it would decide
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
    pub fn connect_redirect(&self, user: &User) -> AuthorizeRedirect<P> {
        self.authorize_redirect().connecting_in(user.session())
    }
}

impl<P> AuthorizeRedirect<P> {
    pub(crate) fn new(client: Arc<ProviderClient>) -> Self {
        Self { beginning: Beginning::new(client), provider: PhantomData }
    }

    /// For the connection of an account in this session.
    pub(crate) fn connecting_in(mut self, session: &Session) -> Self {
        self.beginning.connects_in(session);
        self
    }

    /// Where the person goes after the login. Anything but a path of this application becomes `/`:
    /// otherwise the login would lead people to whatever site a link names.
    pub fn return_to(mut self, path: &str) -> Self {
        self.beginning.return_to(path);
        self
    }

    /// Tells the provider who is probably logging in (OpenID Connect Core 1.0 section 3.1.2.1).
    pub fn login_hint(self, hint: &str) -> Self
    where
        P: OAuth2Provider,
    {
        self.set("login_hint", hint)
    }

    /// `login`, `consent`, `select_account` or `none` (OpenID Connect Core 1.0 section 3.1.2.1).
    pub fn prompt(self, prompt: &str) -> Self
    where
        P: OAuth2Provider,
    {
        self.set("prompt", prompt)
    }

    /// The person must have authenticated at most so many seconds ago; the provider asks again
    /// otherwise, and the ID token must prove it (OpenID Connect Core 1.0 section 3.1.2.1).
    pub fn max_age(mut self, seconds: u32) -> Self
    where
        P: OpenIdProvider,
    {
        self.beginning.options.max_age = Some(seconds);
        self
    }

    /// Ways of authentication that the application would like, the preferred one first
    /// (OpenID Connect Core 1.0 section 3.1.2.1): the provider need not comply, and
    /// [`IdToken::acr`](crate::IdToken::acr) says what it did.
    pub fn acr_values<'s>(self, values: impl IntoIterator<Item = &'s str>) -> Self
    where
        P: OpenIdProvider,
    {
        self.set("acr_values", &joined(values))
    }

    /// The person must have authenticated in one of these ways; the ID token must prove it
    /// (OpenID Connect Core 1.0 section 5.5.1.1). Which names there are, the provider says
    /// (`acr_values_supported` of its metadata).
    pub fn require_acr<'s>(self, values: impl IntoIterator<Item = &'s str>) -> Self
    where
        P: OpenIdProvider,
    {
        self.claims(ClaimsRequest::new().id_token(Claim::new("acr").essential().values(values)))
    }

    /// Asks for single claims, beyond those that the scopes cover.
    pub fn claims(mut self, claims: ClaimsRequest) -> Self
    where
        P: OpenIdProvider,
    {
        self.beginning.options.claims.merge(claims);
        self
    }

    /// Languages of the provider's pages as tags of BCP 47, the preferred one first
    /// (OpenID Connect Core 1.0 section 3.1.2.1).
    pub fn ui_locales<'s>(self, locales: impl IntoIterator<Item = &'s str>) -> Self
    where
        P: OAuth2Provider,
    {
        self.set("ui_locales", &joined(locales))
    }

    /// Languages of the claims as tags of BCP 47, the preferred one first (OpenID Connect Core 1.0
    /// section 5.2); [`UserInfo::localized`](crate::UserInfo::localized) reads them.
    pub fn claims_locales<'s>(self, locales: impl IntoIterator<Item = &'s str>) -> Self
    where
        P: OpenIdProvider,
    {
        self.set("claims_locales", &joined(locales))
    }

    /// How the provider's pages are shown: `page`, `popup`, `touch` or `wap` (OpenID Connect
    /// Core 1.0 section 3.1.2.1).
    pub fn display(self, display: &str) -> Self
    where
        P: OpenIdProvider,
    {
        self.set("display", display)
    }

    /// An ID token of an earlier login of the person who is expected, as its
    /// [`compact`](crate::IdToken::compact) text: the provider declines when it is somebody else
    /// (OpenID Connect Core 1.0 section 3.1.2.1). Useful with `prompt("none")`. It becomes a part of
    /// a URL, and with it what the token says of the person.
    pub fn id_token_hint(self, id_token: &Secret) -> Self
    where
        P: OpenIdProvider,
    {
        self.set("id_token_hint", id_token.expose())
    }

    /// Asks for these scopes instead of the declared ones. With OpenID Connect `openid` is one of
    /// them in any case: without it there is no ID token, and so nobody who logs in.
    pub fn scopes<'s>(mut self, scopes: impl IntoIterator<Item = &'s str>) -> Self
    where
        P: OAuth2Provider,
    {
        self.beginning.scopes(scopes);
        self
    }

    /// Any other parameter that the provider documents; it replaces the declaration's. One that the
    /// library sets itself, such as `state`, is an error when this is awaited.
    pub fn param(mut self, name: &str, value: &str) -> Self {
        self.beginning.options.params.set_unreserved(name, value, RESERVED);
        self
    }

    /// Another redirect URI than the client's own: the path of another route of this application, or
    /// a whole URL. Both have to be registered with the provider, and the route finishes the login
    /// with [`Login`](crate::Login). It is text of the source code, or of the configuration
    /// ([`RedirectUri::configured`]), and never of a request: whoever chooses it gets the code.
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
    pub fn redirect_uri(mut self, uri: impl Into<RedirectUri>) -> Self {
        self.beginning.options.given.redirect_uri = Some(uri.into());
        self
    }

    /// The `state`, in place of one that is made for each login: at least 32 random characters, new
    /// each time, letters, digits and `- . _ ~`. A weaker one is an error when this is awaited, for
    /// whoever guesses it can finish a login in another person's browser. Data for the time after
    /// the login belongs in [`return_to`](Self::return_to), not in here.
    pub fn state(mut self, state: impl Into<String>) -> Self
    where
        P: OAuth2Provider,
    {
        self.beginning.options.given.state = Some(state.into());
        self
    }

    /// The `nonce` (OpenID Connect), under the same conditions as [`state`](Self::state).
    pub fn nonce(mut self, nonce: impl Into<String>) -> Self
    where
        P: OpenIdProvider,
    {
        self.beginning.options.given.nonce = Some(nonce.into());
        self
    }

    /// The code verifier (RFC 7636): at least 43 random characters, new each time.
    pub fn code_verifier(mut self, verifier: impl Into<Secret>) -> Self
    where
        P: OAuth2Provider,
    {
        self.beginning.options.given.code_verifier = Some(verifier.into());
        self
    }

    /// Looks at the pending logins that the browser holds already, so that old ones make place.
    /// The generated route does it; by hand it is a comfort for people who begin many logins.
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
    pub(crate) fn new(client: Arc<ProviderClient>) -> Self {
        let home = client.shared.public_url.outside("/");
        let options = LoginOptions { return_to: home, ..LoginOptions::default() };
        Self { client, options: Box::new(options), expired: Vec::new(), question: None }
    }

    /// Asks for these scopes; the browser keeps that they were asked for.
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

    /// Where it would lead in the end.
    pub(crate) fn into_return_to(self) -> String {
        self.options.return_to
    }

    /// The permit says whether it may end in another session than the one that is there by then.
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
        if self.options.given.redirect_uri.is_none() {
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
