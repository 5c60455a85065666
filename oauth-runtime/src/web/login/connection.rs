//! An account that the signed-in user has connected, as handlers receive it.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponseParts, ResponseParts};

use super::{CallbackResult, Outcome, Verified};
use crate::client::Client;
use crate::client::api::Api;
use crate::declaration::capabilities::{Declared, Identifies};
use crate::declaration::provider::{AnyProvider, LoginProvider, OAuthProvider, OpenIdProvider};
use crate::error::OAuthError;
use crate::flow::grant::record::GrantId;
use crate::flow::login::attempt;
use crate::flow::login::{CompletedLogin, Purpose};
use crate::flow::provider_client::ProviderClient;
use crate::identity::{Identity, UnverifiedProfile};
use crate::protocol::id_token::IdToken;
use crate::token::owner::Owner;
use crate::token::{Token, TokenData};
use crate::web::login;
use crate::web::page::pages::harden;
use crate::web::session::cookies;
use crate::web::session::user::User;
use crate::web::state::HasClient;

/// A verified account and the user whose session asked for it and is alive.
pub(crate) struct VerifiedConnection {
    pub(crate) client: Arc<ProviderClient>,
    pub(crate) login: Box<CompletedLogin>,
    pub(crate) user: User,
}

/// An account at a provider that the signed-in user has proven to be theirs.
///
/// The generated callback passes it to `on_connect`. As an extractor it completes a connection of
/// [`Client::connect_redirect`], on the route that its `redirect_uri` names, from a `GET` or a
/// `POST`. It must be the last argument of the handler.
///
/// Both identities were proven in one session: [`user`](Self::user) is signed in with the session
/// that asked for the connection, and [`identity`](Self::identity) is the account at the provider.
/// If the session has ended or was replaced, there is no `Connection`, and no code was exchanged.
/// The session is unchanged, including its logout at the provider of its login. A login never
/// becomes a connection, nor a connection a login.
///
/// The application stores the identity in its own table. If it already belongs to another user, the
/// handler has to refuse: see [two providers, one
/// user](crate::guide::your_own_users#two-providers-one-user).
///
/// ```
/// use oauth_runtime::Connection;
/// use oauth_runtime::prelude::*;
/// # #[derive(OAuthProvider)]
/// # #[oauth_provider(name = "github", preset = "github", scopes("read:user"))]
/// # struct GitHub;
/// # async fn store(_: &User, _: &oauth_runtime::Identity) -> bool { true }
///
/// #[derive(Clone, OAuthRegistry)]
/// #[oauth_registry(on_connect = connected)]
/// struct Providers {
///     github: Client<GitHub>,
/// }
///
/// async fn connected<P: OAuthProvider>(
///     connection: Connection<P>,
/// ) -> Result<impl IntoResponse, OAuthError> {
///     if !store(connection.user(), connection.identity()).await {
///         return Ok(Redirect::to("/settings?conflict").into_response());
///     }
///     Ok((connection.connect().await?, Redirect::to(connection.return_to())).into_response())
/// }
/// ```
pub struct Connection<P: AnyProvider> {
    token: Box<Token<P>>,
    verified: Box<Verified<P::UserInfo, P::Claims, login::User<P>>>,
    user: User,
}

impl<P: AnyProvider> Connection<P> {
    pub(crate) fn new(
        ended: VerifiedConnection,
        attempt: Option<String>,
    ) -> Result<Self, OAuthError> {
        let VerifiedConnection { client, login, user } = ended;
        let (verified, token) = Verified::new(client, *login, P::Capabilities::hold, attempt)?;
        Ok(Self { token: Box::new(Token::new(token)), verified, user })
    }

    /// The signed-in user, who asked for the connection.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// The account at the provider. Its issuer and subject together are the key to store.
    pub fn identity(&self) -> &Identity
    where
        P: OAuthProvider,
    {
        P::Capabilities::certain(&self.verified.identity)
    }

    /// The account at the provider, where the provider's declaration leaves open whether its logins identify
    /// one. `None` if this one did not. For an [`OAuthProvider`] it is always the
    /// [`identity`](Self::identity).
    pub fn known_identity(&self) -> Option<&Identity> {
        P::Capabilities::found(&self.verified.identity)
    }

    /// The provider's API, called with the token of this connection.
    pub fn api(&self) -> Api<P> {
        Api::with_token(Arc::clone(&self.verified.client), self.token.data().clone())
    }

    /// The owner of the session, for whom [`connect`](Self::connect) stores the tokens.
    pub fn owner(&self) -> Owner {
        self.user.owner()
    }

    /// The tokens.
    pub fn token(&self) -> &Token<P> {
        &self.token
    }

    /// Returns the tokens, for an application that stores them itself.
    pub fn into_token(self) -> Token<P> {
        *self.token
    }

    /// The provider's userinfo, as in [`Login::userinfo`](crate::Login::userinfo).
    pub fn userinfo(&self) -> &P::UserInfo {
        &self.verified.userinfo
    }

    /// The unsigned profile that came with the authorization response, as in
    /// [`Login::unverified_profile`](crate::Login::unverified_profile).
    pub fn unverified_profile(&self) -> Option<&UnverifiedProfile> {
        self.verified.unverified_profile.as_ref()
    }

    /// The claims of the validated ID token, typed by `claims = Type` in the declaration.
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

    /// The path to redirect the user to: a path of this application, `/` unless the connection was
    /// started with `return_to`.
    pub fn return_to(&self) -> &str {
        &self.verified.return_to
    }

    /// Completes the connection. If the provider is declared with `keep_tokens`, its tokens are stored
    /// for the [owner](Self::owner). Otherwise, the tokens of a provider that identifies no users are
    /// stored until the session ends, and those of any other are dropped with this value. The result
    /// becomes part of the response: it removes the cookie of the attempt.
    ///
    /// Call it once the application has stored the identity. A refused connection needs no call.
    ///
    /// # Errors
    /// [`BrowserError::TooManyAccounts`](crate::error::BrowserError::TooManyAccounts), [`OAuthError::Store`];
    /// never for a provider that identifies users and whose tokens are not stored.
    pub async fn connect(&self) -> Result<Connected, OAuthError> {
        let Verified { client, attempt, .. } = &*self.verified;
        connect(client, &self.user, self.known_identity(), self.token.data()).await?;
        let is_https = client.shared.public_url.is_https();
        Ok(Connected { attempt: attempt.clone(), is_https })
    }
}

/// Stores the tokens for the owner of the session, if they are to be stored. A provider that identifies
/// no users serves only its API, so without `keep_tokens` the session has its tokens. Compiled once for all
/// providers.
pub(super) async fn connect(
    client: &ProviderClient,
    user: &User,
    identity: Option<&Identity>,
    token: &TokenData,
) -> Result<(), OAuthError> {
    if client.settings.keep_tokens {
        client.keep_for(&user.owner(), &client.account_of(identity), token).await?;
    } else if identity.is_none() {
        let session = user.session();
        let grant = GrantId::of_session(&session.id, client.name());
        client.keep(&grant, token, session.expires_at).await?;
    }
    Ok(())
}

impl<P: AnyProvider> Client<P> {
    /// Completes a connection of [`connect_redirect`](Self::connect_redirect) in a handler, with
    /// the request that the redirect URI received. The extractor [`Connection`] does the same. Use
    /// this for a provider known at run time, whose client is not part of the state.
    ///
    /// ```
    /// use axum::extract::Request;
    /// use oauth_runtime::prelude::*;
    /// use oauth_runtime::error::BrowserError;
    /// use oauth_runtime::RuntimeProviders;
    ///
    /// async fn linked(
    ///     State(tenants): State<RuntimeProviders>,
    ///     request: Request,
    /// ) -> Result<impl IntoResponse, OAuthError> {
    ///     let acme = tenants.get("acme").ok_or(BrowserError::UnknownProvider)?;
    ///     let connection = acme.finish_connection(request).await?;
    ///     let text = format!("Linked {}", connection.identity().display_name());
    ///     Ok((connection.connect().await?, text))
    /// }
    /// # let _ = linked;
    /// ```
    ///
    /// # Errors
    /// [`OAuthError`] by the party at fault.
    /// [`BrowserError::OtherSession`](crate::error::BrowserError::OtherSession) and
    /// [`BrowserError::OtherPurpose`](crate::error::BrowserError::OtherPurpose) are returned before
    /// the code is exchanged.
    pub async fn finish_connection(&self, request: Request) -> Result<Connection<P>, OAuthError>
    where
        P: LoginProvider,
    {
        let client = self.engine();
        let CallbackResult { outcome, attempt, .. } =
            login::finish(client, request, Purpose::Connection).await;
        match outcome? {
            Outcome::Connection(ended) => Connection::new(*ended, attempt),
            Outcome::Login(_) => Err(attempt::not_a_connection().into()),
        }
    }
}

impl<S, P> FromRequest<S> for Connection<P>
where
    P: LoginProvider,
    S: HasClient<P> + Send + Sync,
{
    type Rejection = OAuthError;

    async fn from_request(request: Request, state: &S) -> Result<Self, OAuthError> {
        state.client().finish_connection(request).await
    }
}

impl<P: AnyProvider> fmt::Debug for Connection<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("user", &self.user.identity())
            .field("identity", &self.known_identity())
            .finish_non_exhaustive()
    }
}

/// A completed connection. As part of a response it removes the cookie of the attempt.
#[derive(Debug)]
pub struct Connected {
    attempt: Option<String>,
    is_https: bool,
}

impl IntoResponseParts for Connected {
    type Error = Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Infallible> {
        let headers = response.headers_mut();
        harden(headers);
        if let Some(name) = &self.attempt {
            cookies::clear(headers, name, self.is_https);
        }
        Ok(response)
    }
}
