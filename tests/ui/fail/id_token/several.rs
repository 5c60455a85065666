use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    issuer = "https://acme.example",
    scopes("openid"),
    id_token_signed_response_alg = "HS512",
    leeway = 301,
    max_age = 5000000000,
)]
struct Acme;

fn main() {}
