use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "google",
    preset = "google",
    scopes("email"),
)]
struct Google;

fn main() {}
