//! Rule 6: after a login a person is on a page of this application.

use tests::in_process::{App, Paged};
use url::form_urlencoded::byte_serialize;

async fn ends_at(app: &App, query: &str) -> String {
    let mut browser = app.browser();
    let begun = browser.get(&format!("/auth/op/login?{query}")).await;
    let page = browser.finish(app.answer(begun.location())).await;
    page.location().to_owned()
}

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn a_login_ends_at_the_page_that_was_asked_for() {
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
    let begun = browser.get(&format!("/auth/op/login?return_to={query}")).await;
    assert_eq!(begun.cookies().len(), 1);
    let done = browser.finish(app.answer(begun.location())).await;
    assert_eq!(done.location(), "/");
    assert!(done.cookies().iter().all(|cookie| cookie.name != "x"), "{done:?}");
}

/// The path travels in the sealed cookie alone: a callback cannot choose it.
#[tokio::test]
async fn the_callback_has_no_say_in_where_the_login_ends() {
    let app = App::start().await;
    let mut browser = app.browser();
    let callback = app.answer(&browser.begin_login("op").await);
    let done = browser.finish(format!("{callback}&return_to=/elsewhere")).await;
    assert_eq!(done.location(), "/");
}

/// The page that asks for a login brings people back, and to nowhere else.
#[tokio::test]
async fn the_page_that_asks_for_a_login_leads_back_to_itself() {
    let app = App::builder::<Paged>().start().await;
    let page = app.browser().get("/whoami?a=%22%3E%3Cscript%3E").await;
    assert_eq!(page.status, 401);
    assert!(!page.body.contains("<script"), "{}", page.body);
    let link = "href=\"/auth/op/login?return_to=%2Fwhoami%3Fa%3D%2522%253E%253Cscript%253E\"";
    assert!(page.body.contains(link), "{}", page.body);
}
