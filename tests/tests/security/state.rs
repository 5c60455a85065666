//! Rule 1: an authorization response is accepted once, in the browser, for the provider and from
//! the issuer of the login.

use oauth_runtime::error::{AuthorizationResponseError, BrowserError};
use oauth_runtime::store::{MemoryStore, Store};
use oauth_runtime::testing::{Endpoint, Fault};
use oauth_runtime::{Clock, OAuthError};
use tests::in_process::{App, Typed};
use url::Url;

#[tokio::test]
async fn valid_login_succeeds() {
    let app = App::start().await;
    for provider in ["op", "twin", "plain"] {
        let mut browser = app.browser();
        let page = app.log_in(&mut browser, provider).await;
        assert_eq!(page.location(), "/", "{provider}: {page:?}");
        assert_eq!(app.visitor(&mut browser).await, "ada");
        assert_eq!(browser.pending(), [], "the cookie of the attempt is gone");
    }
    assert_eq!(app.requests(Endpoint::Token), 3);
}

#[tokio::test]
async fn unknown_state_is_refused() {
    let app = App::start().await;
    app.provider.fault(Fault::WrongState);
    let refused = app.refused("op").await;
    assert_error!(refused, OAuthError::Browser(BrowserError::NoPendingLogin));
    assert_eq!(app.requests(Endpoint::Token), 0);
}

#[tokio::test]
async fn state_with_another_last_character_is_refused() {
    let app = App::start().await;
    let mut browser = app.browser();
    let callback = app.answer(&browser.start_login("op").await);
    let state = parameter(&callback, "state");
    let last = if state.ends_with('A') { 'B' } else { 'A' };
    let forged = format!("{}{last}", &state[..state.len() - 1]);
    browser.finish(with_parameter(&callback, "state", &forged)).await;
    assert_error!(
        app.failures.only(),
        OAuthError::Browser(BrowserError::Response(AuthorizationResponseError::StateMismatch))
    );
    assert_eq!((browser.session(), app.requests(Endpoint::Token)), (None, 0));
}

#[tokio::test]
async fn a_missing_state_is_refused() {
    let app = App::start().await;
    app.provider.fault(Fault::MissingState);
    assert_error!(
        app.refused("op").await,
        OAuthError::Browser(BrowserError::Response(AuthorizationResponseError::StateMissing))
    );
    assert_eq!(app.requests(Endpoint::Token), 0);
}

#[tokio::test]
async fn a_response_without_code_is_refused() {
    let app = App::start().await;
    app.provider.fault(Fault::MissingCode);
    assert_error!(
        app.refused("op").await,
        OAuthError::Browser(BrowserError::Response(AuthorizationResponseError::CodeMissing))
    );
}

/// Otherwise an attacker could sign a victim in as the attacker by a link to their own response.
#[tokio::test]
async fn a_response_to_another_browser_is_refused() {
    let app = App::start().await;
    let (mut attacker, mut victim) = (app.browser(), app.browser());
    let callback = app.answer(&attacker.start_login("op").await);
    victim.start_login("op").await;
    victim.finish(&callback).await;
    assert_error!(app.failures.only(), OAuthError::Browser(BrowserError::NoPendingLogin));

    let (name, _) = attacker.only_pending();
    let (_, own) = victim.only_pending();
    victim.plant(&name, &own);
    victim.finish(&callback).await;
    assert_error!(app.failures.only(), OAuthError::Browser(BrowserError::ForeignPendingLogin));
    assert_eq!((victim.session(), app.requests(Endpoint::Token)), (None, 0));
}

/// Both have the same issuer and client: only their names differ.
#[tokio::test]
async fn login_is_not_finished_with_another_provider() {
    let app = App::start().await;
    for (started, other) in [("op", "twin"), ("twin", "op"), ("op", "plain"), ("plain", "op")] {
        let mut browser = app.browser();
        let callback = app.answer(&browser.start_login(started).await).to_string();
        let swapped = callback.replace(&format!("/{started}/"), &format!("/{other}/"));
        assert_ne!(swapped, callback);
        browser.finish(swapped).await;
        assert_error!(app.failures.only(), OAuthError::Browser(BrowserError::ForeignPendingLogin));
        assert_eq!(browser.session(), None);
    }
    assert_eq!(app.requests(Endpoint::Token), 0);
}

#[tokio::test]
async fn login_is_not_finished_with_another_issuer() {
    let app = App::start().await;
    let mut browser = app.browser();
    let callback = app.answer(&browser.start_login("op").await);
    // Declaration, configuration, keys and address are the same: only the issuer differs.
    let moved = App::builder::<Typed>().public_url(app.public_url.as_str()).start().await;
    assert_ne!(moved.provider.issuer(), app.provider.issuer());
    moved.serve(&browser).finish(without_parameter(&callback, "iss")).await;
    assert_error!(moved.failures.only(), OAuthError::Browser(BrowserError::ForeignPendingLogin));
    assert_eq!(moved.requests(Endpoint::Token), 0);
}

#[tokio::test]
async fn pending_login_under_another_name_is_refused() {
    let app = App::start().await;
    let mut browser = app.browser();
    let first = app.answer(&browser.start_login("op").await);
    let second = app.answer(&browser.start_login("op").await);
    let [(one, one_value), (two, two_value)] = browser.pending().try_into().expect("two");
    browser.plant(&one, &two_value);
    browser.plant(&two, &one_value);
    for callback in [first, second] {
        browser.finish(callback).await;
        assert_error!(app.failures.only(), OAuthError::Browser(BrowserError::ForeignPendingLogin));
    }
    assert_eq!((browser.session(), app.requests(Endpoint::Token)), (None, 0));
}

#[tokio::test]
async fn a_response_is_used_once() {
    let app = App::start().await;
    let mut browser = app.browser();
    let callback = app.answer(&browser.start_login("op").await);
    let mut with_copied_cookie = browser.clone();
    browser.finish(&callback).await.location();

    let again = browser.finish(&callback).await;
    assert_eq!((again.location(), again.cookies()), ("/", Vec::new()), "a later login exists");
    with_copied_cookie.finish(&callback).await;
    assert_error!(app.failures.only(), OAuthError::Browser(BrowserError::Replayed));
    assert_eq!(with_copied_cookie.session(), None);
    assert_eq!(app.requests(Endpoint::Token), 1);
    assert_eq!(app.visitor(&mut browser).await, "ada", "the replay ends no session");
}

/// The user goes back or clicks twice: the login is complete, and this browser has its session.
#[tokio::test]
async fn repeated_callback_leads_a_signed_in_user_on() {
    let app = App::start().await;
    for (provider, keeps_cookie) in [("op", false), ("op", true), ("plain", false)] {
        let mut browser = app.browser();
        let started = browser.click(&format!("/auth/{provider}/login?return_to=/whoami")).await;
        let callback = app.answer(started.location());
        let (name, value) = browser.only_pending();
        browser.finish(&callback).await.location();
        let session = browser.session();
        let tokens = app.requests(Endpoint::Token);
        if keeps_cookie {
            browser.plant(&name, &value);
        }
        let again = browser.finish(&callback).await;
        assert_eq!(again.location(), "/whoami", "{provider}");
        assert_eq!(again.header("cache-control"), "no-store");
        assert_eq!((browser.session(), app.requests(Endpoint::Token)), (session, tokens));
        assert!(app.failures.take().is_empty(), "no error reaches the application");
    }
}

#[tokio::test]
async fn repeated_callback_needs_a_later_session() {
    let app = App::start().await;
    let mut signed_in = app.browser();
    app.log_in_as(&mut signed_in, "op", "alan").await;
    app.clock.advance(1);
    let mut browser = app.browser();
    let callback = app.answer(&browser.start_login("op").await);
    let unused = app.answer(&browser.start_login("op").await);
    let copy = browser.clone();
    browser.finish(&callback).await.location();
    // Without a session, with an older session, and after an unfinished login.
    for (mut browser, callback) in
        [(copy, &callback), (signed_in.clone(), &callback), (signed_in, &unused)]
    {
        assert!(browser.finish(callback).await.status.is_client_error());
        assert_error!(
            app.failures.only(),
            OAuthError::Browser(BrowserError::Replayed | BrowserError::NoPendingLogin)
        );
    }
    // Other spellings of the same state are refused.
    let spelled = callback.as_str().replace("state=", "st%61te=x&state=");
    assert!(browser.finish(spelled).await.status.is_client_error());
    assert_eq!(app.failures.take().len(), 1);
}

#[tokio::test]
async fn of_five_responses_at_once_one_is_accepted() {
    let app = App::start().await;
    let mut browser = app.browser();
    let callback = app.answer(&browser.start_login("op").await);
    let copies: Vec<_> = (0..5)
        .map(|_| {
            let (mut copy, callback) = (browser.clone(), callback.clone());
            tokio::spawn(async move { copy.finish(callback).await.status.is_redirection() })
        })
        .collect();
    let mut accepted = 0;
    for copy in copies {
        accepted += usize::from(copy.await.expect("no panic"));
    }
    assert_eq!((accepted, app.requests(Endpoint::Token)), (1, 1));
    let errors = app.failures.take();
    assert_eq!(errors.len(), 4);
    for error in errors {
        assert_error!(error, OAuthError::Browser(BrowserError::Replayed));
    }
}

/// Instances that share keys and a store form one application.
#[tokio::test]
async fn response_is_accepted_by_one_process_only() {
    let store = MemoryStore::new(Clock::system());
    let copy = store.clone();
    let app = App::builder::<Typed>().configure(|builder| builder.store(copy)).start().await;
    let other = App::builder::<Typed>()
        .beside(&app)
        .configure(|builder| builder.store(store))
        .start()
        .await;

    let mut browser = app.browser();
    let callback = app.answer(&browser.start_login("op").await);
    let mut replayed = other.serve(&browser);
    browser.finish(&callback).await.location();
    replayed.finish(&callback).await;
    assert_error!(other.failures.only(), OAuthError::Browser(BrowserError::Replayed));

    let callback = app.answer(&browser.start_login("op").await);
    other.serve(&browser).finish(&callback).await.location();
}

#[tokio::test]
async fn a_login_ends_after_ten_minutes() {
    let app = App::start().await;
    let (mut quick, mut slow) = (app.browser(), app.browser());
    let (in_time, too_late) = (quick.start_login("op").await, slow.start_login("op").await);
    app.clock.advance(599);
    app.provider.set_clock_offset(599);
    assert_eq!(quick.finish(app.answer(&in_time)).await.location(), "/");
    app.clock.advance(1);
    slow.finish(app.answer(&too_late)).await;
    assert_error!(app.failures.only(), OAuthError::Browser(BrowserError::Expired(_)));
    assert_eq!(slow.pending(), [], "an expired login is deleted");
    assert_eq!(app.requests(Endpoint::Token), 1);
}

#[tokio::test]
async fn logins_in_parallel_tabs_all_succeed() {
    let app = App::start().await;
    let mut browser = app.browser();
    let mut callbacks = Vec::new();
    for provider in ["op", "twin", "op", "plain"] {
        callbacks.push(app.answer(&browser.start_login(provider).await));
    }
    while let Some(callback) = callbacks.pop() {
        assert_eq!(browser.finish(callback).await.location(), "/");
    }
    assert_eq!(browser.pending(), []);
}

#[tokio::test]
async fn a_refused_attempt_does_not_disturb_the_others() {
    let app = App::start().await;
    let mut browser = app.browser();
    let good = app.answer(&browser.start_login("op").await);
    let denied = browser.start_login("op").await;
    let denied = app.provider.deny(denied).expect("a response");
    browser.finish(denied).await;
    assert!(app.failures.only().is_access_denied());
    assert_eq!(browser.pending().len(), 1, "only its own cookie is deleted");
    assert_eq!(browser.finish(good).await.location(), "/");
}

/// A forged error must not be attributed to the provider.
#[tokio::test]
async fn error_response_with_foreign_state_is_refused() {
    let app = App::start().await;
    let mut browser = app.browser();
    let denied = app.provider.deny(browser.start_login("op").await).expect("a response");
    let denied = Url::parse(&denied).expect("a URL");
    let state = parameter(&denied, "state");
    browser.finish(with_parameter(&denied, "state", &format!("{}x", &state[..8]))).await;
    assert_error!(
        app.failures.only(),
        OAuthError::Browser(BrowserError::Response(AuthorizationResponseError::StateMismatch))
    );
}

#[tokio::test]
async fn a_parameter_that_comes_twice_is_refused() {
    let app = App::start().await;
    for name in ["state", "code", "iss"] {
        let mut browser = app.browser();
        let callback = app.answer(&browser.start_login("op").await);
        browser.finish(format!("{callback}&{name}=x")).await;
        assert_error!(
            app.failures.only(),
            OAuthError::Browser(BrowserError::Response(
                AuthorizationResponseError::RepeatedParameter(_)
            ))
        );
    }
    assert_eq!(app.requests(Endpoint::Token), 0);
}

fn parameter(url: &Url, name: &str) -> String {
    let (_, value) = url.query_pairs().find(|(own, _)| own == name).expect(name);
    value.into_owned()
}

fn with_parameter(url: &Url, name: &str, value: &str) -> String {
    let mut url = without(url, name);
    url.query_pairs_mut().append_pair(name, value);
    url.into()
}

fn without_parameter(url: &Url, name: &str) -> String {
    without(url, name).into()
}

fn without(url: &Url, name: &str) -> Url {
    let kept: Vec<_> = url.query_pairs().into_owned().filter(|(own, _)| own != name).collect();
    let mut url = url.clone();
    url.query_pairs_mut().clear().extend_pairs(kept);
    url
}

/// Every login leaves a record to detect a replayed response.
#[tokio::test]
async fn used_state_is_remembered_until_it_expires() {
    let clock = Clock::manual(Clock::system().now());
    let store = MemoryStore::new(clock.clone());
    let (kept, time) = (store.clone(), clock.clone());
    let app =
        App::builder::<Typed>().configure(|builder| builder.store(kept).clock(time)).start().await;
    app.log_in(&mut app.browser(), "op").await.location();
    let keys = store.list(None).await.expect("a list").keys;
    let used = keys.iter().find(|key| key.starts_with("login:")).expect("a record");
    clock.advance(599);
    assert!(store.get(used).await.expect("a store").is_some());
    // One minute more, for the clocks of other instances.
    clock.advance(61);
    assert_eq!(store.get(used).await.expect("a store"), None);
}
