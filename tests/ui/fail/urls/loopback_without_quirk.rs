use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    authorize_url = "http://127.0.0.1:9000/authorize",
    access_token_url = "https://acme.example/token",
    userinfo_endpoint = "https://acme.example/user",
)]
struct Acme;

fn main() {}
