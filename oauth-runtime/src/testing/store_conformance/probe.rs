//! A store under test, and assertions about it.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::store::Store;
use crate::text::shown;

/// The violation, if any.
pub(super) type Outcome = Result<(), String>;

/// Long enough that nothing expires during the test.
pub(super) const HOUR: Duration = Duration::from_secs(3600);

/// The source of time.
#[derive(Clone)]
pub(super) enum Time {
    /// Real time.
    Passes,
    /// A manual clock.
    Moved(Clock),
}

#[derive(Clone)]
pub(super) struct Probe {
    pub(super) store: Arc<dyn Store>,
    pub(super) time: Time,
    /// Separates the keys of one test from all others.
    pub(super) prefix: String,
}

impl Probe {
    pub(super) fn key(&self, name: &str) -> String {
        format!("{}:{name}", self.prefix)
    }

    pub(super) async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, String> {
        self.store.get(key).await.map_err(|error| format!("`get` failed: {error}"))
    }

    pub(super) async fn put(&self, key: &str, value: &[u8], ttl: Duration) -> Outcome {
        let put = self.store.put(key, value.to_vec(), ttl).await;
        put.map_err(|error| format!("`put` failed: {error}"))
    }

    pub(super) async fn take(&self, key: &str) -> Result<Option<Vec<u8>>, String> {
        self.store.take(key).await.map_err(|error| format!("`take` failed: {error}"))
    }

    pub(super) async fn swap(
        &self,
        key: &str,
        old: Option<&[u8]>,
        new: &[u8],
        ttl: Duration,
    ) -> Result<bool, String> {
        let swapped = self.store.compare_and_swap(key, old, new.to_vec(), ttl).await;
        swapped.map_err(|error| format!("`compare_and_swap` failed: {error}"))
    }

    /// Requires that the record has this value, or that it does not exist.
    pub(super) async fn expect(&self, key: &str, value: Option<&[u8]>, when: &str) -> Outcome {
        let found = self.get(key).await?;
        demand(found.as_deref() == value, || {
            format!("{when} `get` gives {}, not {}", display(found.as_deref()), display(value))
        })
    }

    /// Requires that the swap is made, or that it is not made.
    pub(super) async fn expect_swap(
        &self,
        key: &str,
        old: Option<&[u8]>,
        is_made: bool,
        when: &str,
    ) -> Outcome {
        let swapped = self.swap(key, old, b"swapped", HOUR).await?;
        demand(swapped == is_made, || {
            format!("{when} `compare_and_swap` over {} answers {swapped}", display(old))
        })
    }

    /// Runs `task` a hundred times concurrently.
    pub(super) async fn hundred<T, F>(
        &self,
        task: impl Fn(Self, u32) -> F,
    ) -> Result<Vec<T>, String>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, String>> + Send + 'static,
    {
        let mut tasks = JoinSet::new();
        for number in 0..100 {
            tasks.spawn(task(self.clone(), number));
        }
        let mut results = Vec::new();
        while let Some(result) = tasks.join_next().await {
            results.push(result.map_err(|error| format!("an operation panicked: {error}"))??);
        }
        Ok(results)
    }

    pub(super) async fn pass(&self, seconds: u64) {
        match &self.time {
            Time::Passes => tokio::time::sleep(Duration::from_secs(seconds)).await,
            Time::Moved(clock) => clock.advance(seconds),
        }
    }
}

pub(super) fn demand(is_met: bool, otherwise: impl FnOnce() -> String) -> Outcome {
    if is_met { Ok(()) } else { Err(otherwise()) }
}

fn display(value: Option<&[u8]>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(bytes) if bytes.len() > 100 => format!("{} bytes", bytes.len()),
        Some(bytes) => format!("`{}`", shown(&String::from_utf8_lossy(bytes), 100)),
    }
}
