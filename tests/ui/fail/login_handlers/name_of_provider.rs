use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[oauth_login("github")]
async fn signed_in(login: Login<GitHub>) -> String {
    login.identity().display_name().to_owned()
}

fn main() {}
