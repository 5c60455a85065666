//! From the request of a callback to a verified login.

use crate::error::{BrowserError, OAuthError};
use crate::flow::login::attempt::PendingCookies;
use crate::flow::login::{self, Browser, Purpose};
use crate::flow::provider_client::ProviderClient;
use crate::identity::user_info::UserInfo;
use crate::json::JsonError;
use crate::protocol::authorization_request::ResponseMode;
use crate::protocol::id_token::IdToken;
use crate::registry::sessions::Sessions;
use crate::web::login::callback::Received;
use crate::web::login::connection::VerifiedConnection;
use crate::web::login::handler::VerifiedLogin;
use crate::web::login::{callback, form_post};
use crate::web::session::Session;
use crate::web::session::cookies;
use crate::web::session::user::User;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// The result of a callback.
pub(crate) struct CallbackResult {
    pub(crate) parts: Parts,
    pub(crate) outcome: Result<Outcome, OAuthError>,
    /// The cookie of the attempt, if the browser has it.
    pub(crate) attempt: Option<String>,
}

/// The purpose of the authorization response.
pub(crate) enum Outcome {
    Login(Box<VerifiedLogin>),
    Connection(Box<VerifiedConnection>),
}

/// Converts the claims to the application's type. The path is known for errors in an ID token.
pub(super) fn claims_of<T: DeserializeOwned + 'static>(
    id_token: Option<&IdToken>,
    claims: &UserInfo,
) -> Result<T, JsonError> {
    match (claims.same(), id_token) {
        (Some(same), _) => Ok(same),
        (None, Some(id_token)) => id_token.claims(),
        (None, None) => claims.typed(),
    }
}

/// Completes a login or a connection with the request that the redirect URI received.
pub(crate) async fn finish(
    client: &Arc<ProviderClient>,
    request: Request,
    purpose: Purpose,
) -> CallbackResult {
    let (parts, received) = callback::read(&client.shared.public_url, request).await;
    let Received { parameters, delivery } = match received {
        Ok(received) => received,
        Err(error) => return CallbackResult { parts, outcome: Err(error.into()), attempt: None },
    };
    let prefix = &client.shared.cookie_names.pending_login;
    let pending: Vec<_> = cookies::with_prefix(&parts.headers, prefix).collect();
    let attempt = attempt_cookie(client, &parameters, &pending);
    if client.settings.response_mode == ResponseMode::FormPost
        && let Err(error) = form_post::check(&parameters, delivery, attempt.is_some())
    {
        return CallbackResult { parts, outcome: Err(error.into()), attempt };
    }
    let outcome = verify(client, &parameters, &parts.headers, &pending, purpose).await;
    CallbackResult { parts, outcome, attempt }
}

pub(super) async fn verify(
    client: &Arc<ProviderClient>,
    parameters: &str,
    headers: &HeaderMap,
    pending: &PendingCookies<'_>,
    purpose: Purpose,
) -> Result<Outcome, OAuthError> {
    let sessions = Sessions::new(Arc::clone(&client.shared));
    let session = sessions.of_headers(headers).await.map(Box::new);
    let present = session.as_ref().map(|session| session.id.as_str());
    let browser = Browser { pending, session: present, purpose };
    let login = match login::finish(client, parameters, browser).await {
        Ok(login) => login,
        // Boxed, because few logins need it.
        Err(error) => {
            return Err(Box::pin(resolve_replay(client, parameters, session, error)).await);
        }
    };
    let client = Arc::clone(client);
    let Some(connects_in) = &login.connects_in else {
        return Ok(Outcome::Login(Box::new(VerifiedLogin { client, login, earlier: session })));
    };
    // The user may have signed out in another tab during the request to the provider. Boxed: few
    // logins are connections.
    let user = Box::pin(User::of_session(sessions, headers, connects_in)).await;
    let Some(user) = user else {
        let owner = session.as_ref().map(|session| session.owner());
        let account = client.account_of(login.identity.as_ref());
        Box::pin(client.abandon(owner.as_ref(), &account, login.token)).await;
        return Err(BrowserError::OtherSession.into());
    };
    Ok(Outcome::Connection(Box::new(VerifiedConnection { client, login, user })))
}

/// Replaces the error of a consumed login that has already signed this browser in: the user went
/// back or clicked twice.
pub(super) async fn resolve_replay(
    client: &ProviderClient,
    parameters: &str,
    session: Option<Box<Session>>,
    error: OAuthError,
) -> OAuthError {
    let is_gone =
        matches!(error, OAuthError::Browser(BrowserError::NoPendingLogin | BrowserError::Replayed));
    let Some(session) = session.filter(|_| is_gone) else { return error };
    match login::finished_earlier(client, parameters, session.begun_at).await {
        Ok(Some(return_to)) => BrowserError::AlreadySignedIn { return_to }.into(),
        Ok(None) => error,
        Err(failed) => {
            tracing::warn!(%failed, "failed to look up a completed login");
            error
        }
    }
}

/// The cookie of the attempt that a callback belongs to, if the browser has it.
fn attempt_cookie(
    client: &ProviderClient,
    parameters: &str,
    pending: &PendingCookies<'_>,
) -> Option<String> {
    let name = login::cookie_name(client, parameters)?;
    pending.iter().any(|(own, _)| *own == name).then_some(name)
}
