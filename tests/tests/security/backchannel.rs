//! `backchannel_logout`: what a provider's logout token ends, and what no other request does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use http::StatusCode;
use oauth_runtime::error::{BrowserError, StoreError};
use oauth_runtime::prelude::*;
use oauth_runtime::store::{MemoryStore, Store};
use oauth_runtime::testing::{Endpoint, Fault};
use oauth_runtime::{ProviderDescription, RuntimeProviders};
use serde_json::{Value, json};
use tests::in_process::{App, AppBuilder, Browser, CLIENT_ID, Op, Page, config_of, failed};
use tests::store::{Guarded, Operation};

/// Reports the end of its sessions.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "told",
    issuer = "{issuer}",
    scopes("openid", "offline_access"),
    backchannel_logout,
    quirks(loopback_http)
)]
struct Told {
    issuer: String,
}

/// Like `told`, but its tokens outlive sessions, and the identity comes from another claim.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "keeping",
    issuer = "{issuer}",
    scopes("openid", "offline_access"),
    backchannel_logout,
    keep_tokens,
    identity(id = "employee"),
    routes(backchannel_logout = "/ended"),
    quirks(loopback_http)
)]
struct Keeping {
    issuer: String,
}

#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(mount = "/auth", on_error = failed)]
struct Providers {
    op: Client<Op>,
    told: Client<Told>,
    keeping: Client<Keeping>,
}

const ROUTE: &str = "/auth/told/backchannel-logout";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// An application, and the store that it shares with other instances.
struct Site {
    app: App,
    store: MemoryStore,
}

impl Site {
    async fn start() -> Self {
        let store = MemoryStore::default();
        Self { app: builder(&store).start().await, store }
    }

    /// Another instance, in which time passes like here.
    async fn another_instance(&self) -> App {
        let clock = self.app.clock.clone();
        let instance = builder(&self.store).beside(&self.app);
        instance.configure(move |registry| registry.clock(clock)).start().await
    }

    async fn signed_in(&self, person: &str) -> Browser {
        let mut browser = self.app.browser();
        self.app.log_in_as(&mut browser, "told", person).await;
        assert_eq!(self.app.visitor(&mut browser).await, person);
        browser
    }

    fn token(&self, claims: &Value) -> String {
        self.app.provider.logout_token(claims).expect("a token")
    }

    /// The provider reports the end of sessions.
    async fn report(&self, claims: &Value) -> Page {
        self.send(&self.token(claims)).await
    }

    async fn send(&self, token: &str) -> Page {
        let page = post(&self.app, ROUTE, format!("more=x&logout_token={token}")).await;
        assert_eq!(page.header("cache-control"), "no-store");
        if page.status != StatusCode::OK {
            assert_eq!(page.status, StatusCode::BAD_REQUEST);
            let body: Value = serde_json::from_str(&page.body).expect("JSON");
            assert!(body["error"].is_string() && body["error_description"].is_string(), "{body}");
        }
        page
    }

    /// The number of records of one kind.
    async fn records(&self, kind: &str) -> usize {
        let keys = self.store.list(None).await.expect("a list").keys;
        keys.iter().filter(|key| key.split(':').next() == Some(kind)).count()
    }
}

fn builder(store: &MemoryStore) -> AppBuilder<Providers> {
    let store = store.clone();
    App::builder::<Providers>().configure(move |registry| registry.store(store))
}

async fn post(app: &App, route: &str, form: String) -> Page {
    app.browser().post_body(route, &[FORM], form).await
}

#[tokio::test]
async fn ended_session_ends_on_every_instance() {
    let site = Site::start().await;
    let (mut ada, mut grace) = (site.signed_in("ada").await, site.signed_in("grace").await);
    let mut ada_elsewhere = site.signed_in("ada").await;
    let other = site.another_instance().await;
    assert_eq!(other.visitor(&mut other.serve(&ada)).await, "ada");

    let [first, _] = &site.app.provider.session_ids("ada")[..] else { panic!("two sessions") };
    let page = site.report(&json!({"sub": "ada", "sid": first})).await;
    assert_eq!((page.status, &*page.body), (StatusCode::OK, ""));
    assert_eq!(site.app.visitor(&mut ada).await, "nobody");
    site.app.clock.advance(5);
    assert_eq!(other.visitor(&mut other.serve(&ada)).await, "nobody");
    for app in [&site.app, &other] {
        assert_eq!(app.visitor(&mut app.serve(&ada_elsewhere)).await, "ada", "another session");
        assert_eq!(app.visitor(&mut app.serve(&grace)).await, "grace", "another user");
    }

    // Without `sid`, all sessions of the user end, and a later login is not affected.
    assert_eq!(site.report(&json!({"sub": "ada"})).await.status, StatusCode::OK);
    assert_eq!(site.app.visitor(&mut ada_elsewhere).await, "nobody");
    site.signed_in("ada").await;
    assert_eq!(site.app.visitor(&mut grace).await, "grace");
}

#[tokio::test]
async fn tokens_of_an_ended_session_are_removed() {
    let site = Site::start().await;
    let _sessions = (site.signed_in("ada").await, site.signed_in("ada").await);
    let _grace = site.signed_in("grace").await;
    assert_eq!(site.records("token").await, 3);
    let sid = site.app.provider.session_ids("ada").remove(0);
    site.report(&json!({"sid": sid})).await;
    assert_eq!(site.records("token").await, 2);
    site.report(&json!({"sub": "ada"})).await;
    assert_eq!(site.records("token").await, 1, "those of Grace stay");
    assert_eq!(site.app.requests(Endpoint::Revocation), 0, "the provider has ended them itself");
}

/// Its identity is not `sub`, and tokens for offline access stay.
#[tokio::test]
async fn offline_tokens_outlive_the_providers_session() {
    let store = MemoryStore::default();
    let person = |sub: &str, employee: &str| {
        oauth_runtime::testing::Person::new(sub).claim("employee", json!(employee))
    };
    let app = builder(&store)
        // The subject of one is the employee number of the other.
        .provider(move |provider| provider.person(person("7", "1")).person(person("1", "7")));
    let site = Site { app: app.start().await, store };
    let mut browsers = [site.app.browser(), site.app.browser()];
    for (browser, sub) in browsers.iter_mut().zip(["7", "1"]) {
        site.app.log_in_as(browser, "keeping", sub).await;
    }
    let [seven, one] = &mut browsers;
    assert_eq!(site.app.visitor(seven).await, "1");
    let form = format!("logout_token={}", site.token(&json!({"sub": "7"})));
    assert_eq!(post(&site.app, "/ended", form).await.status, StatusCode::OK);
    assert_eq!(site.app.visitor(seven).await, "nobody");
    assert_eq!(site.app.visitor(one).await, "7");
    assert_eq!(site.records("kept").await, 2);
}

/// A recorded token must not end later sessions.
#[tokio::test]
async fn logout_token_is_valid_once_on_all_instances() {
    let site = Site::start().await;
    let token = site.token(&json!({"sub": "ada"}));
    assert_eq!(site.send(&token).await.status, StatusCode::OK);
    let mut ada = site.signed_in("ada").await;
    assert_eq!(site.send(&token).await.status, StatusCode::BAD_REQUEST);
    let other = site.another_instance().await;
    let again = post(&other, ROUTE, format!("logout_token={token}")).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert!(again.body.contains("used before"), "{}", again.body);
    assert_eq!(site.app.visitor(&mut ada).await, "ada");
}

#[tokio::test]
async fn forged_logout_token_ends_nothing() {
    let site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    for fault in [
        Fault::BadSignature,
        Fault::StrippedSignature,
        Fault::UnsignedToken,
        Fault::Hs256WithPublicKey,
        Fault::Hs256WithClientSecret,
        Fault::UnannouncedAlgorithm,
        Fault::UnknownKeyId,
        Fault::EmbeddedJwk,
    ] {
        site.app.provider.fault(fault);
        let refused = site.report(&json!({"sub": "ada"})).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{fault:?}");
        site.app.provider.clear_fault(fault);
    }
    for claims in [
        json!({"sub": "ada", "iss": "https://elsewhere.example"}),
        json!({"sub": "ada", "aud": "another-client"}),
        json!({"sub": "ada", "aud": [CLIENT_ID, "another-client"]}),
        json!({"sub": "ada", "exp": 1}),
        json!({"sub": "ada", "exp": null}),
        json!({"sub": "ada", "iat": null}),
        json!({"sub": "ada", "jti": null}),
        json!({"sub": "ada", "events": null}),
        json!({"sub": "ada", "nonce": "n"}),
        json!({}),
    ] {
        assert_eq!(site.report(&claims).await.status, StatusCode::BAD_REQUEST, "{claims}");
    }
    assert_eq!(site.app.visitor(&mut ada).await, "ada");
}

#[tokio::test]
async fn malformed_report_is_refused() {
    let site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    let token = site.token(&json!({"sub": "ada"}));
    assert_eq!(ada.get(ROUTE).await.status, StatusCode::METHOD_NOT_ALLOWED);
    let query = format!("{ROUTE}?logout_token={token}");
    assert_eq!(ada.get(&query).await.status, StatusCode::METHOD_NOT_ALLOWED);
    for form in [
        String::new(),
        "logout_token=".to_owned(),
        format!("logout_token={token}&logout_token={token}"),
        format!("logout_token={token}&x={}", "x".repeat(80 * 1024)),
        format!("logout_token={}", "x".repeat(65 * 1024)),
    ] {
        let page = post(&site.app, ROUTE, form).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert_eq!(page.header("cache-control"), "no-store");
    }
    let json = [("content-type", "application/json")];
    let body = json!({"logout_token": token}).to_string();
    let page = site.app.browser().post_body(ROUTE, &json, body).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert_eq!(post(&site.app, &query, String::new()).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(site.app.visitor(&mut ada).await, "ada");
}

/// Anyone can send a token that names an unknown key.
#[tokio::test]
async fn unknown_keys_of_logout_tokens_cause_few_fetches() {
    let site = Site::start().await;
    let _ada = site.signed_in("ada").await;
    site.app.provider.fault(Fault::UnknownKeyId);
    let fetched = || site.app.requests(Endpoint::Jwks);
    let before = fetched();
    for _ in 0..20 {
        site.report(&json!({"sub": "ada"})).await;
    }
    assert_eq!(fetched(), before);
    for minute in 1..=3 {
        site.app.advance(60);
        for _ in 0..20 {
            site.report(&json!({"sub": "ada"})).await;
        }
        assert_eq!(fetched(), before + minute);
    }
    // A token that is not for this application costs no fetch at all.
    site.app.advance(60);
    site.report(&json!({"sub": "ada", "aud": "another-client"})).await;
    assert_eq!(fetched(), before + 3);
    // A key that was really rotated is accepted within that time.
    site.app.provider.clear_fault(Fault::UnknownKeyId);
    site.app.provider.rotate_keys().expect("a key");
    assert_eq!(site.report(&json!({"sub": "ada"})).await.status, StatusCode::OK);
}

/// Section 2.8: the answer to a logout that failed is 400, and the provider may try again.
#[tokio::test]
async fn unstored_logout_is_reported_and_can_be_repeated() {
    let (is_away, store) = (Arc::new(AtomicBool::new(false)), MemoryStore::default());
    let (switch, inner) = (Arc::clone(&is_away), store.clone());
    let guarded = Guarded::new(inner, move |_| match switch.load(Ordering::SeqCst) {
        true => Err(StoreError::backend("the store is away")),
        false => Ok(()),
    });
    let app = App::builder::<Providers>().configure(move |registry| registry.store(guarded));
    let site = Site { app: app.start().await, store };
    let mut ada = site.signed_in("ada").await;
    let token = site.token(&json!({"sub": "ada"}));
    is_away.store(true, Ordering::SeqCst);
    let page = site.send(&token).await;
    assert!(page.body.contains("server_error"), "{}", page.body);
    is_away.store(false, Ordering::SeqCst);
    assert_eq!(site.app.visitor(&mut ada).await, "ada");
    assert_eq!(site.send(&token).await.status, StatusCode::OK);
    assert_eq!(site.app.visitor(&mut ada).await, "nobody");
}

/// The token is used up before its sessions end, so a failure after that must release it.
#[tokio::test]
async fn token_of_an_unstored_end_can_be_used_again() {
    let (swaps_left, store) = (Arc::new(AtomicU32::new(u32::MAX)), MemoryStore::default());
    let (left, inner) = (Arc::clone(&swaps_left), store.clone());
    let guarded = Guarded::new(inner, move |operation| match operation {
        Operation::CompareAndSwap => {
            let one_less = |left: u32| left.checked_sub(1);
            let taken = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less);
            taken.map(drop).map_err(|_| StoreError::backend("the store is away"))
        }
        _ => Ok(()),
    });
    let app = App::builder::<Providers>().configure(move |registry| registry.store(guarded));
    let site = Site { app: app.start().await, store };
    let mut ada = site.signed_in("ada").await;
    let token = site.token(&json!({"sub": "ada"}));
    swaps_left.store(1, Ordering::SeqCst);
    let page = site.send(&token).await;
    assert!(page.body.contains("server_error"), "{}", page.body);
    assert_eq!(site.app.visitor(&mut ada).await, "nobody", "ended here in any case");
    swaps_left.store(u32::MAX, Ordering::SeqCst);
    assert_eq!(site.send(&token).await.status, StatusCode::OK);
}

/// The report can arrive before the session that it ends has started here.
#[tokio::test]
async fn session_ended_during_the_login_does_not_start() {
    let site = Site::start().await;
    let mut ada = site.app.browser();
    let url = ada.start_login("told").await;
    let callback = site.app.answer(&url);
    let sid = site.app.provider.session_ids("ada").remove(0);
    assert_eq!(site.report(&json!({"sub": "ada", "sid": sid})).await.status, StatusCode::OK);
    ada.finish(callback).await;
    assert_error!(site.app.failures.only(), OAuthError::Browser(BrowserError::EndedAtProvider));
    assert_eq!(ada.session(), None);
    site.signed_in("ada").await;
}

/// Another provider's token, valid for its own client, ends no session of this one.
#[tokio::test]
async fn logout_ends_only_sessions_of_its_provider() {
    let site = Site::start().await;
    let mut ada = site.app.browser();
    // The same issuer and client under another name.
    site.app.log_in(&mut ada, "op").await;
    site.report(&json!({"sub": "ada"})).await;
    assert_eq!(site.app.visitor(&mut ada).await, "ada");
    let absent = post(&site.app, "/auth/op/backchannel-logout", String::new()).await;
    assert_eq!(absent.status, StatusCode::NOT_FOUND);
}

/// A report reaches one instance, and must end sessions on all.
#[tokio::test]
async fn store_for_logouts_must_be_chosen() {
    let site = Site::start().await;
    let config = config_of::<Providers>(&site.app.provider, "https://app.example");
    let error = Providers::builder().config(config.clone()).build().expect_err("no store");
    let text = error.to_string();
    assert!(text.contains("OAUTH_STORE_URL") && text.contains("`told`"), "{text}");
    assert!(text.contains("`memory:`"), "{text}");
    Providers::builder()
        .config(config.clone().set("OAUTH_STORE_URL", "memory:"))
        .build()
        .expect("");
    Providers::builder().config(config).store(MemoryStore::default()).build().expect("a store");

    let settings = Config::empty()
        .set("OAUTH_PUBLIC_URL", "https://app.example")
        .set("OAUTH_COOKIE_KEYS", tests::in_process::COOKIE_KEY);
    let tenants = RuntimeProviders::builder().config(settings.clone()).build().expect("tenants");
    let acme = ProviderDescription::new("acme")
        .issuer("https://acme.example")
        .scopes(["openid"])
        .client_id(CLIENT_ID)
        .client_secret("secret")
        .backchannel_logout(true);
    let error = tenants.insert(acme.clone()).expect_err("no store").to_string();
    assert!(error.contains("OAUTH_STORE_URL") && error.contains("`acme`"), "{error}");
    let settings = settings.set("OAUTH_STORE_URL", "memory:");
    let tenants = RuntimeProviders::builder().config(settings).build().expect("tenants");
    tenants.insert(acme).expect("a store");
}
