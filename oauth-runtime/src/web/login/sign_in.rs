//! Starts the session of a verified login.

use crate::deployment::{ListedSession, ProviderTag, Shared};
use crate::error::{BrowserError, OAuthError};
use crate::flow::backchannel_logout;
use crate::flow::grant::record::GrantId;
use crate::flow::provider_client::ProviderClient;
use crate::identity::Identity;
use crate::protocol::id_token::IdToken;
use crate::registry::sessions::Sessions;
use crate::token::TokenData;
use crate::token::owner::Owner;
use crate::web::page::last_provider;
use crate::web::page::pages::harden;
use crate::web::session::Session;
use crate::web::session::cookies;
use axum::response::{IntoResponseParts, ResponseParts};
use std::sync::Arc;

/// A session that has started. As part of a response it sets the cookie.
#[must_use = "the user is signed in only if this is part of the response"]
#[derive(Debug)]
pub struct SignIn {
    pub(crate) sessions: Sessions,
    pub(crate) session: Box<Session>,
    /// The cookie of the attempt, if only this response can remove it.
    pub(crate) attempt: Option<String>,
}

/// The tokens of a login.
#[derive(Clone, Copy)]
pub(crate) struct Tokens<'a> {
    pub(crate) tokens: &'a TokenData,
    /// `None` if the provider issues none.
    pub(crate) id_token: Option<&'a IdToken>,
}

/// Starts a session and stores the tokens. The earlier session ends once nothing can fail any more.
pub(crate) async fn sign_in(
    client: &ProviderClient,
    identity: Identity,
    owner: Owner,
    login: Tokens<'_>,
    earlier: Option<&Session>,
) -> Result<SignIn, OAuthError> {
    owner.check()?;
    let shared = &client.shared;
    let sessions = Sessions::new(Arc::clone(shared));
    let Tokens { tokens, id_token } = login;
    let at_provider = backchannel_logout::session_of(client, id_token);
    if let Some(session) = at_provider.session {
        // Boxed like the next steps of few logins.
        Box::pin(check_provider_session(shared, session, tokens)).await?;
    }
    let beginning = sessions.next_beginning(&identity).await?;
    let session = sessions.begin(beginning, identity, owner, at_provider)?;
    if client.settings.receives_logouts() && !client.settings.keep_tokens {
        Box::pin(list(shared, &session)).await?;
    }
    if client.settings.keep_tokens {
        // Boxed, because few logins do this: it would enlarge the future of every login.
        let account = client.account_of(Some(&session.identity));
        Box::pin(client.keep_for(&session.owner(), &account, tokens)).await?;
    } else {
        let grant = GrantId::of_session(&session.id, client.name());
        client.keep(&grant, tokens, session.expires_at).await?;
    }
    if let Some(earlier) = earlier {
        Box::pin(sessions.replace(earlier)).await;
    }
    Ok(SignIn { sessions, session, attempt: None })
}

/// The provider may end its session during the login, before there is one here to be ended.
async fn check_provider_session(
    shared: &Arc<Shared>,
    session: ProviderTag,
    tokens: &TokenData,
) -> Result<(), OAuthError> {
    let has_ended = shared.has_ended_at_provider(session, tokens.obtained_at).await?;
    (!has_ended).then_some(()).ok_or_else(|| BrowserError::EndedAtProvider.into())
}

/// Lets a sign-out at the provider find the tokens of the session.
async fn list(shared: &Shared, session: &Session) -> Result<(), OAuthError> {
    let listed = ListedSession {
        id: session.id.clone(),
        order: session.beginning.order,
        expires_at: session.expires_at,
    };
    for tag in session.tags_at_provider() {
        shared.list_session(tag, &listed).await?;
    }
    Ok(())
}

impl IntoResponseParts for SignIn {
    type Error = OAuthError;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, OAuthError> {
        let headers = response.headers_mut();
        harden(headers);
        self.sessions.set_cookie(headers, &self.session)?;
        let provider = self.session.identity.provider();
        last_provider::remember(self.sessions.shared(), provider, headers);
        if let Some(name) = &self.attempt {
            cookies::clear(headers, name, self.sessions.shared().public_url.is_https());
        }
        Ok(response)
    }
}
