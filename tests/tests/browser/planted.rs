//! Cookies that a sibling host plants, in a real browser, which decides what it stores and sends.

use axum::extract::{Query, Request};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use oauth_runtime::prelude::*;
use oauth_runtime::testing::Endpoint;
use tests::browser::Browser;
use tests::in_process::{App, Typed};
use tests::scenario;
use url::{Url, form_urlencoded};

/// Spaces in Unicode, but parts of a cookie name in RFC 6265.
const SPACES: [&str; 5] = ["\u{2000}", "\u{a0}", "\u{85}", "\u{3000}", "\u{1680}"];
/// The host names of the sibling and the application, which the browser resolves to loopback.
const SIBLING: &str = "evil.shop.test";
const APPLICATION: &str = "app.shop.test";

/// Sets the cookie that the query describes, for all hosts of the domain.
async fn plant(Query(cookie): Query<Vec<(String, String)>>) -> impl IntoResponse {
    let mut headers = HeaderMap::new();
    for (name, value) in cookie {
        let cookie = format!("{name}={value}; Domain=shop.test; Path=/");
        let cookie = HeaderValue::from_bytes(cookie.as_bytes()).expect("a header");
        headers.append(SET_COOKIE, cookie);
    }
    (headers, "planted")
}

/// The number of planted cookies in the request.
async fn planted(request: Request) -> String {
    let values = request.headers().get_all(COOKIE).iter();
    let bytes: Vec<u8> = values.flat_map(|value| value.as_bytes().to_vec()).collect();
    String::from_utf8_lossy(&bytes).matches("__Host-oauth-").count().to_string()
}

#[tokio::test]
async fn cookies_planted_by_a_sibling_host_do_not_count() {
    let extend =
        |router: Router<Typed>| router.route("/plant", get(plant)).route("/planted", get(planted));
    let app = App::builder::<Typed>().public_url(&format!("https://{APPLICATION}")).extend(extend);
    let app = app.start().await;
    let mut attacker = app.browser();
    app.log_in_as(&mut attacker, "op", "alan").await;
    let (session, session_value) = attacker.session().expect("a session");
    let callback = app.provider.sign_in(&attacker.start_login("op").await, "alan");
    let callback = Url::parse(&callback.expect("a valid request")).expect("a URL");
    let (attempt, attempt_value) = attacker.only_pending();
    assert!(session.starts_with("__Host-") && attempt.starts_with("__Host-"));

    let rules = format!("--host-resolver-rules=MAP *.shop.test {}", app.browser().server().ip());
    let port = app.browser().server().port();
    let scenario = scenario!();
    let victim = Browser::start_with(&scenario, &[&rules]).await;
    let mut query = form_urlencoded::Serializer::new(String::new());
    for space in SPACES {
        query.append_pair(&format!("{space}{session}"), &session_value);
        query.append_pair(&format!("{space}{attempt}"), &attempt_value);
    }
    let seen = victim.open(&format!("http://{SIBLING}:{port}/plant?{}", query.finish())).await;
    assert_eq!(seen.text, "planted");
    let seen = victim.open(&format!("http://{APPLICATION}:{port}/planted")).await;
    assert_eq!(seen.text, (2 * SPACES.len()).to_string(), "the browser sends them all");
    let seen = victim.open(&format!("http://{APPLICATION}:{port}/")).await;
    assert_eq!(seen.text, "nobody");

    let tokens = app.requests(Endpoint::Token);
    let query = callback.query().expect("a response");
    let url = format!("http://{APPLICATION}:{port}{}?{query}", callback.path());
    let refused = victim.open(&url).await;
    assert_eq!((refused.status, app.requests(Endpoint::Token)), (400, tokens));
}
