use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    issuer = "https://{domain}",
    scopes("openid"),
)]
enum Acme {
    Europe,
    America,
}

fn main() {}
