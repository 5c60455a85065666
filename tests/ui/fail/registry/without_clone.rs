use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(OAuthRegistry)]
struct Providers {
    github: Client<GitHub>,
}

fn main() {}
