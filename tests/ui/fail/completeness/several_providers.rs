use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "acme", access_token_url = "https://acme.example/token")]
struct Acme;

#[derive(OAuthProvider)]
#[oauth_provider(name = "best", issuer = "https://best.example", scopes("email"))]
struct Best;

#[derive(Clone, OAuthRegistry)]
struct Providers {
    acme: Client<Acme>,
    best: Client<Best>,
}

fn main() {}
