use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(Clone, OAuthRegistry)]
struct Providers {
    github: Client<GitHub>,
}

#[derive(Clone)]
struct Database;

#[debug_handler]
async fn home(State(oauth): State<Providers>, State(_): State<Database>) -> &'static str {
    oauth.github.redirect_uri();
    "home"
}

fn main() {}
