//! A verified login, as handlers receive it.

pub(crate) mod authorization_url;
pub(crate) mod authorize_redirect;
pub(crate) mod callback;
pub(crate) mod connect;
pub(crate) mod connection;
pub(crate) mod exchange;
pub(super) mod form_post;
pub(crate) mod handler;
pub(super) mod initiate;
pub(crate) mod login_handler;
pub(crate) mod return_to;
mod sign_in;
mod verify;

pub use self::sign_in::SignIn;
pub(crate) use self::sign_in::{Tokens, sign_in};
pub(crate) use self::verify::{CallbackResult, Outcome, finish};

use std::fmt;
use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;

use self::authorization_url::SealedLogin;
use self::handler::VerifiedLogin;
use super::state::HasClient;
use crate::client::Client;
use crate::client::api::Api;
use crate::declaration::capabilities::{Declared, Identifies};
use crate::declaration::provider::{
    AnyProvider, KeepsTokens, LoginProvider, OAuthProvider, OpenIdProvider, SignInProvider,
};
use crate::error::{CallError, OAuthError};
use crate::flow::login::attempt::{self};
use crate::flow::login::{self, Browser, CompletedLogin, Purpose};
use crate::flow::provider_client::ProviderClient;
use crate::identity::{Identity, UnverifiedProfile};
use crate::json::JsonError;
use crate::protocol::answer::AnswerExcerpt;
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::protocol::id_token::IdToken;
use crate::token::owner::Owner;
use crate::token::{Token, TokenData};
use crate::web::login::verify::claims_of;
use crate::web::session::Session;

/// A verified login: nothing in it is an unverified claim of the browser.
///
/// The generated callback route passes it to `on_login`. As an extractor it completes a login in a
/// handler, on the route that the redirect URI names, from a `GET` or a `POST`. Authlib calls this
/// `authorize_access_token`. It must be the last argument of the handler.
///
/// ```
/// use oauth_runtime::prelude::*;
/// # #[derive(OAuthProvider)]
/// # #[oauth_provider(name = "github", preset = "github", scopes("read:user"))]
/// # struct GitHub;
///
/// async fn callback(login: Login<GitHub>) -> Result<impl IntoResponse, OAuthError> {
///     println!("{} is here", login.identity().display_name());
///     let session = login.sign_in().await?;
///     Ok((session, Redirect::to(login.return_to())))
/// }
/// ```
pub struct Login<P: AnyProvider> {
    // Boxed: they pass through several futures, and each would contain them.
    token: Box<Token<P>>,
    verified: Box<Verified<P::UserInfo, P::Claims, User<P>>>,
    earlier: Option<Box<Session>>,
}

/// The user of a login, as the provider's declaration promises one.
pub(super) type User<P> = <<P as AnyProvider>::Capabilities as Declared>::Held<Identity>;

/// The verified parts of a login or a connection, without its tokens. It is generic over the types
/// of the claims: most providers declare none and share the code.
pub(super) struct Verified<U, C, I> {
    pub(super) client: Arc<ProviderClient>,
    pub(super) identity: I,
    pub(super) id_token: Option<IdToken>,
    pub(super) userinfo: U,
    pub(super) claims: C,
    pub(super) unverified_profile: Option<UnverifiedProfile>,
    pub(super) return_to: String,
    /// The cookie of the attempt, if only the handler can remove it.
    pub(super) attempt: Option<String>,
}

impl<U, C, I> Verified<U, C, I>
where
    U: DeserializeOwned + 'static,
    C: DeserializeOwned + 'static,
{
    pub(super) fn new(
        client: Arc<ProviderClient>,
        login: CompletedLogin,
        hold: impl FnOnce(Option<Identity>) -> Option<I>,
        attempt: Option<String>,
    ) -> Result<(Box<Self>, TokenData), OAuthError> {
        let identity = hold(login.identity);
        let identity = identity.ok_or_else(|| CallError::NoIdentity(client.name().to_owned()))?;
        let userinfo = match login.userinfo {
            Some(userinfo) => serde_json::from_value(userinfo).map_err(JsonError::from),
            None => login.claims.typed(),
        };
        let userinfo = userinfo.map_err(|reason| {
            let answer = AnswerExcerpt::default();
            client.provider_error(ProviderError::Malformed {
                endpoint: EndpointKind::UserInfo,
                reason,
                answer,
            })
        })?;
        let claims = claims_of(login.id_token.as_ref(), &login.claims);
        let claims =
            claims.map_err(|reason| client.provider_error(ProviderError::Claims(reason)))?;
        let verified = Box::new(Self {
            client,
            identity,
            id_token: login.id_token,
            userinfo,
            claims,
            unverified_profile: login.unverified_profile,
            return_to: login.return_to,
            attempt,
        });
        Ok((verified, login.token))
    }
}

impl<P: AnyProvider> Login<P> {
    pub(crate) fn new(ended: VerifiedLogin, attempt: Option<String>) -> Result<Self, OAuthError> {
        let VerifiedLogin { client, login, earlier } = ended;
        let (verified, token) = Verified::new(client, *login, P::Capabilities::hold, attempt)?;
        Ok(Self { token: Box::new(Token::new(token)), verified, earlier })
    }

    /// The user who logged in.
    pub fn identity(&self) -> &Identity
    where
        P: OAuthProvider,
    {
        P::Capabilities::certain(&self.verified.identity)
    }

    /// The user who logged in, if the provider's declaration leaves open whether its logins identify one:
    /// `None` if this login does not. For an [`OAuthProvider`] it is always the
    /// [`identity`](Self::identity).
    pub fn known_identity(&self) -> Option<&Identity> {
        P::Capabilities::found(&self.verified.identity)
    }

    /// The provider's API, called with the token of this login.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    ///
    /// #[derive(OAuthProvider)]
    /// #[oauth_provider(
    ///     name = "stripe",
    ///     authorize_url = "https://connect.stripe.com/oauth/authorize",
    ///     access_token_url = "https://connect.stripe.com/oauth/token",
    ///     api_base_url = "https://api.stripe.com/v1/",
    ///     scopes("read_write"),
    /// )]
    /// struct Stripe; // it identifies no users, so its logins have no `identity`
    ///
    /// async fn connected(login: Login<Stripe>) -> Result<String, OAuthError> {
    ///     login.api().get("balance").text().await
    /// }
    /// ```
    pub fn api(&self) -> Api<P> {
        Api::with_token(Arc::clone(&self.verified.client), self.token.data().clone())
    }

    /// The tokens.
    pub fn token(&self) -> &Token<P> {
        &self.token
    }

    /// Returns the tokens, for applications that store them themselves or call an API at once with
    /// [`with_token`](Client::with_token).
    pub fn into_token(self) -> Token<P> {
        *self.token
    }

    /// The response of the userinfo endpoint, typed by `userinfo = Type` in the declaration.
    /// Without that key, an OpenID Connect provider is not asked, and these are the claims of the
    /// ID token.
    pub fn userinfo(&self) -> &P::UserInfo {
        &self.verified.userinfo
    }

    /// The unsigned profile that came through the browser with the authorization response, from a
    /// provider with `quirks(user_in_response)`: Apple sends the user's name this way, and only at
    /// the first login.
    pub fn unverified_profile(&self) -> Option<&UnverifiedProfile> {
        self.verified.unverified_profile.as_ref()
    }

    /// The path to redirect the user to: a path of this application, `/` unless the login was
    /// started with `return_to`.
    pub fn return_to(&self) -> &str {
        &self.verified.return_to
    }

    /// Stores the tokens for an owner, like [`sign_in_as`](Self::sign_in_as) but without a session,
    /// for applications with their own sessions. [`Client::api_for`] finds the tokens.
    ///
    /// Do not also call `sign_in` for another owner: if two owners hold one refresh token, one
    /// spends it and the other presents it again, and most providers then end both grants.
    ///
    /// # Errors
    /// As [`sign_in_as`](Self::sign_in_as).
    pub async fn keep_tokens(&self, owner: impl Into<Owner>) -> Result<(), OAuthError>
    where
        P: KeepsTokens,
    {
        let client = &self.verified.client;
        let account = client.account_of(self.known_identity());
        client.keep_for(&owner.into(), &account, self.token.data()).await.map(drop)
    }

    /// Starts the built-in session with a new identifier and stores the tokens for it. The result
    /// becomes part of the response: it sets the cookie. The browser's earlier session ends.
    ///
    /// # Errors
    /// [`OAuthError::Store`] when the tokens cannot be stored. For a provider that is not an
    /// [`OAuthProvider`]: [`CallError::NoIdentity`](crate::error::CallError::NoIdentity) when the login
    /// identifies no user.
    pub async fn sign_in(&self) -> Result<SignIn, OAuthError>
    where
        P: SignInProvider,
    {
        let identity = self.user()?;
        self.sign_in_as(identity).await
    }

    /// Like [`sign_in`](Self::sign_in), for a user whom the application knows by its own
    /// identifier: tokens that outlive the session (`keep_tokens`) belong to this owner, and so do
    /// accounts that are connected in the session.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("repo"), keep_tokens)]
    /// # struct GitHub;
    /// # async fn find_or_create(_: &str, _: &str) -> u64 { 42 }
    ///
    /// async fn signed_in(login: Login<GitHub>) -> Result<impl IntoResponse, OAuthError> {
    ///     let identity = login.identity();
    ///     let account = find_or_create(identity.issuer(), identity.subject()).await;
    ///     Ok((login.sign_in_as(account).await?, Redirect::to(login.return_to())))
    /// }
    ///
    /// /// Days later, without a request.
    /// async fn nightly(github: &Client<GitHub>) -> Result<String, OAuthError> {
    ///     github.api_for(42).await?.get("user/repos").text().await
    /// }
    /// ```
    ///
    /// # Errors
    /// [`OAuthError::Call`] for an owner without a name, [`OAuthError::Store`] when the tokens
    /// cannot be stored.
    pub async fn sign_in_as(&self, owner: impl Into<Owner>) -> Result<SignIn, OAuthError>
    where
        P: SignInProvider,
    {
        let Verified { client, attempt, id_token, .. } = &*self.verified;
        let (owner, earlier) = (owner.into(), self.earlier.as_deref());
        let identity = self.user()?.clone();
        let tokens = Tokens { tokens: self.token.data(), id_token: id_token.as_ref() };
        let sign_in = sign_in(client, identity, owner, tokens, earlier).await?;
        Ok(SignIn { attempt: attempt.clone(), ..sign_in })
    }

    fn user(&self) -> Result<&Identity, OAuthError> {
        let no_identity = || CallError::NoIdentity(self.verified.client.name().to_owned());
        self.known_identity().ok_or_else(|| no_identity().into())
    }

    /// The claims of the validated ID token, typed by `claims = Type` in the declaration.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// use serde::Deserialize;
    ///
    /// #[derive(OAuthProvider)]
    /// #[oauth_provider(
    ///     name = "acme",
    ///     issuer = "https://acme.example",
    ///     scopes("openid"),
    ///     claims = AcmeClaims,
    /// )]
    /// struct Acme;
    ///
    /// #[derive(Deserialize)]
    /// struct AcmeClaims {
    ///     #[serde(default)]
    ///     groups: Vec<String>,
    /// }
    ///
    /// async fn signed_in(login: Login<Acme>) -> Result<impl IntoResponse, OAuthError> {
    ///     let is_admin = login.claims().groups.iter().any(|group| group == "admins");
    ///     Ok((login.sign_in().await?, Redirect::to(if is_admin { "/admin" } else { "/" })))
    /// }
    /// # let _ = signed_in;
    /// ```
    pub fn claims(&self) -> &P::Claims
    where
        P: OpenIdProvider,
    {
        &self.verified.claims
    }

    /// The validated ID token.
    pub fn id_token(&self) -> Option<&IdToken>
    where
        P: OpenIdProvider,
    {
        self.verified.id_token.as_ref()
    }
}

impl<P: AnyProvider> Client<P> {
    /// Completes a login in a handler with the request that the redirect URI received: a `GET` with
    /// the authorization response in its query, or a `POST` with it in a form. The extractor
    /// [`Login`] does the same.
    ///
    /// ```
    /// use axum::extract::Request;
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("read:user"))]
    /// # struct GitHub;
    /// # #[derive(Clone, OAuthRegistry)]
    /// # struct Providers { github: Client<GitHub> }
    ///
    /// async fn callback(State(oauth): State<Providers>, request: Request) -> String {
    ///     match oauth.github.authorize_access_token(request).await {
    ///         Ok(login) => format!("Hello, {}", login.identity().display_name()),
    ///         Err(error) if error.is_access_denied() => "You said no".to_owned(),
    ///         Err(error) => format!("It did not work ({})", error.status()),
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// [`OAuthError`] by the party at fault; [`OAuthError::error_response`] is the provider's error
    /// response. After any error the earlier session is unchanged.
    pub async fn authorize_access_token(&self, request: Request) -> Result<Login<P>, OAuthError>
    where
        P: LoginProvider,
    {
        let client = self.engine();
        let CallbackResult { outcome, attempt, .. } = finish(client, request, Purpose::Login).await;
        match outcome? {
            Outcome::Login(ended) => Login::new(*ended, attempt),
            Outcome::Connection(_) => Err(attempt::not_a_login().into()),
        }
    }

    /// Completes a login whose pending part was stored elsewhere than in a cookie, by
    /// [`AuthorizationUrl::into_pending`](crate::AuthorizationUrl::into_pending). `parameters` is
    /// the unmodified query of the redirect URI or body of the form.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// use oauth_runtime::SealedLogin;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("read:user"))]
    /// # struct GitHub;
    ///
    /// async fn finish(
    ///     github: &Client<GitHub>,
    ///     pending: SealedLogin, // from your own session, which only this browser can reach
    ///     query: &str,
    /// ) -> Result<String, OAuthError> {
    ///     let login = github.resume_login(pending, query).await?;
    ///     Ok(login.identity().display_name().to_owned())
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`authorize_access_token`](Self::authorize_access_token).
    pub async fn resume_login(
        &self,
        login: SealedLogin,
        parameters: &str,
    ) -> Result<Login<P>, OAuthError>
    where
        P: LoginProvider,
    {
        let SealedLogin { name, value } = login;
        let client = Arc::clone(self.engine());
        // Without a browser there is no session in which an account could be connected.
        let pending = [(&*name, &*value)];
        let browser = Browser { pending: &pending, session: None, purpose: Purpose::Login };
        let login = login::finish(&client, parameters, browser).await?;
        Login::new(VerifiedLogin { client, login, earlier: None }, None)
    }
}

impl<P: AnyProvider> fmt::Debug for Login<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("identity", &self.known_identity())
            .field("return_to", &self.return_to())
            .finish_non_exhaustive()
    }
}

impl<S, P> FromRequest<S> for Login<P>
where
    P: LoginProvider,
    S: HasClient<P> + Send + Sync,
{
    type Rejection = OAuthError;

    async fn from_request(request: Request, state: &S) -> Result<Self, OAuthError> {
        state.client().authorize_access_token(request).await
    }
}
