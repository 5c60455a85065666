//! Any number of simultaneous calls refresh a token once.

use std::collections::BTreeMap;

use tests::machines::{Counts, Instances};
use tests::postgres::Postgres;
use tests::redis::Redis;
use tests::scenario;
use tests::scenario::Scenario;
use tokio::task::JoinSet;

async fn assert_that_a_thousand_calls_refresh_once(
    scenario: &Scenario,
    store_url: &str,
    instances: usize,
) {
    let program = env!("CARGO_BIN_EXE_machine");
    let application = Instances::new(scenario, program, store_url, &[]).await;
    let mut all = Vec::new();
    for number in 0..instances {
        all.push(application.start(number, None).await);
    }
    let ada = application.log_in("ada").await;
    let mut calls = JoinSet::new();
    for (number, instance) in all.into_iter().enumerate() {
        let ada = ada.clone();
        let count = 1_000 / instances + usize::from(number < 1_000 % instances);
        calls.spawn(async move { (instance.call(&ada, count).await, instance) });
    }
    let mut outcomes = BTreeMap::new();
    let mut told = 0;
    for (of_instance, instance) in calls.join_all().await {
        for (outcome, count) in of_instance {
            *outcomes.entry(outcome).or_insert(0) += count;
        }
        told += instance.output().matches("token refreshed").count();
    }
    assert_eq!(outcomes, BTreeMap::from([("answered".to_owned(), 1_000)]));
    let seen = application.counts("ada").await;
    assert_eq!(seen, Counts { refreshed: 1, refused: 0, calls: 1_000 });
    assert_eq!(told, 1, "the refresh is reported to the application once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_calls_in_one_process_refresh_once() {
    assert_that_a_thousand_calls_refresh_once(&scenario!(), "memory:", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thousand_calls_share_one_refresh_with_postgres() {
    let scenario = scenario!();
    let server = Postgres::start(&scenario).await;
    assert_that_a_thousand_calls_refresh_once(&scenario, &server.url(), 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thousand_calls_share_one_refresh_with_redis() {
    let scenario = scenario!();
    let server = Redis::start(&scenario).await;
    assert_that_a_thousand_calls_refresh_once(&scenario, &server.url(), 3).await;
}
