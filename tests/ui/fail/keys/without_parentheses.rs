use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider = "github"]
struct GitHub;

fn main() {}
