//! A relying party that is configured from the environment, for certification.
//!
//! | variable | meaning | default |
//! | --- | --- | --- |
//! | `RP_PORT` | port on 127.0.0.1 | 4000 |
//! | `RP_BASE_URL` | external address; the redirect URI is `$RP_BASE_URL/callback` | `http://127.0.0.1:$RP_PORT` |
//! | `OP_ISSUER` | issuer identifier | |
//! | `OP_CLIENT_ID`, `OP_CLIENT_SECRET` | client credentials | |
//! | `OP_SCOPE` | scopes | `openid profile email` |
//! | `OP_AUTH_METHOD` | client authentication at the token endpoint | `client_secret_basic` |
//! | `OP_ID_TOKEN_ALG` | registered algorithm of ID tokens, including `HS256` | any asymmetric one |
//! | `OP_USERINFO_ALG` | registered algorithm of userinfo responses | plain JSON |
//! | `OP_RESPONSE_MODE` | `query`, or `form_post` for a `POST` to `/callback` | `query` |
//! | `OP_API_BASE` | base URL of the protected API | `$OP_ISSUER/api/` |
//! | `OAUTH_STORE_URL` | store of tokens and sign-outs | `memory:` |
//! | `OP2_ISSUER`, `OP2_CLIENT_ID`, `OP2_CLIENT_SECRET` | a second provider; its redirect URI is `$RP_BASE_URL/callback2` | none |
//!
//! `/login` starts a login, and `/login?op=2` one with the second provider. `/login?next=/path`
//! sets the page after the login. `/initiate?iss=$OP_ISSUER` is the `initiate_login_uri`, and
//! `POST /backchannel-logout` the `backchannel_logout_uri`. `/logout` signs the user out here and at
//! the provider, which redirects to `/logged-out`.

use std::env;
use std::error::Error;

use axum::extract::Query;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use oauth_runtime::LoginRedirect;
use oauth_runtime::prelude::*;
use serde::Deserialize;

/// A server mixes short-lived allocations with long-lived ones, such as the tokens of all sessions.
/// With glibc's allocator, this makes each login slower than the last.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ASYMMETRIC: &str = "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA";

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "op",
    issuer = "{issuer}",
    scopes("openid"),
    overwrite,
    quirks(loopback_http, hs256_id_token),
    backchannel_logout,
    routes(
        callback = "/callback",
        initiate = "/initiate",
        backchannel_logout = "/backchannel-logout",
    )
)]
struct Op {
    issuer: String,
}

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "op2",
    issuer = "{issuer}",
    scopes("openid", "profile", "email"),
    quirks(loopback_http),
    routes(callback = "/callback2")
)]
struct Op2 {
    issuer: String,
}

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(on_login = signed_in)]
struct Providers {
    op: Client<Op>,
    op2: Option<Client<Op2>>,
}

#[derive(Deserialize)]
struct LoginQuery {
    op: Option<String>,
    next: Option<String>,
}

async fn login(
    State(oauth): State<Providers>,
    Query(query): Query<LoginQuery>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, OAuthError> {
    let next = query.next.unwrap_or_default();
    match (query.op.as_deref(), &oauth.op2) {
        (Some("2"), Some(op2)) => start(op2, &next, &headers).await,
        _ => start(&oauth.op, &next, &headers).await,
    }
}

/// Starts a login with either provider. When awaited, it is a redirect.
async fn start<P: OAuthProvider>(
    op: &Client<P>,
    next: &str,
    headers: &HeaderMap,
) -> Result<LoginRedirect, OAuthError> {
    op.authorize_redirect().return_to(next).with_cookies_of(headers).await
}

async fn signed_in<P: OAuthProvider>(login: Login<P>) -> Result<impl IntoResponse, OAuthError> {
    let session = login.sign_in().await?;
    Ok(match login.return_to() {
        "/" => (session, login.identity().subject().to_owned()).into_response(),
        next => (session, Redirect::to(next)).into_response(),
    })
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

async fn logout(
    State(oauth): State<Providers>,
    user: Option<User>,
) -> Result<impl IntoResponse, OAuthError> {
    oauth.op.logout_redirect().sign_out(&user).post_logout_redirect_uri("/logged-out").await
}

/// Refuses a return without a matching logout: the error is its own response.
async fn logged_out(done: LoggedOut<Op>) -> impl IntoResponse {
    (done, "signed out")
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
        .route("/login", get(login))
        .route("/whoami", get(whoami))
        .route("/userinfo", get(userinfo))
        .route("/api", get(resource))
        .route("/logout", get(logout))
        .route("/logged-out", get(logged_out))
        .merge(oauth.routes())
        .with_state(oauth);
    Ok(axum::serve(TcpListener::bind(("127.0.0.1", port)).await?, app).await?)
}

fn providers(port: u16) -> Result<Providers, Box<dyn Error>> {
    let base = variable("RP_BASE_URL").unwrap_or_else(|| format!("http://127.0.0.1:{port}"));
    let api = variable("OP_API_BASE").or_else(|| {
        variable("OP_ISSUER").map(|issuer| format!("{}/api/", issuer.trim_end_matches('/')))
    });
    let mut kwargs = serde_json::json!({
        "scope": variable("OP_SCOPE").unwrap_or("openid profile email".to_owned()),
        "token_endpoint_auth_method":
            variable("OP_AUTH_METHOD").unwrap_or("client_secret_basic".to_owned()),
    });
    // Without this, the quirk for HS256 accepts nothing else.
    kwargs["id_token_signed_response_alg"] = ASYMMETRIC.into();
    // OP_RESPONSE_MODE is a key of the configuration and needs no code.
    let algorithms = [
        ("OP_ID_TOKEN_ALG", "id_token_signed_response_alg"),
        ("OP_USERINFO_ALG", "userinfo_signed_response_alg"),
    ];
    for (name, key) in algorithms {
        if let Some(algorithm) = variable(name) {
            kwargs[key] = algorithm.into();
        }
    }
    Ok(Providers::builder()
        .public_url(base)
        .set("OP_API_BASE_URL", api.unwrap_or_default())
        .set("OP_CLIENT_KWARGS", kwargs.to_string())
        .set("OAUTH_STORE_URL", variable("OAUTH_STORE_URL").unwrap_or("memory:".to_owned()))
        .build()?)
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
