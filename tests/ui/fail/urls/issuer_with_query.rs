use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    issuer = "https://acme.example?tenant=7",
    scopes("openid"),
)]
struct Acme;

fn main() {}
