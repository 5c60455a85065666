use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "git-hub",
    preset = "GitHub",
    display_name = "",
)]
struct GitHub;

fn main() {}
