//! Calls to public resources of an API, without a token.

use ::http::Method;

use super::ApiRequest;
use crate::client::Client;
use crate::declaration::provider::AnyProvider;

impl<P: AnyProvider> Client<P> {
    /// Prepares a `GET` of a public resource, without a token and without a login. The path is
    /// relative to `api_base_url`, or an absolute URL.
    ///
    /// [`Api`](crate::Api) calls the API on behalf of the signed-in user, and
    /// [`client_credentials`](Self::client_credentials) on behalf of the application.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github")]
    /// # struct GitHub;
    ///
    /// async fn license(github: &Client<GitHub>) -> Result<String, OAuthError> {
    ///     github.get("repos/tokio-rs/axum/license").text().await
    /// }
    /// ```
    pub fn get(&self, path: &str) -> ApiRequest<'_> {
        self.request(Method::GET, path)
    }

    /// Prepares a request with any method, without a token: [`get`](Self::get).
    pub fn request(&self, method: Method, path: &str) -> ApiRequest<'_> {
        ApiRequest::new(&self.0.public, method, path).withhold_token()
    }
}
