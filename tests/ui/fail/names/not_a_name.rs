use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "Acme Corp.",
    preset = "github",
)]
struct Acme;

fn main() {}
