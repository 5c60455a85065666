//! Lists the repositories of whoever is logged in.
//!
//! `cargo run -p examples --bin repositories` and open the address that it prints. With
//! `GITHUB_CLIENT_ID` and `GITHUB_CLIENT_SECRET` set, people log in at GitHub; otherwise at a
//! development provider that the program brings along.
//!
//! The same on three machines behind a proxy, each a process of this program, and each request at
//! another one than the last:
//!
//! ```text
//! export OAUTH_COOKIE_KEYS=$(openssl rand -base64 32) OAUTH_STORE_URL=sqlite:/tmp/repositories.db
//! cargo run -p examples --features sqlite --bin repositories -- --machines 3
//! ```

mod development;
mod machines;
mod pages;
mod proxy;

use std::env;
use std::error::Error;

use axum::Extension;
use axum::extract::Query;
use axum::response::Html;
use oauth_runtime::prelude::*;
use serde::Deserialize;

use crate::machines::Machine;

/// `overwrite` and `loopback_http` let the development provider take GitHub's place.
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

/// A repository as GitHub's API has it:
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
struct Wish {
    /// Private ones too: GitHub shows them only to a token with the scope `repo`.
    #[serde(default)]
    all: bool,
}

async fn home(user: Option<User>, Extension(machine): Extension<Machine>) -> impl IntoResponse {
    match user {
        Some(_) => Redirect::to("/repositories").into_response(),
        None => pages::welcome(&machine).into_response(),
    }
}

async fn repositories(
    user: User,
    github: Api<GitHub>,
    Query(wish): Query<Wish>,
    Extension(machine): Extension<Machine>,
) -> Result<Html<String>, OAuthError> {
    // Where the scope is not granted yet, the error is a page that leads to a login which asks for it.
    let scopes: &[&str] = if wish.all { &["repo"] } else { &[] };
    let request = github.get("user/repos").query([("per_page", "100"), ("sort", "pushed")]);
    let mut pages = request.needs_scopes(scopes.iter().copied()).pages().most(5);
    let mut repositories = Vec::new();
    while let Some(page) = pages.next_json::<Vec<Repository>>().await? {
        repositories.extend(page);
    }
    Ok(pages::repositories(&user, &repositories, wish.all, &machine))
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
        ["--machines", count] => machines::serve(port, count.parse()?).await,
        _ => Err("repositories [--machines COUNT]".into()),
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
    let machine = Machine::of_environment(provider.is_some());
    let app = Router::new()
        .route("/", get(home))
        .route("/repositories", get(repositories))
        .layer(Extension(machine.clone()))
        .merge(oauth.routes())
        .with_state(oauth);
    let listener = listen(port).await?;
    match machine.number {
        None => println!("Open http://localhost:{port}"),
        Some(_) => machines::end_with_proxy(),
    }
    Ok(axum::serve(listener, app).await?)
}

async fn listen(port: u16) -> Result<TcpListener, String> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await;
    listener.map_err(|error| {
        format!("port {port}: {error}; PORT={} takes another one", port.wrapping_add(1))
    })
}
