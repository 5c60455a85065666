use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(OAuthRegistry)]
#[oauth_registry(mount = "auth", on_success = signed_in, preset = "github")]
struct Providers {
    github: GitHub,
    one: Client<GitHub>,
    two: Client<GitHub>,
}

fn main() {}
