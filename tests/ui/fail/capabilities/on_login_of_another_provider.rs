use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(OAuthProvider)]
#[oauth_provider(name = "google", preset = "google")]
struct Google;

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(on_login = signed_in)]
struct Providers {
    github: Client<GitHub>,
    google: Client<Google>,
}

async fn signed_in(login: Login<GitHub>) -> String {
    login.identity().display_name().to_owned()
}

fn main() {}
