use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "github",
    preset = "github",
    max_age = 3600,
)]
struct GitHub;

fn main() {}
