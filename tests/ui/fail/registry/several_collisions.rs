use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github", routes(login = "/login"))]
struct Enterprise;

#[derive(OAuthProvider)]
#[oauth_provider(name = "google", preset = "google", routes(login = "/login"))]
struct Google;

#[derive(Clone, OAuthRegistry)]
struct Providers {
    github: Client<GitHub>,
    enterprise: Client<Enterprise>,
    google: Client<Google>,
}

fn main() {}
