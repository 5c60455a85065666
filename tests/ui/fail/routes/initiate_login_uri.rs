use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    issuer = "https://acme.example",
    scopes("openid"),
    routes(initiate_login_uri = "/tile")
)]
struct Acme;

fn main() {}
