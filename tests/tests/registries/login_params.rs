//! Parameters of one login on the generated route: those that the declaration names, and no others.

use oauth_runtime::prelude::*;
use tests::in_process::{App, Op, failed};
use url::Url;

/// Its visitors may choose the language and the account.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "hinted",
    issuer = "{issuer}",
    scopes("openid"),
    login_params("login_hint", "ui_locales"),
    quirks(loopback_http)
)]
struct Hinted {
    issuer: String,
}

#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(mount = "/auth", on_error = failed)]
struct Providers {
    op: Client<Op>,
    hinted: Client<Hinted>,
}

/// The value of a parameter of the authorization request to which this path leads.
async fn requested(app: &App, path: &str, name: &str) -> Option<String> {
    let page = app.browser().get(path).await;
    let url = Url::parse(page.location()).expect("a redirect to the provider");
    let mut values = url.query_pairs().filter(|(own, _)| own == name);
    let value = values.next().map(|(_, value)| value.into_owned());
    assert_eq!(values.next(), None, "{url}");
    value
}

#[tokio::test]
async fn login_route_forwards_declared_parameters() {
    let app = App::builder::<Providers>().start().await;
    let path = "/auth/hinted/login?login_hint=ada%26x%3D1&ui_locales=de%20en";
    assert_eq!(requested(&app, path, "login_hint").await.as_deref(), Some("ada&x=1"));
    assert_eq!(requested(&app, path, "ui_locales").await.as_deref(), Some("de en"));
    assert_eq!(requested(&app, path, "x").await, None, "a value adds no parameter");
}

#[tokio::test]
async fn login_route_forwards_no_other_parameters() {
    let app = App::builder::<Providers>().start().await;
    for (path, name) in [
        ("/auth/hinted/login?prompt=none", "prompt"),
        ("/auth/hinted/login?acr_values=0", "acr_values"),
        ("/auth/op/login?login_hint=ada", "login_hint"),
        ("/auth/hinted/login?login_hint=ada&login_hint=alan", "login_hint"),
        ("/auth/hinted/login?login_hint=a%0D%0Ab", "login_hint"),
        ("/auth/hinted/login?login_hint=", "login_hint"),
    ] {
        assert_eq!(requested(&app, path, name).await, None, "{path}");
    }
    let long = format!("/auth/hinted/login?login_hint={}", "a".repeat(513));
    assert_eq!(requested(&app, &long, "login_hint").await, None);
    let path = "/auth/hinted/login?scope=admin&redirect_uri=https://evil.example&state=x";
    assert_eq!(requested(&app, path, "scope").await.as_deref(), Some("openid"));
    assert_ne!(requested(&app, path, "state").await.as_deref(), Some("x"));
}
