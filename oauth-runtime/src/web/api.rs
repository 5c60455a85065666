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
use crate::declaration::provider::AnyProvider;
use crate::error::{OAuthError, TokenError};
use crate::flow::grant::accounts::Choice;
use crate::flow::grant::record::GrantId;
use crate::flow::provider_client::ProviderClient;
use crate::registry::sessions::Sessions;

impl<S, P> FromRequestParts<S> for Api<P>
where
    P: AnyProvider,
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
    P: AnyProvider,
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

pub(super) async fn api_of<P: AnyProvider>(
    client: &Client<P>,
    parts: &mut Parts,
) -> Result<Api<P>, ApiRejection> {
    let (engine, sessions) = (Arc::clone(client.engine()), client.sessions());
    let name = Arc::clone(&engine.settings.name);
    if let Some(owner_of) = &sessions.shared().owner_of
        && engine.settings.keep_tokens
    {
        let required = LoginRequired::new(sessions.clone(), Some(&name), parts);
        let Some(owner) = owner_of.find(parts) else { return Err(required.into()) };
        let kept = engine.kept_grant(&owner, &Choice::First).await?;
        let Some((grant, subject)) = kept else { return Err(required.into()) };
        let question = Question::of(&sessions, parts);
        return fresh_api(engine, grant, subject, question, required).await;
    }
    let Some(user) = User::of_request(&sessions, parts).await else {
        let provider = engine.settings.may_identify().then_some(&name);
        return Err(LoginRequired::new(sessions, provider, parts).into());
    };
    let required = |parts: &Parts| {
        // A user who is signed in with another provider stays so, and connects an account.
        let settings = &engine.settings;
        if (settings.keep_tokens || !settings.may_identify()) && user.provider() != &*name {
            LoginRequired::connection(sessions.clone(), &name, parts)
        } else {
            LoginRequired::new(sessions.clone(), Some(&name), parts)
        }
    };
    let Some((grant, subject)) = user.session().grant_at(&engine).await? else {
        return Err(required(parts).into());
    };
    let (question, required) = (Question::of(&sessions, parts), required(parts));
    fresh_api(Arc::clone(&engine), grant, subject, question, required).await
}

/// The API of a grant whose token is usable now.
async fn fresh_api<P>(
    engine: Arc<ProviderClient>,
    grant: GrantId,
    subject: Option<String>,
    question: Question,
    required: LoginRequired,
) -> Result<Api<P>, ApiRejection> {
    match engine.fresh_token(&grant).await {
        Ok(_) => Ok(Api::of_grant(engine, grant, subject, Some(question))),
        // A new login cannot repair tokens of the application's own tables.
        Err(error @ OAuthError::Token { error: TokenError::Unusable(_), .. }) => Err(error.into()),
        Err(OAuthError::Token { .. }) => Err(required.into()),
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
