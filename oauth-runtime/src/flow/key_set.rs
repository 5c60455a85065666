//! The provider's keys: parsed once and refreshed in the background. For an unknown key they are
//! fetched again, by one request for all waiting logins, at a limited rate.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::provider_client::ProviderClient;
use crate::clock::Interval;
use crate::error::OAuthError;
use crate::json::without_byte_order_mark;
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::protocol::freshness;
use crate::protocol::jwk::{JwkSet, JwkSetError};
use crate::protocol::metadata;
use crate::settings::Resolved;
use crate::sync::future::BoxFuture;
use crate::sync::lock::{Mutex, RwLock};
use crate::sync::paced_flight::PacedFlight;

/// Minimum age in seconds of keys for a refresh, so that withdrawn keys are dropped: the lifetime
/// that their response states, within these bounds, or one hour.
const MIN_LIFETIME: u64 = 300;
const MAX_LIFETIME: u64 = 24 * 3600;
const USUAL_LIFETIME: u64 = 3600;
/// A burst allows a key that was rotated right after a fetch; then a fetch has to wait.
const FETCHES_AT_ONCE: u64 = 5;
const SECONDS_PER_FETCH: u64 = 5;
/// Logins that wait for a delayed fetch. Each holds a request of the application open.
const MAX_WAITING: usize = 64;

/// Keys and the rate limit of their fetches.
#[derive(Default)]
pub(super) struct KeySet {
    current: RwLock<Keys>,
    fetching: PacedFlight<Keys, OAuthError>,
    allowance: Mutex<Allowance>,
    delayed: DelayedFetch,
}

impl KeySet {
    /// Stated keys are never fetched.
    pub(super) fn new(stated: Option<&Arc<JwkSet>>) -> Self {
        let current = Keys { set: stated.cloned().unwrap_or_default(), ..Keys::default() };
        Self { current: RwLock::new(current), ..Self::default() }
    }
}

/// A fetch that waits until it is allowed, and the logins that wait for it.
#[derive(Default)]
struct DelayedFetch {
    is_pending: AtomicBool,
    waiting: AtomicUsize,
}

/// The place of one login among those that wait.
struct Place<'a>(&'a AtomicUsize);

impl DelayedFetch {
    /// `None` if too many logins wait already.
    fn join(&self) -> Option<Place<'_>> {
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let place = Place(&self.waiting);
        let is_full = self.is_pending.load(Ordering::Relaxed) && before >= MAX_WAITING;
        (!is_full).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The keys at one point in time.
#[derive(Clone, Default)]
pub(crate) struct Keys {
    pub(crate) set: Arc<JwkSet>,
    /// Number of fetches: 0 before the first.
    generation: u64,
    /// While they are not refreshed.
    fresh: Interval,
    /// Seconds since 1970-01-01 UTC.
    fetched_at: u64,
}

impl Keys {
    /// Whether they were fetched at least this many seconds ago.
    pub(super) fn is_older_than(&self, seconds: u64, now: u64) -> bool {
        // An absolute difference: the clock may have been set back.
        now.abs_diff(self.fetched_at) >= seconds
    }
}

/// A token bucket for fetches.
#[derive(Debug, Default)]
struct Allowance {
    used: u64,
    counted_at: u64,
}

impl Allowance {
    fn take(&mut self, now: u64) -> bool {
        // An absolute difference: a clock set back must not delay fetches until it has caught up.
        let regained = now.abs_diff(self.counted_at) / SECONDS_PER_FETCH;
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
    /// Returns the keys. Only the first login waits for them. Old keys stay in use until newer ones
    /// are fetched.
    ///
    /// # Errors
    /// When the keys cannot be fetched or used and never could be.
    pub(super) async fn keys(
        self: &Arc<Self>,
        resolved: &Arc<Resolved>,
    ) -> Result<Keys, OAuthError> {
        let keys = self.current_keys();
        if resolved.jwks_uri.is_none() {
            return Ok(keys);
        }
        if keys.generation == 0 {
            let (client, resolved) = (Arc::clone(self), Arc::clone(resolved));
            let first = || {
                // Counted, but never refused.
                client.may_fetch();
                Box::pin(client.request_keys(resolved)) as BoxFuture<'static, _>
            };
            return self.keys.fetching.run(&self.shared.clock, first).await;
        }
        if !keys.fresh.contains(self.now()) && self.may_fetch() {
            let (client, resolved) = (Arc::clone(self), Arc::clone(resolved));
            self.keys.fetching.start(|| Box::pin(client.refresh_keys(resolved)));
        }
        Ok(keys)
    }

    /// Returns keys newer than `seen`: those that another login has fetched since, or those of a
    /// new fetch. After too many fetches the next one waits, and its callers share it: a login does
    /// not fail because of a key that was published a moment ago, and the rate of requests is
    /// limited. So is the number of callers that wait, because anyone can send unknown keys.
    ///
    /// # Errors
    /// [`ProviderError::KeysDelayed`] when too many callers wait; when the keys cannot be fetched or
    /// used.
    pub(super) async fn newer_keys(
        self: &Arc<Self>,
        resolved: &Arc<Resolved>,
        seen: &Keys,
    ) -> Result<Keys, OAuthError> {
        let current = self.current_keys();
        if current.generation != seen.generation || resolved.jwks_uri.is_none() {
            return Ok(current);
        }
        let place = self.keys.delayed.join();
        let _place = place.ok_or_else(|| self.provider_error(ProviderError::KeysDelayed))?;
        let (client, resolved) = (Arc::clone(self), Arc::clone(resolved));
        let attempt = || {
            // The fetch that waited counts as any other.
            let is_delayed = !client.may_fetch();
            client.keys.delayed.is_pending.store(is_delayed, Ordering::Relaxed);
            Box::pin(client.fetch_once_allowed(resolved, is_delayed)) as BoxFuture<'static, _>
        };
        self.keys.fetching.run(&self.shared.clock, attempt).await
    }

    async fn fetch_once_allowed(
        self: Arc<Self>,
        resolved: Arc<Resolved>,
        is_delayed: bool,
    ) -> Result<Keys, OAuthError> {
        if is_delayed {
            self.shared.clock.sleep(SECONDS_PER_FETCH).await;
            while !self.may_fetch() {
                self.shared.clock.sleep(SECONDS_PER_FETCH).await;
            }
            self.keys.delayed.is_pending.store(false, Ordering::Relaxed);
        }
        self.request_keys(resolved).await
    }

    async fn request_keys(self: Arc<Self>, resolved: Arc<Resolved>) -> Result<Keys, OAuthError> {
        let endpoint = EndpointKind::JwkSet;
        let Some(jwks_uri) = &resolved.jwks_uri else {
            return Err(self.provider_error(ProviderError::NoEndpoint(endpoint)));
        };
        tracing::debug!(provider = self.name(), url = %jwks_uri, "fetching the keys");
        let response = self.send(metadata::request(jwks_uri), self.document()).await?;
        if !response.status().is_success() {
            return Err(self.provider_error(ProviderError::refused(endpoint, &response)));
        }
        let set = JwkSet::parse(without_byte_order_mark(response.body()));
        let set = set.map_err(|error| match error {
            JwkSetError::Malformed(reason) => {
                self.provider_error(ProviderError::malformed(endpoint, &response, reason))
            }
            error => self.provider_error(error),
        })?;
        let lifetime = freshness::lifetime(response.headers()).unwrap_or(USUAL_LIFETIME);
        let mut current = self.keys.current.write();
        *current = Keys {
            set: Arc::new(set),
            generation: current.generation + 1,
            fresh: Interval::new(self.now(), lifetime.clamp(MIN_LIFETIME, MAX_LIFETIME)),
            fetched_at: self.now(),
        };
        Ok(current.clone())
    }

    async fn refresh_keys(self: Arc<Self>, resolved: Arc<Resolved>) -> Result<Keys, OAuthError> {
        let refreshed = Arc::clone(&self).request_keys(resolved).await;
        if let Err(error) = &refreshed {
            tracing::warn!(provider = self.name(), %error, "failed to refresh the keys");
        }
        refreshed
    }

    fn current_keys(&self) -> Keys {
        self.keys.current.read().clone()
    }

    fn may_fetch(&self) -> bool {
        let mut allowance = self.keys.allowance.lock();
        allowance.take(self.shared.clock.elapsed())
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys(generation {})", self.generation)
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
        assert_eq!(allowed(&mut allowance, 1_004), 0);
        assert_eq!(allowed(&mut allowance, 1_005), 1);
        assert_eq!(allowed(&mut allowance, 10_000), 5);
    }

    #[test]
    fn clock_set_back_or_forward_stops_no_fetches() {
        for set_to in [0, 500, 5_000] {
            let mut allowance = Allowance::default();
            assert!((0..5).all(|_| allowance.take(1_000)) && !allowance.take(1_000));
            assert!(allowance.take(set_to), "{set_to}");
            assert!((0..10).any(|seconds| allowance.take(set_to + seconds)), "{set_to}");
        }
    }

    #[test]
    fn the_guide_on_security_has_the_same_figures() {
        let bound = format!("{FETCHES_AT_ONCE} at once, then one in {SECONDS_PER_FETCH} s");
        let waiting =
            format!("logins that wait for such a fetch | {MAX_WAITING} for each provider");
        for stated in [bound, waiting] {
            assert!(include_str!("../docs/security.md").contains(&stated), "{stated}");
        }
    }
}
