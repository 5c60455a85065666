use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

fn claims(login: &Login<GitHub>) -> &UserInfo {
    login.claims()
}

fn main() {}
