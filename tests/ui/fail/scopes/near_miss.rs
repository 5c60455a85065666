use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "github",
    preset = "github",
    scopes("read:user", "user:emial"),
)]
struct GitHub;

fn main() {}
