use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(Clone, OAuthRegistry)]
struct Providers {
    github: Client<GitHub>,
}

#[debug_handler(state = Providers)]
async fn first(user: &User, github: &Api<GitHub>) -> String {
    let _ = github;
    user.display_name().to_owned()
}

#[debug_handler(state = Providers)]
fn second<T>(_: T) -> String {
    String::new()
}

struct Page;

impl Page {
    #[debug_handler(state = Providers)]
    async fn third(&self, user: User) -> String {
        user.display_name().to_owned()
    }
}

fn main() {}
