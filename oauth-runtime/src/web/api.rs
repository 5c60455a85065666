//! The extractor for the API of a provider.

use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use super::page::client_kind::wants_json;
use super::page::error_context::ErrorContext;
use super::page::login_required::{LoginRequired, return_to};
use super::session::cookies;
use super::session::user::User;
use super::state::HasClient;
use crate::client::Client;
use crate::client::api::{Api, Question};
use crate::declaration::provider::LoginProvider;
use crate::error::{OAuthError, TokenError};
use crate::flow::grant::accounts::Choice;
use crate::flow::grant::record::GrantId;
use crate::flow::provider_client::ProviderClient;
use crate::registry::sessions::Sessions;

impl<S, P> FromRequestParts<S> for Api<P>
where
    P: LoginProvider,
    S: HasClient<P> + Send + Sync,
{
    type Rejection = ApiRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiRejection> {
        match api_of(&state.client(), parts).await {
            Err(ApiRejection::LoginRequired(required)) => {
                Err(Box::pin(required.answered_by(parts, state)).await.into())
            }
            other => other.map_err(|rejection| rejection.in_response_to(parts)),
        }
    }
}

/// `None` if the user has no token of this provider: is not signed in, has not connected an
/// account, or the grant has ended. A store that is unavailable is an error, and so is a refresh
/// that failed temporarily.
impl<S, P> OptionalFromRequestParts<S> for Api<P>
where
    P: LoginProvider,
    S: HasClient<P> + Send + Sync,
{
    type Rejection = ApiRejection;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &S,
    ) -> Result<Option<Self>, ApiRejection> {
        match api_of(&state.client(), parts).await {
            Ok(api) => Ok(Some(api)),
            Err(ApiRejection::LoginRequired(_)) => Ok(None),
            Err(rejection) => Err(rejection.in_response_to(parts)),
        }
    }
}

pub(super) async fn api_of<P: LoginProvider>(
    client: &Client<P>,
    parts: &mut Parts,
) -> Result<Api<P>, ApiRejection> {
    let (engine, sessions) = (Arc::clone(client.engine()), client.sessions());
    let owner_of = sessions.shared().owner_of.as_ref();
    if let Some(owner_of) = owner_of.filter(|_| engine.settings.keep_tokens) {
        let required = || login_required(&engine, &sessions, None, parts);
        let Some(owner) = owner_of.find(parts) else { return Err(required().into()) };
        let grant = engine.kept_grant(&owner, &Choice::First).await?;
        return fresh_api(&engine, grant, Question::of(&sessions, parts), required).await;
    }
    let Some(user) = User::of_request(&sessions, parts).await else {
        return Err(login_required(&engine, &sessions, None, parts).into());
    };
    let grant = user.session().grant_at(&engine).await?;
    let required = || login_required(&engine, &sessions, Some(&user), parts);
    fresh_api(&engine, grant, Question::of(&sessions, parts), required).await
}

/// The page that asks for a login with this provider, or for a connection if the user is signed in
/// with another one.
fn login_required(
    client: &ProviderClient,
    sessions: &Sessions,
    user: Option<&User>,
    parts: &Parts,
) -> LoginRequired {
    let settings = &client.settings;
    let is_elsewhere = |user: &User| user.provider() != &*settings.name;
    match user {
        Some(user) if settings.stores_connections() && is_elsewhere(user) => {
            LoginRequired::connection(sessions.clone(), &settings.name, parts)
        }
        None if !settings.may_identify() => LoginRequired::new(sessions.clone(), None, parts),
        _ => LoginRequired::new(sessions.clone(), Some(&settings.name), parts),
    }
}

/// The API of a grant whose token is usable now.
async fn fresh_api<P>(
    client: &Arc<ProviderClient>,
    grant: Option<(GrantId, Option<String>)>,
    question: Question,
    required: impl FnOnce() -> LoginRequired,
) -> Result<Api<P>, ApiRejection> {
    let Some((grant, subject)) = grant else { return Err(required().into()) };
    match client.fresh_token(&grant).await {
        Ok(_) => Ok(Api::of_grant(Arc::clone(client), grant, subject, Some(question))),
        // A new login cannot repair tokens of the application's own tables.
        Err(error @ OAuthError::Token { error: TokenError::Unusable(_), .. }) => Err(error.into()),
        Err(OAuthError::Token { .. }) => Err(required().into()),
        Err(error) => Err(error.into()),
    }
}

impl Question {
    /// The application's pages, with the page to return to after the login.
    fn of(sessions: &Sessions, parts: &Parts) -> Self {
        let cookie = &sessions.shared().cookie_names.scope_question;
        Self {
            return_to: return_to(sessions, parts),
            wants_json: wants_json(&parts.headers),
            asked: cookies::find(&parts.headers, cookie).map(str::to_owned),
        }
    }
}

/// The reason why there is no [`Api`] for this request.
#[derive(Debug)]
#[non_exhaustive]
pub enum ApiRejection {
    /// The user is not signed in with this provider, or its token is no longer usable: it has
    /// expired and cannot be refreshed, or the provider has ended the grant.
    LoginRequired(LoginRequired),
    /// The store is unavailable, or the refresh of an expired token failed temporarily.
    Failed(OAuthError),
    /// Like [`Failed`](Self::Failed), for a request by a script: the response is JSON.
    FailedForScript(OAuthError),
}

impl ApiRejection {
    pub(super) fn in_response_to(self, parts: &Parts) -> Self {
        match self {
            Self::Failed(error) if wants_json(&parts.headers) => Self::FailedForScript(error),
            other => other,
        }
    }
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
            Self::FailedForScript(error) => error.response(&ErrorContext::current().for_script()),
        }
    }
}
