//! A record expires on time by the clock of the server, not by the clocks of the instances.

use std::time::Duration;

use oauth_runtime::store::{PostgresStore, RedisStore, Store};
use tests::postgres::Postgres;
use tests::redis::Redis;
use tests::scenario;
use tokio::time::{Instant, sleep_until};

async fn assert_ends_after_two_seconds(store: &impl Store) {
    // The first operation opens the connection.
    store.get("key").await.expect("a store");
    let before = Instant::now();
    store.put("key", b"value".to_vec(), Duration::from_secs(2)).await.expect("a store");
    let after = Instant::now();
    sleep_until(before + Duration::from_millis(1_800)).await;
    assert!(store.get("key").await.expect("a store").is_some());
    sleep_until(after + Duration::from_millis(2_020)).await;
    assert!(store.get("key").await.expect("a store").is_none());
}

#[tokio::test]
async fn record_in_postgres_expires_on_time() {
    let server = Postgres::start(&scenario!()).await;
    let store = PostgresStore::connect(&server.url()).await.expect("a server");
    assert_ends_after_two_seconds(&store).await;
}

#[tokio::test]
async fn record_in_redis_expires_on_time() {
    let server = Redis::start(&scenario!()).await;
    let store = RedisStore::connect(&server.url()).await.expect("a server");
    assert_ends_after_two_seconds(&store).await;
}
