use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    request_token_url = "https://acme.example/request_token",
    authorize_url = "https://acme.example/authorize",
    access_token_url = "https://acme.example/token",
    userinfo_endpoint = "https://acme.example/me",
    request_token_params(oauth_callback = "oob"),
    signature_method = "HMAC",
    signature_type = "form",
    realm = "a \"quoted\" realm",
    private_key = "-----BEGIN PRIVATE KEY-----",
)]
struct Acme;

fn main() {}
