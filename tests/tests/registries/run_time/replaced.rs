//! A provider that is replaced while the application runs.

use super::*;

/// Otherwise the new provider could receive the code of the old one.
#[tokio::test]
async fn replaced_provider_ends_its_pending_logins() {
    let app = alone().await;
    let mut browser = app.site.browser();
    let callback =
        app.acme.sign_in(browser.start_login("acme").await, "ada").expect("valid settings");
    let other = app.replace().await;
    browser.finish(callback).await;
    assert_matches!(
        app.site.failures.only(),
        OAuthError::Browser(BrowserError::ForeignPendingLogin)
    );
    assert_eq!((other.requests(Endpoint::Token), app.acme.requests(Endpoint::Token)), (0, 0));
    assert_eq!(browser.session(), None);
}

/// A host may have a tenant at each path, so the origin is not sufficient.
#[tokio::test]
async fn pending_login_is_bound_to_whole_endpoint_urls() {
    let app = alone().await;
    let plain = |token: String| {
        ProviderDescription::new("plain")
            .authorize_url(app.acme.url(Endpoint::Authorization))
            .access_token_url(token)
            .userinfo_endpoint(app.acme.url(Endpoint::Userinfo))
            .scopes(["openid", "profile"])
            .quirks(["loopback_http"])
            .client_id(CLIENT_ID)
            .client_secret(CLIENT_SECRET)
    };
    // `openid` without an issuer is a mistake, in a description too.
    let right = app.acme.url(Endpoint::Token);
    let error = app.tenants.insert(plain(right.clone())).expect_err("a fault");
    assert!(error.to_string().contains("plain.issuer is missing"), "{error}");

    app.tenants.insert(plain(right.clone()).scopes(["profile"])).expect("valid settings");
    let mut browser = app.site.browser();
    let callback =
        app.acme.sign_in(browser.start_login("plain").await, "ada").expect("valid settings");
    let elsewhere = format!("{right}/of/somebody/else");
    app.tenants.insert(plain(elsewhere).scopes(["profile"])).expect("valid settings");
    browser.finish(callback).await;
    assert_matches!(
        app.site.failures.only(),
        OAuthError::Browser(BrowserError::ForeignPendingLogin)
    );
}

#[tokio::test]
async fn replaced_provider_ends_its_sessions_and_tokens() {
    let app = alone().await;
    let mut browser = app.site.browser();
    app.log_in(&mut browser).await;
    let other = app.replace().await;
    assert_eq!(browser.get("/").await.body, "nobody");
    assert_eq!(browser.get("/resource").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(other.requests(Endpoint::Api), 0);

    // Not even after the old one returns with another API base.
    let moved = tenant("acme", &app.acme).api_base_url(other.api_base_url());
    app.tenants.insert(moved).expect("a valid description");
    assert_eq!(browser.get("/resource").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(other.requests(Endpoint::Api), 0);

    // Another client of the same provider may be another application.
    let other = tenant("acme", &app.acme).client_id("another-client");
    app.tenants.insert(other).expect("a valid description");
    assert_eq!(browser.get("/").await.body, "nobody");
    app.tenants.insert(tenant("acme", &app.acme)).expect("a valid description");
    assert_eq!(browser.get("/").await.body, "ada of acme", "the first one is back");
}

#[tokio::test]
async fn new_secret_or_scope_keeps_logins_and_sessions() {
    let app = alone().await;
    let mut browser = app.site.browser();
    app.log_in(&mut browser).await;
    let pending =
        app.acme.sign_in(browser.start_login("acme").await, "ada").expect("valid settings");
    let changed = tenant("acme", &app.acme).scopes(["openid", "email"]).display_name("Acme");
    app.tenants.insert(changed).expect("a valid description");
    assert_eq!(browser.get("/").await.body, "ada of acme");
    assert_eq!(browser.finish(pending).await.location(), "/");
    assert_eq!(browser.get("/resource").await.status, StatusCode::OK);
}

/// A table may be read repeatedly.
#[tokio::test]
async fn unchanged_description_keeps_cached_metadata() {
    let app = alone().await;
    let mut browser = app.site.browser();
    app.log_in(&mut browser).await;
    for _ in 0..3 {
        app.tenants.insert(tenant("acme", &app.acme)).expect("a valid description");
        app.log_in(&mut browser).await;
    }
    assert_eq!(app.acme.requests(Endpoint::Metadata), 1);
}

#[tokio::test]
async fn refused_description_changes_nothing() {
    let app = alone().await;
    let wrong = tenant("acme", &app.acme).issuer("http://acme.example").leeway(1000);
    let error = app.tenants.insert(wrong).expect_err("faults");
    let keys: Vec<_> = error.faults().iter().map(|fault| fault.key()).collect();
    assert_eq!(keys, ["acme.issuer", "acme.leeway"], "{error}");
    let mut browser = app.site.browser();
    app.log_in(&mut browser).await;
}
