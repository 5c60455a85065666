//! A relying party that is configured wholly from the environment, as certification needs it.
//!
//! | variable | meaning | default |
//! | --- | --- | --- |
//! | `RP_PORT` | port on 127.0.0.1 | 4000 |
//! | `RP_BASE_URL` | external address; the redirect URI is `$RP_BASE_URL/callback` | `http://127.0.0.1:$RP_PORT` |
//! | `OP_ISSUER` | issuer identifier | |
//! | `OP_CLIENT_ID`, `OP_CLIENT_SECRET` | client credentials | |
//! | `OP_SCOPE` | scopes | `openid profile email` |
//! | `OP_AUTH_METHOD` | client authentication at the token endpoint | `client_secret_basic` |
//! | `OP_API_BASE` | base URL of the protected API | `$OP_ISSUER/api/` |

use std::env;
use std::error::Error;

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "op",
    issuer = "{issuer}",
    scopes("openid"),
    overwrite,
    quirks(loopback_http),
    routes(login = "/login", callback = "/callback")
)]
struct Op {
    issuer: String,
}

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(on_login = signed_in)]
struct Providers {
    op: Client<Op>,
}

async fn signed_in(login: Login<Op>) -> Result<impl IntoResponse, OAuthError> {
    Ok((login.sign_in().await?, login.identity().subject().to_owned()))
}

async fn whoami(user: User) -> String {
    user.subject().to_owned()
}

async fn userinfo(op: Api<Op>) -> Result<axum::Json<UserInfo>, OAuthError> {
    op.userinfo().await.map(axum::Json)
}

async fn resource(op: Api<Op>) -> Result<impl IntoResponse, OAuthError> {
    Ok(([(CONTENT_TYPE, "application/json")], op.get("resource").bytes().await?))
}

async fn not_implemented() -> StatusCode {
    StatusCode::NOT_IMPLEMENTED
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .init();
    let port: u16 = variable("RP_PORT").unwrap_or("4000".to_owned()).parse()?;
    let oauth = providers(port)?;
    let app = Router::new()
        .route("/healthz", get(async || "ok"))
        .route("/whoami", get(whoami))
        .route("/userinfo", get(userinfo))
        .route("/api", get(resource))
        .route("/logout", get(not_implemented))
        .route("/logged-out", get(not_implemented))
        .merge(oauth.routes())
        .with_state(oauth);
    Ok(axum::serve(TcpListener::bind(("127.0.0.1", port)).await?, app).await?)
}

fn providers(port: u16) -> Result<Providers, Box<dyn Error>> {
    let base = variable("RP_BASE_URL").unwrap_or_else(|| format!("http://127.0.0.1:{port}"));
    let api = variable("OP_API_BASE").or_else(|| {
        variable("OP_ISSUER").map(|issuer| format!("{}/api/", issuer.trim_end_matches('/')))
    });
    let kwargs = serde_json::json!({
        "scope": variable("OP_SCOPE").unwrap_or("openid profile email".to_owned()),
        "token_endpoint_auth_method":
            variable("OP_AUTH_METHOD").unwrap_or("client_secret_basic".to_owned()),
    });
    Ok(Providers::builder()
        .public_url(base)
        .set("OP_API_BASE_URL", api.unwrap_or_default())
        .set("OP_CLIENT_KWARGS", kwargs.to_string())
        .build()?)
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
