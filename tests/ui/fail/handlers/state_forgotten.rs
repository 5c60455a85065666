use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(Clone, OAuthRegistry)]
struct Providers {
    github: Client<GitHub>,
}

// The default, as for a router without `.with_state(oauth)`.
#[debug_handler]
async fn home(user: User) -> String {
    user.display_name().to_owned()
}

fn main() {}
