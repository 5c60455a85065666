use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    issuer = "https://acme.example",
    metadata_file = "pkce_plain.json",
    scopes("openid"),
)]
struct Acme;

fn main() {}
