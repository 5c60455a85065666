use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    authorize_url = "https://acme.example/authorize",
    access_token_url = "https://acme.example/token",
    userinfo_endpoint = "https://acme.example/user",
    display_name(Acme),
    scopes = ["read", "write"],
    userinfo = "User",
    overwrite = true,
    authorize_params(audience),
    quirks[no_pkce],
)]
struct Acme;

fn main() {}
