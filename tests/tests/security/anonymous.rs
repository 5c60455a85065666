//! Rule 17: anonymous requests cause a bounded number of outgoing requests, even while the provider
//! is down, and cheap checks come first.

use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};
use oauth_runtime::error::BrowserError;
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{Endpoint, Fault, TestProvider};
use oauth_runtime::{
    Clock, OAuthError, ProviderDescription, RuntimeProvider, RuntimeProviders, UnixTime,
};
use tests::in_process::{App, Browser, CLIENT_ID, CLIENT_SECRET, Paged, Recorder, Typed, config};

use crate::initiated;

/// Number of anonymous requests.
const CROWD: usize = 100;
/// The figure of the security guide: attempts within a minute while a provider is down.
const ATTEMPTS_A_MINUTE: u64 = 17;

/// Every request that the application sends.
fn outgoing(recorder: &Recorder) -> Vec<String> {
    recorder.exchanges().iter().map(|(request, _)| request.uri().path().to_owned()).collect()
}

async fn recorded() -> (App, Recorder) {
    let recorder = Recorder::new();
    let client = recorder.clone();
    let app =
        App::builder::<Typed>().configure(|builder| builder.http_client(client)).start().await;
    (app, recorder)
}

/// Sends a script's requests to each generated route, without a cookie or with an invented one.
async fn try_every_route(browser: &mut Browser) {
    let forged =
        [("cookie", "oauth-login-00000000-AAAAAAAA=forged; oauth-session-00000000=forged")];
    for (method, target) in [
        (Method::GET, "/auth/op/callback?code=c&state=AAAAAAAAAAAA"),
        (Method::GET, "/auth/op/callback?error=access_denied&state=AAAAAAAAAAAA"),
        (Method::GET, "/auth/op/callback"),
        (Method::GET, "/auth/nobody/login"),
        (Method::GET, "/auth/leaving/logged-out?state=s"),
        (Method::GET, "/auth/logout"),
        (Method::GET, "/whoami"),
        (Method::GET, "/resource"),
        (Method::POST, "/auth/logout"),
    ] {
        browser.send(method.clone(), target, &[]).await;
        browser.send(method, target, &forged).await;
    }
}

#[tokio::test]
async fn routes_without_login_cause_no_request() {
    let (app, recorder) = recorded().await;
    for _ in 0..10 {
        try_every_route(&mut app.browser()).await;
    }
    assert_eq!(outgoing(&recorder), [] as [String; 0]);
    app.failures.take();
}

#[tokio::test]
async fn crowd_of_logins_causes_one_metadata_request() {
    let (app, recorder) = recorded().await;
    for _ in 0..CROWD {
        app.browser().start_login("op").await;
    }
    assert_eq!(outgoing(&recorder), ["/.well-known/openid-configuration"]);
}

/// All get the same error: the cached first failure.
#[tokio::test]
async fn logins_at_provider_that_is_down_send_few_requests() {
    let (app, recorder) = recorded().await;
    app.provider.fault(Fault::ServerError(Endpoint::Metadata));
    for second in 0..60 {
        for _ in 0..CROWD / 10 {
            let page = app.browser().get("/auth/op/login").await;
            assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{second}");
            assert!(app.failures.only().is_temporary(), "{second}");
        }
        app.clock.advance(1);
    }
    let requests = outgoing(&recorder).len() as u64;
    assert!((2..=ATTEMPTS_A_MINUTE).contains(&requests), "{requests}");
    app.provider.clear_faults();
    app.clock.advance(4);
    app.browser().start_login("op").await;
}

#[tokio::test]
async fn logins_at_provider_that_hangs_share_one_request() {
    let (app, recorder) = recorded().await;
    app.provider.fault(Fault::ServerError(Endpoint::Metadata));
    let logins: Vec<_> = (0..CROWD)
        .map(|_| {
            let mut browser = app.browser();
            tokio::spawn(async move { browser.get("/auth/op/login").await.status })
        })
        .collect();
    for login in logins {
        assert!(login.await.expect("no panic").is_server_error());
    }
    assert_eq!(outgoing(&recorder).len(), 1);
    assert_eq!(app.failures.take().len(), CROWD);
}

/// Another process started the logins, so this one does not know the metadata yet.
#[tokio::test]
async fn callback_needs_its_cookie_before_the_metadata() {
    let (first, _) = recorded().await;
    let mut started = first.browser();
    let callback = first.answer(&started.start_login("op").await);
    let recorder = Recorder::new();
    let client = recorder.clone();
    let app = App::builder::<Typed>()
        .beside(&first)
        .configure(|builder| builder.http_client(client))
        .start()
        .await;
    for _ in 0..CROWD {
        app.serve(&first.browser()).finish(&callback).await;
        assert_error!(app.failures.only(), OAuthError::Browser(BrowserError::NoPendingLogin));
    }
    // Sealed for another provider: its name is right, but it does not open.
    let other = callback.as_str().replace("/auth/op/", "/auth/twin/");
    app.serve(&started).finish(&*other).await;
    assert_error!(app.failures.only(), OAuthError::Browser(BrowserError::ForeignPendingLogin));
    assert_eq!(outgoing(&recorder), [] as [String; 0]);
    app.serve(&started).finish(&callback).await.location();
    assert_eq!(outgoing(&recorder)[..2], ["/.well-known/openid-configuration", "/token"]);
}

/// Each started login allows one invented code.
#[tokio::test]
async fn login_of_a_stranger_causes_one_token_request() {
    let (app, recorder) = recorded().await;
    let mut browser = app.browser();
    let mut forged = app.answer(&browser.start_login("op").await);
    let state = forged.query_pairs().find(|(name, _)| name == "state").expect("a state").1;
    let query = format!("code=forged&state={state}&iss={}", app.provider.issuer());
    forged.set_query(Some(&query));
    for _ in 0..10 {
        browser.clone().finish(&forged).await;
    }
    assert_eq!(outgoing(&recorder), ["/.well-known/openid-configuration", "/token"]);
    assert_eq!(app.failures.take().len(), 10);
}

#[tokio::test]
async fn initiated_login_of_foreign_issuer_sends_nothing() {
    let app = initiated::portal().await;
    let mut browser = app.browser();
    for target in ["/tile", "/tile?iss=https://other.example", "/tile?iss=a&iss=b"] {
        browser.get(target).await;
    }
    assert_eq!(app.failures.take().len(), 3);
    assert_eq!(app.requests(Endpoint::Metadata), 0);
    app.provider.fault(Fault::ServerError(Endpoint::Metadata));
    let own = format!("/tile?iss={}", app.provider.issuer());
    for _ in 0..10 {
        browser.get(&own).await;
    }
    assert_eq!(app.failures.take().len(), 10);
    assert_eq!(app.requests(Endpoint::Metadata), 1);
}

/// A burst of 5 and then one every 5 s, including those that waited.
#[tokio::test]
async fn unknown_keys_cause_fetches_at_the_stated_rate() {
    const SECONDS: u64 = 60;
    let app = App::start().await;
    app.provider.fault(Fault::UnknownKeyId);
    let mut logins = Vec::new();
    for _ in 0..SECONDS {
        for _ in 0..3 {
            let (mut browser, provider) = (app.browser(), Arc::clone(&app.provider));
            logins.push(tokio::spawn(async move {
                let url = browser.start_login("op").await;
                let callback = provider.sign_in(url, "ada").expect("a valid request");
                browser.finish(callback).await.status
            }));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        app.clock.advance(1);
    }
    let fetched = app.requests(Endpoint::Jwks);
    assert!((6..=5 + SECONDS / 5).contains(&fetched), "{fetched}");
    while logins.iter().any(|login| !login.is_finished()) {
        tokio::time::sleep(Duration::from_millis(50)).await;
        app.clock.advance(1);
    }
}

#[tokio::test]
async fn unavailable_keys_are_not_fetched_by_each_login() {
    let app = App::start().await;
    app.provider.fault(Fault::ServerError(Endpoint::Jwks));
    for _ in 0..10 {
        assert!(app.refused("op").await.is_temporary());
    }
    assert_eq!(app.requests(Endpoint::Jwks), 1);
    app.provider.clear_faults();
    app.clock.advance(1);
    app.log_in(&mut app.browser(), "op").await.location();
}

/// Run-time providers with an HTTP client that counts.
async fn described(
    provider: &TestProvider,
    describe: impl FnOnce(ProviderDescription) -> ProviderDescription,
) -> (Client<RuntimeProvider>, Recorder, Clock) {
    let (recorder, clock) = (Recorder::new(), Clock::manual(UnixTime::from_secs(1_700_000_000)));
    let builder = RuntimeProviders::builder().config(Config::empty()).clock(clock.clone());
    let providers = builder.http_client(recorder.clone()).build().expect("nothing to configure");
    let description = ProviderDescription::new("acme")
        .client_id(CLIENT_ID)
        .client_secret(CLIENT_SECRET)
        .quirks(["loopback_http"]);
    let _ = config(provider, "http://localhost:3000");
    (providers.insert(describe(description)).expect("valid settings"), recorder, clock)
}

#[tokio::test]
async fn failed_temporary_credentials_pause_all_logins() {
    let provider = TestProvider::start().await.expect("a provider");
    let issuer = provider.issuer().to_owned();
    let (client, recorder, clock) = described(&provider, |description| {
        description
            .request_token_url(format!("{issuer}/request_token"))
            .authorize_url(format!("{issuer}/authorize"))
            .access_token_url(format!("{issuer}/access_token"))
            .userinfo_endpoint(format!("{issuer}/profile"))
    })
    .await;
    for _ in 0..CROWD {
        client.authorize_redirect().into_url().await.expect_err("it does not speak OAuth 1.0a");
    }
    assert_eq!(outgoing(&recorder), ["/request_token"]);
    clock.advance(1);
    client.authorize_redirect().into_url().await.expect_err("it does not speak OAuth 1.0a");
    assert_eq!(outgoing(&recorder).len(), 2);
}

/// A public page that calls an API in the name of the application.
#[tokio::test]
async fn client_credentials_are_not_requested_by_each_call() {
    let provider = TestProvider::start().await.expect("a provider");
    let issuer = provider.issuer().to_owned();
    let (client, recorder, clock) =
        described(&provider, |description| description.issuer(issuer).scopes(["openid"])).await;
    provider.fault(Fault::ServerError(Endpoint::Token));
    for _ in 0..CROWD {
        client.client_credentials().await.expect_err("the provider is down");
    }
    assert_eq!(outgoing(&recorder), ["/.well-known/openid-configuration", "/token"]);
    clock.advance(1);
    client.client_credentials().await.expect_err("the provider is down");
    assert_eq!(outgoing(&recorder).len(), 3);
}

#[tokio::test]
async fn unknown_name_of_a_provider_loads_nothing() {
    let app = App::builder::<Paged>().start().await;
    let tenants = RuntimeProviders::builder().config(Config::empty()).build();
    let tenants = tenants.expect("nothing to configure");
    for number in 0..CROWD {
        assert!(tenants.get(&format!("nobody-{number}")).is_none());
        app.browser().get(&format!("/auth/nobody-{number}/login")).await;
    }
    assert!(tenants.names().is_empty());
    assert_eq!(app.requests(Endpoint::Metadata), 0);
}

#[test]
fn guide_states_the_attempts_a_minute() {
    let guide = include_str!("../../../oauth-runtime/src/docs/security.md");
    let guide: Vec<_> = guide.split_whitespace().collect();
    assert!(guide.join(" ").contains(&format!("at most {ATTEMPTS_A_MINUTE} times a minute")));
}
