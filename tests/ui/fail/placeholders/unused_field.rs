use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    issuer = "https://{domain}",
    scopes("openid"),
)]
struct Acme {
    domain: String,
    tenant: String,
}

fn main() {}
