use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    authorize_url = "https://acme.example/authorize",
    access_token_url = "https://acme.example/token",
    userinfo_endpoint = "https://acme.example/user",
    code_challenge_method = "none",
    response_mode = "qurey",
    prompt = "login  consent",
    quirks(no_pkce, no_pkce),
)]
struct Acme;

fn main() {}
