use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(on_login = signed_in)]
struct Providers {
    github: Client<GitHub>,
}

#[derive(Clone)]
struct Logins;

async fn signed_in(State(_): State<Logins>, login: Login<GitHub>) -> String {
    login.identity().display_name().to_owned()
}

fn main() {}
