//! Starting a logout at the provider in a handler of the application.

use std::convert::Infallible;
use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;

use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};
use serde::Serialize;

use crate::client::Client;
use crate::crypto::secret::Secret;
use crate::declaration::provider::{AnyProvider, OpenIdProvider};
use crate::error::{CallError, OAuthError};
use crate::flow::logout::{self, LogoutOptions, StartedLogout};
use crate::flow::provider_client::ProviderClient;
use crate::protocol::end_session::RESERVED;
use crate::sync::future::BoxFuture;
use crate::text::opaque_debug;
use crate::url::redirect_uri::IntoRedirectUri;
use crate::web::login::return_to;
use crate::web::redirect::{self, joined};
use crate::web::session::cookies;
use crate::web::session::user::{SignOut, SignOutError, User};

/// Maximum length of the application's data, in bytes: they are in a cookie.
const MAX_DATA: usize = 1024;

impl<P: AnyProvider> Client<P> {
    /// Signs a user out at the provider (OpenID Connect RP-Initiated Logout 1.0). Awaiting it
    /// returns a response that redirects the browser to the provider. Authlib calls this
    /// `logout_redirect`.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "acme", issuer = "https://acme.example", scopes("openid"))]
    /// # struct Acme;
    /// # #[derive(Clone, OAuthRegistry)]
    /// # struct Providers { acme: Client<Acme> }
    ///
    /// async fn logout(
    ///     State(oauth): State<Providers>,
    ///     user: User,
    /// ) -> Result<impl IntoResponse, OAuthError> {
    ///     oauth.acme.logout_redirect().sign_out(&user).post_logout_redirect_uri("/logged-out").await
    /// }
    /// ```
    pub fn logout_redirect(&self) -> LogoutRedirect
    where
        P: OpenIdProvider,
    {
        LogoutRedirect::new(Arc::clone(self.engine()))
    }
}

/// The builder of a logout at the provider. `.await` makes it an [`EndSessionRedirect`];
/// [`into_url`](Self::into_url) makes it a [`LogoutUrl`].
#[must_use = "nothing happens until it is awaited and its result goes into the response"]
pub struct LogoutRedirect {
    client: Arc<ProviderClient>,
    options: LogoutOptions,
    refused: Option<CallError>,
    user: Option<User>,
    expired: Vec<String>,
}

impl LogoutRedirect {
    pub(crate) fn new(client: Arc<ProviderClient>) -> Self {
        let home = client.shared.public_url.home();
        let options = LogoutOptions { return_to: home, ..LogoutOptions::default() };
        Self { client, options, refused: None, user: None, expired: Vec::new() }
    }

    /// Ends this user's session here, and sends its newest ID token to the provider as
    /// `id_token_hint`, so that the provider need not ask which session is meant. Without one, the
    /// logout continues, and the provider may ask. The session ends before the browser is redirected to the provider. If the store fails, awaiting this returns
    /// an [`OAuthError::Store`], like [`User::sign_out`].
    pub fn sign_out<'u>(mut self, user: impl Into<Option<&'u User>>) -> Self {
        self.user = user.into().cloned();
        self
    }

    /// Sets the URI to which the provider redirects the browser after the logout: a route of this
    /// application that calls [`validate_logout_response`](Client::validate_logout_response) or
    /// takes [`LoggedOut`](crate::LoggedOut). Default: none; the user stays at the provider.
    pub fn post_logout_redirect_uri(mut self, uri: impl IntoRedirectUri) -> Self {
        self.options.post_logout_redirect_uri = Some(uri.into_redirect_uri());
        self
    }

    /// Sets the path to redirect the user to after the return: a path of this application, kept in
    /// the cookie of the logout. The default, and the replacement for anything else, is `/`.
    pub fn return_to(mut self, path: &str) -> Self {
        if let Some(path) = return_to::own_path(&self.client.shared.public_url, path) {
            self.options.return_to = path;
        }
        self
    }

    /// Stores data of the application for the return, as JSON of at most 1024 bytes, in the sealed
    /// cookie of the logout: [`LoggedOut::data`](crate::LoggedOut::data) returns it, once. Data that
    /// is longer, or that JSON cannot represent, causes an error when this is awaited.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "acme", issuer = "https://acme.example", scopes("openid"))]
    /// # struct Acme;
    ///
    /// async fn logout(
    ///     State(acme): State<Client<Acme>>,
    ///     user: User,
    /// ) -> Result<impl IntoResponse, OAuthError> {
    ///     let redirect = acme.logout_redirect().sign_out(&user).data(&"account closed");
    ///     redirect.post_logout_redirect_uri("/bye").await
    /// }
    ///
    /// async fn bye(done: LoggedOut<Acme>) -> impl IntoResponse {
    ///     let reason: Option<String> = done.data();
    ///     (done, reason.unwrap_or_default())
    /// }
    /// ```
    pub fn data(mut self, data: &impl Serialize) -> Self {
        match serde_json::to_string(data) {
            Ok(json) if json.len() <= MAX_DATA => self.options.data = Some(json),
            Ok(_) => {
                self.refused =
                    Some(CallError::LogoutData("it is longer than 1024 bytes".to_owned()))
            }
            Err(error) => self.refused = Some(CallError::LogoutData(error.to_string())),
        }
        self
    }

    /// Sets an ID token of the user, as its [`compact`](crate::IdToken::compact) string, for
    /// applications that store the tokens themselves; [`sign_out`](Self::sign_out) finds it by
    /// itself.
    pub fn id_token_hint(mut self, id_token: &Secret) -> Self {
        self.options.id_token_hint = Some(id_token.clone());
        self
    }

    /// Tells the provider which user is leaving, by a string that the provider and the application
    /// agreed on.
    pub fn logout_hint(mut self, hint: &str) -> Self {
        self.options.params.set("logout_hint", hint);
        self
    }

    /// Sets the languages of the provider's pages as BCP 47 tags, in order of preference.
    pub fn ui_locales<'s>(mut self, locales: impl IntoIterator<Item = &'s str>) -> Self {
        self.options.params.set("ui_locales", joined(locales));
        self
    }

    /// Replaces the generated `state`, which the return has to repeat: at least 22 random base64url
    /// characters or 32 hexadecimal digits, new for each logout. A weaker one causes an error when
    /// this is awaited.
    pub fn state(mut self, state: impl Into<String>) -> Self {
        self.options.state = Some(state.into());
        self
    }

    /// Sets another parameter that the provider documents. A parameter that has its own method, or
    /// that the library sets, causes an error when this is awaited.
    pub fn param(mut self, name: &str, value: &str) -> Self {
        self.options.params.set_unreserved(name, value, RESERVED);
        self
    }

    /// Reads the browser's pending logouts, so that the oldest are removed if there are many. The
    /// generated route does this.
    pub fn with_cookies_of(mut self, headers: &HeaderMap) -> Self {
        let prefix = &self.client.shared.cookie_names.pending_logout;
        self.expired = cookies::surplus(headers, prefix);
        self
    }

    /// Begins the logout for an application that sends the browser to the provider itself, for
    /// example by a script: the result is the URL, with the cookies of the logout.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "acme", issuer = "https://acme.example", scopes("openid"))]
    /// # struct Acme;
    /// # #[derive(Clone, OAuthRegistry)]
    /// # struct Providers { acme: Client<Acme> }
    ///
    /// async fn logout(
    ///     State(oauth): State<Providers>,
    ///     user: User,
    /// ) -> Result<impl IntoResponse, OAuthError> {
    ///     let logout = oauth.acme.logout_redirect().sign_out(&user).into_url().await?;
    ///     let url = logout.url().to_owned();
    ///     Ok((logout, url)) // the cookies, and a body for a script
    /// }
    /// ```
    ///
    /// # Errors
    /// Those of awaiting the builder.
    pub async fn into_url(self) -> Result<LogoutUrl, OAuthError> {
        Box::pin(self.begin()).await
    }

    async fn begin(mut self) -> Result<LogoutUrl, OAuthError> {
        if let Some(refused) = self.refused.take() {
            return Err(refused.into());
        }
        let signed_out = match self.user.take() {
            Some(user) => Some(self.end(&user).await?),
            None => None,
        };
        let begun = logout::begin(&self.client, self.options).await?;
        Ok(LogoutUrl { client: self.client, begun, signed_out, expired: self.expired })
    }

    async fn end(&mut self, user: &User) -> Result<SignOut, SignOutError> {
        if self.options.id_token_hint.is_none() {
            self.options.id_token_hint = hint_of(&self.client, user).await;
        }
        user.sign_out().await
    }
}

/// The newest ID token of the session. If the store fails, the logout continues
/// without it.
async fn hint_of(client: &ProviderClient, user: &User) -> Option<Secret> {
    if user.provider() != client.name() || !user.is_of(&client.shared) {
        return None;
    }
    let hint = async {
        match user.session().grant_at(client).await? {
            Some((grant, _)) => client.id_token_hint(&grant).await,
            None => Ok(None),
        }
    };
    match hint.await {
        Ok(hint) => hint,
        Err(error) => {
            tracing::warn!(provider = client.name(), %error, "a logout continues without its ID token");
            None
        }
    }
}

impl IntoFuture for LogoutRedirect {
    type Output = Result<EndSessionRedirect, OAuthError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.begin().await.map(EndSessionRedirect) })
    }
}

/// The URL that ends the session at the provider. As part of a response it removes the cookie of
/// the session that was signed out, and sets the cookie with which the return is validated.
#[must_use = "the session's cookie is removed, and the return can be validated, only if this is part of the response"]
pub struct LogoutUrl {
    client: Arc<ProviderClient>,
    begun: StartedLogout,
    signed_out: Option<SignOut>,
    expired: Vec<String>,
}

impl LogoutUrl {
    /// The URL for a top-level navigation of the browser. With a hint it contains an ID token: do
    /// not log it.
    pub fn url(&self) -> &str {
        &self.begun.location
    }

    /// The `state` that the return repeats, for applications that compare it themselves. `None` if
    /// the provider is not asked to redirect back.
    pub fn state(&self) -> Option<&str> {
        self.begun.state.as_deref()
    }

    fn set_cookies(&self, headers: &mut HeaderMap) {
        let shared = &self.client.shared;
        let is_https = shared.public_url.is_https();
        if let Some(signed_out) = &self.signed_out {
            signed_out.clear_cookie(headers);
        }
        for name in &self.expired {
            cookies::clear(headers, name, is_https);
        }
        if let Some((name, value)) = &self.begun.cookie {
            let seconds = logout::LIFETIME.as_secs();
            cookies::set(headers, name, value, seconds, is_https);
        }
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

impl IntoResponseParts for LogoutUrl {
    type Error = Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Infallible> {
        self.set_cookies(response.headers_mut());
        Ok(response)
    }
}

/// The response that redirects the browser to the provider's end-session endpoint.
#[must_use = "the user is signed out at the provider only if this is the response"]
pub struct EndSessionRedirect(LogoutUrl);

impl IntoResponse for EndSessionRedirect {
    fn into_response(self) -> Response {
        redirect::to_provider(self.0.url(), |headers| self.0.set_cookies(headers))
    }
}

impl fmt::Debug for LogoutRedirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogoutRedirect")
            .field("client", &self.client)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

// The URL may contain an ID token: it is redacted.
opaque_debug!(LogoutUrl);

opaque_debug!(EndSessionRedirect);
