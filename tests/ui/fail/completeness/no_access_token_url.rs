use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    authorize_url = "https://acme.example/authorize",
    userinfo_endpoint = "https://acme.example/user",
)]
struct Acme;

fn main() {}
