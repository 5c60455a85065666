use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    authorize_url = "https://acme.example/authorize",
    access_token_url = "https://acme.example/token",
    userinfo_endpoint = "https://acme.example/user",
    token_endpoint_auth_method = "private_key_jwt",
    token_endpoint_auth_signing_alg = "HS256",
)]
struct Acme;

fn main() {}
