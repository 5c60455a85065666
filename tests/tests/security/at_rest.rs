//! Rules 5 and 9: reading the store reveals no secret, and writing to it forges nothing.

use std::time::Duration;

use oauth_runtime::store::{MemoryStore, Store};
use oauth_runtime::{Clock, OAuthRegistry};
use tests::in_process::{App, Browser, COOKIE_KEY, Handled, Recorder, Typed, config};

use crate::secrecy::Secrets;
use crate::session::OTHER_KEY;

const DAY: Duration = Duration::from_secs(86_400);

/// Seconds for which an instance uses cached tokens.
const TOKENS_KNOWN_FOR: u64 = 6;

/// The default application with these keys: the first instance, or another one of the same
/// application.
async fn instance(store: &MemoryStore, keys: &str, first: Option<&App>) -> App {
    let (store, keys) = (store.clone(), keys.to_owned());
    let builder = App::builder::<Typed>();
    let builder = match first {
        Some(first) => builder.beside(first),
        None => builder,
    };
    builder.configure(|builder| builder.store(store).set("OAUTH_COOKIE_KEYS", keys)).start().await
}

async fn keys(store: &MemoryStore, kind: &str) -> Vec<String> {
    let page = store.list(None).await.expect("a list");
    page.keys.into_iter().filter(|key| key.starts_with(kind)).collect()
}

async fn log_out(browser: &mut Browser) {
    browser.post("/auth/logout", &[("sec-fetch-site", "same-origin")]).await;
}

#[tokio::test]
async fn no_record_of_a_store_shows_what_it_is_about() {
    let store = MemoryStore::new(Clock::system());
    let (copy, recorder) = (store.clone(), Recorder::new());
    let recording = recorder.clone();
    let app = App::builder::<Handled>()
        .configure(|builder| builder.store(copy).http_client(recording))
        .start()
        .await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "op").await;
    let mut secrets = Secrets::new();
    secrets.of_exchanges(&recorder);
    let tokens = keys(&store, "token:").await;
    log_out(&mut app.serve(&browser)).await;
    app.log_in(&mut app.browser(), "op").await;

    let mut seen = 0;
    for key in keys(&store, "").await {
        let value = store.get(&key).await.expect("a store").expect("a record");
        let text = String::from_utf8_lossy(&value);
        secrets.assert_absent(&text, &key);
        for word in ["token", "openid", "sessions", "ada"] {
            assert!(!text.contains(word), "{key}: {word}");
        }
        seen += 1;
    }
    // Two used states, the tokens of one session, and the sign-out of the other.
    assert_eq!((tokens.len(), seen), (1, 4), "{:?}", keys(&store, "").await);
}

/// An attacker with write access to the store moves Alan's tokens to Ada's session.
#[tokio::test]
async fn tokens_moved_to_another_session_are_refused() {
    let store = MemoryStore::new(Clock::system());
    let app = instance(&store, COOKIE_KEY, None).await;
    let (mut ada, mut alan) = (app.browser(), app.browser());
    app.log_in(&mut ada, "op").await;
    let of_ada = keys(&store, "token:").await;
    app.log_in_as(&mut alan, "op", "alan").await;
    let of_both = keys(&store, "token:").await;
    let of_alan = of_both.iter().find(|key| !of_ada.contains(key)).expect("tokens of Alan");
    assert_eq!(ada.get("/resource").await.status, 200);

    let moved = store.get(of_alan).await.expect("a store").expect("tokens");
    store.put(&of_ada[0], moved, DAY).await.expect("a store");
    app.clock.advance(TOKENS_KNOWN_FOR);
    assert_eq!(ada.get("/resource").await.status, 500);
    assert_eq!(alan.get("/resource").await.status, 200);
}

/// Without the key the sign-outs cannot be read: all sessions end, and new logins work.
#[tokio::test]
async fn lost_sign_out_key_ends_every_session() {
    let store = MemoryStore::new(Clock::system());
    let both = format!("{COOKIE_KEY},{OTHER_KEY}");
    let app = instance(&store, &both, None).await;
    let other = instance(&store, OTHER_KEY, Some(&app)).await;
    let (mut gone, mut stays) = (other.browser(), other.browser());
    other.log_in(&mut gone, "op").await;
    other.log_in(&mut stays, "op").await;
    let copy = gone.clone();
    // It is sealed with the first key of `app`, which a later instance does not have.
    log_out(&mut app.serve(&gone)).await;

    let late = instance(&store, OTHER_KEY, Some(&app)).await;
    assert_eq!(late.visitor(&mut late.serve(&copy)).await, "nobody");
    assert_eq!(late.visitor(&mut late.serve(&stays)).await, "nobody");
    late.clock.advance(1);
    let mut new = late.serve(&app.browser());
    late.log_in_as(&mut new, "op", "alan").await;
    assert_eq!(late.visitor(&mut new).await, "alan");

    // New sign-outs reach the other instances.
    let mut copy_of_new = late.serve(&new);
    log_out(&mut new).await;
    let third = instance(&store, OTHER_KEY, Some(&app)).await;
    assert_eq!(third.visitor(&mut third.serve(&copy_of_new)).await, "nobody");
    assert_eq!(late.visitor(&mut copy_of_new).await, "nobody");
    assert_eq!(late.visitor(&mut late.serve(&copy)).await, "nobody");
}

#[tokio::test]
async fn old_key_can_go_after_all_records_are_resealed() {
    let store = MemoryStore::new(Clock::system());
    let app = instance(&store, COOKIE_KEY, None).await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "op").await;
    let token = keys(&store, "token:").await.remove(0);
    let before = store.get(&token).await.expect("a store");

    let rotated = Typed::builder()
        .config(config(&app.provider, app.public_url.as_str()))
        .set("OAUTH_COOKIE_KEYS", format!("{OTHER_KEY},{COOKIE_KEY}"))
        .store(store.clone())
        .build()
        .expect("a valid configuration");
    let outcome = rotated.reseal_store().await.expect("a store");
    assert_eq!((outcome.resealed, outcome.current, outcome.unreadable), (3, 0, 0));
    assert_ne!(store.get(&token).await.expect("a store"), before);
    let outcome = rotated.reseal_store().await.expect("a store");
    assert_eq!((outcome.resealed, outcome.current, outcome.unreadable), (0, 3, 0));
    // An instance with only the old key cannot read the sign-outs, so it trusts no session.
    app.clock.advance(TOKENS_KNOWN_FOR);
    assert_eq!(browser.get("/resource").await.status, 401);
}
