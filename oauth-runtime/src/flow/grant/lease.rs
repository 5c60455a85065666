//! The right to refresh one grant, which one instance holds at a time.
//!
//! A lease is a record in the store that expires by itself, so an instance that dies loses it. Its
//! holder renews it during the work and releases it afterwards. It does not protect the tokens:
//! compare-and-swap on their own record does that. It keeps two instances from presenting one
//! refresh token.
//!
//! An instance that was paused notices it by its steady clock. If that clock was paused too (a
//! virtual machine), the instance notices it by the record.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, oneshot};
use tokio::time::timeout;

use crate::clock::Clock;
use crate::deployment::{Shared, Work};
use crate::error::OAuthError;
use crate::store::{Key, Version};
use crate::text::opaque_debug;

/// Time after which an instance that died is replaced.
const LIFETIME: Duration = Duration::from_secs(10);
/// Two renewals may fail before a lease is lost.
const RENEW_AFTER: Duration = Duration::from_secs(3);
/// Minimum time left on a lease when a refresh token is presented: the request takes time to
/// arrive.
const LEFT_TO_PRESENT: Duration = Duration::from_secs(2);
/// Lifetime of the record of a released lease: the shortest that a store supports.
const REMAINDER: Duration = Duration::from_secs(1);

const HELD: &[u8] = b"held";
const FREE: &[u8] = b"free";

/// A lease that is held. It is released on drop.
pub(super) struct Lease {
    held: Arc<Held>,
    _work: oneshot::Sender<()>,
    /// Keeps the process from ending before the work is done.
    _under_way: Work,
}

/// The record of a lease, shared by the holder and the task that renews it.
struct Held {
    shared: Arc<Shared>,
    key: Key,
    /// The record as it was last written; `None` once it is lost.
    version: Mutex<Option<Version>>,
    last_written: LastWritten,
}

/// When a lease was last written, by two clocks: the steady clock may stop while a virtual machine
/// is paused, and the time of day may be set back.
struct LastWritten {
    /// [`Clock::elapsed`](crate::clock::Clock::elapsed), in seconds.
    elapsed: AtomicU64,
    /// [`Clock::steady_micros`](crate::clock::Clock::steady_micros).
    micros: AtomicU64,
}

impl Lease {
    /// Takes the lease if no instance has it.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    pub(super) async fn try_take(
        shared: &Arc<Shared>,
        name: &str,
    ) -> Result<Option<Self>, OAuthError> {
        let key = Key::new("lease", &[name]);
        let mut written = LastWritten::now(&shared.clock);
        let mut taken = shared.store.compare_and_swap(&key, None, &[HELD], LIFETIME).await?;
        if taken.is_none()
            && let Some(record) = shared.store.get(&key).await?
            && record.content() == FREE
        {
            let version = Some(record.version());
            written = LastWritten::now(&shared.clock);
            taken = shared.store.compare_and_swap(&key, version, &[HELD], LIFETIME).await?;
        }
        let Some(version) = taken else { return Ok(None) };
        let held = Arc::new(Held {
            shared: Arc::clone(shared),
            key,
            version: Mutex::new(Some(version)),
            last_written: written,
        });
        let (work, end_of_work) = oneshot::channel();
        let (under_way, holding) = (shared.refreshes.begin(), shared.refreshes.begin());
        let hold = hold(Arc::clone(&held), end_of_work);
        tokio::spawn(async move {
            hold.await;
            drop(holding);
        });
        Ok(Some(Self { held, _work: work, _under_way: under_way }))
    }

    /// Whether an instance holds the lease, as far as the store can tell.
    pub(super) async fn is_taken(shared: &Shared, name: &str) -> bool {
        match shared.store.get(&Key::new("lease", &[name])).await {
            Ok(record) => record.is_some_and(|record| record.content() == HELD),
            Err(_) => true,
        }
    }

    /// Whether the lease is still held, with time left to present a refresh token.
    ///
    /// It is checked right before each presentation: an instance that was paused has lost the
    /// lease, and another one has since used the refresh token. If the store does not respond, an
    /// unexpired lease is kept.
    pub(super) async fn is_held(&self) -> bool {
        self.held.is_in_time() && self.held.is_recorded().await && self.held.is_in_time()
    }
}

impl Held {
    fn is_in_time(&self) -> bool {
        let age = self.last_written.age(&self.shared.clock);
        age.saturating_add(LEFT_TO_PRESENT) < LIFETIME
    }

    /// Whether the record is the one that was last written, as far as the store can tell.
    async fn is_recorded(&self) -> bool {
        let version = self.version.lock().await;
        let Some(version) = &*version else { return false };
        match self.shared.store.get(&self.key).await {
            Ok(Some(record)) => record.version() == version,
            Ok(None) => false,
            Err(error) => {
                tracing::warn!(%error, "failed to check a lease");
                true
            }
        }
    }

    /// Extends the lease. Returns whether it is still held.
    async fn renew(&self) -> bool {
        let mut version = self.version.lock().await;
        let Some(current) = &*version else { return false };
        let written = LastWritten::now(&self.shared.clock);
        let store = &self.shared.store;
        match store.compare_and_swap(&self.key, Some(current), &[HELD], LIFETIME).await {
            Ok(Some(renewed)) => {
                *version = Some(renewed);
                self.last_written.replace(&written);
            }
            // It has expired, and another instance may hold it.
            Ok(None) => *version = None,
            Err(error) => tracing::warn!(%error, "failed to renew a lease"),
        }
        version.is_some()
    }

    async fn give_back(&self) {
        if let Some(version) = &*self.version.lock().await {
            let store = &self.shared.store;
            // If this fails, the lease expires by itself.
            let _ = store.compare_and_swap(&self.key, Some(version), &[FREE], REMAINDER).await;
        }
    }
}

impl LastWritten {
    fn now(clock: &Clock) -> Self {
        let (elapsed, micros) = (clock.elapsed().into(), clock.steady_micros().into());
        Self { elapsed, micros }
    }

    fn replace(&self, other: &Self) {
        for (own, other) in [(&self.elapsed, &other.elapsed), (&self.micros, &other.micros)] {
            own.store(other.load(Ordering::Acquire), Ordering::Release);
        }
    }

    /// The age by the clock that has advanced further.
    fn age(&self, clock: &Clock) -> Duration {
        let elapsed = clock.elapsed().saturating_sub(self.elapsed.load(Ordering::Acquire));
        let micros = clock.steady_micros().saturating_sub(self.micros.load(Ordering::Acquire));
        Duration::from_secs(elapsed).max(Duration::from_micros(micros))
    }
}

/// Renews the lease until the work ends, in whatever way, and releases it.
async fn hold(held: Arc<Held>, mut end_of_work: oneshot::Receiver<()>) {
    while timeout(RENEW_AFTER, &mut end_of_work).await.is_err() {
        if !held.renew().await {
            return;
        }
    }
    held.give_back().await;
}

opaque_debug!(Lease);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::UnixTime;
    use crate::deployment::tests::shared_with;
    use crate::store::MemoryStore;

    fn instances() -> (Arc<Shared>, Arc<Shared>, Clock) {
        let clock = Clock::manual(UnixTime::from_secs(1_000));
        let store = MemoryStore::new(clock.clone());
        let machine = || Arc::new(shared_with(store.clone(), clock.clone()));
        (machine(), machine(), clock)
    }

    async fn given_back() {
        // The task that holds the lease has to learn of the end.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    #[tokio::test]
    async fn one_instance_holds_it_until_release() {
        let (one, other, _) = instances();
        let lease = Lease::try_take(&one, "g").await.unwrap().expect("free");
        assert!(Lease::try_take(&other, "g").await.unwrap().is_none());
        assert!(
            Lease::try_take(&one, "g").await.unwrap().is_none(),
            "nor twice by the same instance"
        );
        assert!(Lease::try_take(&other, "another grant").await.unwrap().is_some());
        drop(lease);
        given_back().await;
        assert!(Lease::try_take(&other, "g").await.unwrap().is_some());
    }

    #[tokio::test]
    async fn expired_lease_is_taken_over_for_good() {
        let (one, other, clock) = instances();
        let lease = Lease::try_take(&one, "g").await.unwrap().expect("free");
        clock.advance(LIFETIME.as_secs());
        let next = Lease::try_take(&other, "g").await.unwrap().expect("it has expired");
        drop(lease);
        given_back().await;
        assert!(
            Lease::try_take(&one, "g").await.unwrap().is_none(),
            "the first instance no longer holds it"
        );
        drop(next);
    }

    #[tokio::test]
    async fn paused_instance_finds_its_lease_lost() {
        let (one, other, clock) = instances();
        let lease = Lease::try_take(&one, "g").await.unwrap().expect("free");
        assert!(lease.is_held().await);
        clock.advance((LIFETIME - LEFT_TO_PRESENT).as_secs());
        assert!(!lease.is_held().await, "a request would not arrive in time");
        clock.advance(LEFT_TO_PRESENT.as_secs());
        let next = Lease::try_take(&other, "g").await.unwrap().expect("it has expired");
        assert!(!lease.is_held().await);
        assert!(next.is_held().await);
    }

    /// A virtual machine whose clocks were stopped as well.
    #[tokio::test]
    async fn lease_of_another_instance_is_seen_without_a_clock() {
        let (one, other, _) = instances();
        let lease = Lease::try_take(&one, "g").await.unwrap().expect("free");
        one.store.remove(&Key::new("lease", &["g"])).await.unwrap();
        assert!(!lease.is_held().await, "no instance holds it");
        let next = Lease::try_take(&other, "g").await.unwrap().expect("free");
        assert!(!lease.is_held().await && next.is_held().await);
    }

    #[tokio::test(start_paused = true)]
    async fn renewed_lease_is_held() {
        let (one, _, clock) = instances();
        let lease = Lease::try_take(&one, "g").await.unwrap().expect("free");
        for _ in 0..20 {
            tokio::time::sleep(RENEW_AFTER + Duration::from_millis(1)).await;
            clock.advance(RENEW_AFTER.as_secs());
            assert!(lease.is_held().await);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_lasts_while_the_work_goes_on() {
        let (one, other, clock) = instances();
        let _lease = Lease::try_take(&one, "g").await.unwrap().expect("free");
        for _ in 0..20 {
            tokio::time::sleep(RENEW_AFTER + Duration::from_millis(1)).await;
            clock.advance(RENEW_AFTER.as_secs());
            assert!(Lease::try_take(&other, "g").await.unwrap().is_none());
        }
    }
}
