use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(on_login = signed_in)]
struct Providers {
    github: Client<GitHub>,
}

async fn signed_in(text: String, login: Login<GitHub>) -> String {
    format!("{} {text}", login.identity().display_name())
}

fn main() {}
