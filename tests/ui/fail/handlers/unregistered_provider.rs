use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(Clone, OAuthRegistry)]
struct Providers {
    github: Client<GitHub>,
}

#[derive(OAuthProvider)]
#[oauth_provider(name = "google", preset = "google")]
struct Google;

#[debug_handler(state = Providers)]
async fn files(google: Api<Google>) -> Result<String, OAuthError> {
    google.get("files").text().await
}

fn main() {}
