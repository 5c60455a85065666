use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(Clone, OAuthRegistry)]
struct Providers {
    github: Client<GitHub>,
}

struct Account(u64);

#[debug_handler(state = Providers)]
async fn home(account: Account, user: User) -> String {
    format!("{} {}", account.0, user.display_name())
}

fn main() {}
