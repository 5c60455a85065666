use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

async fn login(github: &Client<GitHub>) -> Result<impl IntoResponse, OAuthError> {
    github.authorize_redirect().max_age(300).await
}

fn main() {}
