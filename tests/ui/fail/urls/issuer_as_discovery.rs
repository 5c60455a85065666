use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    server_metadata_url = "https://acme.example",
    scopes("openid"),
)]
struct Acme;

fn main() {}
