use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
struct GitHub;

fn main() {}
