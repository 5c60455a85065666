use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    request_token_url = "http://127.0.0.1:9000/request_token",
    authorize_url = "https://acme.example/authorize",
    access_token_url = "https://acme.example/token",
    identity(id = "user_id"),
    signature_method = "PLAINTEXT",
    quirks(loopback_http),
)]
struct Acme;

fn main() {}
