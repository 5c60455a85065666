use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    issuer = "https://acme.example/.well-known/openid-configuration",
    scopes("openid"),
)]
struct Acme;

fn main() {}
