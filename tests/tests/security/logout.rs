//! Rule 11 and principle 4: people sign themselves out, no other site does; and a session that was
//! signed out is dead, whoever has a copy of its cookie.

use http::Method;
use tests::in_process::{App, Browser, Typed};

const LOGOUT: &str = "/auth/logout";

async fn logged_in(app: &App) -> Browser {
    let mut browser = app.browser();
    app.log_in(&mut browser, "op").await;
    browser
}

#[tokio::test]
async fn a_post_of_another_site_is_refused() {
    let app = App::start().await;
    let mut browser = logged_in(&app).await;
    for header in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1:1"),
    ] {
        let page = browser.post(LOGOUT, &[header]).await;
        assert_eq!(page.status, 403, "{header:?}");
        assert_eq!(page.cookies(), []);
        assert_eq!(app.visitor(&mut browser).await, "ada", "{header:?}");
    }
    // The browser's own word counts more than what a page can influence.
    let own = app.public_url.origin().ascii_serialization();
    let headers = [("sec-fetch-site", "cross-site"), ("origin", own.as_str())];
    assert_eq!(browser.post(LOGOUT, &headers).await.status, 403);
}

#[tokio::test]
async fn a_get_of_another_site_asks_first() {
    let app = App::start().await;
    let mut browser = logged_in(&app).await;
    for header in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        // An old browser says nothing.
        ("accept", "text/html"),
    ] {
        let page = browser.send(Method::GET, LOGOUT, &[header]).await;
        assert_eq!(page.status, 200, "{header:?}");
        assert!(page.body.contains("<form method=\"post\" action=\"/auth/logout\">"));
        assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
        assert_eq!(page.cookies(), []);
        assert_eq!(app.visitor(&mut browser).await, "ada", "{header:?}");
    }
}

#[tokio::test]
async fn the_sites_own_button_signs_out() {
    let app = App::start().await;
    let own = app.public_url.origin().ascii_serialization();
    for header in [("sec-fetch-site", "same-origin"), ("origin", own.as_str())] {
        let mut browser = logged_in(&app).await;
        let page = browser.post(LOGOUT, &[header]).await;
        assert_eq!(page.location(), "/", "{header:?}");
        assert_eq!(browser.session(), None, "its cookie is gone");
        assert_eq!(app.visitor(&mut browser).await, "nobody");
    }
}

#[tokio::test]
async fn a_copied_session_is_dead_after_the_logout_and_so_are_its_tokens() {
    let app = App::start().await;
    let mut browser = logged_in(&app).await;
    let mut thief = browser.clone();
    assert!(thief.get("/resource").await.body.contains("ada"));
    browser.post(LOGOUT, &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(app.visitor(&mut thief).await, "nobody");
    assert_eq!(thief.get("/whoami").await.status, 401);
    assert_eq!(thief.get("/resource").await.status, 401);
}

#[tokio::test]
async fn a_dead_session_is_remembered_until_it_would_have_ended() {
    let app = App::start().await;
    let mut browser = logged_in(&app).await;
    let mut thief = browser.clone();
    browser.post(LOGOUT, &[("sec-fetch-site", "same-origin")]).await;
    // Many others sign out meanwhile; a bound on memory must not bring the session back.
    for _ in 0..40 {
        let mut other = logged_in(&app).await;
        other.post(LOGOUT, &[("sec-fetch-site", "same-origin")]).await;
    }
    app.clock.advance(12 * 3600 - 1);
    assert_eq!(app.visitor(&mut thief).await, "nobody");
}

#[tokio::test]
async fn a_logout_without_session_does_nothing_and_fails_for_nobody() {
    let app = App::builder::<Typed>().start().await;
    let mut stranger = app.browser();
    let page = stranger.post(LOGOUT, &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(page.location(), "/");
}
