use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    issuer = "https://acme.test",
    metadata_file = "acme.json",
    authorize_url = "https://acme.test/authorize",
    token_endpoint_auth_method = "client_secret_basic",
    id_token_signed_response_alg = "PS256",
    scopes("openid", "emial"),
    quirks(no_pkce),
)]
struct Acme;

fn main() {}
