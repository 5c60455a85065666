//! The record of one grant: the stored tokens of one user at one provider. It is in the store or
//! wherever the application's hooks keep it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::accounts::Choice;
use super::lease::Lease;
use crate::deployment::Shared;
use crate::error::{OAuthError, StoreError, TokenError};
use crate::flow::provider_client::ProviderClient;
use crate::store::{self, Key};
use crate::token::hooks::{Hooks, TokenAccount, TokenChange};
use crate::token::owner::Owner;
use crate::token::stored::StoredToken;
use crate::token::{TokenData, TokenOwner};

/// Kind of the records of sessions.
const OF_SESSIONS: &str = "token";
/// Kind of the records that outlive sessions.
const KEPT: &str = "kept";
/// Kind of the names of grants that have no record in the store.
const HOOKS: &str = "hooks";
/// Lifetime of tokens that are not used: the longest period after which providers end unused
/// grants.
pub(super) const KEPT_FOR: Duration = Duration::from_secs(365 * 86_400);

/// Seconds for which a signed-out session is remembered: longer than any refresh takes.
const MARKED_FOR: u64 = 120;
/// Attempts to write a record during concurrent writes.
const ATTEMPTS: usize = 10;

/// The name of a grant. Cheap to clone.
#[derive(Clone)]
pub(crate) struct GrantId {
    key: Arc<Key>,
    name: Arc<str>,
    place: Place,
}

#[derive(Clone)]
enum Place {
    /// In the store, until the session ends.
    Session,
    /// In the store, and on the list with this key.
    Kept(Arc<Key>),
    /// In the application's own tables. All grants of one owner share a lease, because one grant
    /// can have two names: with and without its account.
    Hooks { account: Arc<TokenAccount>, lease: Arc<str> },
}

/// A record as it was read.
pub(super) struct Stored {
    pub(super) token: Arc<TokenData>,
    /// The version that a write over exactly this record needs.
    pub(super) version: Version,
}

/// One version of a record.
#[derive(Clone)]
pub(super) enum Version {
    /// Distinct from every earlier and later version.
    Record(store::Version),
    /// Distinguished by the tokens in it.
    Fetched(Arc<TokenData>),
}

impl GrantId {
    /// The grant of a login, stored as long as its session.
    pub(crate) fn of_session(session: &str, provider: &str) -> Self {
        Self::new(Key::new(OF_SESSIONS, &[session, provider]), Place::Session)
    }

    /// The grant of an account of an owner.
    pub(crate) fn kept(
        client: &ProviderClient,
        owner: &Owner,
        issuer: &str,
        subject: &str,
    ) -> Self {
        if client.hooks.is_some() {
            let choice = Choice::Exact(issuer.to_owned(), subject.to_owned());
            return Self::of_hooks(client, owner, &choice);
        }
        let account = Key::fingerprint(&[issuer, subject]);
        Self::in_store(client, &owner.fingerprint(), &account)
    }

    /// The grant of the record with this key; `None` if it is not an offline grant of this client.
    pub(super) fn listed(client: &ProviderClient, key: &str) -> Option<Self> {
        let prefix = format!("{KEPT}:{}:{}:", client.name(), client.tag);
        let (owner, account) = key.strip_prefix(&prefix)?.split_once(':')?;
        Some(Self::in_store(client, owner, account))
    }

    fn in_store(client: &ProviderClient, owner: &str, account: &str) -> Self {
        let key = Key::new(KEPT, &[client.name(), &client.tag, owner, account]);
        Self::new(key, Place::Kept(Arc::new(client.list_key(owner))))
    }

    /// The grant of an account that the application's hooks keep.
    pub(super) fn of_hooks(client: &ProviderClient, owner: &Owner, choice: &Choice) -> Self {
        let (issuer, subject) = choice.issuer_and_subject();
        // A provider that identifies no users has accounts without a subject.
        let subject = subject.filter(|subject| !subject.is_empty());
        let whose = owner.fingerprint();
        let account = TokenAccount {
            provider: Arc::clone(&client.settings.name),
            owner: owner.clone(),
            issuer: issuer.map(str::to_owned),
            subject: subject.map(str::to_owned),
        };
        let parts = [client.name(), &client.tag, &whose];
        let lease = Key::new(HOOKS, &parts);
        let which = [issuer.unwrap_or_default(), subject.unwrap_or_default()];
        let key = Key::new(HOOKS, &[&parts[..], &[&Key::fingerprint(&which)]].concat());
        let (account, lease) = (Arc::new(account), lease.as_str().into());
        Self::new(key, Place::Hooks { account, lease })
    }

    fn new(key: Key, place: Place) -> Self {
        let name = key.as_str().into();
        Self { key: Arc::new(key), name, place }
    }

    /// The key of the list that contains the grant; `None` for a grant that is not listed.
    pub(super) fn list_key(&self) -> Option<&Key> {
        match &self.place {
            Place::Kept(list) => Some(list),
            Place::Session | Place::Hooks { .. } => None,
        }
    }

    /// Whether the grant ends with its session.
    pub(super) fn is_of_session(&self) -> bool {
        matches!(self.place, Place::Session)
    }

    /// Identifies the grant. It is the key to the tokens in the store, so it is never shown.
    pub(super) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Name of the lease for a refresh.
    pub(super) fn lease_name(&self) -> &str {
        match &self.place {
            Place::Hooks { lease, .. } => lease,
            Place::Session | Place::Kept(_) => &self.name,
        }
    }

    /// Reads the stored tokens.
    ///
    /// # Errors
    /// [`OAuthError::Store`]; [`TokenError::Unusable`] for a token from hooks that cannot be sent.
    pub(super) async fn read(&self, client: &ProviderClient) -> Result<Option<Stored>, OAuthError> {
        if let Some((hooks, account)) = self.hooks(client) {
            let fetched = hooks.fetch(account).await?;
            let Some(fetched) = fetched else { return Ok(None) };
            let TokenAccount { owner, issuer, subject, .. } = account.clone();
            let whose = Some(Arc::new(TokenOwner { owner, issuer, subject }));
            let token = TokenData { whose, ..fetched.into_data() };
            token.check().map_err(|fault| client.no_token(TokenError::Unusable(fault)))?;
            let token = Arc::new(token);
            return Ok(Some(Stored { version: Version::Fetched(Arc::clone(&token)), token }));
        }
        let Some(record) = client.shared.store.get(&self.key).await? else { return Ok(None) };
        let token = TokenData::from_record(record.content())
            .ok_or(StoreError::Unreadable(self.key.kind()))?;
        let version = Version::Record(record.into_version());
        Ok(Some(Stored { token: Arc::new(token), version }))
    }

    /// Overwrites the stored tokens. They are stored until `kept_until`, in seconds since
    /// 1970-01-01 UTC.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    pub(super) async fn write(
        &self,
        client: &ProviderClient,
        token: &TokenData,
        kept_until: u64,
    ) -> Result<(), OAuthError> {
        if let Some((hooks, account)) = self.hooks(client) {
            return Ok(hooks.update(account, update(client, None, Some(token))).await?);
        }
        let ttl = time_left(&client.shared, kept_until);
        let record = token.to_record(kept_until);
        let written = client.shared.store.put(&self.key, &record.parts(), ttl);
        // It is sealed already.
        drop(record);
        written.await
    }

    /// Writes the tokens if the current version is `old` (`None`: no record). Returns
    /// whether it did. Hooks cannot compare and write in one step: there, the lease keeps two
    /// instances apart.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    pub(super) async fn swap(
        &self,
        client: &ProviderClient,
        old: Option<&Version>,
        token: &TokenData,
    ) -> Result<bool, OAuthError> {
        if let Some((hooks, account)) = self.hooks(client) {
            let present = self.read(client).await?.map(|stored| stored.token);
            let is_old = match (old, &present) {
                (None, None) => true,
                (Some(Version::Fetched(old)), Some(present)) => present.is_same_as(old),
                _ => false,
            };
            if is_old {
                hooks.update(account, update(client, present.as_deref(), Some(token))).await?;
            }
            return Ok(is_old);
        }
        let old = match old {
            Some(Version::Record(version)) => Some(version),
            Some(Version::Fetched(_)) => return Ok(false),
            None => None,
        };
        let (store, ttl) = (&client.shared.store, time_left(&client.shared, token.kept_until));
        let record = token.to_record(token.kept_until);
        Ok(store.compare_and_swap(&self.key, old, &record.parts(), ttl).await?.is_some())
    }

    /// Removes the tokens and returns the last ones, with which the grant can be revoked. `None`
    /// also for an unreadable record.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    pub(super) async fn take(
        &self,
        client: &ProviderClient,
    ) -> Result<Option<Arc<TokenData>>, OAuthError> {
        if let Some((hooks, account)) = self.hooks(client) {
            let Some(old) = hooks.fetch(account).await? else { return Ok(None) };
            let old = old.into_data();
            hooks.update(account, update(client, Some(&old), None)).await?;
            return Ok(Some(Arc::new(old)));
        }
        let taken = client.shared.store.take(&self.key).await?;
        let token = taken.and_then(|record| TokenData::from_record(record.content()));
        Ok(token.map(Arc::new))
    }

    /// Removes the tokens of a session and returns the last ones. During a refresh, a marker
    /// replaces them for two minutes: the refresh finds it and revokes its result.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    pub(super) async fn sign_out(
        &self,
        client: &ProviderClient,
    ) -> Result<Option<Arc<TokenData>>, OAuthError> {
        for _ in 0..ATTEMPTS {
            let stored = match self.read(client).await {
                Ok(Some(stored)) if stored.token.refresh_token.is_some() => stored,
                // A refresh cannot be running.
                Ok(_) | Err(OAuthError::Store(StoreError::KeyLost { .. })) => break,
                Err(OAuthError::Store(StoreError::Unreadable(_))) => break,
                Err(error) => return Err(error),
            };
            let mark = stored.token.signed_out(client.now().saturating_add(MARKED_FOR));
            if self.swap(client, Some(&stored.version), &mark).await? {
                // A refresh that has read the tokens holds the lease; a later one finds the marker.
                if !Lease::is_taken(&client.shared, self.lease_name()).await {
                    self.remove_record(&client.shared).await?;
                }
                return Ok(Some(stored.token));
            }
        }
        self.take(client).await
    }

    /// Removes the record from the store.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    pub(crate) async fn remove_record(&self, shared: &Shared) -> Result<(), OAuthError> {
        shared.store.remove(&self.key).await
    }

    fn hooks<'a>(
        &'a self,
        client: &'a ProviderClient,
    ) -> Option<(&'a dyn Hooks, &'a TokenAccount)> {
        match &self.place {
            Place::Hooks { account, .. } => Some((client.hooks.as_deref()?, account)),
            Place::Session | Place::Kept(_) => None,
        }
    }
}

/// The update for hooks. An ended grant no longer has a token.
fn update(
    client: &ProviderClient,
    old: Option<&TokenData>,
    new: Option<&TokenData>,
) -> TokenChange {
    let stored = |token| StoredToken::of(client.name(), token);
    let new = new.filter(|token| token.ended.is_none());
    TokenChange { old: old.map(stored), new: new.map(stored) }
}

fn time_left(shared: &Shared, kept_until: u64) -> Duration {
    Duration::from_secs(kept_until.saturating_sub(shared.clock.seconds()).max(1))
}

impl fmt::Debug for GrantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_that_finds_the_tokens_is_not_shown() {
        let grant = GrantId::of_session("the-session", "hub");
        assert_eq!(format!("{grant:?}"), "Key(token:…)");
    }
}
