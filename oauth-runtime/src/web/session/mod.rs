//! The built-in session: a small sealed cookie that names the user, opened once per request.

pub(crate) mod cookies;
pub(crate) mod user;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use axum::http::{Extensions, HeaderMap};
use serde::{Deserialize, Serialize};

use crate::clock::{Interval, MICROS};
use crate::crypto::random;
use crate::deployment::{AtProvider, Beginning, ProviderTag, SessionMark, Shared};
use crate::error::OAuthError;
use crate::flow::grant::accounts::Choice;
use crate::flow::grant::record::GrantId;
use crate::flow::provider_client::ProviderClient;
use crate::identity::{Identity, IdentityRecord};
use crate::json;
use crate::registry::sessions::Sessions;
use crate::text::opaque_debug;
use crate::token::owner::{Owner, OwnerRecord};

/// Length of a session identifier in bytes.
const ID_LENGTH: usize = 16;

/// One login of one user in one browser.
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) identity: Identity,
    /// The owner of stored tokens, if it is not the identity.
    pub(crate) owner: Option<Owner>,
    /// Seconds since 1970-01-01 UTC.
    pub(crate) begun_at: u64,
    /// The same time, for the comparison with sign-outs.
    pub(crate) beginning: Beginning,
    /// Seconds since 1970-01-01 UTC.
    pub(crate) expires_at: u64,
    /// The session at the provider.
    pub(crate) at_provider: AtProvider,
}

#[derive(Serialize, Deserialize)]
struct Record<'a> {
    #[serde(rename = "d")]
    id: String,
    #[serde(rename = "w", borrow)]
    who: IdentityRecord<'a>,
    #[serde(rename = "o", borrow, default, skip_serializing_if = "Option::is_none")]
    owner: Option<OwnerRecord<'a>>,
    #[serde(rename = "b")]
    begun_at: u64,
    /// The order within the second of the start.
    #[serde(rename = "n")]
    order: u64,
    #[serde(rename = "l")]
    log: u32,
    #[serde(rename = "x")]
    expires_at: u64,
    /// The session at the provider.
    #[serde(rename = "s", borrow, default, skip_serializing_if = "Option::is_none")]
    provider_session: Option<Cow<'a, str>>,
    /// The user at the provider, if it is not the identity.
    #[serde(rename = "u", borrow, default, skip_serializing_if = "Option::is_none")]
    provider_subject: Option<Cow<'a, str>>,
}

/// Caches the session of a request's cookie within the request, for one registry.
#[derive(Clone)]
struct Opened {
    registry: Arc<Shared>,
    session: Option<Arc<Session>>,
    /// There is a session, but the handler of this request must not see it.
    is_hidden: bool,
}

impl Sessions {
    /// The session of a request. Its cookie is opened once, however many extractors need it.
    pub(crate) async fn of_request(
        &self,
        headers: &HeaderMap,
        extensions: &mut Extensions,
    ) -> Option<Arc<Session>> {
        if let Some(opened) = extensions.get::<Opened>()
            && Arc::ptr_eq(&opened.registry, self.shared())
        {
            if opened.is_hidden {
                tracing::warn!(
                    "`on_login` asked for the user: the session from before a login is not shown \
                     there; connect accounts with `on_connect`"
                );
            }
            return opened.session.clone();
        }
        let session = self.of_headers(headers).await.map(Arc::new);
        let registry = Arc::clone(self.shared());
        extensions.insert(Opened { registry, session: session.clone(), is_hidden: false });
        session
    }

    /// Hides the session of a request from later extractors. The previous user need not be the user
    /// who logged in: on a shared computer it is the one who left.
    pub(super) fn hide(&self, extensions: &mut Extensions) {
        extensions.insert(Opened {
            registry: Arc::clone(self.shared()),
            session: None,
            is_hidden: true,
        });
    }

    /// The session in the headers, if it is alive.
    pub(crate) async fn of_headers(&self, headers: &HeaderMap) -> Option<Session> {
        let shared = self.shared();
        let sealed = cookies::values(headers, &shared.cookie_names.session);
        let plain = shared.sessions.open_one(&shared.realm, sealed)?;
        let record: Record<'_> = serde_json::from_slice(&plain).ok()?;
        let session = Session {
            id: record.id,
            identity: record.who.into(),
            owner: record.owner.map(Owner::from),
            begun_at: record.begun_at,
            beginning: Beginning {
                order: record.begun_at.saturating_mul(MICROS).saturating_add(record.order),
                log: record.log,
            },
            expires_at: record.expires_at,
            at_provider: AtProvider {
                session: record.provider_session.and_then(|tag| ProviderTag::from_text(&tag)),
                subject: record.provider_subject.and_then(|tag| ProviderTag::from_text(&tag)),
            },
        };
        let lifetime = session.expires_at.saturating_sub(session.begun_at);
        let interval = Interval::new(session.begun_at, lifetime);
        let is_current = shared.clock.is_within_since(interval, session.beginning.order)
            && shared.is_current(session.identity.provider(), session.identity.client());
        if !is_current {
            return None;
        }
        // If this is unknown, no user is signed in.
        let has_ended = shared.has_ended(&session.mark()?).await.unwrap_or(true);
        (!has_ended).then_some(session)
    }

    /// The start of a new session of this user.
    ///
    /// # Errors
    /// [`OAuthError::Store`] when the ended sessions are unknown: then no session starts.
    pub(crate) async fn next_beginning(
        &self,
        identity: &Identity,
    ) -> Result<Beginning, OAuthError> {
        self.shared().next_beginning(&user_of(identity)).await
    }

    /// Creates a session with a new identifier.
    pub(crate) fn begin(
        &self,
        beginning: Beginning,
        identity: Identity,
        owner: Owner,
        at_provider: AtProvider,
    ) -> Result<Box<Session>, OAuthError> {
        let begun_at = self.shared().clock.seconds();
        // The default owner follows from the identity and is omitted.
        let owner = (!owner.is(&identity)).then_some(owner);
        Ok(Box::new(Session {
            id: random::text::<ID_LENGTH>()?,
            identity,
            owner,
            begun_at,
            beginning,
            expires_at: begun_at.saturating_add(self.shared().session_lifetime.as_secs()),
            at_provider,
        }))
    }

    /// Sets the cookie of `session`.
    pub(crate) fn set_cookie(
        &self,
        headers: &mut HeaderMap,
        session: &Session,
    ) -> Result<(), OAuthError> {
        let text = |tag: Option<ProviderTag>| tag.map(|tag| Cow::Owned(tag.to_text()));
        let record = Record {
            id: session.id.clone(),
            who: IdentityRecord::from(&session.identity),
            owner: session.owner.as_ref().map(OwnerRecord::from),
            begun_at: session.begun_at,
            order: session.beginning.order.saturating_sub(session.begun_at.saturating_mul(MICROS)),
            log: session.beginning.log,
            expires_at: session.expires_at,
            provider_session: text(session.at_provider.session),
            provider_subject: text(session.at_provider.subject),
        };
        let plain = json::write_secrets(&record);
        let shared = self.shared();
        let sealed = shared.sessions.seal(&shared.realm, &plain)?;
        let seconds = session.expires_at.saturating_sub(shared.clock.seconds());
        let name = &shared.cookie_names.session;
        cookies::set(headers, name, &sealed, seconds, shared.public_url.is_https());
        Ok(())
    }

    /// Removes the session's cookie.
    pub(crate) fn clear_cookie(&self, headers: &mut HeaderMap) {
        cookies::clear(
            headers,
            &self.shared().cookie_names.session,
            self.shared().public_url.is_https(),
        );
    }

    /// Ends a session, including every copy of its cookie. On this instance it has ended in any
    /// case when this returns.
    ///
    /// # Errors
    /// [`OAuthError::Store`] when the other instances cannot be notified. This instance tries again
    /// later.
    pub(crate) async fn end(&self, session: &Session) -> Result<(), OAuthError> {
        self.end_and(session, self.shared().revokes_on_sign_out).await
    }

    /// Ends a session that a new one replaces. Its tokens are not revoked: some providers treat
    /// those of the new login as the same grant. If the store fails, the failure is logged, and the
    /// end is stored later: it must not prevent the login.
    pub(crate) async fn replace(&self, session: &Session) {
        if let Err(error) = self.end_and(session, false).await {
            tracing::error!(%error, "failed to store the end of a replaced session; trying again later");
        }
    }

    async fn end_and(&self, session: &Session, revokes: bool) -> Result<(), OAuthError> {
        let shared = self.shared();
        let provider = session.identity.provider();
        let ended = match session.mark() {
            Some(mark) => shared.end_session(&mark).await,
            // Such a session is never considered alive.
            None => Ok(()),
        };
        shared.log_forgotten(match shared.client(provider) {
            Some(client) => client.forget_tokens(&session.id, revokes).await,
            // A provider that was removed while the application runs.
            None => GrantId::of_session(&session.id, provider).remove_record(shared).await,
        });
        shared.forget_connected_tokens(provider, &session.id, revokes).await;
        ended
    }
}

/// Identifies a user.
fn user_of(identity: &Identity) -> [&str; 3] {
    [identity.provider(), identity.issuer(), identity.subject()]
}

impl Session {
    /// The mark under which its end is recorded. `None` for a foreign identifier.
    fn mark(&self) -> Option<SessionMark> {
        let user = user_of(&self.identity);
        let mark = SessionMark::new(&self.id, &user, self.beginning, self.expires_at)?;
        Some(mark.at(self.at_provider))
    }

    /// The names under which a sign-out at the provider finds this session.
    pub(crate) fn tags_at_provider(&self) -> impl Iterator<Item = ProviderTag> + use<> {
        let user = ProviderTag::of_user(&user_of(&self.identity));
        let user = self.at_provider.subject.is_none().then_some(user);
        self.at_provider.tags().chain(user)
    }

    /// The owner of the stored tokens that this session can use.
    pub(crate) fn owner(&self) -> Owner {
        self.owner.clone().unwrap_or_else(|| Owner::from(&self.identity))
    }

    /// The grant of this session's user at a client, and its subject, if known: that of this login,
    /// or, if tokens outlive sessions, that of the first connected account. `None` when there is
    /// none to look up.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    pub(crate) async fn grant_at(
        &self,
        client: &ProviderClient,
    ) -> Result<Option<(GrantId, Option<String>)>, OAuthError> {
        let own = self.identity.subject();
        if !client.settings.keep_tokens {
            let grant = GrantId::of_session(&self.id, client.name());
            let is_own = self.identity.provider() == client.name();
            return Ok(Some((grant, is_own.then(|| own.to_owned()))));
        }
        let owner = self.owner();
        if self.identity.provider() == client.name() {
            let grant = GrantId::kept(client, &owner, self.identity.issuer(), own);
            return Ok(Some((grant, Some(own.to_owned()))));
        }
        client.kept_grant(&owner, &Choice::First).await
    }
}

/// Its identifier is the key to the tokens in the store, so it is redacted.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("identity", &self.identity)
            .field("begun_at", &self.begun_at)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

opaque_debug!(Sessions);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Profile;

    #[test]
    fn the_identifier_that_finds_the_tokens_is_not_shown() {
        let issuer = "https://op.example".to_owned();
        let session = Session {
            id: "the-session".to_owned(),
            identity: Identity::new("op", "".into(), issuer, "ada".to_owned(), Profile::default()),
            owner: None,
            begun_at: 1_000,
            beginning: Beginning { order: 1_000 * MICROS, log: 0 },
            expires_at: 2_000,
            at_provider: AtProvider::default(),
        };
        let shown = format!("{session:?} {session:#?}");
        assert!(shown.contains("ada") && !shown.contains("the-session"), "{shown}");
    }
}
