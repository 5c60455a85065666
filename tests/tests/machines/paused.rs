//! An instance is paused in the middle of a refresh (`SIGSTOP`, a suspended laptop, a migrating
//! virtual machine), another one refreshes, and the first continues.

use std::collections::BTreeMap;

use tests::machines::{Counts, Instances, Step};
use tests::postgres::Postgres;
use tests::redis::Redis;
use tests::scenario;
use tests::scenario::Scenario;

async fn assert_paused_instance_presents_no_spent_token(scenario: &Scenario, store_url: &str) {
    let program = env!("CARGO_BIN_EXE_machine");
    let application = Instances::new(scenario, program, store_url, &[]).await;
    let other = application.start(0, None).await;
    let mut paused = application.start_pausing(1, Step::TokenRead).await;
    let ada = application.log_in("ada").await;
    let answered = BTreeMap::from([("answered".to_owned(), 1)]);
    let meanwhile = async {
        // It waits until the lease has expired.
        assert_eq!(other.call(&ada, 1).await, answered);
    };
    assert_eq!(paused.pause_and_continue(&ada, meanwhile).await, answered);
    let expected = Counts { refreshed: 1, refused: 0, calls: 2 };
    assert_eq!(application.counts("ada").await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn paused_postgres_instance_presents_no_spent_token() {
    let scenario = scenario!();
    let server = Postgres::start(&scenario).await;
    assert_paused_instance_presents_no_spent_token(&scenario, &server.url()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paused_instance_on_redis_presents_no_spent_token() {
    let scenario = scenario!();
    let server = Redis::start(&scenario).await;
    assert_paused_instance_presents_no_spent_token(&scenario, &server.url()).await;
}
