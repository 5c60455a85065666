use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    request_token_url = "https://acme.example/request_token",
    authorize_url = "https://acme.example/authorize",
    access_token_url = "https://acme.example/token",
    identity(id = "user_id")
)]
struct Acme;

async fn login(acme: &Client<Acme>) -> Result<impl IntoResponse, OAuthError> {
    acme.authorize_redirect().prompt("login").max_age(60).await
}

async fn exchange(acme: &Client<Acme>) -> Result<Token<Acme>, OAuthError> {
    acme.fetch_access_token("urn:ietf:params:oauth:grant-type:token-exchange").await
}

fn main() {}
