use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    issuer = "https://acme.example",
    scopes("openid"),
    id_token_encrypted_response_alg = "dir",
    id_token_encrypted_response_enc = "A192GCM",
    userinfo_signed_response_alg = "HS256",
    userinfo_encrypted_response_enc = "A256GCM"
)]
struct Acme;

fn main() {}
