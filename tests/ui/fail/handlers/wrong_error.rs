use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(Clone, OAuthRegistry)]
struct Providers {
    github: Client<GitHub>,
}

#[debug_handler(state = Providers)]
async fn home(user: User) -> Result<String, std::fmt::Error> {
    Ok(user.display_name().to_owned())
}

fn main() {}
