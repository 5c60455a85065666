use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(OAuthProvider)]
#[oauth_provider(name = "google", preset = "google")]
struct Google;

fn keep(_: &Token<Google>) {}

async fn signed_in(login: Login<GitHub>) -> bool {
    keep(login.token());
    login.id_token().is_some()
}

fn main() {}
