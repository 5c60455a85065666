use oauth_runtime::prelude::*;

oauth_runtime::oauth_preset! {
    acme {
        issuer = "https://{region}.acme.example",
        scopes("openid"),
    }
}

#[derive(OAuthProvider)]
#[oauth_provider(name = "acme", preset = acme, request_token_url = "https://acme.example/request")]
struct Acme {
    region: String,
}

fn main() {}
