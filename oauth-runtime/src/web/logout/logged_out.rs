//! The return from a logout at the provider.

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponseParts, ResponseParts};
use serde::de::DeserializeOwned;

use crate::client::Client;
use crate::declaration::provider::{AnyProvider, OpenIdProvider};
use crate::error::OAuthError;
use crate::flow::logout::{self, CompletedLogout};
use crate::flow::provider_client::ProviderClient;
use crate::web::page::pages::harden;
use crate::web::session::cookies;
use crate::web::state::HasClient;
use crate::web::visit::Visit;

/// A return from a logout at the provider `P` that answers a logout of this browser.
///
/// As an extractor it belongs on the route that `post_logout_redirect_uri` names. It holds the path
/// to redirect the user to, and nothing about who is logged in: the session ended before the
/// browser left, and a return changes nothing. As part of the response it removes the cookie of the
/// logout.
///
/// ```
/// use oauth_runtime::prelude::*;
/// # #[derive(OAuthProvider)]
/// # #[oauth_provider(name = "acme", issuer = "https://acme.example", scopes("openid"))]
/// # struct Acme;
///
/// async fn logged_out(done: Result<LoggedOut<Acme>, OAuthError>) -> impl IntoResponse {
///     match done {
///         Ok(done) => {
///             let next = Redirect::to(done.return_to());
///             (done, next).into_response()
///         }
///         Err(_) => Redirect::to("/").into_response(), // from elsewhere: do not trust it
///     }
/// }
/// ```
pub struct LoggedOut<P> {
    client: Arc<ProviderClient>,
    ended: CompletedLogout,
    provider: PhantomData<fn() -> P>,
}

impl<P: AnyProvider> Client<P> {
    /// Validates a return from a logout in a handler: its `state` must be the one that
    /// [`logout_redirect`](Self::logout_redirect) sent from this browser. A logout has one valid
    /// return: a second one is refused. The extractor
    /// [`LoggedOut`] does the same.
    ///
    /// ```
    /// use axum::http::request::Parts;
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "acme", issuer = "https://acme.example", scopes("openid"))]
    /// # struct Acme;
    /// # #[derive(Clone, OAuthRegistry)]
    /// # struct Providers { acme: Client<Acme> }
    ///
    /// async fn logged_out(State(oauth): State<Providers>, parts: Parts) -> &'static str {
    ///     match oauth.acme.validate_logout_response(&parts).await {
    ///         Ok(_) => "You are signed out here and at Acme",
    ///         Err(_) => "You are signed out here",
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// [`BrowserError::LogoutResponse`](crate::error::BrowserError::LogoutResponse);
    /// [`BrowserError::NotAVisit`](crate::error::BrowserError::NotAVisit) for a `HEAD`, an image, a
    /// frame or a prefetch; [`OAuthError::Store`].
    pub async fn validate_logout_response(&self, parts: &Parts) -> Result<LoggedOut<P>, OAuthError>
    where
        P: OpenIdProvider,
    {
        let client = Arc::clone(self.engine());
        let ended = finish(&client, parts).await?;
        Ok(LoggedOut { client, ended, provider: PhantomData })
    }
}

/// Validates a return.
///
/// # Errors
/// [`BrowserError::NotAVisit`](crate::error::BrowserError::NotAVisit),
/// [`BrowserError::LogoutResponse`](crate::error::BrowserError::LogoutResponse);
/// [`OAuthError::Store`].
pub(super) async fn finish(
    client: &ProviderClient,
    parts: &Parts,
) -> Result<CompletedLogout, OAuthError> {
    Visit::of(&client.shared.public_url, parts)?;
    let query = parts.uri.query().unwrap_or_default();
    let prefix = &client.shared.cookie_names.pending_logout;
    let pending: Vec<_> = cookies::with_prefix(&parts.headers, prefix).collect();
    logout::finish(client, query, &pending).await
}

impl<P> LoggedOut<P> {
    /// The path to redirect the user to: a path of this application, `/` unless the logout was
    /// started with `return_to`.
    pub fn return_to(&self) -> &str {
        &self.ended.return_to
    }

    /// The data that [`LogoutRedirect::data`](crate::LogoutRedirect::data) stored for the return.
    /// `None` if the logout stored none, or if it does not fit `T`.
    pub fn data<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.ended.data.as_deref()?).ok()
    }
}

impl<S, P> FromRequestParts<S> for LoggedOut<P>
where
    P: OpenIdProvider,
    S: HasClient<P> + Send + Sync,
{
    type Rejection = OAuthError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, OAuthError> {
        state.client().validate_logout_response(parts).await
    }
}

impl<P> IntoResponseParts for LoggedOut<P> {
    type Error = Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Infallible> {
        let (shared, headers) = (&self.client.shared, response.headers_mut());
        harden(headers);
        let is_https = shared.public_url.is_https();
        cookies::clear(headers, &self.ended.cookie_name, is_https);
        Ok(response)
    }
}

impl<P> fmt::Debug for LoggedOut<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoggedOut").field("return_to", &self.return_to()).finish_non_exhaustive()
    }
}
