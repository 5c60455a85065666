//! Rule 15: only a user's click on a page of this application changes the signed-in user. A request
//! that no user sees, such as a `HEAD`, an image or a prefetch, changes nothing and uses no code.

use http::{Method, StatusCode};
use oauth_runtime::error::BrowserError;
use oauth_runtime::prelude::*;
use oauth_runtime::testing::Endpoint;
use tests::in_process::{App, Browser, Handled, Op, Page, Paged};
use url::Url;

const LOGIN: &str = "/auth/op/login?return_to=/whoami";
const LOGOUT: &str = "/auth/logout";

type Headers = Vec<(&'static str, &'static str)>;

/// The headers of a page load, by a click or by a script or redirect.
fn page_load(site: &'static str, is_click: bool) -> Headers {
    let user = is_click.then_some(("sec-fetch-user", "?1"));
    [("sec-fetch-site", site), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")]
        .into_iter()
        .chain(user)
        .collect()
}

/// Page loads from outside this application.
fn unasked() -> Vec<Headers> {
    let sites = ["cross-site", "same-site", "none"];
    let told = sites.iter().flat_map(|site| [page_load(site, true), page_load(site, false)]);
    let of_a_script = page_load("same-origin", false);
    told.chain([of_a_script, vec![("accept", "text/html")]]).collect()
}

/// Requests of this application's pages whose response no user sees.
fn unseen() -> Vec<(Method, Headers)> {
    let with = |name, value| {
        let mut headers = page_load("same-origin", true);
        headers.retain(|(own, _)| *own != name);
        headers.push((name, value));
        headers
    };
    let embedded = |dest, mode| {
        vec![("sec-fetch-site", "same-origin"), ("sec-fetch-dest", dest), ("sec-fetch-mode", mode)]
    };
    let gets = [
        with("sec-purpose", "prefetch"),
        with("sec-purpose", "prefetch;prerender"),
        with("purpose", "prefetch"),
        with("x-purpose", "preview"),
        with("x-moz", "prefetch"),
        embedded("image", "no-cors"),
        embedded("iframe", "navigate"),
        embedded("object", "navigate"),
        embedded("script", "no-cors"),
        embedded("empty", "no-cors"),
        vec![
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-dest", "empty"),
            ("sec-fetch-mode", "cors"),
        ],
    ];
    let heads = [page_load("same-origin", true), page_load("cross-site", true), Vec::new()];
    let heads = heads.map(|headers| (Method::HEAD, headers));
    gets.map(|headers| (Method::GET, headers)).into_iter().chain(heads).collect()
}

async fn signed_in(app: &App) -> Browser {
    let mut browser = app.browser();
    app.log_in(&mut browser, "op").await;
    assert!(browser.session().is_some());
    browser
}

fn asks(page: &Page) -> bool {
    page.status == StatusCode::OK
        && page.body.contains("<form method=\"post\"")
        && page.header("content-security-policy").contains("frame-ancestors 'none'")
        && page.cookies().is_empty()
}

#[tokio::test]
async fn login_from_elsewhere_asks_a_signed_in_user() {
    let app = App::builder::<Paged>().start().await;
    let mut browser = signed_in(&app).await;
    let session = browser.session();
    for headers in unasked() {
        let page = browser.send(Method::GET, LOGIN, &headers).await;
        assert!(asks(&page), "{headers:?}: {page:?}");
        assert!(page.body.contains("action=\"/auth/op/login?return_to=/whoami\""), "{}", page.body);
        assert!(page.body.contains("href=\"/whoami\">Stay here</a>"), "{}", page.body);
        assert_eq!(browser.session(), session, "{headers:?}");
    }
    assert_eq!(browser.pending(), []);
    let started = browser.post_here(LOGIN, String::new()).await;
    assert_eq!(started.status, StatusCode::SEE_OTHER, "the form does not redirect to the provider");
    let callback = app.provider.sign_in(started.location(), "alan").expect("a valid request");
    assert_eq!(browser.finish(callback).await.location(), "/whoami");
    assert_eq!(app.visitor(&mut browser).await, "alan");
}

#[tokio::test]
async fn login_link_of_an_own_page_takes_one_click() {
    let app = App::start().await;
    let mut browser = signed_in(&app).await;
    let started = browser.send(Method::GET, LOGIN, &page_load("same-origin", true)).await;
    let callback = app.provider.sign_in(started.location(), "alan").expect("a valid request");
    browser.finish(callback).await.location();
    assert_eq!(app.visitor(&mut browser).await, "alan");
}

/// A protected page redirects its visitors to the login, and the redirect keeps their origin.
#[tokio::test]
async fn login_without_session_begins_from_anywhere() {
    let app = App::start().await;
    for headers in unasked() {
        let mut browser = app.browser();
        // The cookie of an ended session.
        browser.plant("oauth-session-0", "x");
        let started = browser.send(Method::GET, LOGIN, &headers).await;
        assert_eq!(browser.finish(app.answer(started.location())).await.location(), "/whoami");
        assert_eq!(app.visitor(&mut browser).await, "ada", "{headers:?}");
    }
}

/// Another site starts a login and completes it after the user has signed in.
#[tokio::test]
async fn login_without_a_session_replaces_none_later() {
    let app = App::start().await;
    for headers in unasked() {
        let mut browser = app.browser();
        let started = browser.send(Method::GET, LOGIN, &headers).await;
        let callback = app.provider.sign_in(started.location(), "alan").expect("a valid request");
        app.log_in(&mut browser, "op").await;
        let session = browser.session();
        let exchanged = app.requests(Endpoint::Token);
        let page = browser.finish(callback).await;
        assert_eq!(page.location(), "/whoami", "{headers:?}");
        assert_eq!(browser.session(), session, "{headers:?}");
        assert_eq!(app.visitor(&mut browser).await, "ada", "{headers:?}");
        assert_eq!(app.requests(Endpoint::Token), exchanged, "nothing is exchanged");
        assert_eq!(browser.pending(), [], "the attempt is deleted");
    }
}

/// A click on a page of this application expresses the user's intent, whenever the login completes.
#[tokio::test]
async fn login_by_a_click_replaces_a_later_session() {
    let app = App::start().await;
    let mut browser = app.browser();
    let started = browser.send(Method::GET, LOGIN, &page_load("same-origin", true)).await;
    let callback = app.provider.sign_in(started.location(), "alan").expect("a valid request");
    app.log_in(&mut browser, "op").await;
    assert_eq!(browser.finish(callback).await.location(), "/whoami");
    assert_eq!(app.visitor(&mut browser).await, "alan");
}

/// It has no session cookie, so it does not show whether a user is signed in.
#[tokio::test]
async fn login_form_of_another_site_begins_nothing() {
    let app = App::builder::<Paged>().start().await;
    let mut browser = signed_in(&app).await;
    let page = browser.post_from_elsewhere(LOGIN, String::new()).await;
    assert_eq!((page.status, page.cookies()), (StatusCode::SEE_OTHER, Vec::new()));
    assert_eq!(page.location(), LOGIN);
    let target = page.location().to_owned();
    assert!(asks(&browser.send(Method::GET, &target, &page_load("cross-site", true)).await));
    // A browser without the headers may omit the cookie too.
    let page = app.browser().post(LOGIN, &[]).await;
    assert_eq!((page.location(), page.cookies()), (LOGIN, Vec::new()));
    assert_eq!(app.visitor(&mut browser).await, "ada");
}

#[tokio::test]
async fn foreign_or_typed_logout_asks_first() {
    let app = App::start().await;
    let mut browser = signed_in(&app).await;
    for headers in unasked() {
        assert!(asks(&browser.send(Method::GET, LOGOUT, &headers).await), "{headers:?}");
        assert_eq!(app.visitor(&mut browser).await, "ada", "{headers:?}");
    }
    for site in ["cross-site", "same-site", "none"] {
        let page = browser.post(LOGOUT, &page_load(site, true)).await;
        assert_eq!((page.status, page.cookies()), (StatusCode::FORBIDDEN, Vec::new()), "{site}");
    }
    // In an old browser, the form of another site has no cookie.
    let page = app.browser().post(LOGOUT, &[]).await;
    assert_eq!((page.location(), page.cookies()), (LOGOUT, Vec::new()));
    assert_eq!(app.visitor(&mut browser).await, "ada");
    let page = browser.send(Method::GET, LOGOUT, &page_load("same-origin", true)).await;
    assert_eq!(page.location(), "/auth/logout");
    assert_eq!(app.visitor(&mut browser).await, "nobody");
}

#[tokio::test]
async fn script_of_an_own_page_may_sign_out() {
    let app = App::start().await;
    let mut browser = signed_in(&app).await;
    let fetch = [
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-mode", "cors"),
        ("sec-fetch-dest", "empty"),
    ];
    browser.post(LOGOUT, &fetch).await.location();
    assert_eq!(app.visitor(&mut browser).await, "nobody");
}

#[tokio::test]
async fn request_that_no_user_sees_changes_no_session() {
    let app = App::builder::<Paged>().start().await;
    let mut browser = signed_in(&app).await;
    for (method, headers) in unseen() {
        for path in [LOGIN, LOGOUT, "/auth/leaving/logged-out?state=x"] {
            let page = browser.send(method.clone(), path, &headers).await;
            let seen = (page.status, page.cookies());
            assert_eq!(seen, (StatusCode::FORBIDDEN, Vec::new()), "{method} {path} {headers:?}");
        }
    }
    assert_eq!(app.visitor(&mut browser).await, "ada");
}

/// The user's own request then completes the login.
#[tokio::test]
async fn request_that_no_user_sees_spends_no_code() {
    let app = App::start().await;
    let mut browser = app.browser();
    let callback = app.answer(&browser.start_login("op").await);
    for (method, headers) in unseen() {
        let page = browser.send(method.clone(), callback.as_str(), &headers).await;
        let seen = (page.status, page.cookies());
        assert_eq!(seen, (StatusCode::FORBIDDEN, Vec::new()), "{method} {headers:?}");
        assert_error!(app.failures.only(), OAuthError::Browser(BrowserError::NotAVisit));
    }
    assert_eq!(app.requests(Endpoint::Token), 0);
    browser.send(Method::GET, callback.as_str(), &page_load("cross-site", true)).await.location();
    assert_eq!(app.visitor(&mut browser).await, "ada");
}

/// axum answers `HEAD` with the handler of a `GET`.
#[tokio::test]
async fn extractor_of_a_login_spends_no_code_for_a_head() {
    async fn by_hand(login: Login<Op>) -> Result<impl IntoResponse, OAuthError> {
        Ok((login.sign_in().await?, "in"))
    }
    let extend = |router: Router<Handled>| router.route("/auth/op/by-hand", get(by_hand));
    let app = App::builder::<Handled>().extend(extend).start().await;
    let mut browser = app.browser();
    let mut callback = app.answer(&browser.start_login("op").await);
    callback.set_path("/auth/op/by-hand");
    for (method, headers) in unseen() {
        let page = browser.send(method, callback.as_str(), &headers).await;
        assert_eq!((page.status, page.cookies()), (StatusCode::FORBIDDEN, Vec::new()));
    }
    assert_eq!(browser.get(callback.as_str()).await.body, "in");
}

#[tokio::test]
async fn return_from_a_logout_survives_a_prefetch() {
    let app = App::start().await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "leaving").await;
    let page = browser.post(LOGOUT, &[("sec-fetch-site", "same-origin")]).await;
    let url = Url::parse(page.location()).expect("a URL");
    let (_, state) = url.query_pairs().find(|(name, _)| name == "state").expect("a state");
    let back = format!("/auth/leaving/logged-out?state={state}");
    let pending = browser.states();
    for (method, headers) in unseen() {
        browser.send(method, &back, &headers).await;
        assert_eq!(browser.states(), pending, "{headers:?}");
    }
    assert_eq!(browser.get(&back).await.location(), "/auth/logout");
    assert_eq!(browser.states(), [], "nothing is pending any more");
}
