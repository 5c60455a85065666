use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

struct Gitea;

#[oauth_login(Gitea)]
async fn signed_in<P: AnyProvider>(login: Login<P>) -> String {
    login.return_to().to_owned()
}

fn main() {}
