use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(client_id = "1f3e")]
struct Providers {
    #[oauth_registry(client_secret = "s3cr3t")]
    github: Client<GitHub>,
}

fn main() {}
