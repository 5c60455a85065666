//! Kept tokens that are refreshed though nobody uses them, so that no grant ends for want of use.

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

/// A day: often enough for refresh tokens that end after a week without use.
const OLDER_THAN: Duration = Duration::from_secs(86_400);
const REFRESH_INTERVAL: Duration = Duration::from_secs(3600);
const CONCURRENCY: usize = 4;

/// Refreshes kept tokens (`keep_tokens`) that nobody has used for a while: most providers end a grant
/// whose refresh token lies idle for some days or months. It is not needed for anything else, for what
/// is used is refreshed by its use.
///
/// [`start`](Self::start) begins a task that makes a round each hour; on several machines with one store
/// one of them makes it. [`run_once`](Self::run_once) makes one round, for those who have a scheduler.
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
/// A round reads every kept grant, and refreshes those whose token is older than a day. They are not
/// all refreshed at once: at most four at a time, and each at an age of its own, up to a tenth younger.
/// It needs a store that can [list](crate::store::Store::list) its records, as all of this library can,
/// and it does not see what [token hooks](crate::TokenHooks) keep.
#[derive(Clone)]
#[must_use = "nothing is refreshed until it is started"]
pub struct TokenRefresher {
    shared: Arc<Shared>,
    every: Duration,
    older_than: Duration,
    concurrency: usize,
}

/// What a round came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefreshRound {
    /// Whether another machine has made this round: then nothing was looked at.
    pub skipped: bool,
    /// Grants that were looked at.
    pub seen: u64,
    /// Grants that were refreshed.
    pub refreshed: u64,
    /// Grants that could not be refreshed: the provider has ended them, or could not be reached.
    pub failed: u64,
}

impl TokenRefresher {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, every: REFRESH_INTERVAL, older_than: OLDER_THAN, concurrency: CONCURRENCY }
    }

    /// How long from one round to the next, more or less a tenth. Default: one hour. At least one
    /// second.
    pub fn every(mut self, interval: Duration) -> Self {
        self.every = interval.max(Duration::from_secs(1));
        self
    }

    /// Age of a token from which it is refreshed. Default: one day.
    pub fn older_than(mut self, age: Duration) -> Self {
        self.older_than = age;
        self
    }

    /// How many are refreshed at the same time at most. Default: 4. At least one.
    pub fn concurrency(mut self, most: usize) -> Self {
        self.concurrency = most.max(1);
        self
    }

    /// Makes rounds until the result is dropped, in a task of its own. What a round has begun to
    /// refresh when it is stopped is finished, for half a refresh would lose a token. It refreshes
    /// what the registry's clients have while there are such clients.
    ///
    /// # Panics
    /// Outside of a Tokio runtime.
    #[must_use = "it stops when this is dropped"]
    pub fn start(self) -> RunningRefresher {
        RunningRefresher(tokio::spawn(async move {
            loop {
                sleep(self.pause()).await;
                match self.run_once().await {
                    Ok(round) if round.skipped => {}
                    Ok(round) => tracing::info!(?round, "kept tokens were looked through"),
                    Err(error) => {
                        tracing::warn!(%error, "kept tokens could not be looked through");
                    }
                }
            }
        }))
    }

    /// Makes one round, unless another machine made it less than the [interval](Self::every) ago.
    ///
    /// # Errors
    /// [`OAuthError::Store`]: [`CannotList`](crate::error::StoreError::CannotList) when the back end cannot
    /// tell which records it has. A grant that cannot be refreshed is counted, and no error.
    pub async fn run_once(&self) -> Result<RefreshRound, OAuthError> {
        let mut round = RefreshRound::default();
        let store = &self.shared.store;
        // It lasts until shortly before the next one, so that rounds are not skipped for seconds.
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
                    // Whoever comes next may make it.
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

    /// The age at which one grant is refreshed, in seconds. Many were begun in the same minute; they
    /// shall not be refreshed in the same minute for ever.
    fn age_of(&self, key: &str) -> u64 {
        let age = self.older_than.as_secs();
        let spread = key.bytes().fold(0_u64, |hash, byte| hash.wrapping_mul(31) + u64::from(byte));
        age - spread % (age / 10 + 1)
    }

    /// Until the next round. Machines that were started together do not stay together.
    fn pause(&self) -> Duration {
        let [random] = random::bytes::<1>().unwrap_or([128]);
        let tenth = self.every / 10;
        self.every - tenth + tenth * 2 * u32::from(random) / 255
    }
}

impl RefreshRound {
    /// `None` stands for a panic.
    fn count(&mut self, outcome: Option<Refreshed>) {
        self.seen += 1;
        match outcome {
            Some(Refreshed::Yes) => self.refreshed += 1,
            Some(Refreshed::No) => {}
            Some(Refreshed::Failed) | None => self.failed += 1,
        }
    }
}

/// A refresher at work. It stops when this is dropped.
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
        // An age of nothing is possible.
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
