use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(Clone, OAuthRegistry)]
struct Providers {
    github: Client<GitHub>,
}

async fn logout(State(oauth): State<Providers>, user: User) -> Result<impl IntoResponse, OAuthError> {
    oauth.github.logout_redirect().sign_out(&user).await
}

fn main() {}
