use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

async fn nightly(github: &Client<GitHub>) -> Result<Api<GitHub>, OAuthError> {
    github.api_for(42).await
}

fn main() {}
