use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    nmae = "acme",
    authorize_url = "acme.example/authorize",
    token_url = "https://acme.example/token",
    userinfo_endpoint = "https://acme.example/user",
    scopes("read", "read"),
    leeway = "60",
)]
struct Acme;

fn main() {}
