//! An unused client may stay unconfigured. Its use reports the missing settings.

use http::StatusCode;
use oauth_runtime::error::{ConfigFault, FaultKind};
use oauth_runtime::prelude::*;
use tests::in_process::{CLIENT_ID, CLIENT_SECRET, Op, config, failed};

use super::site::{Site, listen, start_provider, visitor};

#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "rare",
    issuer = "{issuer}",
    scopes("openid"),
    leeway = 30,
    quirks(loopback_http)
)]
struct Rare {
    issuer: String,
}

#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(mount = "/auth", on_error = failed)]
struct Providers {
    rare: LazyClient<Rare>,
    op: Client<Op>,
}

/// Only a client that may be unconfigured. Sessions still work.
#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(mount = "/auth")]
struct Alone {
    rare: LazyClient<Rare>,
}

fn missing(error: &OAuthError) -> Vec<&str> {
    match error {
        OAuthError::Configuration(error) => error.faults().iter().map(ConfigFault::key).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn unconfigured_client_is_harmless_while_unused() {
    let (listener, url) = listen().await;
    let provider = start_provider().await;
    let oauth = Providers::builder().config(config(&provider, &url)).build().expect("a start");
    assert!(!oauth.rare.is_configured());
    let error = oauth.rare.get().expect_err("missing settings");
    assert_eq!(missing(&error), ["RARE_ISSUER", "RARE_CLIENT_ID", "RARE_CLIENT_SECRET"]);
    assert_eq!(format!("{:?}", oauth.rare), "LazyClient(unconfigured)");

    let app = Router::new().route("/", get(visitor)).merge(oauth.routes()).with_state(oauth);
    let site = Site::serve(listener, &url, app);
    let mut browser = site.browser();
    let started = browser.start_login("op").await;
    let callback = provider.sign_in(&started, "ada").expect("a valid request");
    assert_eq!(browser.finish(callback).await.location(), "/");
    assert_eq!(browser.get("/").await.body, "ada of op");

    for path in ["/auth/rare/login", "/auth/rare/callback?code=c&state=s"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        let errors = site.failures.take();
        assert_eq!(missing(&errors[0]).len(), 3, "{path}: {errors:?}");
    }
    assert_eq!(browser.get("/").await.body, "ada of op", "the session is unchanged");
}

#[tokio::test]
async fn configured_lazy_client_works() {
    let (listener, url) = listen().await;
    let provider = start_provider().await;
    let config = config(&provider, &url)
        .set("RARE_ISSUER", provider.issuer())
        .set("RARE_CLIENT_ID", CLIENT_ID)
        .set("RARE_CLIENT_SECRET", CLIENT_SECRET);
    let oauth = Alone::builder().config(config).build().expect("a start");
    let client = oauth.rare.get().expect("a client");
    assert_eq!(client.redirect_uri(), format!("{url}/auth/rare/callback"));
    let app = Router::new().route("/", get(visitor)).merge(oauth.routes()).with_state(oauth);
    let site = Site::serve(listener, &url, app);
    let mut browser = site.browser();
    let started = browser.start_login("rare").await;
    let callback = provider.sign_in(&started, "ada").expect("a valid request");
    assert_eq!(browser.finish(callback).await.location(), "/");
    assert_eq!(browser.get("/").await.body, "ada of rare");
}

#[tokio::test]
async fn unconfigured_registry_has_sessions_and_a_page() {
    let (listener, url) = listen().await;
    let config = Config::empty().set("OAUTH_PUBLIC_URL", &url);
    let oauth = Alone::builder().config(config).build().expect("a start");
    let app = Router::new().route("/", get(visitor)).merge(oauth.routes()).with_state(oauth);
    let site = Site::serve(listener, &url, app);
    let mut browser = site.browser();
    assert_eq!(browser.get("/").await.body, "nobody");
    let page = browser.get("/auth/rare/login").await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!page.body.contains("RARE_"), "{}", page.body);
    assert_eq!(browser.get("/auth/logout").await.status, StatusCode::OK);
}

#[tokio::test]
async fn wrong_setting_is_an_error_at_the_start() {
    let config = Config::empty().set("RARE_ISSUER", "rare.example");
    let error = Alone::builder().config(config).build().expect_err("no URL");
    let kinds: Vec<_> = error.faults().iter().map(|fault| (fault.key(), fault.kind())).collect();
    assert!(kinds.contains(&("RARE_ISSUER", FaultKind::Malformed)), "{kinds:?}");
    assert!(kinds.contains(&("RARE_CLIENT_ID", FaultKind::Missing)), "all at once: {kinds:?}");
}
