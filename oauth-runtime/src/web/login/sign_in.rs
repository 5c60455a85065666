//! Starts the session of a verified login.

use crate::error::OAuthError;
use crate::flow::grant::record::GrantId;
use crate::flow::provider_client::ProviderClient;
use crate::identity::Identity;
use crate::registry::sessions::Sessions;
use crate::token::TokenData;
use crate::token::owner::Owner;
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

/// Starts a session and stores the tokens. The earlier session ends once nothing can fail any more.
pub(crate) async fn sign_in(
    client: &ProviderClient,
    identity: Identity,
    owner: Owner,
    tokens: &TokenData,
    earlier: Option<&Session>,
) -> Result<SignIn, OAuthError> {
    owner.check()?;
    let shared = &client.shared;
    let sessions = Sessions::new(Arc::clone(shared));
    let beginning = sessions.next_beginning(&identity).await?;
    let session = sessions.begin(beginning, identity, owner)?;
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

impl IntoResponseParts for SignIn {
    type Error = OAuthError;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, OAuthError> {
        let headers = response.headers_mut();
        harden(headers);
        self.sessions.set_cookie(headers, &self.session)?;
        if let Some(name) = &self.attempt {
            cookies::clear(headers, name, self.sessions.shared().public_url.is_https());
        }
        Ok(response)
    }
}
