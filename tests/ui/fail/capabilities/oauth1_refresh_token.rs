use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    request_token_url = "https://acme.example/request_token",
    authorize_url = "https://acme.example/authorize",
    access_token_url = "https://acme.example/token",
    identity(id = "user_id")
)]
struct Acme;

fn keep(token: &Token<Acme>) -> bool {
    token.refresh_token().is_some()
}

fn main() {}
