//! Acknowledged writes survive the kill of a server or writer, and a restarted server is used
//! again.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use oauth_runtime::error::StoreError;
use oauth_runtime::store::{PostgresStore, RedisStore, SqliteStore, Store};
use tests::postgres::Postgres;
use tests::process::{DEADLINE, INTERVAL, Scratch, free_port};
use tests::redis::Redis;
use tests::scenario;
use tests::store::{Counter, of_url};
use tokio::task::JoinSet;
use tokio::time::sleep;

const MINUTE: Duration = Duration::from_secs(60);
/// Number of simultaneous writers, each with its own record.
const WRITERS: u64 = 20;

/// Writers that continue after failures, and the writes that they know to be stored.
struct Storm {
    acknowledged: Vec<Arc<AtomicU64>>,
    failures: Arc<AtomicU64>,
    writers: JoinSet<()>,
}

impl Storm {
    fn on(store: &(impl Store + Clone)) -> Self {
        let failures = Arc::new(AtomicU64::new(0));
        let mut storm = Self { acknowledged: Vec::new(), failures, writers: JoinSet::new() };
        for number in 0..WRITERS {
            let counter = Counter::new(store.clone(), format!("counter:{number}"));
            let acknowledged = Arc::new(AtomicU64::new(0));
            storm.acknowledged.push(Arc::clone(&acknowledged));
            let failures = Arc::clone(&storm.failures);
            storm.writers.spawn(async move {
                loop {
                    match counter.add().await {
                        Ok(number) => acknowledged.store(number, Ordering::SeqCst),
                        Err(StoreError::Backend(_)) => {
                            failures.fetch_add(1, Ordering::SeqCst);
                            sleep(INTERVAL).await;
                        }
                        Err(other) => panic!("{other:?}"),
                    }
                }
            });
        }
        storm
    }

    fn acknowledged(&self) -> Vec<u64> {
        self.acknowledged.iter().map(|number| number.load(Ordering::SeqCst)).collect()
    }

    /// Waits until every writer has written `times` more times, and returns the duration.
    async fn wait_for_writes(&mut self, times: u64) -> Duration {
        let (started, before) = (Instant::now(), self.acknowledged());
        while self.acknowledged().iter().zip(&before).any(|(now, then)| *now < then + times) {
            assert!(started.elapsed() < DEADLINE, "{before:?}, then {:?}", self.acknowledged());
            assert!(self.writers.try_join_next().is_none(), "a writer has failed");
            sleep(INTERVAL).await;
        }
        started.elapsed()
    }

    /// Ends the writers, and compares their knowledge with the store.
    async fn settle(mut self, store: &(impl Store + Clone)) {
        self.writers.shutdown().await;
        for (number, acknowledged) in self.acknowledged().into_iter().enumerate() {
            let counter = Counter::new(store.clone(), format!("counter:{number}"));
            let found = counter.read().await.expect("a store");
            // The last write may be unacknowledged, because its writer was ended.
            assert!((acknowledged..=acknowledged + 1).contains(&found), "{acknowledged}: {found}");
        }
    }
}

/// Writers continue after the restart of the server and find all acknowledged writes.
async fn assert_survived(store: &(impl Store + Clone), restart: impl AsyncFnOnce()) {
    let mut storm = Storm::on(store);
    storm.wait_for_writes(10).await;
    let acknowledged = storm.acknowledged();
    restart().await;
    let took = storm.wait_for_writes(10).await;
    println!("{acknowledged:?} were acknowledged; all wrote again after {took:?}");
    assert!(storm.failures.load(Ordering::SeqCst) > 0, "the writers noticed no failure");
    storm.settle(store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_postgres_loses_nothing_and_is_used_again() {
    let mut server = Postgres::start(&scenario!()).await;
    let store = PostgresStore::connect(&server.url()).await.expect("a server");
    assert_survived(&store, async || {
        server.kill();
        server.restart().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_redis_loses_nothing_and_is_used_again() {
    let mut server = Redis::start(&scenario!()).await;
    let store = RedisStore::connect(&server.url()).await.expect("a server");
    assert_survived(&store, async || {
        server.kill();
        server.restart().await;
    })
    .await;
}

/// Separate processes write to one file and are killed while writing.
#[tokio::test(flavor = "multi_thread")]
async fn sqlite_keeps_what_killed_writers_acknowledged() {
    let folder = Scratch::create();
    let file = folder.path().join("store.db");
    let url = format!("sqlite:{}", file.display());
    let mut acknowledged = 0;
    for _ in 0..5 {
        let mut writer = Command::new(env!("CARGO_BIN_EXE_store_writer"))
            .args([&url, "1000000"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the writer starts");
        let lines = BufReader::new(writer.stdout.take().expect("its output")).lines();
        let mut lines = lines.map(|line| line.expect("text").parse::<u64>().expect("a number"));
        assert!((acknowledged + 1..=acknowledged + 2).contains(&lines.next().expect("a number")));
        let seen = lines.by_ref().take(30).last().expect("thirty numbers");
        writer.kill().expect("it runs");
        // It may have continued to write until now.
        acknowledged = lines.last().unwrap_or(seen);
        writer.wait().expect("it ran");

        let found = Counter::new(of_url(&url), "counter").read().await.expect("a file");
        assert!((acknowledged..=acknowledged + 1).contains(&found), "{acknowledged}: {found}");
    }
    let store = SqliteStore::open(&file).await.expect("a file");
    assert!(store.list(None).await.expect("a list").keys.len() == 1);
}

/// An unreachable store fails before a user gives up.
#[tokio::test(flavor = "multi_thread")]
async fn unreachable_store_fails_in_time_and_recovers() {
    let scenario = scenario!();
    let (mut postgres, mut redis) =
        (Postgres::start(&scenario).await, Redis::start(&scenario).await);
    let stores = [of_url(&postgres.url()), of_url(&redis.url())];
    for store in &stores {
        store.put("key", b"value".to_vec(), MINUTE).await.expect("a server");
    }
    postgres.kill();
    redis.kill();
    let mut waits = JoinSet::new();
    for store in stores.clone() {
        waits.spawn(async move {
            let started = Instant::now();
            let error = loop {
                match store.get("key").await {
                    Err(error) => break error,
                    // The workers of a server may outlive it for a moment.
                    Ok(_) => assert!(started.elapsed() < Duration::from_secs(10), "no server"),
                }
            };
            assert!(matches!(error, StoreError::Backend(_)), "{error:?}");
            started.elapsed()
        });
    }
    for took in waits.join_all().await {
        assert!(took < Duration::from_secs(10), "{took:?}");
    }
    postgres.restart().await;
    redis.restart().await;
    for store in &stores {
        let value = store.get("key").await.expect("a server again");
        assert_eq!(value.as_deref(), Some(&b"value"[..]));
    }
}

/// An application may start before its store does.
#[tokio::test(flavor = "multi_thread")]
async fn store_that_starts_later_is_used() {
    let nobody = format!("redis://127.0.0.1:{}", free_port());
    let store = RedisStore::lazy(&nobody).expect("a URL");
    assert!(matches!(store.get("key").await, Err(StoreError::Backend(_))));

    let mut server = Redis::start(&scenario!()).await;
    server.kill();
    let store = RedisStore::lazy(&server.url()).expect("a URL");
    assert!(matches!(store.get("key").await, Err(StoreError::Backend(_))));
    server.restart().await;
    assert_eq!(store.get("key").await.expect("a server"), None);
}
