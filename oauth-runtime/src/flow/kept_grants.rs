//! Tokens that outlive the session of their login: one grant for each account of an owner.
//!
//! A session of such an account has no tokens of its own: two copies of a refresh token that is
//! rotated would be the end of both.

use std::sync::Arc;

use super::accounts::{Account, Choice};
use super::discovery::ProviderClient;
use super::grant_record::{GrantId, KEPT_FOR, Stored};
use crate::error::{OAuthError, StoreError};
use crate::identity::Identity;
use crate::owner::Owner;
use crate::token::TokenData;

/// Attempts to write a record while others write it too.
const ATTEMPTS: usize = 10;

impl ProviderClient {
    /// Keeps the tokens of a login for an owner, in place of those that the account had. A refresh
    /// token that the provider gives once, at the first consent, stays.
    ///
    /// # Errors
    /// [`OAuthError::Call`] for an owner without a name;
    /// [`BrowserError::TooManyAccounts`](crate::BrowserError::TooManyAccounts);
    /// [`OAuthError::Store`].
    pub(crate) async fn keep_for(
        &self,
        owner: &Owner,
        identity: &Identity,
        token: &TokenData,
    ) -> Result<GrantId, OAuthError> {
        owner.check()?;
        // Tokens that no list leads to would be there for nobody.
        self.list_account(owner, identity).await?;
        let grant = GrantId::kept(self, owner, identity.issuer(), identity.subject());
        let kept_until = self.now().saturating_add(KEPT_FOR.as_secs());
        let token = TokenData { kept_until, ..token.clone() };
        let kept = self.replace(&grant, token).await?;
        self.grants.begin_anew(&grant, &kept, self.now());
        Ok(grant)
    }

    /// Writes the tokens of a new login over those of an earlier one.
    async fn replace(
        &self,
        grant: &GrantId,
        token: TokenData,
    ) -> Result<Arc<TokenData>, OAuthError> {
        for _ in 0..ATTEMPTS {
            let before = match grant.read(&self.shared).await {
                Ok(before) => before,
                // It is lost, and this login is what makes up for it.
                Err(OAuthError::Store(StoreError::KeyLost { .. } | StoreError::Unreadable(_))) => {
                    grant.write(&self.shared, &token).await?;
                    return Ok(Arc::new(token));
                }
                Err(error) => return Err(error),
            };
            let token = match &before {
                Some(before) => token.in_place_of(&before.token),
                None => token.clone(),
            };
            let version = before.as_ref().map(|before| &before.version);
            if grant.swap(&self.shared, version, &token).await? {
                return Ok(Arc::new(token));
            }
        }
        Err(StoreError::Contended("kept").into())
    }

    /// Has a grant that is used last another while, once half of its time is over.
    pub(super) async fn prolong(&self, grant: &GrantId, stored: &Stored) {
        let left = stored.token.kept_until.saturating_sub(self.now());
        let Some(owner) = grant.owner().filter(|_| left < KEPT_FOR.as_secs() / 2) else { return };
        let kept_until = self.now().saturating_add(KEPT_FOR.as_secs());
        let token = TokenData { kept_until, ..(*stored.token).clone() };
        let prolonged = async {
            // Whoever wrote meanwhile may do it at the next look.
            grant.swap(&self.shared, Some(&stored.version), &token).await?;
            self.prolong_list(owner).await
        };
        if let Err(error) = prolonged.await {
            tracing::warn!(provider = self.name(), %error, "kept tokens could not be prolonged");
        }
    }

    /// Forgets an account, here and in the store, and has the provider end the grant. `None` when
    /// there is no such account; otherwise what came of the revocation.
    ///
    /// # Errors
    /// [`OAuthError::Call`] for an owner without a name; [`OAuthError::Store`].
    pub(crate) async fn disconnect(
        self: &Arc<Self>,
        owner: &Owner,
        choice: &Choice,
    ) -> Result<Option<(Account, Result<(), OAuthError>)>, OAuthError> {
        let Some((account, grant)) = self.kept_grant(owner, choice).await? else {
            return Ok(None);
        };
        // A record that cannot be read is removed all the same.
        let stored = grant.read(&self.shared).await.ok().flatten();
        self.grants.forget(&grant);
        grant.remove(&self.shared).await?;
        self.unlist_account(owner, &account).await?;
        let revoked = match stored {
            Some(stored) if stored.token.ended.is_none() => self.revoke(&stored.token).await,
            _ => Ok(()),
        };
        Ok(Some((account, revoked)))
    }
}
