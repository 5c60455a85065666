use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    issuer = "https://acme.example",
    scopes("openid"),
    userinfo_encrypted_response_alg = "RSA-OAEP-512"
)]
struct Acme;

fn main() {}
