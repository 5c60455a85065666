//! A registry that exists before its configuration.

use http::StatusCode;
use oauth_runtime::error::{CallError, ConfigFault};
use oauth_runtime::prelude::*;
use oauth_runtime::store::{MemoryStore, Store};
use oauth_runtime::{Clock, Deferred, StoredToken, TokenAccount, TokenChange, TokenHooks};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tests::in_process::{Op, config_of};

use super::site::{Site, listen, start_provider, visitor};

#[derive(Clone, Debug, OAuthRegistry)]
struct Providers {
    op: Client<Op>,
}

/// The application: the state of its own holds the registry that is not configured yet.
fn app(oauth: &Deferred<Providers>) -> Router {
    let own = Router::new().route("/client", get(use_of_client)).with_state(oauth.clone());
    own.merge(oauth.router(|oauth| {
        Router::new().route("/who", get(visitor)).merge(oauth.routes()).with_state(oauth)
    }))
}

async fn use_of_client(
    State(oauth): State<Deferred<Providers>>,
) -> Result<impl IntoResponse, OAuthError> {
    oauth.get()?.op.authorize_redirect().await
}

fn is_unconfigured(error: &OAuthError) -> bool {
    matches!(error, OAuthError::Call(CallError::NotConfigured))
}

#[tokio::test]
async fn registry_is_configured_after_it_is_served() {
    let (listener, url) = listen().await;
    let provider = start_provider().await;
    let oauth = Providers::deferred();
    let site = Site::serve(listener, &url, app(&oauth));
    let mut browser = site.browser();
    for path in ["/who", "/client", "/auth/op/login", "/auth/op/callback?code=a&state=b", "/other"]
    {
        let early = browser.get(path).await;
        assert_eq!(early.status, StatusCode::SERVICE_UNAVAILABLE, "{path}: {early:?}");
        assert!(early.cookies().is_empty(), "{path}: {early:?}");
    }
    assert!(is_unconfigured(&oauth.get().expect_err("no settings yet")));

    oauth.init(|registry| registry.config(config_of::<Providers>(&provider, &url))).expect("early");
    oauth.configure().expect("a configuration");
    let started = browser.start_login("op").await;
    let callback = provider.sign_in(&started, "ada").expect("a valid request");
    assert_eq!(browser.finish(callback).await.location(), "/");
    assert_eq!(browser.get("/who").await.body, "ada of op");
    assert!(browser.get("/client").await.location().starts_with(provider.issuer()));
    assert_eq!(browser.get("/other").await.status, StatusCode::NOT_FOUND);
}

/// A provider whose tokens the application's hooks keep.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "kept",
    issuer = "{issuer}",
    scopes("openid"),
    keep_tokens,
    quirks(loopback_http)
)]
struct Kept {
    issuer: String,
}

/// Hooks that count the tokens they are given.
#[derive(Clone, Default)]
struct Tables(Arc<AtomicUsize>);

impl TokenHooks for Tables {
    type Error = io::Error;

    async fn fetch_token(&self, _: &TokenAccount) -> io::Result<Option<StoredToken>> {
        Ok(None)
    }

    async fn update_token(&self, _: &TokenAccount, change: TokenChange) -> io::Result<()> {
        self.0.fetch_add(usize::from(change.new.is_some()), Ordering::SeqCst);
        Ok(())
    }
}

#[tokio::test]
async fn store_and_hooks_of_two_inits_add_up() {
    let (listener, url) = listen().await;
    let provider = start_provider().await;
    let (store, tables) = (MemoryStore::new(Clock::system()), Tables::default());
    let (own_store, own_tables) = (store.clone(), tables.clone());
    let oauth = Kept::deferred();
    let app = oauth.router(|oauth| oauth.routes().with_state(oauth.clone()));
    oauth.init(|registry| registry.store(own_store)).expect("early");
    oauth.init(|registry| registry.token_hooks(own_tables)).expect("early");
    let config = config_of::<Standalone<Kept>>(&provider, &url);
    oauth.init(|registry| registry.config(config)).expect("early");
    oauth.configure().expect("a configuration");

    let site = Site::serve(listener, &url, app);
    let mut browser = site.browser();
    let started = browser.start_login("kept").await;
    let callback = provider.sign_in(&started, "ada").expect("a valid request");
    assert_eq!(browser.finish(callback).await.location(), "/");
    assert_eq!(tables.0.load(Ordering::SeqCst), 1);
    let consumed = store.list(None).await.expect("a list");
    assert!(!consumed.keys.is_empty(), "{consumed:?}");
}

#[tokio::test]
async fn parts_of_a_clone_add_up() {
    let (listener, url) = listen().await;
    let provider = start_provider().await;
    let oauth = Providers::deferred();
    let clock = Clock::manual(Clock::system().now());
    let own_clock = clock.clone();
    oauth.init(|registry| registry.clock(own_clock)).expect("early");
    oauth
        .clone()
        .init(|registry| registry.session_lifetime(Duration::from_secs(60)))
        .expect("a clone is the same registry");
    oauth.init(|registry| registry.config(config_of::<Providers>(&provider, &url))).expect("early");
    let configured = oauth.configure().expect("a configuration").clone();
    assert_eq!(configured.op.login_path(), "/auth/op/login");

    let site = Site::serve(listener, &url, app(&oauth));
    let mut browser = site.browser();
    let started = browser.start_login("op").await;
    let callback = provider.sign_in(&started, "ada").expect("a valid request");
    browser.finish(callback).await;
    assert_eq!(browser.get("/who").await.body, "ada of op");
    clock.advance(61);
    assert_eq!(browser.get("/who").await.body, "nobody");
}

#[tokio::test]
async fn failed_configuration_can_be_repeated() {
    let provider = start_provider().await;
    let oauth = Providers::deferred();
    oauth.init(|registry| registry.config(Config::empty())).expect("early");
    let error = oauth.configure().expect_err("missing settings");
    let OAuthError::Configuration(error) = error else { panic!("{error:?}") };
    let missing: Vec<_> = error.faults().iter().map(ConfigFault::key).collect();
    assert_eq!(missing, ["OP_ISSUER", "OP_CLIENT_ID", "OP_CLIENT_SECRET"]);
    assert!(is_unconfigured(&oauth.get().expect_err("no registry")));
    let config = config_of::<Providers>(&provider, "http://localhost:3000");
    oauth.init(|registry| registry.config(config)).expect("early");
    oauth.configure().expect("a configuration");
}

#[tokio::test]
async fn configured_registry_does_not_change() {
    let provider = start_provider().await;
    let oauth = Providers::deferred();
    assert_eq!(format!("{oauth:?}"), "Deferred(not configured)");
    let config = config_of::<Providers>(&provider, "http://localhost:3000");
    oauth.init(|registry| registry.config(config)).expect("early");
    oauth.configure().expect("a configuration");
    assert_eq!(format!("{oauth:?}"), "Deferred(configured)");
    for again in [oauth.init(|registry| registry), oauth.configure().map(drop)] {
        assert_matches!(again, Err(OAuthError::Call(CallError::AlreadyConfigured)));
    }
}
