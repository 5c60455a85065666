//! A provider without logins beside one with which users sign in.

use http::StatusCode;
use oauth_runtime::prelude::*;
use tests::in_process::{App, Op, failed};

/// Only client credentials.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "robot",
    issuer = "{issuer}",
    api_base_url = "{issuer}/api/",
    no_login,
    quirks(loopback_http)
)]
struct Robot {
    issuer: String,
}

#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(mount = "/auth", on_login = signed_in, on_error = failed)]
struct Providers {
    op: Client<Op>,
    robot: Client<Robot>,
}

/// Ends the logins of every provider that has some.
async fn signed_in<P: OAuthProvider>(login: Login<P>) -> Result<impl IntoResponse, OAuthError> {
    Ok((login.sign_in().await?, login.identity().provider().to_owned()))
}

async fn report(State(robot): State<Client<Robot>>) -> Result<String, OAuthError> {
    let token = robot.client_credentials().await?;
    Ok(format!("{:?}", token.expires_at().is_some()))
}

#[tokio::test]
async fn provider_without_logins_has_no_routes() {
    let app =
        App::builder::<Providers>().extend(|router| router.route("/report", get(report))).start();
    let app = app.await;
    let mut browser = app.browser();
    for route in ["login", "callback", "connect"] {
        let page = browser.get(&format!("/auth/robot/{route}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{route}: {page:?}");
    }
    let page = browser.get("/report").await;
    assert_eq!((page.status, &*page.body), (StatusCode::OK, "true"), "{page:?}");
    app.log_in(&mut browser, "op").await;
}
