//! Rule 11: a session starts only with a verified login, and ends when it should.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use oauth_runtime::error::{BrowserError, StoreError};
use oauth_runtime::store::{MemoryStore, Store};
use oauth_runtime::testing::Fault;
use oauth_runtime::{Clock, OAuthError};
use tests::in_process::{App, Browser, COOKIE_KEY, Handled, Typed};
use tests::store::{Guarded, Operation};

pub(crate) const OTHER_KEY: &str =
    "0ddba110ddba110ddba110ddba110ddba110ddba110ddba110ddba110ddba11f";

#[tokio::test]
async fn rejected_login_keeps_the_earlier_session() {
    let app = App::start().await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "op").await;
    let before = browser.session();
    for fault in [
        Fault::WrongState,
        Fault::MissingState,
        Fault::WrongResponseIssuer,
        Fault::AuthorizationErrorWithMarkup,
        Fault::TokenErrorWithMarkup,
        Fault::WrongNonce,
        Fault::BadSignature,
    ] {
        app.provider.clear_faults();
        app.provider.fault(fault);
        let page = app.log_in_as(&mut browser, "op", "alan").await;
        assert!(!page.status.is_redirection(), "{fault:?}");
        assert_eq!(browser.session(), before, "{fault:?}");
        assert_eq!(app.visitor(&mut browser).await, "ada", "{fault:?}");
    }
    app.provider.clear_faults();
    let denied = app.provider.deny(browser.start_login("op").await).expect("a response");
    browser.finish(denied).await;
    assert_eq!(app.visitor(&mut browser).await, "ada");
    assert!(browser.get("/resource").await.body.contains("ada"), "its tokens still work");
}

async fn a_new_login_ends_the_earlier_session_of(app: &App) {
    for provider in ["op", "twin", "plain"] {
        let mut browser = app.browser();
        app.log_in(&mut browser, "op").await;
        let mut copy = browser.clone();
        app.log_in_as(&mut browser, provider, "alan").await;
        assert_ne!(browser.session(), copy.session());
        assert_eq!(app.visitor(&mut browser).await, "alan");
        assert_eq!(app.visitor(&mut copy).await, "nobody", "{provider}");
        assert!(copy.get("/resource").await.status.is_client_error(), "its tokens are gone");
    }
}

#[tokio::test]
async fn new_login_ends_the_earlier_session() {
    a_new_login_ends_the_earlier_session_of(&App::start().await).await;
}

#[tokio::test]
async fn own_login_handler_ends_the_earlier_session() {
    a_new_login_ends_the_earlier_session_of(&App::builder::<Handled>().start().await).await;
}

/// Session fixation: a session planted before the login is useless after it.
#[tokio::test]
async fn a_planted_session_does_not_become_the_victims() {
    let app = App::start().await;
    let (mut attacker, mut victim) = (app.browser(), app.browser());
    app.log_in_as(&mut attacker, "op", "alan").await;
    let (name, planted) = attacker.session().expect("a session");
    victim.plant(&name, &planted);
    app.log_in(&mut victim, "op").await;
    assert_ne!(victim.session(), Some((name, planted)));
    assert_eq!(app.visitor(&mut victim).await, "ada");
    assert_ne!(app.visitor(&mut attacker).await, "ada");
}

#[tokio::test]
async fn every_login_has_its_own_session() {
    let app = App::start().await;
    let (mut one, mut two) = (app.browser(), app.browser());
    app.log_in(&mut one, "op").await;
    app.log_in(&mut two, "op").await;
    one.post("/auth/logout", &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(app.visitor(&mut two).await, "ada", "the user's other browser stays signed in");
}

#[tokio::test]
async fn a_session_ends_with_its_lifetime() {
    let app = App::builder::<Typed>()
        .configure(|builder| builder.session_lifetime(Duration::from_secs(600)))
        .start()
        .await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "op").await;
    // The cookie is kept, as if the browser ignored Max-Age.
    app.clock.advance(599);
    assert_eq!(app.visitor(&mut browser).await, "ada");
    app.clock.advance(1);
    assert_eq!(app.visitor(&mut browser).await, "nobody");
    assert_eq!(browser.get("/whoami").await.status, 401);
    assert_eq!(browser.get("/resource").await.status, 401);
}

#[tokio::test]
async fn use_does_not_extend_a_session() {
    let app = App::start().await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "op").await;
    for _ in 0..12 {
        app.clock.advance(3599);
        assert_eq!(app.visitor(&mut browser).await, "ada");
    }
    app.clock.advance(12);
    assert_eq!(app.visitor(&mut browser).await, "nobody");
}

async fn with_keys(app: &App, keys: &str) -> App {
    let keys = keys.to_owned();
    App::builder::<Typed>()
        .beside(app)
        .configure(|builder| builder.set("OAUTH_COOKIE_KEYS", keys))
        .start()
        .await
}

#[tokio::test]
async fn session_opens_with_a_rotated_key_and_no_other() {
    let store = MemoryStore::new(Clock::system());
    let shared = store.clone();
    let app = App::builder::<Typed>().configure(|builder| builder.store(shared)).start().await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "op").await;

    let stranger = with_keys(&app, OTHER_KEY).await;
    assert_eq!(stranger.visitor(&mut stranger.serve(&browser)).await, "nobody");
    let rotated = App::builder::<Typed>()
        .beside(&app)
        .configure(|builder| {
            let keys = format!("{OTHER_KEY},{COOKIE_KEY}");
            builder.set("OAUTH_COOKIE_KEYS", keys).store(store)
        })
        .start()
        .await;
    assert_eq!(rotated.visitor(&mut rotated.serve(&browser)).await, "ada");

    let mut later = rotated.serve(&app.browser());
    rotated.log_in_as(&mut later, "op", "alan").await;
    assert_eq!(
        app.visitor(&mut app.serve(&later)).await,
        "nobody",
        "it is sealed with the new key"
    );
    let mut cookies = stranger.serve(&later);
    assert_eq!(stranger.visitor(&mut cookies).await, "nobody", "its store has no sign-outs");
}

#[tokio::test]
async fn pending_login_opens_with_a_rotated_key_only() {
    let app = App::start().await;
    let mut browser = app.browser();
    let callback = app.answer(&browser.start_login("op").await);
    let stranger = with_keys(&app, OTHER_KEY).await;
    assert!(stranger.serve(&browser).finish(&callback).await.status.is_client_error());
    let rotated = with_keys(&app, &format!("{OTHER_KEY},{COOKIE_KEY}")).await;
    assert_eq!(rotated.serve(&browser).finish(&callback).await.location(), "/");
}

#[tokio::test]
async fn modified_session_is_refused() {
    let app = App::start().await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "op").await;
    let (name, value) = browser.session().expect("a session");
    for at in [0, 4, 10, 30, value.len() / 2, value.len() - 2] {
        let mut changed = value.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        browser.plant(&name, std::str::from_utf8(&changed).expect("text"));
        assert_eq!(app.visitor(&mut browser).await, "nobody", "byte {at}");
    }
    for value in ["", "x", "\"", &"A".repeat(4000)] {
        browser.plant(&name, value);
        assert_eq!(app.visitor(&mut browser).await, "nobody", "{value}");
    }
}

/// A memory store that fails these operations while `is_off` is set.
fn switched(
    store: MemoryStore,
    is_off: &Arc<AtomicBool>,
    operations: &'static [Operation],
) -> impl Store {
    let is_off = Arc::clone(is_off);
    Guarded::new(store, move |operation| {
        match is_off.load(Ordering::SeqCst) && operations.contains(&operation) {
            true => Err(StoreError::backend("the store is away")),
            false => Ok(()),
        }
    })
}

/// Either the new session exists or the earlier one.
#[tokio::test]
async fn failing_store_at_login_keeps_the_earlier_session() {
    let is_broken = Arc::new(AtomicBool::new(false));
    let store = switched(MemoryStore::new(Clock::system()), &is_broken, &[Operation::Take]);
    let app = App::builder::<Typed>().configure(|builder| builder.store(store)).start().await;
    let mut browser: Browser = app.browser();
    app.log_in(&mut browser, "op").await;
    is_broken.store(true, Ordering::SeqCst);
    let page = app.log_in_as(&mut browser, "op", "alan").await;
    let expected = if page.status.is_redirection() { "alan" } else { "ada" };
    assert_eq!(app.visitor(&mut browser).await, expected, "{page:?}");

    // The logout clears the cookie even if the store fails.
    let mut copy = browser.clone();
    browser.post("/auth/logout", &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(app.visitor(&mut copy).await, "nobody");
}

/// The user is informed, the browser drops the session, and the other instances learn of it later.
#[tokio::test]
async fn sign_out_that_cannot_be_stored_is_reported() {
    for provider in ["op", "leaving"] {
        let is_away = Arc::new(AtomicBool::new(false));
        let away = &[Operation::Get, Operation::Put, Operation::CompareAndSwap];
        let store = Arc::new(switched(MemoryStore::new(Clock::system()), &is_away, away));
        let shared = Arc::clone(&store);
        let app = App::builder::<Typed>().configure(|builder| builder.store(shared)).start().await;
        let other = App::builder::<Typed>()
            .beside(&app)
            .configure(|builder| builder.store(store))
            .start()
            .await;
        let mut browser = app.browser();
        app.log_in(&mut browser, provider).await;
        let copy = browser.clone();
        assert_eq!(other.visitor(&mut other.serve(&copy)).await, "ada");

        is_away.store(true, Ordering::SeqCst);
        let page = browser.post("/auth/logout", &[("sec-fetch-site", "same-origin")]).await;
        assert_eq!(page.status, 503, "{provider}: {page:?}");
        assert!(page.body.contains("could not record it"), "{page:?}");
        assert_eq!(browser.session(), None, "{provider}: the browser is still signed out");
        assert_eq!(app.visitor(&mut app.serve(&copy)).await, "nobody");

        is_away.store(false, Ordering::SeqCst);
        app.clock.advance(6);
        assert_eq!(app.visitor(&mut app.serve(&copy)).await, "nobody");
        // The write follows the read that the request waited for.
        tokio::time::sleep(Duration::from_millis(300)).await;
        other.clock.advance(6);
        assert_eq!(other.visitor(&mut other.serve(&copy)).await, "nobody", "{provider}");
    }
}

/// Even in a full memory store, a callback works once, and an ended session stays ended.
#[tokio::test]
async fn full_memory_store_forgets_no_consumed_login() {
    let store = MemoryStore::new(Clock::system());
    let shared = store.clone();
    let app = App::builder::<Typed>().configure(|builder| builder.store(shared)).start().await;
    let mut browser = app.browser();
    let callback = app.answer(&browser.start_login("op").await);
    let mut attacker = browser.clone();
    assert!(browser.finish(&callback).await.status.is_redirection());
    let mut copy = browser.clone();
    browser.post("/auth/logout", &[("sec-fetch-site", "same-origin")]).await;
    let fill = async |kind: &str| {
        let mut last = Ok(());
        for number in 0..100_010 {
            let ttl = Duration::from_secs(86_400);
            last = store.put(&format!("{kind}:{number}"), Vec::new(), ttl).await;
        }
        last
    };
    fill("token").await.expect("the oldest are evicted");
    assert!(matches!(fill("login").await, Err(StoreError::Full("login"))));
    assert!(matches!(fill("lease").await, Err(StoreError::Full("lease"))));

    let replayed = attacker.finish(&callback).await;
    assert!(replayed.status.is_client_error(), "{replayed:?}");
    let error = app.failures.only();
    assert!(matches!(error, OAuthError::Browser(BrowserError::Replayed)), "{error:?}");
    app.clock.advance(6);
    assert_eq!(app.visitor(&mut copy).await, "nobody");
    // A login that cannot be recorded is refused.
    let refused = app.refused("op").await;
    assert!(matches!(refused, OAuthError::Store(StoreError::Full("login"))), "{refused:?}");
}
