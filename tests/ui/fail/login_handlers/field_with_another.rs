use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[oauth_login(GitHub)]
async fn signed_in(login: Login<GitHub>) -> String {
    login.identity().display_name().to_owned()
}

async fn welcomed(login: Login<GitHub>) -> String {
    login.identity().display_name().to_owned()
}

#[derive(Clone, OAuthRegistry)]
struct Providers {
    #[oauth_registry(on_login = welcomed)]
    github: Client<GitHub>,
}

fn main() {}
