use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    issuer = "https://acme.example",
    scopes("openid"),
    id_token_encrypted_response_enc = "A256GCM"
)]
struct Acme;

fn main() {}
