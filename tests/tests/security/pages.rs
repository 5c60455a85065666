//! Rule 11: texts of a provider are escaped, and error pages show nothing that helps only an
//! attacker.

use axum::Extension;
use axum::middleware::from_fn;
use http::{HeaderValue, Method};
use oauth_runtime::ErrorReference;
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{Endpoint, Fault};
use serde_json::Value;
use tests::in_process::{App, Browser, CLIENT_SECRET, Op, Page, Paged};

use crate::traces::Traces;

async fn failed(fault: Fault) -> Page {
    let app = App::builder::<Paged>().start().await;
    app.provider.fault(fault);
    let mut browser = app.browser();
    let started = browser.get("/auth/op/login").await;
    let page = match started.status.is_redirection() {
        true => browser.finish(app.answer(started.location())).await,
        false => started,
    };
    assert_eq!(browser.session(), None);
    page
}

#[tokio::test]
async fn markup_of_the_provider_is_shown_as_text() {
    for fault in [Fault::AuthorizationErrorWithMarkup, Fault::TokenErrorWithMarkup] {
        let page = failed(fault).await;
        assert!(page.status.is_client_error() || page.status.is_server_error());
        assert!(
            page.body.contains("&lt;script&gt;alert(1)"),
            "its message is shown: {}",
            page.body
        );
        for evil in ["<script", "<img", "javascript:", "\r", "\u{1b}", "\u{202e}"] {
            assert!(!page.body.contains(evil), "{fault:?}: {evil:?} in {}", page.body);
        }
        let quote = page.body.split("<blockquote").nth(1).expect("a quote");
        assert!(!quote.contains('\n'), "{quote}");
        assert!(page.cookies().iter().all(|cookie| cookie.name.starts_with("oauth-")), "{page:?}");
    }
}

#[tokio::test]
async fn page_runs_no_script_and_cannot_be_framed() {
    let pages = [
        failed(Fault::AuthorizationErrorWithMarkup).await,
        failed(Fault::ServerError(Endpoint::Metadata)).await,
        failed(Fault::WrongState).await,
    ];
    for page in pages {
        let policy = page.header("content-security-policy");
        for directive in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(directive), "{policy}");
        }
        assert!(!policy.contains("script-src"), "{policy}");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
    }
}

/// The URL of a callback contains a code: its page is not cached, and no other site receives the
/// URL.
#[tokio::test]
async fn callback_response_is_not_cached() {
    let app = App::builder::<Paged>().start().await;
    let page = app.log_in(&mut app.browser(), "op").await;
    assert_eq!(page.location(), "/");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    let started = app.browser().get("/auth/op/login").await;
    assert_eq!(started.header("cache-control"), "no-store");
}

/// The visitor sees that the login failed. The operator finds the reason in the log.
#[tokio::test]
async fn a_page_tells_no_inner_reasons() {
    for fault in [
        Fault::WrongNonce,
        Fault::BadSignature,
        Fault::UnknownKeyId,
        Fault::Hs256WithPublicKey,
        Fault::ServerError(Endpoint::Token),
        Fault::NotJson(Endpoint::Token),
    ] {
        let page = failed(fault).await;
        for inner in ["nonce", "signature", "HS256", "kid", "127.0.0.1", CLIENT_SECRET, "JSON"] {
            assert!(!page.body.contains(inner), "{fault:?}: {inner} in {}", page.body);
        }
    }
}

#[tokio::test]
async fn a_visitor_can_try_again() {
    let app = App::builder::<Paged>().start().await;
    let mut browser: Browser = app.browser();
    let denied = app.provider.deny(browser.start_login("op").await).expect("a response");
    let page = browser.finish(denied).await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("href=\"/auth/op/login\""), "{}", page.body);
    app.log_in(&mut browser, "op").await.location();
}

const CLICK: [(&str, &str); 4] = [
    ("sec-fetch-site", "same-origin"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
    ("sec-fetch-user", "?1"),
];
/// The default `Accept` header of `fetch`.
const FETCH: [(&str, &str); 3] =
    [("accept", "*/*"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")];

fn json_of(page: &Page) -> Value {
    assert_eq!(page.header("content-type"), "application/json", "{page:?}");
    assert_eq!(page.header("cache-control"), "no-store");
    serde_json::from_str(&page.body).expect("JSON")
}

/// The reference number on a page.
fn reference_of(page: &Page) -> &str {
    let (_, rest) = page.body.split_once("Reference: ").unwrap_or_else(|| panic!("{page:?}"));
    rest.split('<').next().expect("its end")
}

#[tokio::test]
async fn page_shares_its_reference_with_one_log_line() {
    let (traces, _collecting) = Traces::collect();
    for fault in [Fault::WrongNonce, Fault::TokenErrorWithMarkup] {
        let page = failed(fault).await;
        let heard = traces.heard();
        let reference = format!("reference={} ", reference_of(&page));
        let lines: Vec<_> = heard.lines().filter(|line| line.contains(&reference)).collect();
        assert_eq!(lines.len(), 1, "{heard}");
        assert!(page.body.contains("href=\"/\">Go to the home page</a>"), "{}", page.body);
    }
    let failures = traces.heard();
    let failures = failures.lines().filter(|line| line.contains("OAuth request")).count();
    assert_eq!(failures, 2, "each is logged once");
}

#[tokio::test]
async fn denied_page_has_no_code_and_leads_home() {
    let app = App::builder::<Paged>().start().await;
    let mut browser = app.browser();
    let denied = app.provider.deny(browser.start_login("op").await).expect("a response");
    let page = browser.finish(denied).await;
    assert_eq!(page.status, 403);
    assert!(!page.body.contains("access_denied"), "{}", page.body);
    assert!(page.body.contains("href=\"/\">Go to the home page</a>"), "{}", page.body);
    assert!(page.body.contains("href=\"/auth/op/login\">Try again</a>"), "{}", page.body);
    reference_of(&page);
}

/// The home page itself may be the one that needs a login: a link to it would lead nowhere.
#[tokio::test]
async fn sign_in_page_leads_home_from_other_pages_only() {
    let app = App::builder::<Paged>()
        .public_url("http://127.0.0.1:3000/site")
        .extend(|router| router.route("/site/", get(broken).post(broken)))
        .start()
        .await;
    let mut browser = app.browser();
    let home = browser.get("/site/").await;
    let sent = browser.post("/site/", &CLICK).await;
    let other = browser.get("/resource").await;
    for (page, has_link) in [(home, false), (sent, true), (other, true)] {
        assert_eq!(page.status, 401, "{page:?}");
        assert!(page.body.contains("Sign in with"), "{}", page.body);
        let link = "href=\"/site/\">Go to the home page</a>";
        assert_eq!(page.body.contains(link), has_link, "{}", page.body);
    }
}

#[tokio::test]
async fn logout_without_return_to_ends_on_its_own_page() {
    let app = App::builder::<Paged>().start().await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "op").await;
    let here = [("sec-fetch-site", "same-origin")];
    let left = browser.post("/auth/logout", &here).await;
    assert_eq!((left.status.as_u16(), left.location()), (303, "/auth/logout"));
    let page = browser.get("/auth/logout").await;
    assert!(page.body.contains("<h1>You are signed out</h1>"), "{}", page.body);
    assert!(page.body.contains("href=\"/\""), "{}", page.body);

    app.log_in(&mut browser, "op").await;
    let asked = browser.get("/auth/logout?return_to=/bye").await;
    assert!(asked.body.contains("action=\"/auth/logout?return_to=/bye\""), "{}", asked.body);
    let left = browser.post("/auth/logout?return_to=/bye", &here).await;
    assert_eq!(left.location(), "/bye");
    app.log_in(&mut browser, "op").await;
    let left = browser.post("/auth/logout?return_to=//evil.example", &here).await;
    assert_eq!(left.location(), "/auth/logout");
}

#[tokio::test]
async fn scripts_get_json_with_the_url_to_go_to() {
    let app = App::builder::<Paged>().start().await;
    let mut browser = app.browser();
    let referer = format!("{}app?tab=1", app.public_url);
    let mut headers = FETCH.to_vec();
    headers.push(("referer", &referer));
    let answer = browser.send(Method::GET, "/resource", &headers).await;
    assert_eq!(answer.status, 401);
    let json = json_of(&answer);
    assert_eq!(json["error"], "login_required");
    assert_eq!(json["url"], "/auth/op/login?return_to=%2Fapp%3Ftab%3D1");
    assert_eq!(json["logins"].as_array().map(Vec::len), Some(1));
    let any = json_of(&browser.send(Method::GET, "/whoami", &FETCH).await);
    assert_eq!(any["url"], "/auth/op/login?return_to=%2F", "an API is not a page to return to");
    assert!(any["logins"].as_array().is_some_and(|logins| logins.len() > 1), "{any}");
    headers[3].1 = "https://evil.example/app";
    let foreign = json_of(&browser.send(Method::GET, "/whoami", &headers).await);
    assert_eq!(foreign["url"], "/auth/op/login?return_to=%2F");

    // The error of a generated route.
    let refused = browser.send(Method::GET, "/auth/op/callback?code=1&state=2", &FETCH).await;
    let json = json_of(&refused);
    assert!(json["error"].is_string() && json["url"] == "/auth/op/login", "{json}");
    assert!(json["reference"].is_string(), "{json}");
    // A navigation gets a page, whatever it accepts.
    let page = browser.send(Method::GET, "/whoami", &[CLICK[1], ("accept", "*/*")]).await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.body.contains("return_to=%2Fwhoami"), "{}", page.body);
}

async fn broken(op: Api<Op>) -> Result<String, OAuthError> {
    op.get("resource").json().await
}

#[tokio::test]
async fn errors_of_own_handlers_are_json_for_scripts() {
    let app = App::builder::<Paged>()
        .extend(|router| {
            router.route("/broken", get(broken)).layer(from_fn(oauth_runtime::json_errors))
        })
        .start()
        .await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "op").await;
    app.provider.fault(Fault::ServerError(Endpoint::Api));
    let page = browser.get("/broken").await;
    assert_eq!(page.status, 502);
    assert!(page.body.starts_with("<!doctype html>"), "{}", page.body);
    let answer = browser.send(Method::GET, "/broken", &FETCH).await;
    assert_eq!(answer.status, 502);
    assert!(json_of(&answer)["error_description"].is_string());
}

/// An application whose errors look like its other pages.
#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(mount = "/auth", on_error = styled)]
struct Styled {
    op: Client<Op>,
}

async fn styled(
    reference: Option<Extension<ErrorReference>>,
    error: OAuthError,
) -> impl IntoResponse {
    let number = reference.map(|Extension(reference)| reference.to_string());
    let number = HeaderValue::from_str(&number.unwrap_or_default()).expect("a header");
    ([("x-styled", number)], error)
}

#[tokio::test]
async fn on_error_answers_once_and_with_one_reference() {
    let (traces, _collecting) = Traces::collect();
    let app = App::builder::<Styled>().start().await;
    let page = app.browser().get("/auth/op/callback?code=1&state=2").await;
    assert_eq!(page.header("x-styled"), reference_of(&page));
    assert!(page.body.contains("href=\"/auth/op/login\">Try again</a>"), "{}", page.body);
    let answer = app.browser().send(Method::GET, "/auth/op/callback?state=2", &FETCH).await;
    assert_eq!(json_of(&answer)["reference"], answer.header("x-styled"));
    let heard = traces.heard();
    let failures = heard.lines().filter(|line| line.contains("OAuth request")).count();
    assert_eq!(failures, 2, "{heard}");
}

#[tokio::test]
async fn on_error_answers_where_a_login_is_needed() {
    let app = App::builder::<Styled>().start().await;
    for path in ["/whoami", "/resource"] {
        let page = app.browser().get(path).await;
        assert_eq!(page.status, 401);
        assert!(page.headers.contains_key("x-styled"), "{page:?}");
        let link = format!("href=\"/auth/op/login?return_to=%2F{}\"", &path[1..]);
        assert!(page.body.contains(&link), "{}", page.body);
    }
    let home = app.browser().get("/").await;
    assert_eq!((home.status.as_u16(), home.body.as_str()), (200, "nobody"));
    let script = app.browser().send(Method::GET, "/whoami", &FETCH).await;
    assert_eq!(json_of(&script)["error"], "login_required");
}
