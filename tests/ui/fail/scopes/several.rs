use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "github",
    preset = "github",
    scopes("", "read:user read:org", "gits", "repo", "repo"),
)]
struct GitHub;

fn main() {}
