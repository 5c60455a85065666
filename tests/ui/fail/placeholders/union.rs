use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    issuer = "https://{domain}",
    scopes("openid"),
)]
union Acme {
    domain: u32,
}

fn main() {}
