use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    issuer = "https://acme.example",
    scopes("openid"),
    token_endpoint_auth_method = "basic",
    id_token_signed_response_alg = "HS256",
    client_secret = "4f2b…",
)]
struct Acme;

fn main() {}
