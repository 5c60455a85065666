//! Back-channel logout (OpenID Connect Back-Channel Logout 1.0): the provider tells the application
//! that a session there has ended, and its sessions here end with it.
//!
//! A logout token is valid once on all instances, so that a recorded one cannot end later sessions
//! of the user. The check comes before the end, because a session cannot be ended twice at no cost:
//! if the end cannot be stored, the token may be used again.

use std::sync::Arc;
use std::time::Duration;

use super::provider_client::ProviderClient;
use crate::crypto::secret::Secret;
use crate::declaration::spec::Quirk;
use crate::deployment::{AtProvider, ProviderTag};
use crate::error::OAuthError;
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::protocol::id_token::IdToken;
use crate::protocol::jwk::JwsAlgorithm;
use crate::protocol::jws::{JwsError, VerificationKeys};
use crate::protocol::logout_token::{
    self, EndedAtProvider, Expected, LogoutToken, LogoutTokenError, MAX_AGE,
};
use crate::settings::Resolved;
use crate::store::Key;

/// Minimum age in seconds of keys that are fetched again for a logout token: anyone can send one
/// that names an unknown key.
const MIN_KEY_AGE: u64 = 60;
/// The standard subject claim, from which most declarations take the identity.
const SUBJECT: &str = "sub";

/// Why a request ended no session.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BackchannelLogoutError {
    /// The logout token was refused.
    #[error(transparent)]
    Token(#[from] LogoutTokenError),
    /// This application or the provider's keys.
    #[error(transparent)]
    Failed(#[from] OAuthError),
}

/// Ends the sessions that a logout token names.
///
/// It must run in a task of its own: a request that is dropped must not leave a used token without
/// its effect.
///
/// # Errors
/// [`BackchannelLogoutError`]. The provider may send the token again after
/// [`Failed`](BackchannelLogoutError::Failed).
pub(crate) async fn logout(
    client: Arc<ProviderClient>,
    compact: Secret,
) -> Result<(), BackchannelLogoutError> {
    let resolved = client.resolved().await?;
    let token = validate(&client, &resolved, &compact).await?;
    let key = Key::new("logout", &["token", client.name(), &client.settings.client_id, &token.id]);
    // Twice the time for which it can be valid, because the clocks of instances differ.
    let ttl = Duration::from_secs(2 * (MAX_AGE + 2 * u64::from(client.settings.leeway)));
    if client.shared.store.compare_and_swap(&key, None, &[b"{}"], ttl).await?.is_none() {
        return Err(LogoutTokenError::Replayed.into());
    }
    let tag = tag_of(&client, &resolved, &token);
    if let Err(error) = client.end_sessions_at_provider(tag).await {
        if let Err(error) = client.shared.store.remove(&key).await {
            tracing::warn!(provider = client.name(), %error, "a logout token cannot be used again");
        }
        return Err(error.into());
    }
    tracing::info!(provider = client.name(), "the provider ended sessions");
    Ok(())
}

/// The session at the provider to which a login belongs, as later logout tokens name it. Nothing if
/// the provider is not declared to send any.
pub(crate) fn session_of(client: &ProviderClient, id_token: Option<&IdToken>) -> AtProvider {
    let (Some(id_token), true) = (id_token, client.settings.receives_logouts()) else {
        return AtProvider::default();
    };
    let (name, issuer) = (client.name(), id_token.issuer());
    let sid = id_token.members().get("sid").and_then(serde_json::Value::as_str);
    let sid = sid.filter(|sid| !sid.is_empty());
    AtProvider {
        session: sid.map(|sid| ProviderTag::of_session(name, issuer, sid)),
        // Otherwise the identity itself has this tag.
        subject: (client.settings.identity.id != SUBJECT)
            .then(|| ProviderTag::of_subject(name, issuer, id_token.subject())),
    }
}

fn tag_of(client: &ProviderClient, resolved: &Resolved, token: &LogoutToken) -> ProviderTag {
    let (name, issuer) = (client.name(), &*token.issuer);
    match &token.ended {
        EndedAtProvider::Session(sid) => ProviderTag::of_session(name, issuer, sid),
        EndedAtProvider::User(subject) if client.settings.identity.id == SUBJECT => {
            let authority = resolved.authority.for_issuer(issuer);
            ProviderTag::of_user(&[name, &authority, subject])
        }
        EndedAtProvider::User(subject) => ProviderTag::of_subject(name, issuer, subject),
    }
}

/// Validates a logout token. Strangers can send any: checks without a request and without
/// cryptography come first, and an unknown key causes a fetch once a minute.
async fn validate(
    client: &Arc<ProviderClient>,
    resolved: &Arc<Resolved>,
    compact: &Secret,
) -> Result<LogoutToken, BackchannelLogoutError> {
    let settings = &client.settings;
    // The author of the description knows the key.
    if settings.evidence.is_described() && resolved.algorithms == [JwsAlgorithm::HS256] {
        return Err(LogoutTokenError::SharedKey.into());
    }
    let issuer = resolved.issuer.as_deref();
    let expected = Expected {
        issuer: issuer.ok_or_else(|| {
            client.provider_error(ProviderError::NoEndpoint(EndpointKind::Metadata))
        })?,
        tenants: settings.tenants.as_ref(),
        client_id: &settings.client_id,
        additional_audiences: settings.has_quirk(Quirk::AdditionalAudiences),
        leeway: u64::from(settings.leeway),
        now: client.now(),
    };
    // It is encrypted like an ID token (section 2.4).
    let decryption = settings.keys.id_token.as_ref();
    let opened = decryption.map(|decryption| decryption.open(compact)).transpose();
    let opened = opened.map_err(LogoutTokenError::from)?;
    let compact = opened.as_ref().unwrap_or(compact);
    logout_token::check_unsigned(compact, &expected)?;
    let keys = client.keys(resolved).await?;
    let verification = |set| VerificationKeys {
        jwks: set,
        client_secret: settings.client_secret.as_ref(),
        algorithms: &resolved.algorithms,
    };
    let validated = match logout_token::validate(compact, &verification(&keys.set), &expected) {
        Err(LogoutTokenError::Signature(JwsError::UnknownKey { .. } | JwsError::BadSignature))
            if keys.is_older_than(MIN_KEY_AGE, client.now()) =>
        {
            let newer = client.newer_keys(resolved, &keys).await?;
            logout_token::validate(compact, &verification(&newer.set), &expected)
        }
        validated => validated,
    };
    Ok(validated?)
}

impl ProviderClient {
    /// Ends the sessions here that belong to a session or a user at the provider, with their
    /// tokens. On this instance they have ended in any case when this returns.
    ///
    /// # Errors
    /// [`OAuthError::Store`] when the other instances cannot be notified. This instance tries again
    /// later.
    async fn end_sessions_at_provider(
        self: &Arc<Self>,
        tag: ProviderTag,
    ) -> Result<(), OAuthError> {
        let listed = self.shared.sessions_at_provider(tag).await;
        let sessions = listed.as_ref().map(Vec::as_slice).unwrap_or_default();
        // An instance whose clock is ahead may have started one of them.
        let latest = sessions.iter().map(|session| session.order).max().unwrap_or(0);
        self.shared.end_sessions_at_provider(tag, latest).await?;
        let revokes = self.shared.revokes_on_sign_out;
        for session in sessions {
            // The provider has ended its own tokens, except those for offline access, which it must
            // keep (section 2.7).
            self.forget_session_tokens(&session.id, false, revokes).await;
        }
        listed.map(drop)
    }
}
