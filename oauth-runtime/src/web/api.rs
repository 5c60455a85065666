//! The API of a provider, as an extractor.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use super::rejection::{LoginRequired, return_to};
use super::state::HasClient;
use super::user::User;
use crate::api::Api;
use crate::error::OAuthError;
use crate::provider::OAuthProvider;

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
        let required = |parts: &Parts| {
            // Whoever is signed in otherwise stays so, and connects an account.
            if engine.settings.keep_tokens && user.provider() != &*name {
                LoginRequired::connection(sessions.clone(), &name, parts)
            } else {
                LoginRequired::new(sessions.clone(), Some(&name), parts)
            }
        };
        let Some((grant, subject)) = user.session().grant_at(&engine).await? else {
            return Err(required(parts).into());
        };
        match engine.fresh_token(&grant).await {
            Ok(_) => {
                let return_to = return_to(&sessions, parts);
                Ok(Self::of_grant(Arc::clone(&engine), grant, subject, Some(return_to)))
            }
            Err(OAuthError::Token { .. }) => Err(required(parts).into()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Why there is no [`Api`] for this request.
#[derive(Debug)]
#[non_exhaustive]
pub enum ApiRejection {
    /// Nobody is logged in with this provider, or there is no token of it any more: it has expired
    /// and cannot be refreshed, or the provider has ended the grant.
    LoginRequired(LoginRequired),
    /// The store does not answer, or an expired token could not be refreshed just now.
    Failed(OAuthError),
}

impl From<LoginRequired> for ApiRejection {
    fn from(rejection: LoginRequired) -> Self {
        Self::LoginRequired(rejection)
    }
}

impl From<OAuthError> for ApiRejection {
    fn from(error: OAuthError) -> Self {
        Self::Failed(error)
    }
}

impl IntoResponse for ApiRejection {
    fn into_response(self) -> Response {
        match self {
            Self::LoginRequired(rejection) => rejection.into_response(),
            Self::Failed(error) => error.into_response(),
        }
    }
}
