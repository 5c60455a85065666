//! Simultaneous sign-outs on any instance: no session survives on any instance.

use std::sync::Arc;
use std::time::Duration;

use tests::machines::{Instance, Instances};
use tests::postgres::Postgres;
use tests::process::Scratch;
use tests::redis::Redis;
use tests::scenario;
use tests::scenario::Scenario;
use tokio::task::JoinSet;

const SESSIONS: usize = 200;
/// Number of simultaneous logins.
const AT_ONCE: usize = 8;
/// Instances learn of a sign-out within five seconds.
const HEARD_WITHIN: Duration = Duration::from_secs(5);

async fn log_in(application: &Arc<Instances>) -> Vec<String> {
    let mut all = Vec::new();
    let mut logins = JoinSet::new();
    for number in 0..SESSIONS {
        if logins.len() == AT_ONCE {
            all.push(logins.join_next().await.expect("a login").expect("no panic"));
        }
        let application = Arc::clone(application);
        logins.spawn(async move { application.cookies_of(&format!("person{number}")).await });
    }
    all.extend(logins.join_all().await);
    all
}

async fn count_alive(instance: &Instance, sessions: &[String]) -> usize {
    let mut alive = 0;
    for session in sessions {
        alive += usize::from(instance.visitor(session).await != "nobody");
    }
    alive
}

async fn assert_that_no_sign_out_is_lost(scenario: &Scenario, store_url: &str) {
    let program = env!("CARGO_BIN_EXE_machine");
    let application = Arc::new(Instances::new(scenario, program, store_url, &[]).await);
    let mut instances = Vec::new();
    for number in 0..3 {
        instances.push(Arc::new(application.start(number, None).await));
    }
    let sessions = log_in(&application).await;
    for instance in &instances {
        assert_eq!(count_alive(instance, &sessions).await, SESSIONS);
    }
    let mut sign_outs = JoinSet::new();
    for (number, session) in sessions.iter().enumerate() {
        let instance = Arc::clone(&instances[number % instances.len()]);
        let session = session.clone();
        sign_outs.spawn(async move { instance.sign_out(&session).await });
    }
    let answers = sign_outs.join_all().await;
    assert!(answers.iter().all(|status| *status == 303), "{answers:?}");
    tokio::time::sleep(HEARD_WITHIN).await;
    for instance in &instances {
        assert_eq!(count_alive(instance, &sessions).await, 0);
    }
    // Nor on one that starts later, after all others have ended.
    drop(instances);
    let late = application.start(4, None).await;
    assert_eq!(count_alive(&late, &sessions).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_concurrent_sign_out_is_lost_with_sqlite() {
    let folder = Scratch::create();
    let url = format!("sqlite:{}", folder.path().join("store.db").display());
    assert_that_no_sign_out_is_lost(&scenario!(), &url).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_concurrent_sign_out_is_lost_with_postgres() {
    let scenario = scenario!();
    let server = Postgres::start(&scenario).await;
    assert_that_no_sign_out_is_lost(&scenario, &server.url()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_sign_out_of_three_processes_is_lost_with_redis() {
    let scenario = scenario!();
    let server = Redis::start(&scenario).await;
    assert_that_no_sign_out_is_lost(&scenario, &server.url()).await;
}
