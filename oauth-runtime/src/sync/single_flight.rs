//! One attempt at a time, in its own task. All waiting callers get its result.
//!
//! A request that is cancelled does not end the attempt, and a hundred requests that arrive while
//! the provider hangs wait for one deadline, not for a hundred.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::watch;

use crate::sync::future::BoxFuture;
use crate::sync::lock::Mutex;
use crate::text::opaque_debug;

/// A task ended without a result: the HTTP client, the store or a hook that it called panicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TaskPanicked;

type Outcome<T, E> = Option<Result<T, E>>;

/// Runs one attempt for all callers that arrive during it.
pub(crate) struct SingleFlight<T, E>(Mutex<Option<watch::Receiver<Outcome<T, E>>>>);

impl<T, E> SingleFlight<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + From<TaskPanicked> + Send + Sync + 'static,
{
    /// Returns the result of the attempt that is under way, or of `attempt`.
    ///
    /// # Errors
    /// The error of the attempt.
    pub(crate) async fn run<'f>(
        &self,
        attempt: impl FnOnce() -> BoxFuture<'static, Result<T, E>> + 'f,
    ) -> Result<T, E> {
        result_of(self.join_or_start(attempt)).await
    }

    /// Returns the result of the attempt that is under way, the error from `refusal`, or the result
    /// of `attempt`. No other attempt can end between the call of `refusal` and the start.
    ///
    /// # Errors
    /// The error of the attempt, or the refusal.
    pub(crate) async fn run_unless<'f>(
        &self,
        refusal: impl FnOnce() -> Option<E>,
        attempt: impl FnOnce() -> BoxFuture<'static, Result<T, E>> + 'f,
    ) -> Result<T, E> {
        result_of(self.join_or_start_unless(refusal, attempt)?).await
    }

    /// Starts `attempt` unless one is under way, and does not wait for it.
    pub(crate) fn start<'f>(
        &self,
        attempt: impl FnOnce() -> BoxFuture<'static, Result<T, E>> + 'f,
    ) {
        self.join_or_start(attempt);
    }

    /// Whether an attempt is under way.
    pub(crate) fn is_running(&self) -> bool {
        let current = self.0.lock();
        current.as_ref().is_some_and(is_under_way)
    }

    fn join_or_start<'f>(
        &self,
        attempt: impl FnOnce() -> BoxFuture<'static, Result<T, E>> + 'f,
    ) -> watch::Receiver<Outcome<T, E>> {
        let mut current = self.0.lock();
        match current.as_ref().filter(|outcome| is_under_way(outcome)) {
            Some(outcome) => outcome.clone(),
            None => current.insert(start(attempt())).clone(),
        }
    }

    fn join_or_start_unless<'f>(
        &self,
        refusal: impl FnOnce() -> Option<E>,
        attempt: impl FnOnce() -> BoxFuture<'static, Result<T, E>> + 'f,
    ) -> Result<watch::Receiver<Outcome<T, E>>, E> {
        let mut current = self.0.lock();
        if let Some(outcome) = current.as_ref().filter(|outcome| is_under_way(outcome)) {
            return Ok(outcome.clone());
        }
        match refusal() {
            Some(error) => Err(error),
            None => Ok(current.insert(start(attempt())).clone()),
        }
    }
}

/// Runs an attempt in its own task.
fn start<T: Send + Sync + 'static, E: Send + Sync + 'static>(
    attempt: BoxFuture<'static, Result<T, E>>,
) -> watch::Receiver<Outcome<T, E>> {
    let (sender, outcome) = watch::channel(None);
    tokio::spawn(async move {
        let result = attempt.await;
        // All waiting callers may be gone.
        sender.send_replace(Some(result));
    });
    outcome
}

/// [`SingleFlight`] for many keys at once. It holds only the attempts that are under way.
pub(crate) struct KeyedFlights<T, E>(Arc<Mutex<Flights<T, E>>>);

type Flights<T, E> = HashMap<Arc<str>, watch::Receiver<Outcome<T, E>>>;

impl<T, E> KeyedFlights<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + From<TaskPanicked> + Send + Sync + 'static,
{
    /// Returns the result of the attempt for `key` that is under way, or of `attempt`.
    ///
    /// # Errors
    /// The error of the attempt.
    pub(crate) async fn run<'f>(
        &self,
        key: &Arc<str>,
        attempt: impl FnOnce() -> BoxFuture<'static, Result<T, E>> + 'f,
    ) -> Result<T, E> {
        result_of(self.join_or_start(key, attempt)).await
    }

    /// Starts `attempt` unless one for `key` is under way, and does not wait for it.
    pub(crate) fn start<'f>(
        &self,
        key: &Arc<str>,
        attempt: impl FnOnce() -> BoxFuture<'static, Result<T, E>> + 'f,
    ) {
        self.join_or_start(key, attempt);
    }

    fn join_or_start<'f>(
        &self,
        key: &Arc<str>,
        attempt: impl FnOnce() -> BoxFuture<'static, Result<T, E>> + 'f,
    ) -> watch::Receiver<Outcome<T, E>> {
        let mut flights = self.0.lock();
        if let Some(outcome) = flights.get(key) {
            return outcome.clone();
        }
        let (sender, outcome) = watch::channel(None);
        flights.insert(Arc::clone(key), outcome.clone());
        let landing = Landing { flights: Arc::clone(&self.0), key: Arc::clone(key) };
        let attempt = attempt();
        tokio::spawn(async move {
            let landing = landing;
            let result = attempt.await;
            // From here on a caller starts a new attempt, which finds the results of this one.
            drop(landing);
            sender.send_replace(Some(result));
        });
        outcome
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.0.lock().len()
    }
}

/// Removes an attempt from the map when it ends, even by a panic.
struct Landing<T, E> {
    flights: Arc<Mutex<Flights<T, E>>>,
    key: Arc<str>,
}

impl<T, E> Drop for Landing<T, E> {
    fn drop(&mut self) {
        self.flights.lock().remove(&self.key);
    }
}

async fn result_of<T: Clone, E: Clone + From<TaskPanicked>>(
    mut outcome: watch::Receiver<Outcome<T, E>>,
) -> Result<T, E> {
    match outcome.wait_for(Option::is_some).await.as_deref() {
        Ok(Some(result)) => result.clone(),
        _ => Err(TaskPanicked.into()),
    }
}

fn is_under_way<T, E>(outcome: &watch::Receiver<Outcome<T, E>>) -> bool {
    // A closed channel without a result: the task panicked.
    outcome.borrow().is_none() && outcome.has_changed().is_ok()
}

impl<T, E> Default for SingleFlight<T, E> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

opaque_debug!(SingleFlight<T, E>);

impl<T, E> Default for KeyedFlights<T, E> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

opaque_debug!(KeyedFlights<T, E>, |it| it.0.lock().len());

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn waiting_callers_share_one_attempt_and_its_error() {
        let flight = SingleFlight::<u32, TaskPanicked>::default();
        let attempts = Arc::new(AtomicU32::new(0));
        let attempt = || -> BoxFuture<'static, Result<u32, TaskPanicked>> {
            let attempts = Arc::clone(&attempts);
            Box::pin(async move {
                tokio::time::sleep(Duration::from_millis(20)).await;
                attempts.fetch_add(1, Ordering::Relaxed);
                Err(TaskPanicked)
            })
        };
        let (a, b) = tokio::join!(flight.run(attempt), flight.run(attempt));
        assert!(a.is_err() && b.is_err());
        assert_eq!(attempts.load(Ordering::Relaxed), 1);
        assert!(flight.run(attempt).await.is_err());
        assert_eq!(attempts.load(Ordering::Relaxed), 2, "a later one tries again");
    }

    #[tokio::test]
    async fn panic_ends_only_one_attempt() {
        let flight = SingleFlight::<u32, TaskPanicked>::default();
        let panics = || -> BoxFuture<'static, Result<u32, TaskPanicked>> {
            Box::pin(async { panic!("a foreign client") })
        };
        assert!(matches!(flight.run(panics).await, Err(TaskPanicked)));
        let works =
            || -> BoxFuture<'static, Result<u32, TaskPanicked>> { Box::pin(async { Ok(1) }) };
        assert_eq!(flight.run(works).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn cancelled_request_does_not_end_the_attempt() {
        let flight = Arc::new(SingleFlight::<u32, TaskPanicked>::default());
        let slow = || -> BoxFuture<'static, Result<u32, TaskPanicked>> {
            Box::pin(async {
                tokio::time::sleep(Duration::from_millis(50)).await;
                Ok(7)
            })
        };
        let impatient = tokio::time::timeout(Duration::from_millis(5), flight.run(slow)).await;
        assert!(impatient.is_err());
        let never = || -> BoxFuture<'static, Result<u32, TaskPanicked>> {
            Box::pin(async { Err(TaskPanicked) })
        };
        assert_eq!(flight.run(never).await.unwrap(), 7, "it joins the first attempt");
    }

    fn counted(
        attempts: &Arc<AtomicU32>,
    ) -> impl FnOnce() -> BoxFuture<'static, Result<u32, TaskPanicked>> {
        let attempts = Arc::clone(attempts);
        move || {
            Box::pin(async move {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Ok(attempts.fetch_add(1, Ordering::Relaxed))
            })
        }
    }

    #[tokio::test]
    async fn each_key_has_one_flight_and_none_is_left_behind() {
        let flights = KeyedFlights::<u32, TaskPanicked>::default();
        let attempts = Arc::new(AtomicU32::new(0));
        let (a, b): (Arc<str>, Arc<str>) = ("a".into(), "b".into());
        let run = |key| flights.run(key, counted(&attempts));
        let (one, same, other) = tokio::join!(run(&a), run(&a), run(&b));
        assert_eq!(one.unwrap(), same.unwrap());
        other.unwrap();
        assert_eq!(attempts.load(Ordering::Relaxed), 2);
        assert_eq!(flights.len(), 0);
        run(&a).await.unwrap();
        assert_eq!(attempts.load(Ordering::Relaxed), 3, "a later one tries again");
    }

    #[tokio::test]
    async fn a_panic_leaves_no_attempt_behind() {
        let flights = KeyedFlights::<u32, TaskPanicked>::default();
        let key: Arc<str> = "a".into();
        let panics = || -> BoxFuture<'static, Result<u32, TaskPanicked>> {
            Box::pin(async { panic!("a foreign client") })
        };
        assert!(matches!(flights.run(&key, panics).await, Err(TaskPanicked)));
        assert_eq!(flights.len(), 0);
        assert!(flights.run(&key, counted(&Arc::default())).await.is_ok());
    }
}
