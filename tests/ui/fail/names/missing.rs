use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    preset = "github",
)]
struct GitHub;

fn main() {}
