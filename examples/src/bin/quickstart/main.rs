//! Sign in with a development provider that this program brings along, and with GitHub and Google
//! if `GITHUB_CLIENT_ID` or `GOOGLE_CLIENT_ID` is set.
//!
//! `cargo run -p examples` and open the address that it prints.

mod development;
mod pages;

use std::error::Error;

use axum::response::Html;
use oauth_runtime::prelude::*;

use crate::development::Development;

/// Sign in with GitHub: reads GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET.
#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github", scopes("read:user", "user:email"))]
struct GitHub;

/// Sign in with Google: reads GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET.
#[derive(OAuthProvider)]
#[oauth_provider(name = "google", preset = "google", scopes("openid", "email", "profile"))]
struct Google;

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(mount = "/auth")]
struct Providers {
    development: Client<Development>,
    github: Option<Client<GitHub>>,
    google: Option<Client<Google>>,
}

async fn home(State(oauth): State<Providers>, user: Option<User>) -> Html<String> {
    match user {
        Some(user) => pages::profile(&user),
        None => pages::sign_in(oauth.github.is_some(), oauth.google.is_some()),
    }
}

async fn repositories(
    user: User,
    development: Api<Development>,
) -> Result<Html<String>, OAuthError> {
    let resource = development.get("resource").json().await?;
    let repositories: Vec<pages::Repository> = development.get("user/repos").json().await?;
    Ok(pages::repositories(&user, &resource, &repositories))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = std::env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let provider = development::start().await?;
    let oauth = development::configure(Providers::builder(), &provider, port).build()?;
    let app = Router::new()
        .route("/", get(home))
        .route("/repositories", get(repositories))
        .merge(oauth.routes())
        .with_state(oauth);
    let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| {
        format!("port {port}: {error}; PORT={} takes another one", port.wrapping_add(1))
    })?;
    println!("Open http://localhost:{port}");
    Ok(axum::serve(listener, app).await?)
}
