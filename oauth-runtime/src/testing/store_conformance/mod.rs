//! Tests of the requirements of a [`Store`].

mod atomicity;
mod contents;
mod expiry;
mod listing;
mod probe;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use self::probe::{Probe, Time};
use super::random::Random;
use crate::clock::Clock;
use crate::store::Store;
use crate::sync::future::BoxFuture;

/// Tests a store of your own: whether it preserves what it is given, loses no concurrent write,
/// expires records on time, and distinguishes keys and values of every kind.
///
/// The test writes some thousand records under keys of its own, and removes only those that it
/// takes. The others expire within an hour.
///
/// ```
/// use oauth_runtime::{Clock, UnixTime};
/// use oauth_runtime::store::MemoryStore;
/// use oauth_runtime::testing::StoreConformance;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let clock = Clock::manual(UnixTime::from_secs(1_000_000));
/// let store = MemoryStore::new(clock.clone());
/// StoreConformance::new(store).clock(clock).run().await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is tested until `run` is awaited"]
pub struct StoreConformance {
    store: Arc<dyn Store>,
    time: Time,
}

/// The requirements that a store violates. `Debug` prints the same text as `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct ConformanceError {
    violations: Vec<String>,
}

impl StoreConformance {
    /// Creates a test of this store.
    pub fn new(store: impl Store) -> Self {
        Self { store: Arc::new(store), time: Time::Passes }
    }

    /// Sets the manual clock of the store, which the test advances. By default, the test waits for
    /// real time, which takes some seconds.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.time = Time::Moved(clock);
        self
    }

    /// Runs all tests, and reports all violations.
    ///
    /// # Errors
    /// [`ConformanceError`] with every requirement that the store violates.
    pub async fn run(self) -> Result<(), ConformanceError> {
        let no_random = |_| ConformanceError {
            violations: vec!["the system provides no random numbers".to_owned()],
        };
        let prefix = Random::new().map_err(no_random)?.identifier();
        let probe = Probe { store: self.store, time: self.time, prefix };
        let duties: [(&str, BoxFuture<'_, probe::Outcome>); 10] = [
            ("preserve a record", Box::pin(contents::keeps_what_is_put(&probe))),
            ("preserve any value", Box::pin(contents::keeps_every_value(&probe))),
            ("distinguish all keys", Box::pin(contents::tells_all_keys_apart(&probe))),
            ("return a taken record once", Box::pin(atomicity::takes_once(&probe))),
            ("swap only the expected value", Box::pin(atomicity::swaps_over_the_expected(&probe))),
            ("let one writer create a record", Box::pin(atomicity::one_creates(&probe))),
            ("lose no write", Box::pin(atomicity::loses_no_write(&probe))),
            ("show no partial write", Box::pin(atomicity::shows_no_half_of_a_write(&probe))),
            ("expire records on time", Box::pin(expiry::forgets_on_time(&probe))),
            ("list all keys", Box::pin(listing::lists_what_is_there(&probe))),
        ];
        let mut violations = Vec::new();
        for (duty, check) in duties {
            if let Err(what) = check.await {
                violations.push(format!("a store must {duty}: {what}"));
            }
        }
        if violations.is_empty() { Ok(()) } else { Err(ConformanceError { violations }) }
    }
}

impl ConformanceError {
    /// The violations, one sentence each.
    pub fn violations(&self) -> &[String] {
        &self.violations
    }
}

impl fmt::Display for ConformanceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the store violates its requirements:")?;
        self.violations.iter().try_for_each(|what| write!(f, "\n  {what}"))
    }
}

impl fmt::Debug for ConformanceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ConformanceError {}

impl fmt::Debug for StoreConformance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreConformance").finish_non_exhaustive()
    }
}
