use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "github",
    preset = "github",
    client_id = "Iv1.8a61f9b3a7aba766",
)]
struct GitHub;

fn main() {}
