use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(OAuthProvider)]
#[oauth_provider(name = "google", preset = "google")]
struct Google;

#[oauth_login(GitHub)]
async fn signed_in(login: Login<Google>) -> String {
    login.identity().display_name().to_owned()
}

fn main() {}
