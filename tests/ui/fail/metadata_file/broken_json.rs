use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    issuer = "https://acme.example",
    metadata_file = "broken.json",
    scopes("openid"),
)]
struct Acme;

fn main() {}
