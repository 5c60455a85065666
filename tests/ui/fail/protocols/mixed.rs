use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    authorize_url = "https://acme.example/authorize",
    access_token_url = "https://acme.example/token",
    userinfo_endpoint = "https://acme.example/user",
    request_token_url = "https://acme.example/request_token",
    signature_method = "HMAC-SHA256",
    scopes("read"),
    id_token_signed_response_alg = "ES256",
)]
struct Acme;

fn main() {}
