//! Background refresh of stored tokens, so that unused grants do not expire.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

use crate::crypto::random;
use crate::deployment::{Refreshed, Shared};
use crate::error::OAuthError;
use crate::store::Key;
use crate::text::opaque_debug;

/// One day: often enough for refresh tokens that expire after a week without use.
const OLDER_THAN: Duration = Duration::from_secs(86_400);
const REFRESH_INTERVAL: Duration = Duration::from_secs(3600);
const CONCURRENCY: usize = 4;

/// Refreshes stored tokens (`keep_tokens`) that have not been used for a while: most providers end
/// a grant whose refresh token is idle for some days or months. Tokens in use do not need it: they
/// are refreshed when they are used.
///
/// [`start`](Self::start) spawns a task that makes a round each hour. If several instances share a
/// store, one of them makes the round. [`run_once`](Self::run_once) makes one round, for
/// applications with a scheduler of their own.
///
/// ```no_run
/// use std::time::Duration;
/// use oauth_runtime::prelude::*;
/// # #[derive(OAuthProvider)]
/// # #[oauth_provider(name = "github", preset = "github", scopes("repo"), keep_tokens)]
/// # struct GitHub;
/// # #[derive(Clone, OAuthRegistry)]
/// # struct Providers { github: Client<GitHub> }
/// # async fn start() -> Result<(), Box<dyn std::error::Error>> {
/// let oauth = Providers::from_env()?;
/// let week = Duration::from_secs(7 * 86_400);
/// let refreshing = oauth.token_refresher().older_than(week).start();
/// // … the server runs; the refresher stops when `refreshing` is dropped.
/// # drop(refreshing);
/// # Ok(())
/// # }
/// ```
///
/// A round reads every stored grant and refreshes those whose token is older than a day. It spreads
/// the refreshes: at most four run at a time, and each grant has its own age limit, up to a tenth
/// lower. It needs a store that can [list](crate::store::Store::list) its records, as all stores of
/// this library can, and it does not see the tokens of [token hooks](crate::TokenHooks).
#[derive(Clone)]
#[must_use = "nothing is refreshed until it is started"]
pub struct TokenRefresher {
    shared: Arc<Shared>,
    every: Duration,
    older_than: Duration,
    concurrency: usize,
}

/// The result of one round.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefreshRound {
    /// Whether another instance has made this round. Then no grant was checked.
    pub skipped: bool,
    /// Number of grants that were checked.
    pub seen: u64,
    /// Number of grants that were refreshed.
    pub refreshed: u64,
    /// Number of grants that could not be refreshed: the provider has ended them or could not be
    /// reached.
    pub failed: u64,
}

impl TokenRefresher {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, every: REFRESH_INTERVAL, older_than: OLDER_THAN, concurrency: CONCURRENCY }
    }

    /// Sets the time between two rounds, which varies by up to a tenth. Default: one hour. Minimum:
    /// one second.
    pub fn every(mut self, interval: Duration) -> Self {
        self.every = interval.max(Duration::from_secs(1));
        self
    }

    /// Sets the minimum age of a token for a refresh. Default: one day.
    pub fn older_than(mut self, age: Duration) -> Self {
        self.older_than = age;
        self
    }

    /// Sets the maximum number of concurrent refreshes. Default: 4. Minimum: one.
    pub fn concurrency(mut self, most: usize) -> Self {
        self.concurrency = most.max(1);
        self
    }

    /// Spawns a task that makes rounds until the result is dropped. Refreshes that are running by
    /// then are finished, because an aborted refresh could lose a token. The task refreshes tokens
    /// as long as the registry's clients exist.
    ///
    /// # Panics
    /// When called outside a Tokio runtime.
    #[must_use = "it stops when this is dropped"]
    pub fn start(self) -> RunningRefresher {
        RunningRefresher(tokio::spawn(async move {
            loop {
                sleep(self.pause()).await;
                match self.run_once().await {
                    Ok(round) if round.skipped => {}
                    Ok(round) => tracing::info!(?round, "token refresh round finished"),
                    Err(error) => {
                        tracing::warn!(%error, "token refresh round failed");
                    }
                }
            }
        }))
    }

    /// Makes one round, unless another instance made it less than the [interval](Self::every) ago.
    ///
    /// # Errors
    /// [`OAuthError::Store`]: [`CannotList`](crate::error::StoreError::CannotList) when the back
    /// end cannot list its records. A grant that cannot be refreshed is counted and is not an
    /// error.
    pub async fn run_once(&self) -> Result<RefreshRound, OAuthError> {
        let mut round = RefreshRound::default();
        let store = &self.shared.store;
        // The lock expires shortly before the next round, so that a round is not skipped over
        // seconds.
        let key = Key::new("round", &[&self.shared.realm]);
        let lasts = self.every - self.every / 5;
        if store.compare_and_swap(&key, None, &[], lasts).await?.is_none() {
            return Ok(RefreshRound { skipped: true, ..round });
        }
        let mut working = JoinSet::new();
        let mut from = None;
        loop {
            let page = match store.list(from.as_deref()).await {
                Ok(page) => page,
                Err(error) => {
                    // Another instance may make the round.
                    store.remove(&key).await?;
                    return Err(error);
                }
            };
            for key in page.keys {
                let Some(work) = self.shared.refresh_kept(&key, self.age_of(&key)) else {
                    continue;
                };
                while working.len() >= self.concurrency {
                    round.count(working.join_next().await.and_then(Result::ok));
                }
                working.spawn(work);
            }
            from = page.next;
            if from.is_none() {
                break;
            }
        }
        while !working.is_empty() {
            round.count(working.join_next().await.and_then(Result::ok));
        }
        Ok(round)
    }

    /// The age at which one grant is refreshed, in seconds. Grants that were obtained in the same
    /// minute are spread, so that they are not always refreshed in the same minute.
    fn age_of(&self, key: &str) -> u64 {
        let age = self.older_than.as_secs();
        let spread = key.bytes().fold(0_u64, |hash, byte| hash.wrapping_mul(31) + u64::from(byte));
        age - spread % (age / 10 + 1)
    }

    /// The pause before the next round. Instances that were started together drift apart.
    fn pause(&self) -> Duration {
        let [random] = random::bytes::<1>().unwrap_or([128]);
        let tenth = self.every / 10;
        self.every - tenth + tenth * 2 * u32::from(random) / 255
    }
}

impl RefreshRound {
    /// `None` means a panic.
    fn count(&mut self, outcome: Option<Refreshed>) {
        self.seen += 1;
        match outcome {
            Some(Refreshed::Yes) => self.refreshed += 1,
            Some(Refreshed::No) => {}
            Some(Refreshed::Failed) | None => self.failed += 1,
        }
    }
}

/// A running refresher. It stops on drop.
pub struct RunningRefresher(JoinHandle<()>);

impl Drop for RunningRefresher {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl fmt::Debug for TokenRefresher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRefresher")
            .field("every", &self.every)
            .field("older_than", &self.older_than)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}

opaque_debug!(RunningRefresher);

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::clock::{Clock, UnixTime};
    use crate::deployment::tests::shared_with;
    use crate::store::MemoryStore;

    fn refresher() -> TokenRefresher {
        let clock = Clock::manual(UnixTime::from_secs(1_000));
        let shared = shared_with(MemoryStore::new(clock.clone()), clock);
        TokenRefresher::new(Arc::new(shared))
    }

    #[test]
    fn grants_of_one_moment_are_refreshed_apart() {
        let refresher = refresher().older_than(Duration::from_secs(10_000));
        let ages: HashSet<_> =
            (0..1_000).map(|number| refresher.age_of(&format!("kept:hub:{number}"))).collect();
        assert!(ages.iter().all(|age| (9_000..=10_000).contains(age)), "{ages:?}");
        assert!(ages.len() > 400, "{}", ages.len());
        assert_eq!(refresher.age_of("kept:hub:1"), refresher.age_of("kept:hub:1"));
        // An age of zero is possible.
        assert_eq!(refresher.older_than(Duration::ZERO).age_of("kept:hub:1"), 0);
    }

    #[test]
    fn processes_started_together_drift_apart() {
        let refresher = refresher().every(Duration::from_secs(3600));
        let pauses: HashSet<_> = (0..100).map(|_| refresher.pause()).collect();
        let bounds = Duration::from_secs(3240)..=Duration::from_secs(3960);
        assert!(pauses.iter().all(|pause| bounds.contains(pause)), "{pauses:?}");
        assert!(pauses.len() > 10);
    }
}
