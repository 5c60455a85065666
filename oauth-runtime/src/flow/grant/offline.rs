//! Tokens that outlive the session of their login: one grant for each account of an owner.
//!
//! A session of such an account has no tokens of its own: two copies of a refresh token that is
//! rotated would be the end of both.

use std::sync::Arc;

use super::accounts::Choice;
use super::record::{GrantId, KEPT_FOR, Stored};
use crate::deployment::Refreshed;
use crate::error::{CallError, OAuthError, StoreError, TokenError};
use crate::flow::provider_client::ProviderClient;
use crate::identity::Identity;
use crate::token::owner::Owner;
use crate::token::{TokenData, Whose};

/// Attempts to write a record while others write it too.
const ATTEMPTS: usize = 10;

impl ProviderClient {
    /// Keeps the tokens of a login for an owner, in place of those that the account had. A refresh
    /// token that the provider gives once, at the first consent, stays.
    ///
    /// # Errors
    /// [`OAuthError::Call`] for an owner without a name;
    /// [`BrowserError::TooManyAccounts`](crate::error::BrowserError::TooManyAccounts);
    /// [`OAuthError::Store`].
    pub(crate) async fn keep_for(
        &self,
        owner: &Owner,
        identity: &Identity,
        token: &TokenData,
    ) -> Result<GrantId, OAuthError> {
        owner.check()?;
        if !self.settings.keep_tokens {
            return Err(CallError::TokensNotKept.into());
        }
        if self.hooks.is_none() {
            // Tokens that no list leads to would be there for nobody.
            self.list_account(owner, identity).await?;
        }
        let grant = GrantId::kept(self, owner, identity.issuer(), identity.subject());
        let kept_until = self.now().saturating_add(KEPT_FOR.as_secs());
        let whose = Whose {
            owner: owner.clone(),
            issuer: Some(identity.issuer().to_owned()),
            subject: Some(identity.subject().to_owned()),
        };
        let token = TokenData { kept_until, whose: Some(Arc::new(whose)), ..token.clone() };
        self.replace(&grant, token).await?;
        self.grants.begin_anew(&grant);
        Ok(grant)
    }

    /// Writes the tokens of a new login over those of an earlier one.
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

    /// Has a grant that is used last another while, once half of its time is over.
    pub(super) async fn prolong(&self, grant: &GrantId, stored: &Stored) {
        let left = stored.token.kept_until.saturating_sub(self.now());
        let Some(list) = grant.list_key().filter(|_| left < KEPT_FOR.as_secs() / 2) else { return };
        let kept_until = self.now().saturating_add(KEPT_FOR.as_secs());
        let token = TokenData { kept_until, ..(*stored.token).clone() };
        let prolonged = async {
            // Whoever wrote meanwhile may do it at the next look.
            grant.swap(self, Some(&stored.version), &token).await?;
            self.prolong_list(list).await
        };
        if let Err(error) = prolonged.await {
            tracing::warn!(provider = self.name(), %error, "kept tokens could not be prolonged");
        }
    }

    /// Forgets an account, here and where it is kept, and has the provider end the grant. `None` when
    /// there is no such account; otherwise what came of the revocation.
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
        // What a refresh under way has written by now is taken; what it writes later finds nothing.
        let token = grant.take(self).await?;
        if account.is_none() && token.is_none() {
            return Ok(None);
        }
        if let (Some(list), Some(account)) = (grant.list_key(), &account) {
            self.unlist_account(list, account).await?;
        }
        Ok(Some(match token {
            Some(token) if token.ended.is_none() => self.revoke(&token).await,
            _ => Ok(()),
        }))
    }

    /// Refreshes a grant that nobody has used for so many seconds.
    ///
    /// # Errors
    /// [`OAuthError::Store`], and what keeps a refresh from succeeding.
    pub(super) async fn refresh_if_older(
        self: Arc<Self>,
        grant: GrantId,
        age: u64,
    ) -> Result<Refreshed, OAuthError> {
        // Not by way of the memory of tokens that are in use, which a round would sweep out.
        let Some(stored) = grant.read(&self).await? else { return Ok(Refreshed::No) };
        let token = &stored.token;
        // A distance: of a token from the future, by a clock set back since, the age is unknown.
        let is_old = self.now().abs_diff(token.obtained_at) >= age;
        if !is_old || token.refresh_token.is_none() || token.ended.is_some() {
            return Ok(Refreshed::No);
        }
        self.prolong(&grant, &stored).await;
        self.refreshed(&grant, stored.token).await?;
        Ok(Refreshed::Yes)
    }
}
