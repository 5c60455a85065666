//! Rules 1 and 5: the names of cookies, and where browsers may send them.

use oauth_runtime::error::BrowserError;
use oauth_runtime::prelude::*;
use oauth_runtime::testing::Endpoint;
use tests::in_process::{App, Cookie, Typed};

const ON_HTTPS: &str = "https://app.example";

/// `__Host-` ties a cookie to one host, to https and to the whole site; browsers enforce it.
#[tokio::test]
async fn on_https_every_cookie_is_tied_to_the_host() {
    let app = App::builder::<Typed>().public_url(ON_HTTPS).start().await;
    let mut browser = app.browser();
    let started = browser.get("/auth/op/login").await;
    let [pending] = only(started.cookies());
    assert!(pending.name.starts_with("__Host-oauth-login-"), "{pending:?}");
    assert_attributes(&pending, &["httponly", "max-age=600", "path=/", "samesite=lax", "secure"]);

    let done = browser.finish(app.answer(started.location())).await;
    let [session, last, cleared] = only(done.cookies());
    assert!(last.name.starts_with("__Host-oauth-last-"), "{}", last.name);
    assert_attributes(&last, &["httponly", "max-age=15552000", "path=/", "samesite=lax", "secure"]);
    assert!(session.name.starts_with("__Host-oauth-session-"), "{}", session.name);
    assert_attributes(&session, &["httponly", "max-age=43200", "path=/", "samesite=lax", "secure"]);
    // A browser deletes a cookie of this name only if the deletion has the same attributes.
    assert_eq!(cleared.name, pending.name);
    assert_attributes(&cleared, &["httponly", "max-age=0", "path=/", "samesite=lax", "secure"]);

    let headers = [("sec-fetch-site", "same-origin")];
    let [cleared] = only(browser.post("/auth/logout", &headers).await.cookies());
    assert_eq!(cleared.name, session.name);
    assert_attributes(&cleared, &["httponly", "max-age=0", "path=/", "samesite=lax", "secure"]);
}

/// Browsers refuse `__Host-` and `Secure` on plain http, which only loopback may use.
#[tokio::test]
async fn loopback_cookies_have_every_possible_attribute() {
    let app = App::start().await;
    let mut browser = app.browser();
    let started = browser.get("/auth/op/login").await;
    let [pending] = only(started.cookies());
    assert!(pending.name.starts_with("oauth-login-"), "{pending:?}");
    assert_attributes(&pending, &["httponly", "max-age=600", "path=/", "samesite=lax"]);
    let [session, _, _] = only(browser.finish(app.answer(started.location())).await.cookies());
    assert!(session.name.starts_with("oauth-session-"), "{}", session.name);
    assert_attributes(&session, &["httponly", "max-age=43200", "path=/", "samesite=lax"]);
}

/// A sibling subdomain can set a cookie without the prefix for the whole domain.
#[tokio::test]
async fn cookie_without_prefix_is_ignored_on_https() {
    let app = App::builder::<Typed>().public_url(ON_HTTPS).start().await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "op").await;
    let (name, value) = browser.session().expect("a session");
    browser.forget(&name);
    browser.plant(name.trim_start_matches("__Host-"), &value);
    assert_eq!(app.visitor(&mut browser).await, "nobody");

    let mut browser = app.browser();
    let callback = app.answer(&browser.start_login("op").await);
    let (name, value) = browser.only_pending();
    browser.forget(&name);
    browser.plant(name.trim_start_matches("__Host-"), &value);
    let tokens = app.requests(Endpoint::Token);
    assert!(browser.finish(callback).await.status.is_client_error());
    assert_eq!(app.requests(Endpoint::Token), tokens);
}

/// With `Domain=`, a sibling host can prefix our name with characters that browsers count as a part
/// of it.
const PART_OF_A_NAME: [&str; 8] =
    ["\u{2000}", "\u{a0}", "\u{85}", "\u{3000}", "\u{1680}", "\u{2028}", "\u{feff}", "\u{200b}"];

#[tokio::test]
async fn planted_name_with_other_space_is_another_name() {
    let app = App::builder::<Typed>().public_url(ON_HTTPS).start().await;
    let mut attacker = app.browser();
    app.log_in_as(&mut attacker, "op", "alan").await;
    let (session, planted) = attacker.session().expect("a session");
    let started =
        app.provider.sign_in(&attacker.start_login("op").await, "alan").expect("valid input");
    let (attempt, pending) = attacker.only_pending();
    for space in PART_OF_A_NAME {
        let mut victim = app.browser();
        victim.plant(&format!("{space}{session}"), &planted);
        victim.plant(&format!("{space}{attempt}"), &pending);
        assert_eq!(app.visitor(&mut victim).await, "nobody", "{space:?}");
        let refused = victim.finish(&started).await;
        assert_error!(app.failures.only(), OAuthError::Browser(BrowserError::NoPendingLogin));
        assert_eq!(refused.cookies(), [], "{space:?}");

        app.log_in(&mut victim, "op").await;
        assert_eq!(app.visitor(&mut victim).await, "ada", "{space:?}: her own session counts");
    }
}

/// A conforming browser never has two cookies of one `__Host-` name. A value that does not open is
/// ignored; two sessions or two pending logins that open contradict each other.
#[tokio::test]
async fn repeated_name_counts_if_one_value_opens() {
    let app = App::builder::<Typed>().public_url(ON_HTTPS).start().await;
    let (mut one, mut other) = (app.browser(), app.browser());
    app.log_in(&mut one, "op").await;
    app.log_in_as(&mut other, "op", "alan").await;
    let (name, own) = one.session().expect("a session");
    let (_, planted) = other.session().expect("a session");
    for (values, who) in [
        (vec![&*own, "x"], "ada"),
        (vec!["x", "", &own], "ada"),
        (vec![&own, &own], "ada"),
        (vec![&own, &planted], "nobody"),
        (vec![&planted, &own], "nobody"),
        (vec![&own, "x", &own, &planted], "nobody"),
    ] {
        let pairs: Vec<_> = values.iter().map(|value| format!("{name}={value}")).collect();
        let header = pairs.join("; ");
        let headers = [("cookie", header.as_str())];
        let page = app.browser().send(http::Method::GET, "/", &headers).await;
        assert_eq!(page.body, who, "{values:?}");
    }

    let callback = app.answer(&one.start_login("op").await);
    let (name, value) = one.only_pending();
    let started = |values: [&str; 2]| values.map(|value| format!("{name}={value}")).join("; ");
    let (foreign, twice) = (started(["x", "y"]), started(["x", &value]));
    let page =
        app.browser().send(http::Method::GET, callback.as_str(), &[("cookie", &foreign)]).await;
    assert!(page.status.is_client_error());
    assert_error!(app.failures.only(), OAuthError::Browser(BrowserError::ForeignPendingLogin));
    app.browser()
        .send(http::Method::GET, callback.as_str(), &[("cookie", &twice)])
        .await
        .location();
}

/// Forty tabs, of which the newest is used; the oldest are evicted.
#[tokio::test]
async fn pending_logins_are_bounded_and_the_newest_stays() {
    for public_url in [None, Some(ON_HTTPS)] {
        let mut builder = App::builder::<Typed>();
        if let Some(url) = public_url {
            builder = builder.public_url(url);
        }
        let app = builder.start().await;
        let mut browser = app.browser();
        let mut started = Vec::new();
        for _ in 0..40 {
            started.push(browser.start_login("op").await);
            assert!(browser.pending().len() <= 8, "{}", browser.pending().len());
        }
        let newest = app.answer(started.last().expect("forty"));
        assert_eq!(browser.finish(newest).await.location(), "/");
        browser.finish(app.answer(&started[0])).await;
        assert_eq!(app.failures.take().len(), 1, "the oldest was evicted");
        assert_eq!(browser.finish(app.answer(&started[38])).await.location(), "/");
    }
}

/// Browsers drop a cookie of more than 4096 bytes, which loses the login. Proxies refuse a header
/// of more than 8 KiB, which blocks every page of the site until the cookies expire.
#[tokio::test]
async fn return_path_never_overflows_the_cookie() {
    let app = App::start().await;
    // At the maximum length, which is counted after encoding, and beyond it.
    let is_kept = |count: usize| count < 512;
    for (unit, count) in [("x", 511), ("ä", 85), ("€", 56), ("x", 1_023), ("ä", 512)] {
        let mut browser = app.browser();
        let path = format!("/{}", unit.repeat(count));
        let query = url::form_urlencoded::byte_serialize(path.as_bytes()).collect::<String>();
        for _ in 0..12 {
            let started = browser.get(&format!("/auth/op/login?return_to={query}")).await;
            started.location();
        }
        let pending = browser.pending();
        let sizes = pending.iter().map(|(name, value)| name.len() + value.len() + 3);
        let (largest, all) = (sizes.clone().max().unwrap_or(0), sizes.sum::<usize>());
        assert!(largest <= 4096, "{unit} {count}: one cookie has {largest} bytes");
        assert!(all <= 6000, "{unit} {count}: all together have {all} bytes");
        assert_eq!(largest > 800, is_kept(count), "{unit} {count}: {largest} bytes");
    }
}

fn only<const N: usize>(cookies: Vec<Cookie>) -> [Cookie; N] {
    cookies.try_into().unwrap_or_else(|cookies| panic!("not {N}: {cookies:?}"))
}

fn assert_attributes(cookie: &Cookie, expected: &[&str]) {
    assert_eq!(cookie.attributes, expected, "{}", cookie.name);
}
