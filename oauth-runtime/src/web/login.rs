//! A verified login, as handlers receive it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRef, FromRequest, Request};
use axum::http::HeaderMap;
use axum::response::{IntoResponseParts, ResponseParts};

use super::cookies;
use super::handler::EndedLogin;
use super::session::{Session, Sessions};
use crate::client::Client;
use crate::error::{Endpoint, OAuthError, ProviderError};
use crate::flow::authorization_code;
use crate::flow::discovery::ProviderClient;
use crate::identity::Identity;
use crate::json::JsonError;
use crate::protocol::id_token::IdToken;
use crate::provider::{OAuthProvider, OpenIdProvider};
use crate::token::{Token, TokenData};

/// A login that has been verified: nothing in it is a claim of the browser.
///
/// The generated callback route hands it to `on_login`. As an extractor it finishes a login by
/// hand, on the route that the redirect URI names; it is Authlib's `authorize_access_token`. It
/// must be the last argument of the handler.
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
pub struct Login<P: OAuthProvider> {
    client: Arc<ProviderClient>,
    identity: Identity,
    token: Token<P>,
    id_token: Option<IdToken>,
    userinfo: P::UserInfo,
    return_to: String,
    earlier_session: Option<Session>,
}

impl<P: OAuthProvider> Login<P> {
    pub(crate) fn new(ended: EndedLogin, headers: &HeaderMap) -> Result<Self, OAuthError> {
        let EndedLogin { client, login } = ended;
        let userinfo = serde_json::from_value(login.claims).map_err(|error| {
            let reason = JsonError::from(error);
            client.blame(ProviderError::Malformed { endpoint: Endpoint::UserInfo, reason })
        })?;
        Ok(Self {
            earlier_session: Sessions::new(Arc::clone(&client.shared)).of_headers(headers),
            client,
            identity: login.identity,
            token: Token::new(TokenData::of_response(login.tokens, login.received_at)),
            id_token: login.id_token,
            userinfo,
            return_to: login.return_to,
        })
    }

    /// Who logged in.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The tokens.
    pub fn token(&self) -> &Token<P> {
        &self.token
    }

    /// What the userinfo endpoint says, as `userinfo = Type` declares it. An OpenID Connect
    /// provider that declares none is not asked: then these are the claims of the ID token.
    pub fn userinfo(&self) -> &P::UserInfo {
        &self.userinfo
    }

    /// Where the person wanted to go: a path of this application, `/` unless the login was begun
    /// with `return_to`.
    pub fn return_to(&self) -> &str {
        &self.return_to
    }

    /// Begins the built-in session, with a new identifier, and keeps the tokens for it. The result
    /// goes into the response: it sets the cookie. The browser's earlier session ends.
    ///
    /// # Errors
    /// [`OAuthError::Store`] when the tokens cannot be kept.
    pub async fn sign_in(&self) -> Result<SignIn, OAuthError> {
        let earlier = self.earlier_session.as_ref();
        sign_in(&self.client, self.identity.clone(), self.token.data(), earlier).await
    }
}

impl<P: OpenIdProvider> Login<P> {
    /// The validated ID token.
    pub fn id_token(&self) -> Option<&IdToken> {
        self.id_token.as_ref()
    }
}

impl<P: OAuthProvider> fmt::Debug for Login<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("identity", &self.identity)
            .field("return_to", &self.return_to)
            .finish_non_exhaustive()
    }
}

impl<S, P> FromRequest<S> for Login<P>
where
    P: OAuthProvider,
    Client<P>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = OAuthError;

    async fn from_request(request: Request, state: &S) -> Result<Self, OAuthError> {
        let client = Arc::clone(Client::<P>::from_ref(state).engine());
        let headers = request.headers();
        let parameters = request.uri().query().unwrap_or_default();
        let login = finish(&client, parameters, headers).await?;
        Self::new(EndedLogin { client, login }, headers)
    }
}

/// Finishes a login with the parameters and cookies of a request.
pub(crate) async fn finish(
    client: &Arc<ProviderClient>,
    parameters: &str,
    headers: &HeaderMap,
) -> Result<authorization_code::CompletedLogin, OAuthError> {
    let prefix = cookies::host_prefix(client.shared.public_url.is_https());
    let cookie = |name: &str| cookies::find(headers, name).map(str::to_owned);
    authorization_code::finish(client, parameters, cookie, prefix).await
}

/// A session that has begun. As a part of a response it sets the cookie.
#[must_use = "the person is signed in only if this becomes a part of the response"]
#[derive(Debug)]
pub struct SignIn {
    sessions: Sessions,
    session: Session,
}

/// Begins a session, ends the earlier one, keeps the tokens.
pub(crate) async fn sign_in(
    client: &ProviderClient,
    identity: Identity,
    tokens: &TokenData,
    earlier: Option<&Session>,
) -> Result<SignIn, OAuthError> {
    let shared = &client.shared;
    let sessions = Sessions::new(Arc::clone(shared));
    let session = sessions.begin(identity)?;
    let ttl = Duration::from_secs(session.expires_at.saturating_sub(session.begun_at));
    tokens.save(&*shared.store, &session.id, client.name(), ttl).await?;
    if let Some(earlier) = earlier
        && let Err(error) = sessions.end(earlier).await
    {
        // It has ended all the same, so to fail now would leave the person with no session at all.
        tracing::warn!(%error, "the tokens of the earlier session could not be removed");
    }
    Ok(SignIn { sessions, session })
}

impl IntoResponseParts for SignIn {
    type Error = OAuthError;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, OAuthError> {
        self.sessions.set_cookie(response.headers_mut(), &self.session)?;
        Ok(response)
    }
}
