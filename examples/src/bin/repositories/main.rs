//! Lists the repositories of the signed-in user.
//!
//! Run `cargo run -p examples --bin repositories` and open the address that it prints. If
//! `GITHUB_CLIENT_ID` and `GITHUB_CLIENT_SECRET` are set, users log in at GitHub, otherwise at a
//! development provider that the program starts.
//!
//! To run three instances behind a proxy, each of them a process of this program:
//!
//! ```text
//! export OAUTH_COOKIE_KEYS=$(openssl rand -base64 32) OAUTH_STORE_URL=sqlite:/tmp/repositories.db
//! cargo run -p examples --features sqlite --bin repositories -- --instances 3
//! ```

mod development;
mod instances;
mod pages;
mod proxy;

use std::env;
use std::error::Error;

use axum::Extension;
use axum::extract::Query;
use axum::response::Html;
use oauth_runtime::prelude::*;
use serde::Deserialize;

use crate::instances::Instance;

/// With `overwrite` and `loopback_http`, the development provider can replace GitHub.
#[derive(OAuthProvider)]
#[oauth_provider(
    name = "github",
    preset = "github",
    scopes("read:user"),
    overwrite,
    quirks(loopback_http)
)]
struct GitHub;

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(mount = "/auth")]
struct Providers {
    github: Client<GitHub>,
}

/// A repository in GitHub's API:
/// <https://docs.github.com/en/rest/repos/repos#list-repositories-for-the-authenticated-user>.
#[derive(Deserialize)]
struct Repository {
    full_name: String,
    description: Option<String>,
    language: Option<String>,
    private: bool,
    stargazers_count: u32,
    html_url: Option<String>,
}

#[derive(Default, Deserialize)]
struct ListQuery {
    /// Whether to list private repositories too, which GitHub shows only with the scope `repo`.
    #[serde(default)]
    all: bool,
}

async fn home(user: Option<User>, Extension(instance): Extension<Instance>) -> impl IntoResponse {
    match user {
        Some(_) => Redirect::to("/repositories").into_response(),
        None => pages::welcome(&instance).into_response(),
    }
}

async fn repositories(
    user: User,
    github: Api<GitHub>,
    Query(query): Query<ListQuery>,
    Extension(instance): Extension<Instance>,
) -> Result<Html<String>, OAuthError> {
    // If the scope is not granted yet, the error is a page with a link to a login that requests it.
    let scopes: &[&str] = if query.all { &["repo"] } else { &[] };
    let request = github.get("user/repos").query([("per_page", "100"), ("sort", "pushed")]);
    let mut pages = request.needs_scopes(scopes.iter().copied()).pages().most(5);
    let mut repositories = Vec::new();
    while let Some(page) = pages.next_json::<Vec<Repository>>().await? {
        repositories.extend(page);
    }
    Ok(pages::repositories(&user, &repositories, query.all, &instance))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .init();
    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let arguments: Vec<_> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => serve(port).await,
        ["--instances", count] => instances::serve(port, count.parse()?).await,
        _ => Err("usage: repositories [--instances COUNT]".into()),
    }
}

/// Serves the application on this port.
async fn serve(port: u16) -> Result<(), Box<dyn Error>> {
    let provider = development::start_unless_configured().await?;
    let mut oauth = Providers::builder();
    for (key, value) in provider.iter().flat_map(development::settings) {
        oauth = oauth.set(key, value);
    }
    if env::var_os("OAUTH_PUBLIC_URL").is_none() {
        oauth = oauth.public_url(format!("http://localhost:{port}"));
    }
    let oauth = oauth.build()?;
    let instance = Instance::from_env(provider.is_some());
    let app = Router::new()
        .route("/", get(home))
        .route("/repositories", get(repositories))
        .layer(Extension(instance.clone()))
        .merge(oauth.routes())
        .with_state(oauth);
    let listener = listen(port).await?;
    match instance.number {
        None => println!("Open http://localhost:{port}"),
        Some(_) => instances::exit_with_proxy(),
    }
    Ok(axum::serve(listener, app).await?)
}

async fn listen(port: u16) -> Result<TcpListener, String> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await;
    listener.map_err(|error| {
        format!("port {port}: {error}; set PORT={} for another port", port.wrapping_add(1))
    })
}
