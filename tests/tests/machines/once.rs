//! However many ask at once, a token is refreshed once.

use std::collections::BTreeMap;

use tests::machines::{Counts, Machines};
use tests::postgres::Postgres;
use tests::redis::Redis;
use tests::scenario;
use tests::scenario::Scenario;
use tokio::task::JoinSet;

async fn assert_that_a_thousand_calls_refresh_once(
    scenario: &Scenario,
    store_url: &str,
    machines: usize,
) {
    let program = env!("CARGO_BIN_EXE_machine");
    let application = Machines::new(scenario, program, store_url, &[]).await;
    let mut all = Vec::new();
    for number in 0..machines {
        all.push(application.start(number, None).await);
    }
    let ada = application.log_in("ada").await;
    let mut calls = JoinSet::new();
    for (number, machine) in all.into_iter().enumerate() {
        let ada = ada.clone();
        let count = 1_000 / machines + usize::from(number < 1_000 % machines);
        calls.spawn(async move { (machine.call(&ada, count).await, machine) });
    }
    let mut outcomes = BTreeMap::new();
    let mut told = 0;
    for (of_machine, machine) in calls.join_all().await {
        for (outcome, count) in of_machine {
            *outcomes.entry(outcome).or_insert(0) += count;
        }
        told += machine.output().matches("told of a refresh").count();
    }
    assert_eq!(outcomes, BTreeMap::from([("answered".to_owned(), 1_000)]));
    let seen = application.counts("ada").await;
    assert_eq!(seen, Counts { refreshed: 1, refused: 0, calls: 1_000 });
    assert_eq!(told, 1, "the application is told of it once");
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
