use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

fn keep(token: &Token<GitHub>) -> bool {
    token.token_secret().is_some()
}

fn main() {}
