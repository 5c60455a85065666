//! Calls to a provider's API in the name of the person who is logged in.

mod caller;
mod pages;
mod request;

use std::marker::PhantomData;
use std::sync::Arc;

use ::http::Method;

pub(crate) use self::caller::Question;
use self::caller::{Caller, Source};
pub use self::pages::Pages;
pub use self::request::ApiRequest;
use crate::declaration::provider::OAuthProvider;
use crate::error::OAuthError;
use crate::flow::access_token::AccessTokenRequest;
use crate::flow::grant::record::GrantId;
use crate::flow::login::userinfo;
use crate::flow::provider_client::ProviderClient;
use crate::text::opaque_debug;
use crate::token::{Token, TokenData};

/// The API of the provider `P`, called with the access token of the person who is logged in.
///
/// As an extractor it demands a login with this provider. The token stays fresh: it is refreshed
/// shortly before it expires, beside the calls, and once when the API refuses it; calls at the same
/// time share one refresh, on one machine or ten.
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

impl<P: OAuthProvider> Api<P> {
    /// `GET`. The path is relative to `api_base_url`, or an absolute URL below it; any other URL needs [`with_token_at`](ApiRequest::with_token_at) or
    /// [`withhold_token`](ApiRequest::withhold_token).
    pub fn get(&self, path: &str) -> ApiRequest<'_> {
        self.request(Method::GET, path)
    }

    /// `POST`.
    pub fn post(&self, path: &str) -> ApiRequest<'_> {
        self.request(Method::POST, path)
    }

    /// `PUT`.
    pub fn put(&self, path: &str) -> ApiRequest<'_> {
        self.request(Method::PUT, path)
    }

    /// `PATCH`.
    pub fn patch(&self, path: &str) -> ApiRequest<'_> {
        self.request(Method::PATCH, path)
    }

    /// `DELETE`.
    pub fn delete(&self, path: &str) -> ApiRequest<'_> {
        self.request(Method::DELETE, path)
    }

    /// Any method.
    pub fn request(&self, method: Method, path: &str) -> ApiRequest<'_> {
        ApiRequest::new(&self.caller, method, path)
    }

    /// The userinfo endpoint's answer, with the subject compared to that of the login, where the
    /// token is of one.
    ///
    /// # Errors
    /// [`OAuthError::Provider`] when there is no such endpoint, it declines, or it speaks of another
    /// person; [`OAuthError::Network`].
    pub async fn userinfo(&self) -> Result<P::UserInfo, OAuthError> {
        let Caller { client, subject, .. } = &self.caller;
        let resolved = client.resolved().await?;
        let token = self.caller.token().await?;
        let path = client.settings.identity.id.as_str();
        let subject = subject.as_deref().map(|subject| (path, subject));
        let claims = userinfo::fetch(client, &resolved, &token, subject).await?;
        userinfo::typed(client, claims)
    }
}

impl<P> Api<P> {
    /// The token that calls are made with just now, refreshed if it is due: for other libraries that
    /// want one. It is good until it [expires](Token::expires_at); ask again each time.
    ///
    /// # Errors
    /// [`OAuthError::Token`] when there is none any more, [`OAuthError::Provider`] and
    /// [`OAuthError::Store`] when it could not be refreshed just now.
    pub async fn token(&self) -> Result<Token<P>, OAuthError> {
        Ok(Token::new((*self.caller.token().await?).clone()))
    }

    /// The API for the person whose grant this is.
    pub(crate) fn of_grant(
        client: Arc<ProviderClient>,
        grant: GrantId,
        subject: Option<String>,
        question: Option<Question>,
    ) -> Self {
        let source = Source::Grant(grant);
        Self { caller: Caller { client, source, subject, question }, provider: PhantomData }
    }

    /// The API with tokens that the application asks for in its own name.
    pub(crate) fn of_request(client: Arc<ProviderClient>, request: AccessTokenRequest) -> Self {
        let source = Source::Own(Box::new(request));
        let caller = Caller { client, source, subject: None, question: None };
        Self { caller, provider: PhantomData }
    }

    /// The API with a token that the application passes.
    pub(crate) fn with_token(client: Arc<ProviderClient>, token: TokenData) -> Self {
        let source = Source::InHand(Arc::new(token));
        let caller = Caller { client, source, subject: None, question: None };
        Self { caller, provider: PhantomData }
    }
}

opaque_debug!(Api<P>, |it| it.caller.client.name());
