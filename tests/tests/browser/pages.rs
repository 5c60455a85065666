//! The library's pages: accessible in each colour scheme, in both directions of writing and on small
//! screens.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::http::HeaderName;
use axum::response::Html;
use oauth_runtime::pages::Pages;
use oauth_runtime::prelude::*;
use reqwest::Method;
use tests::browser::Browser;
use tests::in_process::{App, Op, Page};
use tests::scenario;

/// A provider whose response is posted, so that the page "one moment" is shown.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "posted",
    display_name = "Acme",
    issuer = "{issuer}",
    scopes("openid"),
    response_mode = "form_post",
    keep_tokens,
    quirks(loopback_http)
)]
struct Posted {
    issuer: String,
}

/// With the colour of a brand on which only black text can be read.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "bright",
    display_name = "Bright & Co",
    brand_color = "#ffe812",
    issuer = "{issuer}",
    scopes("openid"),
    quirks(loopback_http)
)]
struct Bright {
    issuer: String,
}

/// With the colour of a brand that can hardly be distinguished from a dark background.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "night",
    display_name = "Night",
    brand_color = "#1f2328",
    issuer = "{issuer}",
    scopes("openid"),
    quirks(loopback_http)
)]
struct Night {
    issuer: String,
}

#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(mount = "/auth")]
struct Gallery {
    night: Client<Night>,
    op: Client<Op>,
    bright: Client<Bright>,
    posted: Client<Posted>,
}

/// A logo that the policy of the pages allows.
const LOGO: &str = "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCAxNiAxNiI+PHJlY3Qgd2lkdGg9IjE2IiBoZWlnaHQ9IjE2IiByeD0iNCIgZmlsbD0iIzFmNmY1YyIvPjwvc3ZnPg==";

const HERE: [(&str, &str); 1] = [("sec-fetch-site", "same-origin")];

async fn posted(_: Api<Posted>) {}

/// Every page in a language, by name.
async fn pages(language: &str) -> BTreeMap<&'static str, Page> {
    let language = [("accept-language", language)];
    let look = Pages::new().application_name("Weavers’ Guild").logo(LOGO);
    let app = App::builder::<Gallery>()
        .configure(|builder| builder.pages(look))
        .extend(|router| router.route("/posted", get(posted)))
        .start()
        .await;
    let mut browser = app.browser();
    let mut pages = BTreeMap::new();
    let url = browser.start_login("posted").await;
    let form = app.provider.sign_in_by_form_post(&url, "ada").expect("a response");
    let headers = [language[0], ("content-type", "application/x-www-form-urlencoded")];
    let moment = browser.fresh().post_body(form.action(), &headers, form.body()).await;
    assert!(moment.form_to_post().is_some(), "{moment:?}");
    pages.insert("one-moment", moment);
    let denied = app.provider.deny(browser.start_login("op").await).expect("a response");
    pages.insert("denied", browser.send(Method::GET, &denied, &language).await);
    let unknown = "/auth/op/callback?code=1&state=2";
    pages.insert("error", browser.send(Method::GET, unknown, &language).await);
    app.log_in(&mut browser, "op").await;
    let elsewhere = [language[0], ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
    for (name, path) in [
        ("sign-out", "/auth/logout"),
        ("sign-in-again", "/auth/op/login"),
        ("connect", "/auth/posted/connect"),
        ("connection-needed", "/posted"),
    ] {
        pages.insert(name, browser.send(Method::GET, path, &elsewhere).await);
    }
    browser.post("/auth/logout", &HERE).await;
    pages.insert("signed-out", browser.send(Method::GET, "/auth/logout", &language).await);
    pages.insert("sign-in", browser.send(Method::GET, "/whoami", &language).await);
    pages
}

/// Serves the pages under their names, with their policies. The script of the page that posts its
/// form is left out: the page would be gone before it is looked at.
async fn serve(pages: BTreeMap<&'static str, Page>) -> String {
    let show = async move |Path(name): Path<String>| {
        let page = pages.get(name.as_str()).expect("a page");
        let policy = page.header("content-security-policy").to_owned();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        let start = page.body.find("<script>").unwrap_or(page.body.len());
        let (before, rest) = page.body.split_at(start);
        let after = rest.split_once("</script>").map_or("", |(_, after)| after);
        let policy = [(HeaderName::from_static("content-security-policy"), policy)];
        (policy, Html(format!("{before}{after}")))
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = Router::new().route("/{name}", get(show));
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// English, a script from right to left, and one with tall letters.
const LANGUAGES: [&str; 3] = ["en", "ar", "hi"];

#[tokio::test]
async fn axe_finds_nothing_on_any_page_of_the_library() {
    let scenario = scenario!();
    let browser = Browser::start(&scenario).await;
    for language in LANGUAGES {
        let pages = pages(language).await;
        assert_eq!(pages.len(), 9);
        for (name, page) in &pages {
            let lang = format!("<html lang=\"{language}\"");
            assert!(page.body.contains(&lang), "{name}: {}", page.body);
        }
        let names: Vec<_> = pages.keys().copied().collect();
        let base = serve(pages).await;
        for scheme in ["light", "dark"] {
            browser.prefer(scheme).await;
            for name in &names {
                browser.open(&format!("{base}/{name}")).await;
                let found = browser.violations().await;
                assert_eq!(found, [""; 0], "{name} in {language} on a {scheme} screen");
            }
        }
        for name in &names {
            browser.open(&format!("{base}/{name}")).await;
            browser.assert_page_is_sound().await;
        }
    }
}

/// A broken page, so that the test above is known to find something.
#[tokio::test]
async fn axe_finds_text_that_cannot_be_read() {
    let scenario = scenario!();
    let browser = Browser::start(&scenario).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let faint = "<!doctype html><html lang=en><title>t</title><main><h1>h</h1>\
                 <p style='color:#bbb;background:#fff'>faint</p></main></html>";
    let router = Router::new().route("/", get(async move || Html(faint)));
    tokio::spawn(async move { axum::serve(listener, router).await });
    browser.open(&url).await;
    let found = browser.violations().await;
    assert!(found.iter().any(|one| one.starts_with("color-contrast:")), "{found:?}");
}

#[tokio::test]
async fn keyboard_reaches_every_button_in_order() {
    let scenario = scenario!();
    let browser = Browser::start(&scenario).await;
    let base = serve(pages("ar").await).await;
    browser.open(&format!("{base}/sign-in")).await;
    let focused = browser
        .script(
            "const stops = [...document.querySelectorAll('a, button')];
             return stops.map(stop => {
                 stop.focus({ focusVisible: true });
                 const { outlineStyle, outlineWidth } = getComputedStyle(stop);
                 const isShown = outlineStyle === 'solid' && parseFloat(outlineWidth) >= 3;
                 return document.activeElement === stop && stop.tabIndex === 0 && isShown;
             })",
        )
        .await
        .expect("a page runs scripts");
    let focused: Vec<bool> = serde_json::from_value(focused).expect("a list");
    assert_eq!(focused, [true; 5], "four providers and the home page");
}
