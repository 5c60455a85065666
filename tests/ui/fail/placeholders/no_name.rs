use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    issuer = "https://{}.acme.example",
    scopes("openid"),
)]
struct Acme {
    domain: String,
}

fn main() {}
