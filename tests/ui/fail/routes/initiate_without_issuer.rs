use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github", routes(initiate = "/tile"))]
struct GitHub;

fn main() {}
