//! The pages for visitors: their language, their order of providers, and the application's settings.

use axum::middleware::from_fn_with_state;
use http::Method;
use oauth_runtime::OAuthError;
use oauth_runtime::pages::{Pages, Text};
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{Endpoint, Fault};
use serde_json::Value;
use tests::in_process::{App, AppBuilder, Browser, Op, Page, Paged, config_of};

const HERE: [(&str, &str); 1] = [("sec-fetch-site", "same-origin")];

async fn site(pages: Pages) -> App {
    App::builder::<Paged>().configure(|builder| builder.pages(pages)).start().await
}

async fn sign_in_page(browser: &mut Browser) -> Page {
    let page = browser.get("/whoami").await;
    assert_eq!(page.status, 401, "{page:?}");
    page
}

/// The names of the providers on a sign-in page, in order.
fn providers(page: &Page) -> Vec<&str> {
    let links = page.body.split("href=\"/auth/").skip(1);
    links.filter_map(|link| link.split_once("/login").map(|(name, _)| name)).collect()
}

fn remembered(browser: &Browser) -> Vec<(String, String)> {
    let cookies = browser.cookies().iter();
    cookies.filter(|(name, _)| name.contains("oauth-last-")).cloned().collect()
}

#[tokio::test]
async fn sign_in_page_offers_the_last_provider_first() {
    let app = App::builder::<Paged>().start().await;
    let mut browser = app.browser();
    let before = sign_in_page(&mut browser).await;
    assert_eq!(providers(&before)[..3], ["op", "twin", "plain"]);
    assert!(!before.body.contains(">Last used<"), "{}", before.body);

    let page = app.log_in(&mut browser, "plain").await;
    let cookies = page.cookies();
    let cookie = cookies.iter().find(|cookie| cookie.name.starts_with("oauth-last-"));
    let attributes = cookie.expect("a cookie").attributes.clone();
    assert_eq!(attributes, ["httponly", "max-age=15552000", "path=/", "samesite=lax"]);
    assert_eq!(cookie.map(|cookie| cookie.value.len()), Some(4), "nothing about the user");

    browser.post("/auth/logout", &HERE).await;
    let after = sign_in_page(&mut browser).await;
    assert_eq!(providers(&after)[..3], ["plain", "op", "twin"]);
    assert_eq!(after.body.matches(">Last used<").count(), 1);
    let primary = after.body.split(" primary ").nth(1).expect("a primary button");
    assert!(primary.split_once("</a>").is_some_and(|(button, _)| button.contains("plain")));
    assert_eq!(after.header("cache-control"), "no-store");
    let other = sign_in_page(&mut app.browser()).await;
    assert_eq!(providers(&other)[..2], ["op", "twin"]);
}

/// A sibling host can plant a cookie on plain http: it has no effect but the order.
#[tokio::test]
async fn planted_last_provider_shows_nothing_new() {
    let app = App::builder::<Paged>().start().await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "plain").await;
    browser.post("/auth/logout", &HERE).await;
    let (name, _) = remembered(&browser).pop().expect("a cookie");
    for value in ["", "zzzz", "plain", "<script>", "../op"] {
        browser.plant(&name, value);
        let page = sign_in_page(&mut browser).await;
        assert_eq!(providers(&page)[..2], ["op", "twin"], "{value}");
        assert!(!page.body.contains("<script>"), "{}", page.body);
    }
}

#[tokio::test]
async fn last_provider_is_remembered_only_if_allowed() {
    let app = site(Pages::new().remember_provider(false)).await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "plain").await;
    assert_eq!(remembered(&browser), []);
    browser.post("/auth/logout", &HERE).await;
    assert_eq!(providers(&sign_in_page(&mut browser).await)[..2], ["op", "twin"]);
}

#[tokio::test]
async fn page_is_in_the_language_of_the_visitor() {
    let app = App::builder::<Paged>().start().await;
    for (accepted, tag, direction, title) in [
        ("ar-EG,ar;q=0.9,en;q=0.5", "ar", "rtl", "يُرجى تسجيل الدخول"),
        ("xx, de-AT;q=0.7", "de", "ltr", "Bitte melden Sie sich an"),
        ("de;q=2", "en", "ltr", "Please sign in"),
        ("", "en", "ltr", "Please sign in"),
    ] {
        let language = [("accept-language", accepted)];
        let page = app.browser().send(Method::GET, "/whoami", &language).await;
        let html = format!("<html lang=\"{tag}\" dir=\"{direction}\">");
        assert!(page.body.contains(&html), "{accepted}: {}", page.body);
        assert!(page.body.contains(&format!("<h1>{title}</h1>")), "{}", page.body);
        assert_eq!(page.header("content-language"), tag);
    }
    // A failed callback, which is answered elsewhere than the sign-in page.
    let german = [("accept-language", "de")];
    let page = app.browser().send(Method::GET, "/auth/op/callback?code=1&state=2", &german).await;
    assert!(page.body.contains("<h1>Anmeldung fehlgeschlagen</h1>"), "{}", page.body);
    let script = [("accept-language", "de"), ("accept", "application/json")];
    let answer = app.browser().send(Method::GET, "/whoami", &script).await;
    let json: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(json["error_description"], "A login is needed.", "programs read English");
}

/// Each page of a visit: sign-in, error, questions, and the page after the logout.
async fn visited(app: &App) -> Vec<Page> {
    let mut browser = app.browser();
    let mut pages = vec![
        browser.get("/whoami").await,
        browser.get("/auth/op/callback?code=1&state=2").await,
        browser.get("/auth/logout").await,
    ];
    app.log_in(&mut browser, "op").await;
    let elsewhere = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
    for path in ["/auth/logout", "/auth/op/login"] {
        pages.push(browser.send(Method::GET, path, &elsewhere).await);
    }
    app.provider.fault(Fault::ServerError(Endpoint::Api));
    pages.push(browser.get("/resource-page").await);
    pages
}

async fn resource(op: Api<Op>) -> Result<String, OAuthError> {
    op.get("resource").text().await
}

fn with_error_pages(pages: Pages) -> AppBuilder<Paged> {
    App::builder::<Paged>().configure(|builder| builder.pages(pages)).extend(|router| {
        // The state of a middleware is needed before the router has one.
        router.route(
            "/resource-page",
            get(async |State(op): State<Client<Op>>, request: axum::extract::Request| {
                let layer = from_fn_with_state(op.sessions(), oauth_runtime::error_pages);
                let router = Router::new().route("/resource-page", get(resource)).layer(layer);
                tower::ServiceExt::oneshot(router.with_state(op), request).await
            }),
        )
    })
}

#[tokio::test]
async fn every_page_has_the_settings_of_the_application() {
    let pages = Pages::new()
        .application_name("Weavers & Co")
        .logo("/logo.svg")
        .color("#1f6f5c")
        .languages(["de", "en"]);
    let app = with_error_pages(pages).start().await;
    for page in visited(&app).await {
        let body = &page.body;
        assert!(body.contains("<html lang=\"de\""), "the first language: {body}");
        assert!(body.contains("<span dir=\"auto\">Weavers &amp; Co</span>"), "{body}");
        assert!(body.contains(" · Weavers &amp; Co</title>"), "{body}");
        assert!(body.contains("<img src=\"/logo.svg\" alt=\"\">"), "{body}");
        assert!(body.contains("--accent:#1f6f5c;--on-accent:#ffffff"), "{body}");
        let policy = page.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{policy}");
        assert!(policy.contains("style-src 'sha256-"), "{policy}");
        assert!(policy.contains("img-src 'self'"), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains("script"), "{policy}");
    }
}

#[tokio::test]
async fn template_and_texts_apply_to_every_page() {
    let pages = Pages::new()
        .texts("en", |text| (text == Text::Home).then_some("Back to the loom"))
        .template(|page| {
            let (title, main) = (page.title(), page.main());
            format!("<header>Guild</header>{title}<main>{main}</main>")
        });
    let app = with_error_pages(pages).start().await;
    let pages = visited(&app).await;
    for page in &pages {
        assert!(page.body.starts_with("<header>Guild</header>"), "{}", page.body);
    }
    assert!(pages[1].body.contains(">Back to the loom</a>"), "{}", pages[1].body);
    assert!(pages[0].body.contains("Sign in with"), "{}", pages[0].body);
}

#[tokio::test]
async fn settings_of_pages_can_be_configured() {
    let app = App::builder::<Paged>()
        .configure(|builder| {
            builder.set("OAUTH_APP_NAME", "Loom").set("OAUTH_APP_COLOR", "#8a1538")
        })
        .start()
        .await;
    let page = sign_in_page(&mut app.browser()).await;
    assert!(page.body.contains(">Loom</span>"), "{}", page.body);
    assert!(page.body.contains("--accent:#8a1538"), "{}", page.body);

    let config = config_of::<Paged>(&app.provider, "http://127.0.0.1:3000")
        .set("OAUTH_APP_LOGO", "https://elsewhere.example/logo.svg")
        .set("OAUTH_APP_COLOR", "red");
    let error = Paged::builder().config(config).build().expect_err("two faults");
    let keys: Vec<_> = error.faults().iter().map(|fault| fault.key()).collect();
    assert_eq!(keys, ["OAUTH_APP_LOGO", "OAUTH_APP_COLOR"], "{error}");
}
