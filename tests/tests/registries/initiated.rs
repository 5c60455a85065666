//! Third-party initiated logins with run-time providers. They follow the rules of declared
//! providers, which `security/initiated.rs` tests one by one.

use http::{Method, StatusCode};
use oauth_runtime::error::{BrowserError, InitiatedLoginError};
use oauth_runtime::prelude::*;
use oauth_runtime::testing::TestProvider;
use oauth_runtime::{ProviderDescription, RuntimeProviders};
use tests::in_process::{Browser, COOKIE_KEY, Page, failed};
use url::{Url, form_urlencoded};

use super::site::{Site, listen, start_provider, tenant, visitor};

/// The headers of a click on a link of another site.
const CLICK: [(&str, &str); 4] = [
    ("sec-fetch-site", "cross-site"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
    ("sec-fetch-user", "?1"),
];

/// An application with the tenants `acme` and `globex`, which both have the route.
struct App {
    site: Site,
    tenants: RuntimeProviders,
    acme: TestProvider,
    globex: TestProvider,
}

async fn app() -> App {
    let (listener, url) = listen().await;
    let config = Config::empty().set("OAUTH_PUBLIC_URL", &url).set("OAUTH_COOKIE_KEYS", COOKIE_KEY);
    let tenants = RuntimeProviders::builder().config(config).build().expect("valid settings");
    let (acme, globex) = (start_provider().await, start_provider().await);
    for (name, provider) in [("acme", &acme), ("globex", &globex)] {
        tenants.insert(open(name, provider)).expect("a valid description");
    }
    let routes = tenants.routes().on_error(failed);
    let router = Router::new()
        .route("/", get(visitor))
        .route("/page", get(visitor))
        .merge(routes)
        .with_state(tenants.clone());
    App { site: Site::serve(listener, &url, router), tenants, acme, globex }
}

fn open(name: &str, provider: &TestProvider) -> ProviderDescription {
    tenant(name, provider).display_name("Acme & Co").initiate_login(true)
}

fn parameters(provider: &TestProvider) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("iss", provider.issuer())
        .append_pair("login_hint", "alan")
        .append_pair("target_link_uri", "/page")
        .finish()
}

fn link(name: &str, provider: &TestProvider) -> String {
    format!("/auth/{name}/initiate?{}", parameters(provider))
}

async fn click(browser: &mut Browser, target: &str) -> Page {
    browser.send(Method::GET, target, &CLICK).await
}

#[tokio::test]
async fn third_party_login_of_a_tenant_finishes() {
    let app = app().await;
    let mut browser = app.site.browser();
    let started = click(&mut browser, &link("acme", &app.acme)).await;
    assert_eq!(started.status, StatusCode::SEE_OTHER, "{started:?}");
    let url = Url::parse(started.location()).expect("a URL");
    assert!(url.as_str().starts_with(app.acme.issuer()), "{url}");
    assert!(url.query_pairs().any(|pair| pair == ("login_hint".into(), "alan".into())), "{url}");

    let callback = app.acme.sign_in(started.location(), "ada").expect("a valid request");
    let mut victim = app.site.browser();
    victim.finish(&callback).await;
    assert_matches!(app.site.failures.only(), OAuthError::Browser(BrowserError::NoPendingLogin));
    assert_eq!(browser.finish(&callback).await.location(), "/page");
    assert_eq!(browser.get("/").await.body, "ada of acme");
}

/// Without a click, or if a user is signed in with any tenant.
#[tokio::test]
async fn third_party_login_starts_after_confirmation() {
    let app = app().await;
    let mut browser = app.site.browser();
    let question = browser.get(&link("acme", &app.acme)).await;
    assert_eq!((question.status, question.cookies()), (StatusCode::OK, Vec::new()), "{question:?}");
    assert!(question.body.contains("sign in here with Acme &amp; Co."), "{}", question.body);
    let form = "<form method=\"post\" action=\"/auth/acme/initiate\">";
    assert!(question.body.contains(form), "{}", question.body);
    let started = browser.post_here("/auth/acme/initiate", parameters(&app.acme)).await;
    let callback = app.acme.sign_in(started.location(), "ada").expect("a valid request");
    assert_eq!(browser.finish(callback).await.location(), "/page");

    let session = browser.session();
    let question = click(&mut browser, &link("globex", &app.globex)).await;
    assert!(question.body.contains("You are already signed in"), "{question:?}");
    assert_eq!((browser.session(), browser.pending()), (session, Vec::new()));
    assert_eq!(browser.get("/").await.body, "ada of acme");

    // A form of another site has no cookies, so it is requested again with them.
    let posted =
        browser.post_from_elsewhere("/auth/globex/initiate", parameters(&app.globex)).await;
    assert_eq!((posted.location(), posted.cookies()), (&*link("globex", &app.globex), Vec::new()));
}

#[tokio::test]
async fn tenant_starts_logins_only_with_itself() {
    let app = app().await;
    let page = click(&mut app.site.browser(), &link("acme", &app.globex)).await;
    assert_eq!((page.status, page.cookies()), (StatusCode::BAD_REQUEST, Vec::new()));
    assert_matches!(
        app.site.failures.only(),
        OAuthError::Browser(BrowserError::InitiatedLogin(InitiatedLoginError::IssuerMismatch))
    );
    // Nor does a replaced tenant.
    app.tenants.insert(open("acme", &app.globex)).expect("a valid description");
    click(&mut app.site.browser(), &link("acme", &app.acme)).await;
    assert_matches!(
        app.site.failures.only(),
        OAuthError::Browser(BrowserError::InitiatedLogin(InitiatedLoginError::IssuerMismatch))
    );
    let started = click(&mut app.site.browser(), &link("acme", &app.globex)).await;
    assert!(started.location().starts_with(app.globex.issuer()), "{started:?}");
}

#[tokio::test]
async fn third_party_login_must_be_described() {
    let app = app().await;
    app.tenants.insert(tenant("acme", &app.acme)).expect("a valid description");
    for name in ["acme", "nobody"] {
        for method in [Method::GET, Method::POST] {
            let target = link(name, &app.acme);
            let page = app.site.browser().send(method, &target, &CLICK).await;
            assert_eq!((page.status, page.cookies()), (StatusCode::NOT_FOUND, Vec::new()));
            assert_matches!(
                app.site.failures.only(),
                OAuthError::Browser(BrowserError::UnknownProvider)
            );
        }
    }
}

#[tokio::test]
async fn frames_and_prefetches_start_no_login() {
    let app = app().await;
    for (name, value) in
        [("sec-fetch-dest", "iframe"), ("sec-fetch-mode", "cors"), ("sec-purpose", "prefetch")]
    {
        let mut headers: Vec<_> = CLICK.into_iter().filter(|(own, _)| *own != name).collect();
        headers.push((name, value));
        let mut browser = app.site.browser();
        let page = browser.send(Method::GET, &link("acme", &app.acme), &headers).await;
        assert_eq!((page.status, page.cookies()), (StatusCode::FORBIDDEN, Vec::new()));
        assert_matches!(app.site.failures.only(), OAuthError::Browser(BrowserError::NotAVisit));
    }
}
