use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "github",
    preset = "github",
    client_secret = "4f2b…",
)]
struct GitHub;

fn main() {}
