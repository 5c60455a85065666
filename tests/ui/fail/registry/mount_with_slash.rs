use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(mount = "/auth/")]
struct Providers {
    github: Client<GitHub>,
}

fn main() {}
