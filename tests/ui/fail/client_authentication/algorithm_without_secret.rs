use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    issuer = "https://acme.example",
    scopes("openid"),
    token_endpoint_auth_method = "none",
    id_token_signed_response_alg = "HS256",
    quirks(hs256_id_token),
)]
struct Acme;

fn main() {}
