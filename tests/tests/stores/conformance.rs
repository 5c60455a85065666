//! One suite for all: what a user can run on a store of their own is run on each of ours.

use oauth_runtime::store::{MemoryStore, PostgresStore, RedisStore, SqliteStore};
use oauth_runtime::testing::StoreConformance;
use oauth_runtime::{Clock, UnixTime};
use tests::postgres::Postgres;
use tests::process::Scratch;
use tests::redis::Redis;
use tests::scenario;

#[tokio::test(flavor = "multi_thread")]
async fn the_memory_store_does_its_duties() {
    let clock = Clock::manual(UnixTime::from_secs(1_000_000));
    let store = MemoryStore::new(clock.clone());
    StoreConformance::new(store).clock(clock).run().await.expect("a store");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sqlite_store_does_its_duties() {
    let (folder, clock) = (Scratch::create(), Clock::manual(UnixTime::from_secs(1_000_000)));
    let store = SqliteStore::lazy(folder.path().join("store.db")).with_clock(clock.clone());
    StoreConformance::new(store).clock(clock).run().await.expect("a store");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_postgres_store_does_its_duties() {
    let server = Postgres::start(&scenario!()).await;
    let store = PostgresStore::connect(&server.url()).await.expect("a server");
    StoreConformance::new(store).run().await.expect("a store");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_redis_store_does_its_duties() {
    let server = Redis::start(&scenario!()).await;
    let store = RedisStore::connect(&server.url()).await.expect("a server");
    StoreConformance::new(store).run().await.expect("a store");
}

/// A node of a cluster refuses what touches two slots, and scripts that do not name their keys.
#[tokio::test(flavor = "multi_thread")]
async fn redis_store_conforms_on_a_cluster_node() {
    let server = Redis::with(&scenario!(), &["--cluster-enabled", "yes"]).await;
    let slots = server.say("CLUSTER ADDSLOTSRANGE 0 16383").await;
    assert_eq!(slots.as_deref(), Some("+OK"));
    let refused = server.say("MSET a 1 b 2").await.expect("an answer");
    assert!(refused.starts_with("-CROSSSLOT") || refused.starts_with("-CLUSTERDOWN"), "{refused}");
    while server.say("SET ready 1").await.as_deref() != Some("+OK") {
        tokio::time::sleep(tests::process::INTERVAL).await;
    }
    let store = RedisStore::connect(&server.url()).await.expect("a server");
    StoreConformance::new(store).run().await.expect("a store");
}
