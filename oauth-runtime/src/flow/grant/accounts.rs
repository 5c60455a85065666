//! The accounts of an owner at a provider. One record lists them; the tokens of each have their own
//! record.

use serde::{Deserialize, Serialize};

use super::record::{GrantId, KEPT_FOR};
use crate::clock::UnixTime;
use crate::error::{BrowserError, CallError, OAuthError, StoreError};
use crate::flow::provider_client::ProviderClient;
use crate::identity::Identity;
use crate::store::{Key, Version};
use crate::token::owner::Owner;

/// Kind of the records.
const KIND: &str = "accounts";
/// Maximum number of accounts of one owner at one provider: each costs a record, and the list is
/// read whole.
const MAX_ACCOUNTS: usize = 32;
/// Attempts to write the list during concurrent writes.
const ATTEMPTS: usize = 20;

/// An account of an owner at a provider, whose tokens are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    issuer: String,
    subject: String,
    display_name: String,
    connected_at: UnixTime,
}

impl Account {
    /// The issuer of the account: [`Identity::issuer`](crate::Identity::issuer).
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The account within the issuer: [`Identity::subject`](crate::Identity::subject). Empty for a
    /// provider that identifies no users, where an owner has one account.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The display name from the identity of the last login.
    pub fn display_name(&self) -> &str {
        &self.display_name
    }

    /// When the account was first connected.
    pub fn connected_at(&self) -> UnixTime {
        self.connected_at
    }

    fn of(identity: &Identity, now: UnixTime) -> Self {
        Self {
            issuer: identity.issuer().to_owned(),
            subject: identity.subject().to_owned(),
            display_name: identity.display_name().to_owned(),
            connected_at: now,
        }
    }

    /// The one account that an owner can have at a provider that identifies no users.
    fn unidentified(client: &ProviderClient) -> Self {
        Self {
            issuer: client.settings.anchor(),
            subject: String::new(),
            display_name: client.settings.display_name.clone(),
            connected_at: UnixTime::from_secs(client.now()),
        }
    }

    fn is_same_as(&self, other: &Self) -> bool {
        self.issuer == other.issuer && self.subject == other.subject
    }
}

/// Selects one account of an owner.
#[derive(Debug, Clone, Default)]
pub(crate) enum Choice {
    /// The account that was connected first.
    #[default]
    First,
    /// The account with this subject; if several issuers have it, the one that was connected first.
    Subject(String),
    /// The account with this issuer and subject.
    Exact(String, String),
}

impl Choice {
    fn fits(&self, account: &Account) -> bool {
        match self {
            Self::First => true,
            Self::Subject(subject) => account.subject == *subject,
            Self::Exact(issuer, subject) => {
                account.issuer == *issuer && account.subject == *subject
            }
        }
    }

    /// The known parts of the account's identity.
    pub(super) fn issuer_and_subject(&self) -> (Option<&str>, Option<&str>) {
        match self {
            Self::First => (None, None),
            Self::Subject(subject) => (None, Some(subject)),
            Self::Exact(issuer, subject) => (Some(issuer), Some(subject)),
        }
    }
}

/// The list as it was read.
struct Listed {
    /// In order of connection.
    accounts: Vec<Account>,
    version: Option<Version>,
}

impl ProviderClient {
    /// The account that a login or a connection is about.
    pub(crate) fn account_of(&self, identity: Option<&Identity>) -> Account {
        match identity {
            Some(identity) => Account::of(identity, UnixTime::from_secs(self.now())),
            None => Account::unidentified(self),
        }
    }

    /// Returns the accounts in order of connection.
    ///
    /// # Errors
    /// [`OAuthError::Call`] for an owner without a name, or if the application stores tokens in its
    /// own tables; [`OAuthError::Store`].
    pub(crate) async fn accounts(&self, owner: &Owner) -> Result<Vec<Account>, OAuthError> {
        owner.check()?;
        if self.hooks.is_some() {
            return Err(CallError::AccountsOfHooks.into());
        }
        Ok(self.listed(&self.list_key(&owner.fingerprint())).await?.accounts)
    }

    /// Returns the grant of the selected account and its subject, which is unknown if hooks select
    /// the account. `None` if there is no such account.
    ///
    /// # Errors
    /// As [`accounts`](Self::accounts).
    pub(crate) async fn kept_grant(
        &self,
        owner: &Owner,
        choice: &Choice,
    ) -> Result<Option<(GrantId, Option<String>)>, OAuthError> {
        if self.hooks.is_some() {
            owner.check()?;
            let (_, subject) = choice.issuer_and_subject();
            let subject = subject.map(str::to_owned);
            return Ok(Some((GrantId::of_hooks(self, owner, choice), subject)));
        }
        let account = self.account(owner, choice).await?;
        Ok(account.map(|account| {
            let grant = GrantId::kept(self, owner, &account.issuer, &account.subject);
            (grant, Some(account.subject))
        }))
    }

    /// Returns the selected account.
    ///
    /// # Errors
    /// As [`accounts`](Self::accounts).
    pub(super) async fn account(
        &self,
        owner: &Owner,
        choice: &Choice,
    ) -> Result<Option<Account>, OAuthError> {
        Ok(self.accounts(owner).await?.into_iter().find(|account| choice.fits(account)))
    }

    /// Adds an account to the list. An account that is already listed keeps its place.
    ///
    /// # Errors
    /// [`BrowserError::TooManyAccounts`]; [`OAuthError::Store`].
    pub(super) async fn list_account(
        &self,
        owner: &Owner,
        new: &Account,
    ) -> Result<(), OAuthError> {
        self.change_list(&self.list_key(&owner.fingerprint()), |accounts| {
            if let Some(account) = accounts.iter_mut().find(|own| own.is_same_as(new)) {
                account.display_name.clone_from(&new.display_name);
            } else if accounts.len() < MAX_ACCOUNTS {
                accounts.push(new.clone());
            } else {
                return Err(BrowserError::TooManyAccounts);
            }
            Ok(())
        })
        .await
    }

    /// Removes an account from the list.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    pub(super) async fn unlist_account(
        &self,
        list: &Key,
        account: &Account,
    ) -> Result<(), OAuthError> {
        self.change_list(list, |accounts| {
            accounts.retain(|own| !own.is_same_as(account));
            Ok(())
        })
        .await
    }

    /// Extends the lifetime of the list to that of a prolonged grant.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    pub(super) async fn prolong_list(&self, list: &Key) -> Result<(), OAuthError> {
        self.change_list(list, |_| Ok(())).await
    }

    async fn change_list(
        &self,
        key: &Key,
        change: impl Fn(&mut Vec<Account>) -> Result<(), BrowserError>,
    ) -> Result<(), OAuthError> {
        let store = &self.shared.store;
        for _ in 0..ATTEMPTS {
            let mut listed = match self.listed(key).await {
                Ok(listed) => listed,
                // The tokens that it led to cannot be read either: start again with an empty list.
                Err(OAuthError::Store(StoreError::KeyLost { .. } | StoreError::Unreadable(_))) => {
                    store.remove(key).await?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            change(&mut listed.accounts)?;
            // Strings and numbers always serialize to JSON.
            let content = serde_json::to_vec(&listed.accounts).unwrap_or_default();
            let version = listed.version.as_ref();
            if store.compare_and_swap(key, version, &[&content], KEPT_FOR).await?.is_some() {
                return Ok(());
            }
        }
        Err(StoreError::Contended(KIND).into())
    }

    async fn listed(&self, key: &Key) -> Result<Listed, OAuthError> {
        let Some(record) = self.shared.store.get(key).await? else {
            return Ok(Listed { accounts: Vec::new(), version: None });
        };
        let accounts = serde_json::from_slice(record.content());
        let accounts = accounts.map_err(|_| StoreError::Unreadable(KIND))?;
        Ok(Listed { accounts, version: Some(record.into_version()) })
    }

    /// The key of an owner's list. `owner` is the owner's fingerprint.
    pub(super) fn list_key(&self, owner: &str) -> Key {
        Key::new(KIND, &[self.name(), &self.tag, owner])
    }
}
