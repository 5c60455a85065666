//! Stores that each violate one requirement, which the test must find.

use std::time::Duration;

use super::{ConformanceError, StoreConformance};
use crate::clock::{Clock, UnixTime};
use crate::error::StoreError;
use crate::store::{MemoryStore, Page, Store};
use crate::sync::future::BoxFuture;

/// A correct store, except for one violation.
struct Neglectful {
    inner: MemoryStore,
    neglect: Neglect,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Neglect {
    Nothing,
    CaseOfKeys,
    EndOfKeys,
    NulInKeys,
    LargeValues,
    EmptyValues,
    AtomicTake,
    AtomicSwap,
    AtomicCreation,
    ExpectedValue,
    AbsentForEmpty,
    TimeToLive,
    NewTimeToLive,
    NewTimeToLiveOfSwaps,
    PartsOfASecond,
    EndlessTime,
    SecondPage,
    EndedOnList,
}

use self::Neglect::*;

impl Neglectful {
    fn key(&self, key: &str) -> String {
        match self.neglect {
            CaseOfKeys => key.to_lowercase(),
            EndOfKeys => key.trim_end().to_owned(),
            NulInKeys => key.split('\0').next().unwrap_or_default().to_owned(),
            _ => key.to_owned(),
        }
    }

    fn value(&self, mut value: Vec<u8>) -> Vec<u8> {
        if self.neglect == LargeValues {
            value.truncate(65_536);
        }
        value
    }

    async fn ttl(&self, key: &str, ttl: Duration, is_swap: bool) -> Duration {
        let year = Duration::from_secs(365 * 86_400);
        let exists = async || self.inner.get(key).await.unwrap().is_some();
        match self.neglect {
            TimeToLive => year,
            NewTimeToLive if !is_swap && exists().await => year,
            NewTimeToLiveOfSwaps if is_swap && exists().await => year,
            PartsOfASecond => Duration::from_secs(ttl.as_secs()),
            EndlessTime => ttl.min(Duration::from_secs(2)),
            _ => ttl,
        }
    }
}

impl Store for Neglectful {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        Box::pin(async move {
            let value = self.inner.get(&self.key(key)).await?;
            Ok(value.filter(|value| self.neglect != EmptyValues || !value.is_empty()))
        })
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        value: Vec<u8>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let key = self.key(key);
            let ttl = self.ttl(&key, ttl, false).await;
            self.inner.put(&key, self.value(value), ttl).await
        })
    }

    fn take<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        Box::pin(async move {
            let key = self.key(key);
            if self.neglect == AtomicTake {
                let value = self.inner.get(&key).await?;
                tokio::task::yield_now().await;
                self.inner.take(&key).await?;
                return Ok(value);
            }
            self.inner.take(&key).await
        })
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        old: Option<&'a [u8]>,
        new: Vec<u8>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async move {
            let key = self.key(key);
            let (new, ttl) = (self.value(new), self.ttl(&key, ttl, true).await);
            let is_slow = self.neglect == if old.is_some() { AtomicSwap } else { AtomicCreation };
            if is_slow || self.neglect == ExpectedValue {
                let present = self.inner.get(&key).await?;
                tokio::task::yield_now().await;
                let is_expected = present.as_deref() == old;
                let is_there = present.is_some() == old.is_some();
                let is_written = if is_slow { is_expected } else { is_there };
                if is_written {
                    self.inner.put(&key, new, ttl).await?;
                }
                return Ok(is_written);
            }
            let old = old.filter(|old| self.neglect != AbsentForEmpty || !old.is_empty());
            self.inner.compare_and_swap(&key, old, new, ttl).await
        })
    }

    fn list<'a>(&'a self, from: Option<&'a str>) -> BoxFuture<'a, Result<Page, StoreError>> {
        Box::pin(async move {
            let mut page = self.inner.list(from).await?;
            match self.neglect {
                SecondPage => page.next = None,
                EndedOnList => page.keys.extend(page.keys.first().map(|key| {
                    let prefix = key.split(':').next().unwrap_or_default();
                    format!("{prefix}:swap")
                })),
                _ => {}
            }
            Ok(page)
        })
    }
}

async fn trial(neglect: Neglect) -> Result<(), ConformanceError> {
    let clock = Clock::manual(UnixTime::from_secs(1_000_000));
    let inner = MemoryStore::new(clock.clone());
    StoreConformance::new(Neglectful { inner, neglect }).clock(clock).run().await
}

#[tokio::test]
async fn correct_store_passes() {
    trial(Nothing).await.unwrap();
}

#[tokio::test]
async fn each_violation_is_reported() {
    for (neglect, found) in [
        (CaseOfKeys, "distinguish all keys"),
        (EndOfKeys, "distinguish all keys"),
        (NulInKeys, "distinguish all keys"),
        (LargeValues, "preserve any value"),
        (EmptyValues, "preserve any value"),
        (AtomicTake, "return a taken record once"),
        (AtomicSwap, "lose no write"),
        (AtomicCreation, "let one writer create a record"),
        (ExpectedValue, "swap only the expected value"),
        (AbsentForEmpty, "swap only the expected value"),
        (TimeToLive, "expire records on time"),
        (NewTimeToLive, "expire records on time"),
        (NewTimeToLiveOfSwaps, "expire records on time"),
        (PartsOfASecond, "expire records on time"),
        (EndlessTime, "expire records on time"),
        (SecondPage, "list all keys"),
        (EndedOnList, "expire records on time"),
    ] {
        let error = trial(neglect).await.expect_err(found);
        let words = format!("a store must {found}: ");
        assert!(error.violations().iter().any(|what| what.starts_with(&words)), "{found}: {error}");
    }
}
