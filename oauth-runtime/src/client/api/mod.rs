//! Calls to a provider's API on behalf of the signed-in user.

mod caller;
mod in_hand;
pub(crate) mod multipart;
mod pages;
mod request;
mod streamed;
mod without_token;

use std::marker::PhantomData;
use std::sync::Arc;

use ::http::Method;

use self::caller::Source;
pub(crate) use self::caller::{Caller, Question};
use self::in_hand::InHand;
pub use self::pages::Pages;
pub use self::request::ApiRequest;
pub use self::streamed::StreamedRequest;
use crate::declaration::provider::AnyProvider;
use crate::error::OAuthError;
use crate::flow::access_token::AccessTokenRequest;
use crate::flow::grant::record::GrantId;
use crate::flow::login::userinfo;
use crate::flow::provider_client::ProviderClient;
use crate::text::opaque_debug;
use crate::token::{Token, TokenData};

/// The API of the provider `P`, called with the access token of the signed-in user.
///
/// As an extractor it requires a login with this provider. The token stays fresh: it is refreshed
/// in the background shortly before it expires, and once when the API refuses it. Concurrent calls
/// share one refresh, on all instances.
///
/// ```
/// use oauth_runtime::prelude::*;
/// # #[derive(OAuthProvider)]
/// # #[oauth_provider(name = "github", preset = "github", scopes("read:user"))]
/// # struct GitHub;
///
/// async fn repositories(github: Api<GitHub>) -> Result<String, OAuthError> {
///     github.get("user/repos").text().await
/// }
/// ```
pub struct Api<P> {
    caller: Caller,
    provider: PhantomData<fn() -> P>,
}

impl<P: AnyProvider> Api<P> {
    /// Prepares a `GET`. The path is relative to `api_base_url`, or an absolute URL below it; any
    /// other URL needs [`with_token_at`](ApiRequest::with_token_at) or
    /// [`withhold_token`](ApiRequest::withhold_token).
    pub fn get(&self, path: &str) -> ApiRequest<'_> {
        self.request(Method::GET, path)
    }

    /// Prepares a `POST`.
    pub fn post(&self, path: &str) -> ApiRequest<'_> {
        self.request(Method::POST, path)
    }

    /// Prepares a `PUT`.
    pub fn put(&self, path: &str) -> ApiRequest<'_> {
        self.request(Method::PUT, path)
    }

    /// Prepares a `PATCH`.
    pub fn patch(&self, path: &str) -> ApiRequest<'_> {
        self.request(Method::PATCH, path)
    }

    /// Prepares a `DELETE`.
    pub fn delete(&self, path: &str) -> ApiRequest<'_> {
        self.request(Method::DELETE, path)
    }

    /// Prepares a request with any method.
    pub fn request(&self, method: Method, path: &str) -> ApiRequest<'_> {
        ApiRequest::new(&self.caller, method, path)
    }

    /// Fetches userinfo. If the token came from a login, the subject must be that of the login.
    ///
    /// # Errors
    /// [`OAuthError::Provider`] when there is no such endpoint, it declines, or its response is
    /// about another user; [`OAuthError::Network`].
    pub async fn userinfo(&self) -> Result<P::UserInfo, OAuthError> {
        let Caller { client, subject, .. } = &self.caller;
        let resolved = client.resolved().await?;
        let token = self.caller.token().await?;
        let identity = &client.settings.identity;
        // A subject in the token response is in no profile.
        let subject = subject.as_deref().filter(|_| !identity.is_of_token());
        let subject = subject.map(|subject| (identity.id.as_str(), subject));
        let claims = userinfo::fetch(client, &resolved, &token, subject).await?;
        userinfo::typed(client, claims)
    }
}

impl<P> Api<P> {
    /// Returns the current token for calls, refreshed if necessary, for other libraries. It is
    /// valid until it [expires](Token::expires_at); call this again for each use.
    ///
    /// # Errors
    /// [`OAuthError::Token`] when there is no longer a token, [`OAuthError::Provider`] and
    /// [`OAuthError::Store`] when it could not be refreshed.
    pub async fn token(&self) -> Result<Token<P>, OAuthError> {
        Ok(Token::new((*self.caller.token().await?).clone()))
    }

    /// Refreshes the token now, whether or not it has expired, and returns the new one: what the
    /// provider has granted or withdrawn since, such as roles and scopes, then appears without a
    /// new login. Calls that refresh at the same time share one request. Expired tokens, and tokens
    /// that an API refuses, are refreshed without this.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("read:user"))]
    /// # struct GitHub;
    ///
    /// async fn upgraded(github: Api<GitHub>) -> Result<String, OAuthError> {
    ///     let token = github.refresh().await?;
    ///     Ok(token.scopes().unwrap_or_default().join(" "))
    /// }
    /// ```
    ///
    /// # Errors
    /// [`OAuthError::Token`] when there is no token or it cannot be refreshed
    /// ([`TokenError::NoRefreshToken`](crate::error::TokenError::NoRefreshToken)), or the provider
    /// has ended the grant; [`OAuthError::Provider`], [`OAuthError::Network`], [`OAuthError::Store`].
    pub async fn refresh(&self) -> Result<Token<P>, OAuthError> {
        Ok(Token::new((*self.caller.refresh().await?).clone()))
    }

    /// The API on behalf of the user whose grant this is.
    pub(crate) fn of_grant(
        client: Arc<ProviderClient>,
        grant: GrantId,
        subject: Option<String>,
        question: Option<Question>,
    ) -> Self {
        let source = Source::Grant(grant);
        Self { caller: Caller { client, source, subject, question }, provider: PhantomData }
    }

    /// The API with tokens that the application requests for itself.
    pub(crate) fn of_request(client: Arc<ProviderClient>, request: AccessTokenRequest) -> Self {
        let source = Source::Own(Box::new(request));
        let caller = Caller { client, source, subject: None, question: None };
        Self { caller, provider: PhantomData }
    }

    /// The API with a token that the application passes.
    pub(crate) fn with_token(client: Arc<ProviderClient>, token: TokenData) -> Self {
        Self::in_hand(client, InHand::new(token, None))
    }

    fn in_hand(client: Arc<ProviderClient>, token: InHand) -> Self {
        let source = Source::InHand(Arc::new(token));
        let caller = Caller { client, source, subject: None, question: None };
        Self { caller, provider: PhantomData }
    }
}

opaque_debug!(Api<P>, |it| it.caller.client.name());
