use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "google",
    preset = "gogle",
)]
struct Google;

fn main() {}
