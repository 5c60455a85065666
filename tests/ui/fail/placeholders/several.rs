use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    issuer = "https://{domain}/{tenant}",
    scopes("openid"),
)]
struct Acme<'a> {
    domain: &'a str,
    region: String,
}

fn main() {}
