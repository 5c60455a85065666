use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "acme", preset = acme)]
struct Acme;

fn main() {}
