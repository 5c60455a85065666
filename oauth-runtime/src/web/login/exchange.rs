//! The exchange of a code that came to the application in another way than by a redirect.

use std::sync::Arc;

use super::Login;
use super::handler::VerifiedLogin;
use crate::client::Client;
use crate::crypto::secret::Secret;
use crate::declaration::provider::OAuth2Provider;
use crate::error::OAuthError;
use crate::flow::extra_parameters::ExtraParameters;
use crate::flow::login::received_code::{self, ReceivedCode};
use crate::protocol::authorization_response::AuthorizationCode;
use crate::protocol::token_request::RESERVED;
use crate::url::redirect_uri::IntoRedirectUri;

/// An authorization code that the application received itself, and whose `state` it has compared
/// with the one that it generated for this browser or app: from `postMessage` of a provider's popup,
/// or from a native app.
///
/// Everything that the library would have checked before the exchange is up to the application:
/// `state`, which proves that the user of this browser began the login, and `iss` if the response
/// has one (RFC 9207). The values of the authorization request are stated here, so that the exchange
/// and the validation of the ID token use them.
#[derive(Debug)]
#[must_use = "a code is exchanged by `Client::exchange_code`"]
pub struct StateCheckedCode(ReceivedCode);

impl StateCheckedCode {
    /// A code with the verifier of its code challenge (RFC 7636).
    pub fn new(code: impl Into<Secret>, code_verifier: impl Into<Secret>) -> Self {
        Self::of(code.into(), Some(code_verifier.into()))
    }

    /// A code whose request had no code challenge. Then only the [`nonce`](Self::nonce) shows that
    /// the code belongs to this login: without it, an attacker can present a stolen code (RFC 9700
    /// section 4.5).
    pub fn without_code_verifier(code: impl Into<Secret>) -> Self {
        Self::of(code.into(), None)
    }

    fn of(code: Secret, code_verifier: Option<Secret>) -> Self {
        Self(ReceivedCode {
            code: AuthorizationCode::of_application(code),
            code_verifier,
            redirect_uri: None,
            nonce: None,
            params: ExtraParameters::default(),
        })
    }

    /// Sets the redirect URI of the authorization request, with which the provider compares it: a
    /// path of this application, or any other text exactly as it was sent, such as `postmessage`.
    /// Default: the client's own.
    pub fn redirect_uri(mut self, uri: impl IntoRedirectUri) -> Self {
        self.0.redirect_uri = Some(uri.into_redirect_uri());
        self
    }

    /// Sets the nonce of the authorization request (OpenID Connect), which the ID token must have.
    /// Default: none, and an ID token with a nonce is refused.
    pub fn nonce(mut self, nonce: impl Into<String>) -> Self {
        self.0.nonce = Some(nonce.into());
        self
    }

    /// Sets a parameter of the token request that the provider documents; it replaces a declared
    /// one of `access_token_params`. A parameter that the library sets itself, such as `code`,
    /// makes the exchange fail.
    pub fn param(mut self, name: &str, value: &str) -> Self {
        self.0.params.set_unreserved(name, value, RESERVED);
        self
    }
}

impl<P: OAuth2Provider> Client<P> {
    /// Exchanges a code that the application received itself, and validates the tokens by all rules
    /// of a login. Authlib calls this `fetch_access_token(code=…)`.
    ///
    /// The application must have compared the `state` of the response before: the type of the
    /// argument says so. The route that calls this must be one that other sites cannot make a
    /// browser call, because [`Login::sign_in`] changes who is signed in.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// use oauth_runtime::{Secret, StateCheckedCode};
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "google", preset = "google", scopes("openid", "email"))]
    /// # struct Google;
    ///
    /// /// The app sends the code and its verifier; `nonce` is from your own session.
    /// async fn of_app(
    ///     google: &Client<Google>,
    ///     (code, verifier): (Secret, Secret),
    ///     nonce: &str,
    /// ) -> Result<Login<Google>, OAuthError> {
    ///     let code = StateCheckedCode::new(code, verifier)
    ///         .redirect_uri("com.example.app:/callback")
    ///         .nonce(nonce);
    ///     google.exchange_code(code).await
    /// }
    /// ```
    ///
    /// # Errors
    /// [`OAuthError::Provider`] when the provider declines or its tokens are refused;
    /// [`OAuthError::Network`]; [`OAuthError::Call`] for a value that this provider's logins do not
    /// use.
    pub async fn exchange_code(&self, code: StateCheckedCode) -> Result<Login<P>, OAuthError> {
        let client = Arc::clone(self.engine());
        let login = Box::pin(received_code::exchange(&client, code.0)).await?;
        Login::new(VerifiedLogin { client, login, earlier: None }, None)
    }
}
