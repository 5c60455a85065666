use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(Clone)]
struct AppState;

#[oauth_login(GitHub)]
async fn signed_in(State(_app): State<AppState>, login: Login<GitHub>) -> String {
    login.identity().display_name().to_owned()
}

#[derive(Clone, OAuthRegistry)]
struct Providers {
    github: Client<GitHub>,
}

fn main() {}
