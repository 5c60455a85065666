//! Tokens that outlive the session of their login: one grant for each account of an owner.
//!
//! A session of such an account has no tokens of its own: two copies of a rotated refresh token
//! would invalidate both.

use std::sync::Arc;

use super::accounts::{Account, Choice};
use super::record::{GrantId, KEPT_FOR, Stored};
use crate::deployment::Refreshed;
use crate::error::{CallError, OAuthError, StoreError, TokenError};
use crate::flow::provider_client::ProviderClient;
use crate::token::owner::Owner;
use crate::token::{TokenData, TokenOwner};

/// Attempts to write a record during concurrent writes.
const ATTEMPTS: usize = 10;

impl ProviderClient {
    /// Stores the tokens of a login for an owner and replaces those that the account had. A refresh
    /// token that the provider issues only once, at the first consent, is kept.
    ///
    /// # Errors
    /// [`OAuthError::Call`] for an owner without a name;
    /// [`BrowserError::TooManyAccounts`](crate::error::BrowserError::TooManyAccounts);
    /// [`OAuthError::Store`].
    pub(crate) async fn keep_for(
        &self,
        owner: &Owner,
        account: &Account,
        token: &TokenData,
    ) -> Result<GrantId, OAuthError> {
        owner.check()?;
        if !self.settings.keep_tokens {
            return Err(CallError::TokensNotKept.into());
        }
        if self.hooks.is_none() {
            // Tokens that are not listed could never be found.
            self.list_account(owner, account).await?;
        }
        let grant = GrantId::kept(self, owner, account.issuer(), account.subject());
        let kept_until = self.now().saturating_add(KEPT_FOR.as_secs());
        let whose = TokenOwner {
            owner: owner.clone(),
            issuer: Some(account.issuer().to_owned()),
            subject: Some(account.subject().to_owned()).filter(|subject| !subject.is_empty()),
        };
        let token = TokenData { kept_until, whose: Some(Arc::new(whose)), ..token.clone() };
        self.replace(&grant, token).await?;
        self.grants.reset(&grant);
        Ok(grant)
    }

    /// Replaces the tokens of an earlier login with those of a new one.
    async fn replace(&self, grant: &GrantId, token: TokenData) -> Result<(), OAuthError> {
        for _ in 0..ATTEMPTS {
            let before = match grant.read(self).await {
                Ok(before) => before,
                // It is lost, and this login replaces it.
                Err(
                    OAuthError::Store(StoreError::KeyLost { .. } | StoreError::Unreadable(_))
                    | OAuthError::Token { error: TokenError::Unusable(_), .. },
                ) => {
                    return grant.write(self, &token, token.kept_until).await;
                }
                Err(error) => return Err(error),
            };
            let token = match &before {
                Some(before) => token.in_place_of(&before.token),
                None => token.clone(),
            };
            let version = before.as_ref().map(|before| &before.version);
            if grant.swap(self, version, &token).await? {
                return Ok(());
            }
        }
        Err(StoreError::Contended("kept").into())
    }

    /// Extends the lifetime of a grant that is in use, once half of it is over.
    pub(super) async fn prolong(&self, grant: &GrantId, stored: &Stored) {
        let left = stored.token.kept_until.saturating_sub(self.now());
        let Some(list) = grant.list_key().filter(|_| left < KEPT_FOR.as_secs() / 2) else { return };
        let kept_until = self.now().saturating_add(KEPT_FOR.as_secs());
        let token = TokenData { kept_until, ..(*stored.token).clone() };
        let prolonged = async {
            // After a concurrent write, the next use tries again.
            grant.swap(self, Some(&stored.version), &token).await?;
            self.prolong_list(list).await
        };
        if let Err(error) = prolonged.await {
            tracing::warn!(provider = self.name(), %error, "failed to extend the lifetime of stored tokens");
        }
    }

    /// Forgets an account in memory and in the store, and revokes its grant at the provider.
    /// Returns `None` if there is no such account; otherwise the outcome of the revocation.
    ///
    /// # Errors
    /// [`OAuthError::Call`] for an owner without a name; [`OAuthError::Store`].
    pub(crate) async fn disconnect(
        self: &Arc<Self>,
        owner: &Owner,
        choice: &Choice,
    ) -> Result<Option<Result<(), OAuthError>>, OAuthError> {
        let account = match self.hooks {
            Some(_) => None,
            None => match self.account(owner, choice).await? {
                None => return Ok(None),
                account => account,
            },
        };
        let Some((grant, _)) = self.kept_grant(owner, choice).await? else { return Ok(None) };
        self.grants.forget(&grant);
        // This takes what a concurrent refresh has written so far; a later write of it finds
        // nothing.
        let token = grant.take(self).await?;
        if account.is_none() && token.is_none() {
            return Ok(None);
        }
        if let (Some(list), Some(account)) = (grant.list_key(), &account) {
            self.unlist_account(list, account).await?;
        }
        Ok(Some(match token {
            Some(token) if token.ended.is_none() => {
                self.notify_of_removal(&token);
                self.revoke(&token).await
            }
            _ => Ok(()),
        }))
    }

    /// Refreshes a grant that has not been used for `age` seconds.
    ///
    /// # Errors
    /// [`OAuthError::Store`], and the errors of a failed refresh.
    pub(super) async fn refresh_if_older(
        self: Arc<Self>,
        grant: GrantId,
        age: u64,
    ) -> Result<Refreshed, OAuthError> {
        // This bypasses the cache of tokens in use, which a round would evict.
        let Some(stored) = grant.read(&self).await? else { return Ok(Refreshed::No) };
        let token = &stored.token;
        // An absolute difference: if the clock was set back, a token can be from the future, and
        // its age is unknown.
        let is_old = self.now().abs_diff(token.obtained_at) >= age;
        if !is_old || token.refresh_token.is_none() || token.ended.is_some() {
            return Ok(Refreshed::No);
        }
        self.prolong(&grant, &stored).await;
        self.refreshed(&grant, stored.token).await?;
        Ok(Refreshed::Yes)
    }
}
