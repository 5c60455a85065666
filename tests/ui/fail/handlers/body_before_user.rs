use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(Clone, OAuthRegistry)]
struct Providers {
    github: Client<GitHub>,
}

#[debug_handler(state = Providers)]
async fn comment(text: String, user: User) -> String {
    format!("{}: {text}", user.display_name())
}

fn main() {}
