use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(on_success = signed_in)]
struct Providers {
    github: Client<GitHub>,
}

fn main() {}
