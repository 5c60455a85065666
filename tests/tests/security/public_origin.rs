//! Principle 5: the public address is configuration. An attacker who could choose the redirect URI
//! would receive the codes.

use http::Method;
use oauth_runtime::prelude::*;
use tests::in_process::{App, Browser, COOKIE_KEY, Page, Typed};
use url::Url;

/// Headers of proxies and attackers about the origin of a request.
const CLAIMS: [(&str, &str); 7] = [
    ("host", "evil.example"),
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-port", "444"),
    ("x-forwarded-prefix", "/evil"),
    ("x-original-url", "https://evil.example/"),
    ("forwarded", "host=evil.example;proto=https"),
];

fn redirect_uri(page: &Page) -> String {
    let url = Url::parse(page.location()).expect("a URL");
    let (_, value) = url.query_pairs().find(|(name, _)| name == "redirect_uri").expect("one");
    value.into_owned()
}

#[tokio::test]
async fn no_header_changes_the_redirect_uri_or_a_cookie() {
    for public_url in [None, Some("https://app.example"), Some("https://app.example/base")] {
        let mut builder = App::builder::<Typed>();
        if let Some(url) = public_url {
            builder = builder.public_url(url);
        }
        let app = builder.start().await;
        let base = app.public_url.as_str().trim_end_matches('/');
        let expected = format!("{base}/auth/op/callback");
        let all: Vec<_> = CLAIMS.to_vec();
        let alone = CLAIMS.iter().map(|claim| vec![*claim]);
        for claims in alone.chain([all, Vec::new()]) {
            let page = app.browser().send(Method::GET, "/auth/op/login", &claims).await;
            assert_eq!(redirect_uri(&page), expected, "{claims:?}");
            let secure = page.cookies()[0].attributes.iter().any(|attribute| attribute == "secure");
            assert_eq!(secure, public_url.is_some(), "{claims:?}");
        }
    }
}

#[tokio::test]
async fn a_callback_under_another_name_changes_nothing() {
    let app = App::builder::<Typed>().public_url("https://app.example").start().await;
    let mut browser = app.browser();
    let callback = app.answer(&browser.start_login("op").await);
    let page = browser.send(Method::GET, callback.as_str(), &CLAIMS).await;
    assert_eq!(page.location(), "/");
}

/// Cookies of `127.0.0.1` are not sent to `localhost`, the host of the redirect URI.
#[tokio::test]
async fn login_on_another_loopback_name_is_restarted() {
    let app = App::builder::<Typed>().host("localhost").start().await;
    let port = app.public_url.port().expect("a port");
    for host in [format!("127.0.0.1:{port}"), format!("[::1]:{port}")] {
        let mut browser = app.browser();
        let path = "/auth/op/login?return_to=%2Fa";
        let page = browser.send(Method::GET, path, &[("host", &host)]).await;
        assert_eq!(page.cookies(), [], "no cookie that would be lost");
        let location = Url::parse(page.location()).expect("a URL");
        assert_eq!(location.origin(), app.public_url.origin(), "{host}");
        let started = browser.get(location.as_str()).await;
        let done = browser.finish(app.answer(started.location())).await;
        assert_eq!(done.location(), "/a");
    }
}

#[tokio::test]
async fn login_on_a_foreign_host_is_not_redirected() {
    let app = App::builder::<Typed>().host("localhost").start().await;
    for host in ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1"] {
        let page = app.browser().send(Method::GET, "/auth/op/login", &[("host", host)]).await;
        assert!(page.location().starts_with(app.provider.issuer()), "{host}: {}", page.location());
    }
}

/// A development proxy may set `Host` to its own target in every request.
#[tokio::test]
async fn login_behind_a_local_proxy_does_not_loop() {
    let app = App::builder::<Typed>().public_url("http://localhost:5173").start().await;
    let mut browser: Browser = app.browser();
    let mut target = "/auth/op/login?return_to=%2Fa".to_owned();
    for _ in 0..5 {
        let page = browser.send(Method::GET, &target, &[("host", "127.0.0.1:3000")]).await;
        page.location().clone_into(&mut target);
        if target.starts_with(app.provider.issuer()) {
            let done = browser.finish(app.answer(&target)).await;
            assert_eq!(done.location(), "/a");
            return;
        }
    }
    panic!("a redirect loop: {target}");
}

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github", keep_tokens)]
struct GitHub;

#[derive(OAuthProvider)]
#[oauth_provider(name = "google", preset = "google", routes(login = "/enter"))]
struct Google;

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(mount = "/auth")]
struct Linked {
    github: Client<GitHub>,
    google: Option<Client<Google>>,
}

#[test]
fn links_have_the_path_of_the_public_url() {
    let with = |url: &str, google: bool| {
        let config = Config::empty()
            .set("OAUTH_PUBLIC_URL", url)
            .set("OAUTH_COOKIE_KEYS", COOKIE_KEY)
            .set("GITHUB_CLIENT_ID", "id")
            .set("GITHUB_CLIENT_SECRET", "secret");
        let config = match google {
            true => config.set("GOOGLE_CLIENT_ID", "id").set("GOOGLE_CLIENT_SECRET", "secret"),
            false => config,
        };
        let built = Linked::builder().config(config).build();
        built.unwrap_or_else(|error| panic!("{error}"))
    };
    for (url, prefix) in [("https://app.example", ""), ("https://app.example/shop", "/shop")] {
        let oauth = with(url, true);
        assert_eq!(oauth.github.login_path(), format!("{prefix}/auth/github/login"));
        assert_eq!(oauth.github.connect_path(), format!("{prefix}/auth/github/connect"));
        assert_eq!(oauth.login_path("github"), Some(oauth.github.login_path()));
        assert_eq!(oauth.login_path("google"), Some(format!("{prefix}/enter")));
        assert_eq!(oauth.logout_path(), format!("{prefix}/auth/logout"));
        assert_eq!(oauth.login_path("acme"), None);
        assert_eq!(with(url, false).login_path("google"), None, "it is not configured");
    }
}
