//! The right to refresh one grant, which one machine has at a time.
//!
//! A lease is a record of the store that ends by itself, so a machine that dies gives it up. Whoever
//! holds it makes it last while the work goes on, and gives it back when it is done. It does not
//! protect the tokens: that is what compare-and-swap on their own record is for. It keeps two
//! machines from presenting one refresh token.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::error::OAuthError;
use crate::shared::{Shared, Work};
use crate::store::{Key, Version};

/// After so long a machine that died is replaced.
const LIFETIME: Duration = Duration::from_secs(10);
/// Two renewals may fail before a lease is lost.
const RENEW_AFTER: Duration = Duration::from_secs(3);
/// How long the record of a lease that was given back is there still: as shortly as a store can.
const REMAINDER: Duration = Duration::from_secs(1);

const HELD: &[u8] = b"held";
const FREE: &[u8] = b"free";

/// A lease that is held. Dropped, it is given back.
pub(super) struct Lease {
    _work: oneshot::Sender<()>,
    /// The process should not end meanwhile.
    _under_way: Work,
}

impl Lease {
    /// Takes the lease if nobody has it.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    pub(super) async fn try_take(
        shared: &Arc<Shared>,
        name: &str,
    ) -> Result<Option<Self>, OAuthError> {
        let key = Key::new("lease", &[name]);
        let mut taken = shared.store.compare_and_swap(&key, None, &[HELD], LIFETIME).await?;
        if taken.is_none()
            && let Some(record) = shared.store.get(&key).await?
            && record.content() == FREE
        {
            let version = Some(record.version());
            taken = shared.store.compare_and_swap(&key, version, &[HELD], LIFETIME).await?;
        }
        let Some(version) = taken else { return Ok(None) };
        let (work, end_of_work) = oneshot::channel();
        let (under_way, holding) = (shared.refreshes.begin(), shared.refreshes.begin());
        let hold = hold(Arc::clone(shared), key, version, end_of_work);
        tokio::spawn(async move {
            hold.await;
            drop(holding);
        });
        Ok(Some(Self { _work: work, _under_way: under_way }))
    }
}

/// Renews the lease until the work ends, however it ends, and gives it back.
async fn hold(
    shared: Arc<Shared>,
    key: Key,
    mut version: Version,
    mut end_of_work: oneshot::Receiver<()>,
) {
    let swap = async |version: &Version, content, ttl| {
        shared.store.compare_and_swap(&key, Some(version), &[content], ttl).await
    };
    while timeout(RENEW_AFTER, &mut end_of_work).await.is_err() {
        match swap(&version, HELD, LIFETIME).await {
            Ok(Some(renewed)) => version = renewed,
            // It ended meanwhile; another machine may have it.
            Ok(None) => return,
            Err(error) => tracing::warn!(%error, "a lease could not be renewed"),
        }
    }
    // Unless that works the lease ends by itself.
    let _ = swap(&version, FREE, REMAINDER).await;
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lease")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::shared::tests::shared_with;
    use crate::store::MemoryStore;

    fn machines() -> (Arc<Shared>, Arc<Shared>, Clock) {
        let clock = Clock::manual(1_000);
        let store = MemoryStore::new(clock.clone());
        let machine = || Arc::new(shared_with(store.clone(), clock.clone()));
        (machine(), machine(), clock)
    }

    async fn given_back() {
        // The task that holds the lease has to hear of the end.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    #[tokio::test]
    async fn one_machine_has_it_until_it_gives_it_back() {
        let (one, other, _) = machines();
        let lease = Lease::try_take(&one, "g").await.unwrap().expect("free");
        assert!(Lease::try_take(&other, "g").await.unwrap().is_none());
        assert!(Lease::try_take(&one, "g").await.unwrap().is_none(), "nor the same twice");
        assert!(Lease::try_take(&other, "another grant").await.unwrap().is_some());
        drop(lease);
        given_back().await;
        assert!(Lease::try_take(&other, "g").await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_machine_that_died_is_replaced_and_cannot_take_the_lease_back() {
        let (one, other, clock) = machines();
        let lease = Lease::try_take(&one, "g").await.unwrap().expect("free");
        clock.advance(LIFETIME.as_secs());
        let next = Lease::try_take(&other, "g").await.unwrap().expect("its time is over");
        drop(lease);
        given_back().await;
        assert!(Lease::try_take(&one, "g").await.unwrap().is_none(), "it is not his to give back");
        drop(next);
    }

    #[tokio::test(start_paused = true)]
    async fn it_lasts_while_the_work_goes_on() {
        let (one, other, clock) = machines();
        let _lease = Lease::try_take(&one, "g").await.unwrap().expect("free");
        for _ in 0..20 {
            tokio::time::sleep(RENEW_AFTER + Duration::from_millis(1)).await;
            clock.advance(RENEW_AFTER.as_secs());
            assert!(Lease::try_take(&other, "g").await.unwrap().is_none());
        }
    }
}
