//! A sign-in page of the application: visitors who must log in are redirected to it.

use http::{Method, StatusCode};
use oauth_runtime::prelude::*;
use tests::in_process::{App, Op, Page, Paged};
use url::Url;

/// Answers all errors with the built-in response.
async fn unchanged(error: OAuthError) -> (StatusCode, [(&'static str, &'static str); 1], String) {
    (StatusCode::IM_A_TEAPOT, [("x-handler", "1")], error.to_string())
}

#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(on_error = unchanged)]
struct Answering {
    op: Client<Op>,
}

/// A provider whose accounts are connected.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "files",
    issuer = "{issuer}",
    api_base_url = "{issuer}/api/",
    scopes("openid"),
    keep_tokens,
    quirks(loopback_http)
)]
struct Files {
    issuer: String,
}

#[derive(Clone, Debug, OAuthRegistry)]
struct Connecting {
    op: Client<Op>,
    files: Client<Files>,
}

async fn sign_in() -> &'static str {
    "our page"
}

async fn for_users(user: User) -> String {
    user.subject().to_owned()
}

async fn files(files: Api<Files>) -> Result<String, OAuthError> {
    files.get("resource").text().await
}

async fn paged() -> App {
    App::builder::<Paged>()
        .configure(|builder| builder.sign_in_page("/sign-in"))
        .extend(|router| router.route("/sign-in", get(sign_in)))
        .start()
        .await
}

#[track_caller]
fn assert_redirects(page: &Page, location: &str) {
    assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, location), "{page:?}");
    assert_eq!(page.header("cache-control"), "no-store");
}

#[tokio::test]
async fn visitor_is_redirected_to_the_sign_in_page() {
    let app = paged().await;
    let mut browser = app.browser();
    let page = browser.get("/whoami?a=b%26c").await;
    assert_redirects(&page, "/sign-in?return_to=%2Fwhoami%3Fa%3Db%2526c");
    let page = browser.get("/resource").await;
    assert_redirects(&page, "/sign-in?return_to=%2Fresource&provider=op");
    let page = browser.get("/sign-in?return_to=%2Fresource&provider=op").await;
    assert_eq!((page.status, page.body.as_str()), (StatusCode::OK, "our page"));

    // The page's link returns to the requested page, which then has its user.
    let started = browser.get("/auth/op/login?return_to=%2Fwhoami").await;
    let callback = app.provider.sign_in(started.location(), "ada").expect("a valid request");
    assert_eq!(browser.finish(callback).await.location(), "/whoami");
    assert_eq!(browser.get("/whoami").await.status, StatusCode::OK);
}

#[tokio::test]
async fn script_gets_json_despite_a_sign_in_page() {
    let app = paged().await;
    let headers = [("accept", "application/json")];
    let answer = app.browser().send(Method::GET, "/resource", &headers).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let json: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(json["error"], "login_required");
    assert_eq!(json["url"], "/auth/op/login?return_to=%2F");
}

/// With the public path and without it, as behind a proxy that removes it.
#[tokio::test]
async fn sign_in_page_that_needs_a_login_is_no_loop() {
    let app = App::builder::<Paged>()
        .configure(|builder| builder.sign_in_page("/sign-in"))
        .public_url("http://localhost:3000/site")
        .extend(|router| {
            let nested = Router::new().route("/sign-in", get(for_users).post(for_users));
            router.nest("/site", nested.clone()).merge(nested)
        })
        .start()
        .await;
    for path in ["/sign-in", "/sign-in?return_to=%2F", "/site/sign-in"] {
        let page = app.browser().get(path).await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{page:?}");
        assert!(page.body.contains("/auth/op/login?return_to="), "{page:?}");
    }
    let page = app.browser().post("/sign-in", &[]).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{page:?}");
    let page = app.browser().get("/whoami").await;
    assert_redirects(&page, "/site/sign-in?return_to=%2Fsite%2Fwhoami");
}

#[tokio::test]
async fn return_to_of_a_hostile_target_stays_here() {
    let app = paged().await;
    let page = app.browser().get("/whoami?return_to=https://evil.example/").await;
    let url = app.public_url.join(page.location()).expect("a URL");
    assert_eq!(url.origin(), app.public_url.origin());
    let started = app.browser().get("/auth/op/login?return_to=//evil.example").await;
    let callback = app.provider.sign_in(started.location(), "ada").expect("a valid request");
    assert!(Url::parse(&callback).is_ok_and(|url| url.origin() == app.public_url.origin()));
}

#[tokio::test]
async fn error_handler_comes_before_the_sign_in_page() {
    let app = App::builder::<Answering>()
        .configure(|builder| builder.sign_in_page("/sign-in"))
        .start()
        .await;
    let page = app.browser().get("/whoami").await;
    assert_eq!((page.status, page.header("x-handler")), (StatusCode::IM_A_TEAPOT, "1"));
}

/// The application's page may redirect users back at once.
#[tokio::test]
async fn signed_in_user_who_must_connect_is_not_redirected() {
    let app = App::builder::<Connecting>()
        .configure(|builder| builder.sign_in_page("/sign-in"))
        .extend(|router| router.route("/files", get(files)))
        .start()
        .await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "op").await;
    let page = browser.get("/files").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page:?}");
    assert!(page.body.contains("/auth/files/connect?return_to=%2Ffiles"), "{page:?}");
}

#[test]
fn sign_in_page_is_a_path_that_is_no_route_of_logins() {
    for (path, fault) in [
        ("https://evil.example/", "which is not a path"),
        ("//evil.example", "which is not a path"),
        ("sign-in", "which is not a path"),
        ("/sign-in?x=1", "which is not a path"),
        ("/auth/op/login", "which is a generated route"),
        ("/auth/logout/", "which is a generated route"),
    ] {
        let built = Answering::builder().config(Config::empty()).sign_in_page(path).build();
        let error = built.expect_err(path).to_string();
        assert!(error.contains(fault), "{path}: {error}");
    }
}
