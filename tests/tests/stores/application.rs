//! A whole application on each store, chosen by `OAUTH_STORE_URL`: instances share their state.

use oauth_runtime::OAuthError;
use oauth_runtime::OAuthRegistry;
use oauth_runtime::error::BrowserError;
use tests::in_process::{App, COOKIE_KEY, Typed, config};
use tests::postgres::Postgres;
use tests::process::Scratch;
use tests::redis::Redis;
use tests::scenario;

const OTHER_KEY: &str = "0ddba110ddba110ddba110ddba110ddba110ddba110ddba110ddba110ddba11f";

async fn assert_that_instances_share_state(url: &str) {
    let instance = |url: &str| {
        let url = url.to_owned();
        App::builder::<Typed>().configure(|builder| builder.set("OAUTH_STORE_URL", url))
    };
    let app = instance(url).start().await;
    let other = instance(url).beside(&app).start().await;

    // One instance starts a login, another completes it, and no instance accepts it again.
    let mut browser = app.browser();
    let callback = app.answer(&browser.start_login("op").await);
    let mut replayed = other.serve(&browser);
    other.serve(&browser).finish(&callback).await.location();
    replayed.finish(&callback).await;
    let error = other.failures.only();
    assert!(matches!(error, OAuthError::Browser(BrowserError::Replayed)), "{error:?}");

    // All instances have the tokens of the login.
    app.log_in(&mut browser, "op").await;
    let mut elsewhere = other.serve(&browser);
    assert_eq!(elsewhere.get("/resource").await.status, 200);

    // All instances learn of sign-outs.
    browser.post("/auth/logout", &[("sec-fetch-site", "same-origin")]).await;
    let third = instance(url).beside(&app).start().await;
    assert_eq!(third.visitor(&mut third.serve(&elsewhere)).await, "nobody");

    // The keys can be rotated.
    let rotated = Typed::builder()
        .config(config(&app.provider, app.public_url.as_str()))
        .set("OAUTH_STORE_URL", url)
        .set("OAUTH_COOKIE_KEYS", format!("{OTHER_KEY},{COOKIE_KEY}"))
        .build()
        .expect("a valid configuration");
    let outcome = rotated.reseal_store().await.expect("a store");
    assert!(outcome.resealed >= 3 && outcome.unreadable == 0, "{outcome:?}");
    let again = rotated.reseal_store().await.expect("a store");
    assert_eq!((again.resealed, again.current), (0, outcome.resealed), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_share_one_sqlite_file() {
    let folder = Scratch::create();
    let url = format!("sqlite:{}", folder.path().join("store.db").display());
    assert_that_instances_share_state(&url).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_share_one_postgres() {
    let server = Postgres::start(&scenario!()).await;
    assert_that_instances_share_state(&server.url()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_share_one_redis() {
    let server = Redis::start(&scenario!()).await;
    assert_that_instances_share_state(&server.url()).await;
}
