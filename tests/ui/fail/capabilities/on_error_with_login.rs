use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(on_error = failed)]
struct Providers {
    github: Client<GitHub>,
}

async fn failed(login: Login<GitHub>) -> String {
    login.identity().display_name().to_owned()
}

fn main() {}
