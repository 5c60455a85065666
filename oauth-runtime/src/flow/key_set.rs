//! The provider's keys: parsed once, fetched again for an unknown key, by one request for all
//! waiting logins and not more often than the provider can bear.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::discovery::ProviderClient;
use super::single_flight::SingleFlight;
use crate::endpoint::EndpointUrl;
use crate::error::{Endpoint, OAuthError, ProviderError};
use crate::http::Limits;
use crate::protocol::jwk::JwkSet;
use crate::protocol::metadata;
use crate::resolve::Resolved;

/// Age in seconds from which keys are refreshed, so that withdrawn ones go.
const REFRESH_AFTER: u64 = 3600;
/// A burst lets a key through that was rotated right after a fetch; then one fetch in 30 s.
const FETCHES_AT_ONCE: u64 = 5;
const SECONDS_PER_FETCH: u64 = 30;

/// Keys with the history of their fetches.
#[derive(Debug, Default)]
pub(crate) struct KeySet {
    current: RwLock<Keys>,
    fetching: SingleFlight,
    allowance: Mutex<Allowance>,
}

/// The keys of one moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keys {
    pub(crate) set: Arc<JwkSet>,
    /// Counts fetches: 0 before the first.
    generation: u64,
    fetched_at: u64,
}

/// A token bucket over fetches.
#[derive(Debug, Default)]
struct Allowance {
    used: u64,
    counted_at: u64,
}

impl Allowance {
    fn take(&mut self, now: u64) -> bool {
        let regained = now.saturating_sub(self.counted_at) / SECONDS_PER_FETCH;
        if regained > 0 {
            self.used = self.used.saturating_sub(regained);
            self.counted_at = now;
        }
        let is_allowed = self.used < FETCHES_AT_ONCE;
        if is_allowed {
            self.used += 1;
        }
        is_allowed
    }
}

impl ProviderClient {
    /// The keys, fetched if they never were.
    ///
    /// # Errors
    /// When they cannot be fetched or used, and never were before.
    pub(crate) async fn keys(&self, resolved: &Resolved) -> Result<Keys, OAuthError> {
        let keys = self.current_keys();
        let is_fresh = keys.generation > 0 && self.now() < keys.fetched_at + REFRESH_AFTER;
        if is_fresh || resolved.jwks_uri.is_none() {
            return Ok(keys);
        }
        match self.newer_keys(resolved, &keys).await {
            // Down after a first success: the old keys are still the provider's last word.
            Err(error) if keys.generation > 0 => {
                tracing::warn!(provider = self.name(), %error, "the keys could not be refreshed");
                Ok(keys)
            }
            newer => newer,
        }
    }

    /// Keys newer than `seen`: those that another login has fetched meanwhile, or a new fetch. The
    /// same ones when there were too many fetches.
    ///
    /// # Errors
    /// When they cannot be fetched or used.
    pub(crate) async fn newer_keys(
        &self,
        resolved: &Resolved,
        seen: &Keys,
    ) -> Result<Keys, OAuthError> {
        let Some(jwks_uri) = &resolved.jwks_uri else { return Ok(seen.clone()) };
        let found = || Some(self.current_keys()).filter(|keys| keys.generation != seen.generation);
        self.keys.fetching.run(found, self.fetch_keys(jwks_uri)).await
    }

    async fn fetch_keys(&self, jwks_uri: &EndpointUrl) -> Result<Keys, OAuthError> {
        let current = self.current_keys();
        if !self.may_fetch_keys() {
            return Ok(current);
        }
        tracing::debug!(provider = self.name(), url = %jwks_uri, "fetching the keys");
        let response = self.send(metadata::request(jwks_uri), Limits::DOCUMENT).await?;
        if !response.status().is_success() {
            let status = response.status().as_u16();
            return Err(self.blame(ProviderError::Status { endpoint: Endpoint::JwkSet, status }));
        }
        let set = JwkSet::parse(response.body()).map_err(|error| self.blame(error))?;
        let keys =
            Keys { set: Arc::new(set), generation: current.generation + 1, fetched_at: self.now() };
        *self.keys.current.write().unwrap_or_else(PoisonError::into_inner) = keys.clone();
        Ok(keys)
    }

    fn may_fetch_keys(&self) -> bool {
        let allowance = &self.keys.allowance;
        allowance.lock().unwrap_or_else(PoisonError::into_inner).take(self.now())
    }

    fn current_keys(&self) -> Keys {
        self.keys.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fetches_come_in_a_burst_and_then_slowly() {
        let mut allowance = Allowance::default();
        let allowed =
            |allowance: &mut Allowance, now| (0..20).filter(|_| allowance.take(now)).count();
        assert_eq!(allowed(&mut allowance, 1_000), 5);
        assert_eq!(allowed(&mut allowance, 1_029), 0);
        assert_eq!(allowed(&mut allowance, 1_030), 1);
        assert_eq!(allowed(&mut allowance, 10_000), 5);
    }
}
