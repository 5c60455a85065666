//! The duties of a [`Store`], tried one by one on a store of any kind.

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

/// Tries a store of your own: whether it keeps what it is given, loses no write of a hundred writers,
/// forgets on time, and tells keys and values of every kind apart.
///
/// It writes some thousand records under keys of its own, and removes none but those that it takes:
/// they end by themselves within an hour.
///
/// ```
/// use oauth_runtime::Clock;
/// use oauth_runtime::store::MemoryStore;
/// use oauth_runtime::testing::StoreConformance;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let clock = Clock::manual(1_000_000);
/// let store = MemoryStore::new(clock.clone());
/// StoreConformance::new(store).clock(clock).run().await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is tried before `run` is awaited"]
pub struct StoreConformance {
    store: Arc<dyn Store>,
    time: Time,
}

/// Which duties a store does not do; `Debug` prints the same text as `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct ConformanceError {
    violations: Vec<String>,
}

impl StoreConformance {
    /// Will try this store.
    pub fn new(store: impl Store) -> Self {
        Self { store: Arc::new(store), time: Time::Passes }
    }

    /// The store takes the time from this manual clock, which is moved on. Default: the time passes,
    /// which takes some seconds.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.time = Time::Moved(clock);
        self
    }

    /// Tries everything, and reports all that is wrong.
    ///
    /// # Errors
    /// [`ConformanceError`] with every duty that the store does not do.
    pub async fn run(self) -> Result<(), ConformanceError> {
        let no_random = |_| ConformanceError { violations: vec!["no random numbers".to_owned()] };
        let prefix = Random::new().map_err(no_random)?.identifier();
        let probe = Probe { store: self.store, time: self.time, prefix };
        let duties: [(&str, BoxFuture<'_, probe::Outcome>); 10] = [
            ("keep what is put", Box::pin(contents::keeps_what_is_put(&probe))),
            ("keep every value", Box::pin(contents::keeps_every_value(&probe))),
            ("tell all keys apart", Box::pin(contents::tells_all_keys_apart(&probe))),
            ("take once", Box::pin(atomicity::takes_once(&probe))),
            ("swap over the expected value", Box::pin(atomicity::swaps_over_the_expected(&probe))),
            ("let one create a record", Box::pin(atomicity::one_creates(&probe))),
            ("lose no write", Box::pin(atomicity::loses_no_write(&probe))),
            ("show no half of a write", Box::pin(atomicity::shows_no_half_of_a_write(&probe))),
            ("forget on time", Box::pin(expiry::forgets_on_time(&probe))),
            ("list what is there", Box::pin(listing::lists_what_is_there(&probe))),
        ];
        let mut violations = Vec::new();
        for (duty, check) in duties {
            if let Err(what) = check.await {
                violations.push(format!("a store has to {duty}: {what}"));
            }
        }
        if violations.is_empty() { Ok(()) } else { Err(ConformanceError { violations }) }
    }
}

impl ConformanceError {
    /// What is wrong, a sentence each.
    pub fn violations(&self) -> &[String] {
        &self.violations
    }
}

impl fmt::Display for ConformanceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the store does not do its duties:")?;
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
