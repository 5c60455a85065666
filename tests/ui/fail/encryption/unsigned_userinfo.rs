use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    issuer = "https://acme.example",
    scopes("openid"),
    userinfo_signed_response_alg = "none"
)]
struct Acme;

fn main() {}
