//! Two registries in one process, which are independent of each other.

use oauth_runtime::error::BrowserError;
use oauth_runtime::prelude::*;
use oauth_runtime::store::MemoryStore;
use oauth_runtime::testing::Endpoint;
use oauth_runtime::{Clock, Config};
use tests::in_process::{COOKIE_KEY, Op, config, failed};

use super::site::{Site, listen, start_provider, visitor};

/// The registry for the public.
#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(mount = "/auth", on_error = failed)]
struct Public {
    op: Client<Op>,
}

/// The registry for the staff, with the same provider.
#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(mount = "/staff/auth", on_error = failed)]
struct Staff {
    op: Client<Op>,
}

/// Both share host, store, key and provider: only their mounts differ.
#[tokio::test]
async fn registries_on_one_host_are_independent() {
    let (listener, url) = listen().await;
    let provider = start_provider().await;
    let store = MemoryStore::new(Clock::system());
    let public = Public::builder().config(config(&provider, &url)).store(store.clone());
    let public = public.build().expect("valid input");
    let staff = Staff::builder().config(config(&provider, &url)).store(store);
    let staff = staff.build().expect("valid input");
    assert_ne!(public.op.redirect_uri(), staff.op.redirect_uri());
    let app = Router::new()
        .merge(Router::new().route("/", get(visitor)).merge(public.routes()).with_state(public))
        .merge(Router::new().route("/staff", get(visitor)).merge(staff.routes()).with_state(staff));
    let site = Site::serve(listener, &url, app);

    let mut browser = site.browser();
    let started = browser.get("/auth/op/login").await;
    let public_callback = provider.sign_in(started.location(), "ada").expect("valid input");
    let started = browser.get("/staff/auth/op/login").await;
    let staff_callback = provider.sign_in(started.location(), "ada").expect("valid input");
    assert_eq!(browser.pending().len(), 2);

    // A response for one is not valid for the other.
    let crossed = staff_callback.replace("/staff/auth/", "/auth/");
    browser.finish(crossed).await;
    assert_matches!(site.failures.only(), OAuthError::Browser(BrowserError::NoPendingLogin));

    browser.finish(public_callback).await;
    assert_eq!(browser.get("/").await.body, "ada of op");
    assert_eq!(
        browser.get("/staff").await.body,
        "nobody",
        "a session of one is not valid in the other"
    );
    browser.finish(staff_callback).await;
    assert_eq!(browser.get("/staff").await.body, "ada of op");

    browser.post("/auth/logout", &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(browser.get("/").await.body, "nobody");
    assert_eq!(
        browser.get("/staff").await.body,
        "ada of op",
        "a sign-out of one does not affect the other"
    );

    // Each fetches the metadata separately.
    assert_eq!(provider.requests(Endpoint::Metadata), 2);
    assert_eq!(provider.requests(Endpoint::Token), 2);
}

/// A sealed session of one does not open in the other, even under the other's cookie name.
#[tokio::test]
async fn a_cookie_of_one_registry_opens_in_no_other() {
    let (listener, url) = listen().await;
    let provider = start_provider().await;
    let public = Public::builder().config(config(&provider, &url)).build().expect("valid input");
    let staff = Staff::builder().config(config(&provider, &url)).build().expect("valid input");
    let app = Router::new()
        .merge(Router::new().route("/", get(visitor)).merge(public.routes()).with_state(public))
        .merge(Router::new().route("/staff", get(visitor)).merge(staff.routes()).with_state(staff));
    let site = Site::serve(listener, &url, app);
    let log_in = async |login: &str| {
        let mut browser = site.browser();
        let started = browser.get(login).await;
        let callback = provider.sign_in(started.location(), "ada").expect("valid input");
        browser.finish(callback).await;
        browser.session().expect("a session")
    };
    let (name, _) = log_in("/auth/op/login").await;
    let (other_name, value) = log_in("/staff/auth/op/login").await;
    assert_ne!(name, other_name);
    let mut browser = site.browser();
    browser.plant(&name, &value);
    assert_eq!(browser.get("/").await.body, "nobody");
}

/// A test can create any number of registries: none leaves state behind in the process.
#[tokio::test]
async fn each_registry_of_a_test_is_its_own() {
    let provider = start_provider().await;
    let build = |keys: &str| {
        let config = config(&provider, "http://127.0.0.1:3000").set("OAUTH_COOKIE_KEYS", keys);
        Public::builder().config(config).build().expect("valid input")
    };
    let (first, second) = (build(COOKIE_KEY), build(&COOKIE_KEY.replace('1', "2")));
    assert!(first.op.authorize_redirect().await.is_ok());
    drop(first);
    assert!(second.op.authorize_redirect().await.is_ok());
    assert!(Public::builder().config(Config::empty()).build().is_err());
    assert!(second.op.authorize_redirect().await.is_ok());
}
