//! An account that somebody who is signed in has connected, as handlers receive it.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponseParts, ResponseParts};

use super::cookies;
use super::login::{self, Finished, Outcome};
use super::pages::harden;
use super::session::Session;
use super::state::HasClient;
use crate::client::Client;
use crate::error::{BrowserError, OAuthError};
use crate::flow::discovery::ProviderClient;
use crate::flow::login::CompletedLogin;
use crate::identity::Identity;
use crate::owner::Owner;
use crate::provider::KeepsTokens;
use crate::token::Token;

pub(super) const LOGINS: &str = "a login";
pub(super) const CONNECTIONS: &str = "the connection of an account";

/// A verified account, and the session that it is to be connected in: the one that began it, and that
/// is there still.
pub(crate) struct EndedConnection {
    pub(crate) client: Arc<ProviderClient>,
    pub(crate) login: Box<CompletedLogin>,
    pub(crate) session: Session,
}

impl EndedConnection {
    /// Keeps the tokens for the owner that the session has.
    pub(super) async fn keep(&self) -> Result<(), OAuthError> {
        let CompletedLogin { identity, token, .. } = &*self.login;
        self.client.keep_for(&self.session.owner(), identity, token).await.map(drop)
    }
}

/// An account that whoever is signed in has proven to be theirs, to be connected by hand: the end of
/// [`Client::connect_redirect`] on a route of the application, from a `GET` or a `POST`. It must be the
/// last argument of the handler.
///
/// Who is signed in stays signed in: it is the session that began it, or the extraction fails. A login
/// is never taken for a connection, nor the other way round.
///
/// ```
/// use oauth_runtime::Connection;
/// use oauth_runtime::prelude::*;
/// # #[derive(OAuthProvider)]
/// # #[oauth_provider(name = "github", preset = "github", scopes("repo"), keep_tokens)]
/// # struct GitHub;
/// # #[derive(Clone, OAuthRegistry)]
/// # struct Providers { github: Client<GitHub> }
/// # async fn remember(_: &str, _: &str) {}
///
/// async fn begin(
///     user: User,
///     State(oauth): State<Providers>,
/// ) -> Result<impl IntoResponse, OAuthError> {
///     oauth.github.connect_redirect(&user).redirect_uri("/connected").await
/// }
///
/// /// On the route `/connected`.
/// async fn connected(connection: Connection<GitHub>) -> Result<impl IntoResponse, OAuthError> {
///     let account = connection.identity();
///     remember(account.issuer(), account.subject()).await;
///     Ok((connection.connect().await?, Redirect::to(connection.return_to())))
/// }
/// ```
pub struct Connection<P> {
    ended: Box<EndedConnection>,
    token: Token<P>,
    /// The cookie of the attempt.
    attempt: Option<String>,
}

impl<P: KeepsTokens> Connection<P> {
    /// The account at the provider. It is not who is signed in.
    pub fn identity(&self) -> &Identity {
        &self.ended.login.identity
    }

    /// To whom the account will belong: the owner of the session.
    pub fn owner(&self) -> Owner {
        self.ended.session.owner()
    }

    /// The tokens.
    pub fn token(&self) -> &Token<P> {
        &self.token
    }

    /// Where the person wanted to go: a path of this application.
    pub fn return_to(&self) -> &str {
        &self.ended.login.return_to
    }

    /// Keeps the tokens for the owner. The result goes into the response.
    ///
    /// # Errors
    /// [`BrowserError::TooManyAccounts`], [`OAuthError::Store`].
    pub async fn connect(&self) -> Result<Connected, OAuthError> {
        self.ended.keep().await?;
        let is_https = self.ended.client.shared.public_url.is_https();
        Ok(Connected { attempt: self.attempt.clone(), is_https })
    }
}

impl<S, P> FromRequest<S> for Connection<P>
where
    P: KeepsTokens,
    S: HasClient<P> + Send + Sync,
{
    type Rejection = OAuthError;

    async fn from_request(request: Request, state: &S) -> Result<Self, OAuthError> {
        let client: Client<P> = state.client();
        let Finished { outcome, attempt, .. } = login::finish(client.engine(), request).await;
        match outcome? {
            Outcome::Connection(ended) => {
                let token = Token::new(ended.login.token.clone());
                Ok(Self { ended, token, attempt })
            }
            Outcome::Login(_) => {
                Err(BrowserError::OtherPurpose { found: LOGINS, taken: CONNECTIONS }.into())
            }
        }
    }
}

impl<P> fmt::Debug for Connection<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("identity", &self.ended.login.identity)
            .finish_non_exhaustive()
    }
}

/// An account that is connected. As a part of a response it removes the cookie of the attempt.
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
