use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    issuer = "https://acme.example",
    scopes("openid"),
    id_token_encrypted_response_alg = "RSA1_5"
)]
struct Acme;

fn main() {}
