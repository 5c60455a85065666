use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    authorize_url = "https://acme.example/authorize",
    access_token_url = "https://acme.example/token",
    userinfo_endpoint = "https://acme.example/user",
    authorize_params(nonce = "1", redirect_uri = "https://app.example", code_challenge = "x"),
    access_token_params(code_verifier = "x"),
    refresh_token_params(refresh_token = "x"),
)]
struct Acme;

fn main() {}
