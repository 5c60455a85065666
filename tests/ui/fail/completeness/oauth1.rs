use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    request_token_url = "https://acme.example/request_token",
    access_token_url = "https://acme.example/access_token",
)]
struct Acme;

fn main() {}
