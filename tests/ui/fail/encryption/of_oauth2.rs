use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "github",
    preset = "github",
    id_token_encrypted_response_alg = "RSA-OAEP-256"
)]
struct GitHub;

fn main() {}
