//! One request for all logins that wait for its answer, be it good or bad: with a provider that
//! hangs, a queue of requests would make each login wait for the deadlines of all before it.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;

use crate::error::OAuthError;

/// Whoever holds the lock asks; the others wait.
#[derive(Debug, Default)]
pub(crate) struct SingleFlight {
    /// How many requests have ended.
    ended: AtomicU64,
    /// Why the last one failed, if it did.
    failure: Mutex<Option<OAuthError>>,
}

impl SingleFlight {
    /// What `found` finds once it is this call's turn; else the failure of a request that ended
    /// while this call waited; else what `fetch` gives.
    ///
    /// # Errors
    /// Those of `fetch`, of this call or of the one that it waited for.
    pub(crate) async fn run<T>(
        &self,
        found: impl FnOnce() -> Option<T>,
        fetch: impl Future<Output = Result<T, OAuthError>>,
    ) -> Result<T, OAuthError> {
        let ended = self.ended.load(Ordering::Acquire);
        let mut failure = self.failure.lock().await;
        if let Some(found) = found() {
            return Ok(found);
        }
        if self.ended.load(Ordering::Acquire) != ended
            && let Some(error) = failure.as_ref().and_then(OAuthError::share)
        {
            return Err(error);
        }
        let result = fetch.await;
        *failure = result.as_ref().err().and_then(OAuthError::share);
        self.ended.fetch_add(1, Ordering::Release);
        result
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::sync::atomic::AtomicUsize;

    use super::*;
    use crate::error::{Endpoint, ProviderError};

    fn failure() -> OAuthError {
        let error = ProviderError::Status { endpoint: Endpoint::Metadata, status: 503 };
        OAuthError::Provider { provider: "p", error }
    }

    #[tokio::test]
    async fn whoever_waited_shares_the_end_and_whoever_comes_later_asks_again() {
        let (flight, asked) = (SingleFlight::default(), AtomicUsize::new(0));
        let ask = || {
            flight.run(|| None::<()>, async {
                asked.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                Err(failure())
            })
        };
        let (a, b, c) = tokio::join!(ask(), ask(), ask());
        assert!([a, b, c].iter().all(Result::is_err));
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        assert!(ask().await.is_err());
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn whoever_waited_for_a_success_finds_it() {
        let flight = SingleFlight::default();
        let (first, second) = tokio::join!(
            flight.run(|| None, async {
                tokio::task::yield_now().await;
                Ok(1)
            }),
            flight.run(|| Some(2), pending()),
        );
        assert_eq!((first.unwrap(), second.unwrap()), (1, 2));
    }

    /// A browser that goes away takes its request with it.
    #[tokio::test]
    async fn a_request_that_was_given_up_is_made_by_the_next() {
        let flight = SingleFlight::default();
        let mut given_up = Box::pin(flight.run(|| None::<u8>, pending()));
        tokio::select! {
            biased;
            _ = &mut given_up => panic!("it never ends"),
            () = tokio::task::yield_now() => {}
        }
        let next = flight.run(|| None, ready(Ok(2)));
        drop(given_up);
        assert_eq!(next.await.unwrap(), 2);
    }
}
