//! The extractor for the API of a provider that is known only at run time.

use std::ops::Deref;

use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;

use super::api::{ApiRejection, api_of};
use super::page::login_required::LoginRequired;
use super::session::user::User;
use crate::client::api::Api;
use crate::registry::run_time::{RuntimeProvider, RuntimeProviders};
use crate::registry::sessions::Sessions;
use crate::text::opaque_debug;

/// The API of the [`RuntimeProvider`] that the user is signed in with, as an extractor:
/// [`Api`] for tenants. It needs a state that provides the [`RuntimeProviders`].
///
/// ```
/// use oauth_runtime::RuntimeApi;
/// use oauth_runtime::prelude::*;
/// # use oauth_runtime::RuntimeProviders;
///
/// async fn groups(tenant: RuntimeApi) -> Result<String, OAuthError> {
///     tenant.get("groups").text().await
/// }
/// # let _: Router<RuntimeProviders> = Router::new().route("/groups", get(groups));
/// ```
pub struct RuntimeApi(Api<RuntimeProvider>);

impl Deref for RuntimeApi {
    type Target = Api<RuntimeProvider>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<S> FromRequestParts<S> for RuntimeApi
where
    RuntimeProviders: FromRef<S>,
    S: Send + Sync + 'static,
{
    type Rejection = ApiRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiRejection> {
        match of_request(&RuntimeProviders::from_ref(state), parts).await {
            Err(ApiRejection::LoginRequired(required)) => {
                Err(Box::pin(required.answered_by(parts, state)).await.into())
            }
            other => other.map_err(|rejection| rejection.in_response_to(parts)),
        }
    }
}

/// `None` if the user has no token of a provider of this collection.
impl<S> OptionalFromRequestParts<S> for RuntimeApi
where
    RuntimeProviders: FromRef<S>,
    S: Send + Sync + 'static,
{
    type Rejection = ApiRejection;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &S,
    ) -> Result<Option<Self>, ApiRejection> {
        match of_request(&RuntimeProviders::from_ref(state), parts).await {
            Ok(api) => Ok(Some(api)),
            Err(ApiRejection::LoginRequired(_)) => Ok(None),
            Err(rejection) => Err(rejection.in_response_to(parts)),
        }
    }
}

async fn of_request(
    providers: &RuntimeProviders,
    parts: &mut Parts,
) -> Result<RuntimeApi, ApiRejection> {
    let sessions = Sessions::from_ref(providers);
    let user = User::of_request(&sessions, parts).await;
    let client = user.and_then(|user| {
        let client = providers.get(user.provider())?;
        // It may have been replaced since the request arrived.
        user.is_bound_to(&client.engine().settings.binding).then_some(client)
    });
    let Some(client) = client else {
        return Err(LoginRequired::new(sessions, None, parts).into());
    };
    Ok(RuntimeApi(api_of(&client, parts).await?))
}

opaque_debug!(RuntimeApi);
