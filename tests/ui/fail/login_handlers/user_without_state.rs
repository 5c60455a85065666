use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[oauth_login(GitHub)]
async fn signed_in(user: Option<User>, login: Login<GitHub>) -> String {
    format!("{:?} {}", user.is_some(), login.identity().display_name())
}

fn main() {}
