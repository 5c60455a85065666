use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(Clone, OAuthRegistry)]
struct Providers {
    github: Client<GitHub>,
}

#[derive(Clone)]
struct AppState;

#[debug_handler(state = AppState)]
async fn home(user: User, github: Api<GitHub>) -> String {
    let _ = github;
    user.display_name().to_owned()
}

fn main() {}
