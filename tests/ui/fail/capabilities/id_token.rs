use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

fn subject(login: &Login<GitHub>) -> Option<&str> {
    login.id_token().map(|token| token.subject())
}

fn main() {}
