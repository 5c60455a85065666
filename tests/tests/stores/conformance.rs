//! The conformance suite for users' own stores, run on each built-in store.

use oauth_runtime::store::{MemoryStore, PostgresStore, RedisStore, SqliteStore};
use oauth_runtime::testing::StoreConformance;
use oauth_runtime::{Clock, UnixTime};
use tests::postgres::Postgres;
use tests::process::Scratch;
use tests::redis::Redis;
use tests::scenario;

#[tokio::test(flavor = "multi_thread")]
async fn memory_store_conforms() {
    let clock = Clock::manual(UnixTime::from_secs(1_000_000));
    let store = MemoryStore::new(clock.clone());
    StoreConformance::new(store).clock(clock).run().await.expect("a store");
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_store_conforms() {
    let (folder, clock) = (Scratch::create(), Clock::manual(UnixTime::from_secs(1_000_000)));
    let store = SqliteStore::lazy(folder.path().join("store.db")).with_clock(clock.clone());
    StoreConformance::new(store).clock(clock).run().await.expect("a store");
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_store_conforms() {
    let server = Postgres::start(&scenario!()).await;
    let store = PostgresStore::connect(&server.url()).await.expect("a server");
    StoreConformance::new(store).run().await.expect("a store");
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_store_conforms() {
    let server = Redis::start(&scenario!()).await;
    let store = RedisStore::connect(&server.url()).await.expect("a server");
    StoreConformance::new(store).run().await.expect("a store");
}

/// A cluster node refuses commands on two slots, and scripts that do not declare their keys.
#[tokio::test(flavor = "multi_thread")]
async fn redis_store_conforms_on_a_cluster_node() {
    let server = Redis::with(&scenario!(), &["--cluster-enabled", "yes"]).await;
    let slots = server.command("CLUSTER ADDSLOTSRANGE 0 16383").await;
    assert_eq!(slots.as_deref(), Some("+OK"));
    let refused = server.command("MSET a 1 b 2").await.expect("a response");
    assert!(refused.starts_with("-CROSSSLOT") || refused.starts_with("-CLUSTERDOWN"), "{refused}");
    while server.command("SET ready 1").await.as_deref() != Some("+OK") {
        tokio::time::sleep(tests::process::INTERVAL).await;
    }
    let store = RedisStore::connect(&server.url()).await.expect("a server");
    StoreConformance::new(store).run().await.expect("a store");
}
