//! The crate under another name, which the declaration states.

#![deny(warnings, missing_docs, unused_qualifications)]
#![forbid(unsafe_code)]

use oauth::prelude::*;

/// A provider.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(crate = oauth, name = "acme", issuer = "https://{host}", scopes("openid"))]
pub struct Acme {
    host: String,
}

/// A registry.
#[derive(Debug, Clone, OAuthRegistry)]
#[oauth_registry(crate = ::oauth, on_login = signed_in)]
pub struct Providers {
    acme: Client<Acme>,
}

async fn signed_in(login: Login<Acme>) -> String {
    login.identity().display_name().to_owned()
}

#[debug_handler(state = Providers, crate = oauth)]
async fn home(user: User) -> Result<String, OAuthError> {
    Ok(user.display_name().to_owned())
}

/// The application.
pub fn app(oauth: Providers) -> Router {
    Router::new().route("/", get(home)).merge(oauth.routes()).with_state(oauth)
}

/// A provider of an application without a registry.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(crate = oauth, name = "github", preset = "github")]
pub struct GitHub;

#[oauth_login(GitHub, state = Standalone<GitHub>, crate = oauth)]
async fn github_signed_in(user: Option<User>, login: Login<GitHub>) -> String {
    format!("{} {}", user.is_some(), login.identity().display_name())
}

/// The application with one provider.
pub fn standalone(github: Standalone<GitHub>) -> Router {
    Router::new().route("/", get(home_of_one)).merge(github.routes()).with_state(github)
}

async fn home_of_one(user: User, github: Api<GitHub>) -> Result<String, OAuthError> {
    Ok(format!("{} {}", user.display_name(), github.get("user").text().await?))
}
