use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    issuer = "https://{domain}",
    scopes("openid"),
)]
struct Acme(String);

fn main() {}
