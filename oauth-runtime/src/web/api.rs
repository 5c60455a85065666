//! The API of a provider, as an extractor.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use super::rejection::LoginRequired;
use super::state::HasClient;
use super::user::User;
use crate::api::Api;
use crate::error::OAuthError;
use crate::provider::OAuthProvider;
use crate::token::TokenData;

impl<S, P> FromRequestParts<S> for Api<P>
where
    P: OAuthProvider,
    S: HasClient<P> + Send + Sync,
{
    type Rejection = ApiRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiRejection> {
        let client = state.client();
        let (engine, sessions) = (Arc::clone(client.engine()), client.sessions());
        let name = Arc::clone(&engine.settings.name);
        let Some(user) = User::of_request(&sessions, parts).await else {
            return Err(LoginRequired::new(sessions, Some(&name), parts).into());
        };
        let token = TokenData::load(&engine.shared, user.session_id(), &name).await?;
        match token.filter(|token| !token.is_expired(engine.now())) {
            Some(token) => Ok(Self::new(engine, token, user.subject().to_owned())),
            None => Err(LoginRequired::new(sessions, Some(&name), parts).into()),
        }
    }
}

/// Why there is no [`Api`] for this request.
#[derive(Debug)]
#[non_exhaustive]
pub enum ApiRejection {
    /// Nobody is logged in with this provider, or its access token is gone or has expired.
    LoginRequired(LoginRequired),
    /// The store does not answer.
    Store(OAuthError),
}

impl From<LoginRequired> for ApiRejection {
    fn from(rejection: LoginRequired) -> Self {
        Self::LoginRequired(rejection)
    }
}

impl From<OAuthError> for ApiRejection {
    fn from(error: OAuthError) -> Self {
        Self::Store(error)
    }
}

impl IntoResponse for ApiRejection {
    fn into_response(self) -> Response {
        match self {
            Self::LoginRequired(rejection) => rejection.into_response(),
            Self::Store(error) => error.into_response(),
        }
    }
}
