use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    authorize_url = "https://acme.example/authorize",
    token_url = "https://acme.example/token",
    access_token_url = "https://acme.example/token",
    userinfo_endpoint = "https://acme.example/user",
)]
struct Acme;

fn main() {}
