use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

async fn login(github: Client<GitHub>, wanted: String) -> Result<impl IntoResponse, OAuthError> {
    github.authorize_redirect().redirect_uri(wanted).await
}

fn main() {}
