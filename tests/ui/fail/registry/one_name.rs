use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct Enterprise;

#[derive(Clone, OAuthRegistry)]
struct Providers {
    github: Client<GitHub>,
    enterprise: Client<Enterprise>,
}

fn main() {}
