//! An instance is killed at each step of a refresh, and another one goes on.
//!
//! If the provider has not acted, or the store has its response, nothing is lost. In between, the
//! new refresh token is lost with its process, and the next instance presents the old one: a
//! tolerant provider responds, a strict one considers it stolen and ends the grant. The end is
//! reported once, the user logs in again, and no instance retries forever.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tests::machines::{Counts, Instance, Instances, Step};
use tests::postgres::Postgres;
use tests::process::INTERVAL;
use tests::redis::Redis;
use tests::scenario;
use tests::scenario::Scenario;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// A lease expires after ten seconds; the rest is for a busy host.
const LEASE: Duration = Duration::from_secs(25);
/// No instance waits for a lease whose holder has finished.
const NO_LEASE: Duration = Duration::from_secs(8);
/// Number of simultaneous calls after the kill.
const CALLS: usize = 20;

/// Users whose refreshes the provider never answers, and whose refresh tokens it accepts
/// repeatedly.
const HELD: &str = "held";
const FORGIVEN: &str = "forgiven";

/// The effect on the grant of a kill at a step.
enum Expected {
    /// The grant continues, after this number of refreshes.
    GoesOn { refreshes: u64, within: Duration },
    /// The provider has ended it.
    Ended,
}

struct Case {
    person: &'static str,
    /// `None`: while the provider delays its response.
    step: Option<Step>,
    expected: Expected,
}

fn cases() -> Vec<Case> {
    let case = |person, step, expected| Case { person, step, expected };
    let goes_on = |refreshes, within| Expected::GoesOn { refreshes, within };
    vec![
        case("ada", Some(Step::LeaseWanted), goes_on(1, NO_LEASE)),
        case("bea", Some(Step::LeaseTaken), goes_on(1, LEASE)),
        case("cleo", Some(Step::RequestNotSent), goes_on(1, LEASE)),
        case(HELD, None, Expected::Ended),
        case("dora", Some(Step::AnswerCame), Expected::Ended),
        case(FORGIVEN, Some(Step::AnswerCame), goes_on(2, LEASE)),
        case("emmy", Some(Step::TokenNotStored), Expected::Ended),
        case("fay", Some(Step::TokenStored), goes_on(1, NO_LEASE)),
        case("gina", Some(Step::LeaseNotGivenBack), goes_on(1, NO_LEASE)),
    ]
}

fn all(outcome: &str) -> BTreeMap<String, usize> {
    BTreeMap::from([(outcome.to_owned(), CALLS)])
}

/// Kills `victim` at the step of the case; `other` continues.
async fn try_case(
    application: Arc<Instances>,
    other: Arc<Instance>,
    victim: Instance,
    Case { person, step, expected }: Case,
) {
    let cookies = application.log_in(person).await;
    match step {
        Some(_) => victim.halt_and_kill(&cookies).await,
        None => {
            let has_acted = async {
                while application.counts(person).await.refreshed == 0 {
                    sleep(INTERVAL).await;
                }
            };
            victim.call_and_kill(&cookies, has_acted).await;
        }
    }
    let died = Instant::now();
    let outcomes = other.call(&cookies, CALLS).await;
    let took = died.elapsed();
    let seen = application.counts(person).await;
    match expected {
        Expected::GoesOn { refreshes, within } => {
            assert_eq!(outcomes, all("answered"), "{step:?}");
            // The lease is released in the background, so the call may already be made.
            let expected = Counts { refreshed: refreshes, refused: 0, calls: seen.calls };
            assert_eq!(seen, expected, "{step:?}");
            assert!(took < within, "{step:?}: the others waited for {took:?}");
        }
        Expected::Ended => {
            assert_eq!(outcomes, all("login required"), "{step:?}");
            let expected = Counts { refreshed: 1, refused: 1, calls: 0 };
            assert_eq!(seen, expected, "{step:?}");
            assert_eq!(other.call(&cookies, CALLS).await, all("login required"), "{step:?}");
            assert_eq!(application.counts(person).await, expected, "{step:?}: no further refresh");
        }
    }
    println!("{step:?} ({person}): after {took:?}, {seen:?}");
}

async fn assert_death_loses_only_what_the_provider_revokes(scenario: &Scenario, store_url: &str) {
    let program = env!("CARGO_BIN_EXE_machine");
    let variables = [("OP_HELD", HELD), ("OP_UNROTATED", FORGIVEN)];
    let application = Instances::new(scenario, program, store_url, &variables).await;
    let other = Arc::new(application.start(0, None).await);
    let mut victims = Vec::new();
    for (number, case) in cases().into_iter().enumerate() {
        victims.push((application.start(number + 1, case.step).await, case));
    }
    let application = Arc::new(application);
    // In sequence they would wait for many leases.
    let mut tried = JoinSet::new();
    for (victim, case) in victims {
        tried.spawn(try_case(Arc::clone(&application), Arc::clone(&other), victim, case));
    }
    tried.join_all().await;

    let ended = cases().iter().filter(|case| matches!(case.expected, Expected::Ended)).count();
    let told = other.output().matches("grant ended: invalid_grant").count();
    assert_eq!(told, ended, "each end is reported to the application once");
    // And a new login works.
    let cookies = application.log_in("dora").await;
    assert_eq!(other.call(&cookies, CALLS).await, all("answered"));
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_process_loses_nothing_that_postgres_had() {
    let scenario = scenario!();
    let server = Postgres::start(&scenario).await;
    assert_death_loses_only_what_the_provider_revokes(&scenario, &server.url()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_process_loses_nothing_that_redis_had() {
    let scenario = scenario!();
    let server = Redis::start(&scenario).await;
    assert_death_loses_only_what_the_provider_revokes(&scenario, &server.url()).await;
}
