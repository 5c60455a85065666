//! Sign in with development providers that this program starts, and with GitHub and Google if
//! `GITHUB_CLIENT_ID` or `GOOGLE_CLIENT_ID` is set.
//!
//! Run `cargo run -p examples` and open the address that it prints.

mod development;
mod pages;
mod users;

use std::error::Error;

use axum::Extension;
use axum::response::Html;
use oauth_runtime::prelude::*;

use crate::development::{Acme, Development};
use crate::users::Users;

/// Sign in with GitHub: reads GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET.
#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github", scopes("read:user", "user:email"))]
struct GitHub;

/// Sign in with Google: reads GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET.
#[derive(OAuthProvider)]
#[oauth_provider(name = "google", preset = "google", scopes("openid", "email", "profile"))]
struct Google;

/// A user signs in with any of these providers, and links others with `users.rs`.
#[derive(Clone, OAuthRegistry)]
#[oauth_registry(mount = "/auth", on_login = users::signed_in, on_connect = users::linked)]
struct Providers {
    development: Client<Development>,
    acme: Client<Acme>,
    github: Option<Client<GitHub>>,
    google: Option<Client<Google>>,
}

impl Providers {
    /// The names and display names of the configured providers.
    fn names(&self) -> Vec<(&'static str, &'static str)> {
        fn name<P: OAuthProvider>() -> (&'static str, &'static str) {
            (P::SPEC.name, P::SPEC.display_name())
        }
        let mut names = vec![name::<Development>(), name::<Acme>()];
        names.extend(self.github.as_ref().map(|_| name::<GitHub>()));
        names.extend(self.google.as_ref().map(|_| name::<Google>()));
        names
    }
}

async fn home(
    State(oauth): State<Providers>,
    Extension(users): Extension<Users>,
    user: Option<User>,
) -> Html<String> {
    // When its identity is unlinked, a session is not valid for this site any more.
    let signed_in = user.map(|user| (users.identities_of(&user), user));
    match signed_in.filter(|(identities, _)| !identities.is_empty()) {
        Some((identities, user)) => pages::profile(&user, &identities, &oauth.names()),
        None => pages::sign_in(&oauth.names()),
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
    let (development, acme) = (development::start().await?, development::start().await?);
    let oauth = Providers::builder().public_url(format!("http://localhost:{port}"));
    let oauth = development::configure(oauth, "DEVELOPMENT", &development);
    let oauth = development::configure(oauth, "ACME", &acme).build()?;
    let app = Router::new()
        .route("/", get(home))
        .route("/repositories", get(repositories))
        .route("/unlink", post(users::unlink))
        .merge(oauth.routes())
        .layer(Extension(Users::default()))
        .with_state(oauth);
    let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| {
        format!("port {port}: {error}; set PORT={} for another port", port.wrapping_add(1))
    })?;
    println!("Open http://localhost:{port}");
    Ok(axum::serve(listener, app).await?)
}
