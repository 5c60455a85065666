use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(OAuthProvider)]
#[oauth_provider(name = "google", preset = "google", routes(callback = "/auth/github/callback"))]
struct Google;

#[derive(Clone, OAuthRegistry)]
struct Providers {
    github: Client<GitHub>,
    google: Client<Google>,
}

fn main() {}
