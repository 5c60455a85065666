use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    authorize_url = "acme.example/authorize",
    access_token_url = "http://acme.example/token",
    userinfo_endpoint = "https://acme.example/user#me",
    api_base_url = "https://ada@acme.example/",
)]
struct Acme;

fn main() {}
