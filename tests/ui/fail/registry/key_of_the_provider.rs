use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(scopes("read:user"))]
struct Providers {
    github: Client<GitHub>,
}

fn main() {}
