use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(on_login = signed_in)]
struct Providers {
    github: Client<GitHub>,
}

async fn signed_in(
    _: Option<User>,
    _: Option<User>,
    _: Option<User>,
    _: Option<User>,
    _: Option<User>,
    _: Option<User>,
    _: Option<User>,
    _: Option<User>,
    _: Option<User>,
    login: Login<GitHub>,
) -> String {
    login.identity().display_name().to_owned()
}

fn main() {}
