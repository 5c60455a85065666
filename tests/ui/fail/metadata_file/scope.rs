use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    issuer = "https://acme.example",
    metadata_file = "acme.json",
    token_endpoint_auth_method = "client_secret_post",
    scopes("openid", "offline_acess"),
)]
struct Acme;

fn main() {}
