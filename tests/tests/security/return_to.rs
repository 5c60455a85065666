//! Rule 6: a login ends at a page of this application.

use oauth_runtime::prelude::*;
use tests::in_process::{App, Browser, Paged, config_of};
use url::Url;
use url::form_urlencoded::byte_serialize;

async fn ends_at(app: &App, query: &str) -> String {
    let mut browser = app.browser();
    let started = browser.get(&format!("/auth/op/login?{query}")).await;
    let page = browser.finish(app.answer(started.location())).await;
    page.location().to_owned()
}

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn login_ends_at_the_requested_page() {
    let app = App::start().await;
    for path in ["/", "/a/b?c=d&e=f#g", "/a?next=https://elsewhere.example/", "/%2F/a", "/a//b"] {
        assert_eq!(ends_at(&app, &format!("return_to={}", encoded(path))).await, path);
    }
}

#[tokio::test]
async fn a_login_never_ends_on_another_site() {
    let app = App::start().await;
    let tricks = [
        "https://evil.example/",
        "http:evil.example",
        "https:/evil.example",
        "//evil.example",
        "///evil.example",
        "////evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "\\/evil.example",
        "/\t/evil.example",
        "/\r\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "\u{a0}//evil.example",
        "/./\\evil.example",
        "/.//evil.example",
        "/..//evil.example",
        "/%2e%2e//evil.example",
        "/%2E//evil.example",
        "/a/..//evil.example",
        "//evil.example/%2f..",
        "//user@evil.example",
        "/\u{0}/evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "@evil.example",
        ".evil.example",
        ":80@evil.example",
        "evil.example",
        "",
        "?a=b",
        "#a",
    ];
    for trick in tricks {
        assert_eq!(ends_at(&app, &format!("return_to={}", encoded(trick))).await, "/", "{trick:?}");
    }
    let too_long = format!("/{}", "x".repeat(100_000 / 2));
    assert_eq!(ends_at(&app, &format!("return_to={too_long}")).await, "/");
}

#[tokio::test]
async fn a_return_path_cannot_add_a_header() {
    let app = App::start().await;
    let mut browser = app.browser();
    let query = encoded("/a\r\nSet-Cookie: x=y");
    let started = browser.get(&format!("/auth/op/login?return_to={query}")).await;
    assert_eq!(started.cookies().len(), 1);
    let done = browser.finish(app.answer(started.location())).await;
    assert_eq!(done.location(), "/");
    assert!(done.cookies().iter().all(|cookie| cookie.name != "x"), "{done:?}");
}

/// Only the sealed cookie contains the path: a callback cannot choose it.
#[tokio::test]
async fn callback_does_not_choose_the_return_path() {
    let app = App::start().await;
    let mut browser = app.browser();
    let callback = app.answer(&browser.start_login("op").await);
    let done = browser.finish(format!("{callback}&return_to=/elsewhere")).await;
    assert_eq!(done.location(), "/");
}

/// The login page returns users only to the page that required the login.
#[tokio::test]
async fn login_page_leads_back_to_the_page_that_asked() {
    let app = App::builder::<Paged>().start().await;
    let page = app.browser().get("/whoami?a=%22%3E%3Cscript%3E").await;
    assert_eq!(page.status, 401);
    assert!(!page.body.contains("<script"), "{}", page.body);
    let link = "href=\"/auth/op/login?return_to=%2Fwhoami%3Fa%3D%2522%253E%253Cscript%253E\"";
    assert!(page.body.contains(link), "{}", page.body);
}

/// The rest of the host may be another application.
#[tokio::test]
async fn return_path_stays_below_the_public_url() {
    let app = App::builder::<Paged>().public_url("https://app.example/app").start().await;
    for (asked, arrived) in [
        ("/app/profile?x=1#y", "/app/profile?x=1#y"),
        ("/app", "/app"),
        ("/app/a/../b", "/app/b"),
        ("/other", "/app/"),
        ("/application", "/app/"),
        ("/app/../other", "/app/"),
        ("/app/%2e%2e/other", "/app/"),
        ("/app/..%2fother", "/app/"),
    ] {
        let mut browser = app.browser();
        let started = browser.get(&format!("/auth/op/login?return_to={}", encoded(asked))).await;
        let callback = app.answer(started.location());
        // A proxy strips the path.
        let inside = callback.as_str().replace("/app/auth/", "/auth/");
        assert_eq!(browser.finish(inside).await.location(), arrived, "{asked}");
    }
}

/// Otherwise the provider would redirect back to a missing page.
#[tokio::test]
async fn login_at_nested_routes_fails_before_the_provider() {
    let app = App::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let server = listener.local_addr().expect("an address");
    for (path, begins) in [("", false), ("/nested", true)] {
        let public_url = format!("http://{server}{path}");
        let config = config_of::<Paged>(&app.provider, &public_url);
        let oauth = Paged::builder().config(config).build().expect("a valid configuration");
        let routes = Router::new().nest("/nested", oauth.routes()).with_state(oauth);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let server = listener.local_addr().expect("an address");
        let task = tokio::spawn(async move { axum::serve(listener, routes).await });
        let mut browser = Browser::new(Url::parse(&public_url).expect("a URL"), server);
        let page = browser.get("/nested/auth/op/login").await;
        assert_eq!(page.status.is_redirection(), begins, "{path}: {page:?}");
        assert_eq!(page.status.is_server_error(), !begins, "{path}: {page:?}");
        assert_eq!(browser.pending().is_empty(), !begins);
        task.abort();
    }
}
