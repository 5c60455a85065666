use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(state = AppState)]
struct Providers {
    github: Client<GitHub>,
}

#[derive(Clone)]
struct AppState;

fn app(oauth: &Providers) -> Router<String> {
    Router::new().merge(oauth.routes())
}

fn main() {}
