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
