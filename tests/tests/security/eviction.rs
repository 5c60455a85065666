//! A store that evicts records could let a login work twice: the log warns of it.

use oauth_runtime::store::RedisStore;
use tests::redis::Redis;
use tests::scenario;
use tests::scenario::Scenario;

use crate::traces::Traces;

/// Whether the log warns about a server with these options.
async fn is_warned_of(scenario: Scenario, options: &[&str]) -> bool {
    let server = Redis::with(&scenario, options).await;
    let (traces, _collecting) = Traces::collect();
    RedisStore::connect(&server.url()).await.expect("a server");
    traces.heard().contains("set `maxmemory-policy noeviction`")
}

#[tokio::test]
async fn redis_that_evicts_is_warned_of() {
    assert!(is_warned_of(scenario!(), &["--maxmemory-policy", "allkeys-lru"]).await);
}

#[tokio::test]
async fn redis_without_eviction_is_not_warned_of() {
    assert!(!is_warned_of(scenario!(), &["--maxmemory-policy", "noeviction"]).await);
}

/// Like many hosted servers.
#[tokio::test]
async fn redis_that_hides_its_policy_is_used_in_silence() {
    let options = ["--maxmemory-policy", "allkeys-lru", "--rename-command", "CONFIG", ""];
    assert!(!is_warned_of(scenario!(), &options).await);
}
