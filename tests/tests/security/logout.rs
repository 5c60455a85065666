//! Rule 11 and principle 4: only the user signs out, not another site, and copies of the cookie end
//! with the session.

use http::Method;
use oauth_runtime::Clock;
use oauth_runtime::store::MemoryStore;
use oauth_runtime::testing::{Endpoint, Fault};
use tests::in_process::{App, Browser, Page, Typed};
use url::Url;

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
    // The header of the browser takes precedence over headers that a page can influence.
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
        // An old browser sends no such header.
        ("accept", "text/html"),
    ] {
        let page = browser.send(Method::GET, LOGOUT, &[header]).await;
        assert_eq!(page.status, 200, "{header:?}");
        assert!(page.body.contains("<form method=\"post\" action=\"/auth/logout\">"));
        assert!(page.body.contains("href=\"/\">Stay here</a>"), "the user can stay: {}", page.body);
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
        assert_eq!(page.location(), LOGOUT, "{header:?}");
        assert_eq!(browser.session(), None, "its cookie is deleted");
        assert_eq!(app.visitor(&mut browser).await, "nobody");
    }
}

#[tokio::test]
async fn copied_session_and_its_tokens_end_with_the_logout() {
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
async fn ended_session_is_remembered_until_it_expires() {
    let app = App::start().await;
    let mut browser = logged_in(&app).await;
    let mut thief = browser.clone();
    browser.post(LOGOUT, &[("sec-fetch-site", "same-origin")]).await;
    // Many other sign-outs must not evict this one and revive the session.
    for _ in 0..40 {
        let mut other = logged_in(&app).await;
        other.post(LOGOUT, &[("sec-fetch-site", "same-origin")]).await;
    }
    app.clock.advance(12 * 3600 - 1);
    assert_eq!(app.visitor(&mut thief).await, "nobody");
}

#[tokio::test]
async fn logout_without_session_succeeds() {
    let app = App::builder::<Typed>().start().await;
    let mut stranger = app.browser();
    let page = stranger.post(LOGOUT, &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(page.location(), LOGOUT);
}

/// Declared with `rp_initiated_logout`: the session here ends before the redirect to the provider.
#[tokio::test]
async fn a_declared_logout_leads_to_the_provider_and_back() {
    let app = App::start().await;
    let (mut browser, page) = left(&app).await;
    assert_eq!(browser.session(), None);
    assert_eq!(app.visitor(&mut browser).await, "nobody");

    let url = Url::parse(page.location()).expect("a URL");
    assert!(page.location().starts_with(&app.provider.url(Endpoint::EndSession)), "{url}");
    assert_eq!(page.header("cache-control"), "no-store");
    let place = app.public_url.join("/auth/leaving/logged-out").expect("a URL");
    assert_eq!(parameter(&url, "post_logout_redirect_uri").as_deref(), Some(place.as_str()));
    assert!(parameter(&url, "id_token_hint").is_some());

    let back = ended_at_the_provider(&url).await;
    assert_eq!(back.path(), place.path());
    let home = browser.get(back.as_str()).await;
    assert_eq!(home.location(), LOGOUT, "the page after a logout");
    assert_eq!(browser.states(), [], "no cookie is pending any more");
    assert_eq!(app.visitor(&mut browser).await, "nobody");
}

/// Two tabs: each logout has its own cookie, and there are few of them.
#[tokio::test]
async fn simultaneous_logouts_all_return() {
    let app = App::start().await;
    let mut browser = app.browser();
    let mut returns = Vec::new();
    for _ in 0..20 {
        app.log_in(&mut browser, "leaving").await;
        let page = browser.post(LOGOUT, &[("sec-fetch-site", "same-origin")]).await;
        let url = Url::parse(page.location()).expect("a URL");
        returns.push(ended_at_the_provider(&url).await);
        assert!(browser.states().len() <= 8, "{}", browser.states().len());
    }
    let cookies = |browser: &Browser| browser.states().len();
    for back in returns.iter().skip(12) {
        let before = cookies(&browser);
        assert_eq!(browser.get(back.as_str()).await.location(), LOGOUT);
        assert_eq!(cookies(&browser), before - 1, "only its cookie is deleted");
    }
    assert_eq!(cookies(&browser), 0);
}

/// A return neither starts nor ends a session, whatever its source.
#[tokio::test]
async fn unexpected_logout_return_changes_nothing() {
    let app = App::start().await;
    let (mut leaving, page) = left(&app).await;
    let url = Url::parse(page.location()).expect("a URL");
    let state = parameter(&url, "state").expect("a state");
    let mut signed_in = logged_in(&app).await;
    for query in
        ["", "?state=", "?state=x", "?return_to=//evil.example", &format!("?state={state}x")]
    {
        for (browser, who) in [(&mut leaving, "nobody"), (&mut signed_in, "ada")] {
            let page = browser.get(&format!("/auth/leaving/logged-out{query}")).await;
            assert_eq!((page.location(), page.cookies()), ("/", vec![]), "{query}");
            assert_eq!(app.visitor(browser).await, who, "{query}");
        }
    }
    // The expected return is still accepted.
    assert_eq!(
        leaving.get(&format!("/auth/leaving/logged-out?state={state}")).await.location(),
        LOGOUT
    );
    assert_eq!(leaving.states(), []);
}

#[tokio::test]
async fn logout_works_while_the_provider_is_down() {
    let store = MemoryStore::new(Clock::system());
    let shared = store.clone();
    let app = App::builder::<Typed>().configure(|builder| builder.store(shared)).start().await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "leaving").await;
    // Another instance, which has not contacted the provider.
    app.provider.fault(Fault::ServerError(Endpoint::Metadata));
    let other = App::builder::<Typed>().beside(&app);
    let other = other.configure(|builder| builder.store(store)).start().await;
    let mut browser = other.serve(&browser);
    assert_eq!(other.visitor(&mut browser).await, "ada");
    let mut thief = browser.clone();
    let page = browser.post(LOGOUT, &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(page.location(), LOGOUT);
    assert_eq!(browser.session(), None);
    assert_eq!(other.visitor(&mut thief).await, "nobody");
}

#[tokio::test]
async fn logout_without_end_session_stays_on_this_site() {
    let app = App::start().await;
    let mut browser = logged_in(&app).await;
    let page = browser.post(LOGOUT, &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(page.location(), LOGOUT);
    assert_eq!(app.requests(Endpoint::EndSession), 0);
    // Its return route does not exist.
    assert_eq!(browser.get("/auth/op/logged-out").await.status, 404);
}

/// Browsers apply `form-action` to the redirects after a form.
#[tokio::test]
async fn logout_question_loosens_only_form_action() {
    let app = App::start().await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "leaving").await;
    let away = browser.get(LOGOUT).await;
    let away = away.header("content-security-policy");
    let home = logged_in(&app).await.get(LOGOUT).await;
    let home = home.header("content-security-policy");
    assert!(!away.contains("form-action"), "{away}");
    assert_eq!(home.replace("; form-action 'self'", ""), away);
}

/// A browser that has just signed out, and its response.
async fn left(app: &App) -> (Browser, Page) {
    let mut browser = app.browser();
    app.log_in(&mut browser, "leaving").await;
    let page = browser.post(LOGOUT, &[("sec-fetch-site", "same-origin")]).await;
    (browser, page)
}

async fn ended_at_the_provider(url: &Url) -> Url {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
    let client = client.expect("a client");
    let response = client.get(url.as_str()).send().await.expect("a response");
    let location = response.headers().get("location").expect("a redirect");
    Url::parse(location.to_str().expect("text")).expect("a URL")
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}
