//! Rule 1: a third-party initiated login needs the user's consent, uses the configured provider,
//! and ends at a page of this application.

use http::{Method, StatusCode};
use oauth_runtime::error::{BrowserError, InitiatedLoginError};
use oauth_runtime::prelude::*;
use oauth_runtime::testing::Endpoint;
use tests::in_process::{App, Browser, Op, Page, failed};
use url::{Url, form_urlencoded};

/// Its pages may start a login.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "tile",
    display_name = "Tile & Co",
    issuer = "{issuer}",
    scopes("openid"),
    routes(initiate = "/tile"),
    quirks(loopback_http)
)]
struct Tile {
    issuer: String,
}

#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(mount = "/auth", on_error = failed)]
struct Portal {
    op: Client<Op>,
    tile: Client<Tile>,
}

/// The headers of a click on a link of another site.
const CLICK: [(&str, &str); 4] = [
    ("sec-fetch-site", "cross-site"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
    ("sec-fetch-user", "?1"),
];

fn without(name: &str) -> Vec<(&'static str, &'static str)> {
    CLICK.into_iter().filter(|(own, _)| *own != name).collect()
}

fn with(name: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut headers = without(name);
    headers.push((name, value));
    headers
}

fn link(app: &App, more: &[(&str, &str)]) -> String {
    format!("/tile?{}", parameters(app, more))
}

fn parameters(app: &App, more: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("iss", app.provider.issuer()).extend_pairs(more);
    query.finish()
}

pub(crate) async fn portal() -> App {
    App::builder::<Portal>().start().await
}

async fn click(browser: &mut Browser, target: &str) -> Page {
    browser.send(Method::GET, target, &CLICK).await
}

/// The authorization request that a page redirects to.
fn query(page: &Page) -> Vec<(String, String)> {
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
    let url = Url::parse(page.location()).expect("a URL");
    url.query_pairs().into_owned().collect()
}

fn is_question(page: &Page) -> bool {
    page.status == StatusCode::OK
        && page.body.contains("<form method=\"post\" action=\"/tile\">")
        && page.header("content-security-policy").contains("frame-ancestors 'none'")
        && page.cookies().is_empty()
}

#[tokio::test]
async fn third_party_login_finishes_in_this_browser() {
    let app = portal().await;
    let mut browser = app.browser();
    let page = app.public_url.join("/whoami?x=1").expect("a URL");
    let more = [("login_hint", "ada@example.org"), ("target_link_uri", page.as_str())];
    let started = click(&mut browser, &link(&app, &more)).await;
    let hint = query(&started).into_iter().find(|(name, _)| name == "login_hint");
    assert_eq!(hint.expect("a hint").1, "ada@example.org");
    assert_eq!(started.header("cache-control"), "no-store");

    let callback = app.answer(started.location());
    let mut victim = app.browser();
    victim.finish(&callback).await;
    assert_error!(app.failures.only(), OAuthError::Browser(BrowserError::NoPendingLogin));
    assert_eq!(browser.finish(&callback).await.location(), "/whoami?x=1");
    assert_eq!(app.visitor(&mut browser).await, "ada");
}

/// A script of another page, a chain of redirects, or a browser without the headers.
#[tokio::test]
async fn third_party_login_without_a_click_is_confirmed() {
    let app = portal().await;
    for headers in [without("sec-fetch-user"), vec![("accept", "text/html")]] {
        let mut browser = app.browser();
        let target = link(&app, &[("login_hint", "ada"), ("target_link_uri", "/whoami")]);
        let page = browser.send(Method::GET, &target, &headers).await;
        assert!(is_question(&page), "{headers:?}: {page:?}");
        assert!(page.body.contains("Tile &amp; Co"), "{}", page.body);
        let form = parameters(&app, &[("login_hint", "ada"), ("target_link_uri", "/whoami")]);
        for (name, value) in form_urlencoded::parse(form.as_bytes()) {
            let field = format!("name=\"{name}\" value=\"{value}\"");
            assert!(page.body.contains(&field), "{field} in {}", page.body);
        }
        let started = browser.post_here("/tile", form).await;
        assert!(query(&started).iter().any(|pair| *pair == ("login_hint".into(), "ada".into())));
        assert_eq!(browser.finish(app.answer(started.location())).await.location(), "/whoami");
    }
}

/// Otherwise another site could replace the signed-in account without the user noticing.
#[tokio::test]
async fn third_party_login_asks_a_signed_in_user() {
    let app = portal().await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "op").await;
    let session = browser.session();
    let page = click(&mut browser, &link(&app, &[("login_hint", "alan")])).await;
    assert!(is_question(&page) && page.body.contains("You are already signed in"), "{page:?}");
    assert_eq!((browser.session(), browser.pending()), (session, Vec::new()));
    assert_eq!(app.visitor(&mut browser).await, "ada");

    let started = browser.post_here("/tile", parameters(&app, &[])).await;
    let callback = app.provider.sign_in(started.location(), "alan").expect("valid input");
    browser.finish(callback).await.location();
    assert_eq!(app.visitor(&mut browser).await, "alan");
}

/// It has no cookies, so it is first requested again with them.
#[tokio::test]
async fn cross_site_form_leads_to_the_question() {
    let app = portal().await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "op").await;
    let form = format!("{}&prompt=none&state=x", parameters(&app, &[("login_hint", "alan")]));
    let page = browser.post_from_elsewhere("/tile", form).await;
    assert_eq!((page.status, page.cookies()), (StatusCode::SEE_OTHER, Vec::new()));
    assert_eq!(page.location(), link(&app, &[("login_hint", "alan")]), "nothing else is repeated");
    let target = page.location().to_owned();
    assert!(is_question(&click(&mut browser, &target).await));

    for headers in [
        vec![("content-type", "application/x-www-form-urlencoded"), ("origin", "null")],
        vec![
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", "https://evil.example"),
        ],
        vec![("content-type", "application/x-www-form-urlencoded")],
    ] {
        let page = browser.post_body("/tile", &headers, parameters(&app, &[])).await;
        assert_eq!(page.location(), link(&app, &[]), "{headers:?}");
    }
}

#[tokio::test]
async fn frames_images_and_prefetches_start_no_login() {
    let app = portal().await;
    for headers in [
        with("sec-fetch-dest", "iframe"),
        with("sec-fetch-dest", "image"),
        with("sec-fetch-dest", "empty"),
        with("sec-fetch-mode", "cors"),
        with("sec-fetch-mode", "no-cors"),
        with("sec-purpose", "prefetch"),
        with("sec-purpose", "prefetch;prerender"),
    ] {
        let mut browser = app.browser();
        for method in [Method::GET, Method::POST] {
            let page = browser.send(method, &link(&app, &[]), &headers).await;
            assert_eq!((page.status, page.cookies()), (StatusCode::FORBIDDEN, Vec::new()));
            assert_error!(app.failures.only(), OAuthError::Browser(BrowserError::NotAVisit));
        }
    }
    assert_eq!(app.requests(Endpoint::Metadata), 0, "no request was sent");
}

#[tokio::test]
async fn third_party_login_uses_the_configured_issuer() {
    let app = portal().await;
    let issuer = app.provider.issuer().to_owned();
    for (query, expected) in [
        (String::new(), InitiatedLoginError::IssuerMissing),
        ("iss=https://evil.example".to_owned(), InitiatedLoginError::IssuerMismatch),
        (format!("iss={issuer}/"), InitiatedLoginError::IssuerMismatch),
        (format!("iss={issuer}@evil.example"), InitiatedLoginError::IssuerMismatch),
        (format!("iss={issuer}&iss=x"), InitiatedLoginError::RepeatedParameter("iss")),
        (
            format!("iss={issuer}&login_hint=a&login_hint=b"),
            InitiatedLoginError::RepeatedParameter("login_hint"),
        ),
        (format!("iss={issuer}&x={}", "x".repeat(5000)), InitiatedLoginError::TooLong),
    ] {
        let mut browser = app.browser();
        let page = click(&mut browser, &format!("/tile?{query}")).await;
        assert_eq!((page.status, page.cookies()), (StatusCode::BAD_REQUEST, Vec::new()));
        match app.failures.only() {
            OAuthError::Browser(BrowserError::InitiatedLogin(error)) => {
                assert_eq!(error, expected, "{query}");
            }
            error => panic!("{query}: {error:?}"),
        }
    }
    let page = app.browser().post("/tile", &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert_error!(
        app.failures.only(),
        OAuthError::Browser(BrowserError::InitiatedLogin(InitiatedLoginError::NotAForm))
    );
}

#[tokio::test]
async fn third_party_does_not_choose_the_return_path() {
    let app = portal().await;
    let own = app.public_url.as_str();
    // The path of another origin is ignored too.
    let page = format!("{own}settings");
    let other_port = page.replacen(&app.public_url.port().expect("a port").to_string(), "1", 1);
    for target in [
        "https://evil.example/settings",
        "//evil.example/settings",
        "/\\evil.example/settings",
        "javascript:alert(1)",
        "data:text/html,x",
        &other_port,
        &page.replacen("http:", "https:", 1),
        &page.replacen("://", "://ada@", 1),
        &page.replacen("://", "://evil.example@", 1),
        &format!("{own}/evil.example/"),
        &format!("{own}\\evil.example"),
        &format!("http://{}.evil.example/settings", app.public_url.host_str().expect("a host")),
    ] {
        let mut browser = app.browser();
        let started = click(&mut browser, &link(&app, &[("target_link_uri", target)])).await;
        let arrived = browser.finish(app.answer(started.location())).await;
        assert_eq!(arrived.location(), "/", "{target}");
    }
}

#[tokio::test]
async fn only_the_login_hint_is_passed_on() {
    let app = portal().await;
    let hint = "x&redirect_uri=https://evil.example&prompt=none#\r\nx: y";
    let target =
        format!("{}&prompt=none&state=mine&scope=all", link(&app, &[("login_hint", hint)]));
    let pairs = query(&click(&mut app.browser(), &target).await);
    let value = |name: &str| {
        let values: Vec<_> = pairs.iter().filter(|(own, _)| own == name).collect();
        values.into_iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(value("login_hint"), [hint]);
    assert_eq!((value("prompt"), value("scope")), (Vec::new(), vec!["openid"]));
    assert_ne!(value("state"), ["mine"]);
    let redirect_uri = app.public_url.join("/auth/tile/callback").expect("a URL");
    assert_eq!(value("redirect_uri"), [redirect_uri.as_str()]);
}

#[tokio::test]
async fn third_party_parameters_are_text_on_the_page() {
    let app = portal().await;
    let evil = "\"><script>alert(1)</script>";
    let target = link(&app, &[("login_hint", evil), ("target_link_uri", evil)]);
    let page = app.browser().get(&target).await;
    assert!(is_question(&page) && !page.body.contains("<script"), "{}", page.body);
}

#[tokio::test]
async fn any_number_of_clicks_leaves_few_cookies() {
    let app = portal().await;
    let mut browser = app.browser();
    for _ in 0..30 {
        click(&mut browser, &link(&app, &[])).await.location();
    }
    assert!(browser.pending().len() <= 8, "{}", browser.pending().len());
    let started = click(&mut browser, &link(&app, &[])).await;
    browser.finish(app.answer(started.location())).await.location();
    assert_eq!(app.visitor(&mut browser).await, "ada");
}

#[tokio::test]
async fn a_provider_without_the_route_has_none() {
    let app = portal().await;
    for path in ["/auth/op/initiate", "/auth/tile/initiate"] {
        assert_eq!(click(&mut app.browser(), path).await.status, StatusCode::NOT_FOUND);
    }
}
