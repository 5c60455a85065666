use std::collections::HashMap;

use axum::extract::Query;
use axum::http::StatusCode;
use oauth_runtime::prelude::*;
use serde_json::Value;

#[derive(OAuthProvider)] // 3
#[oauth_provider(
    name = "twitter",
    api_base_url = "https://api.twitter.com/1.1/",
    request_token_url = "https://api.twitter.com/oauth/request_token",
    access_token_url = "https://api.twitter.com/oauth/access_token",
    authorize_url = "https://api.twitter.com/oauth/authenticate",
    userinfo_endpoint = "account/verify_credentials.json?skip_status=true", // 9
    identity(id = "id_str", name = "name", username = "screen_name"), // 11
    routes(login = "/login", callback = "/auth", logout = "/logout") // 7, 8, 12
)]
struct Twitter;

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(on_error = failed)] // 5
struct Providers {
    twitter: Client<Twitter>,
}

async fn failed(error: OAuthError) -> (StatusCode, String) {
    let description = error.error_response().and_then(|response| response.description());
    (error.status(), format!("Error: {}", description.unwrap_or("please try again")))
}

async fn home(user: Option<User>) -> String {
    match user {
        Some(user) => format!("Hello, {}", user.display_name()), // 6
        None => "Please sign in.".to_owned(),
    }
}

async fn tweets(
    twitter: Api<Twitter>, // 4, 10
    Query(page): Query<HashMap<String, String>>,
) -> Result<String, OAuthError> {
    let mut timeline = twitter.get("statuses/user_timeline.json"); // 13
    timeline = timeline.query([("include_rts", "1"), ("count", "200")]);
    if let Some(prev) = page.get("prev") {
        timeline = timeline.query([("max_id", prev.as_str())]);
    }
    let tweets: Vec<Value> = timeline.json().await?;
    Ok(tweets.iter().filter_map(|tweet| tweet["text"].as_str()).collect::<Vec<_>>().join("\n"))
}

fn app(oauth: Providers) -> Router {
    let own = Router::new().route("/", get(home)).route("/tweets", get(tweets));
    own.merge(oauth.routes()).with_state(oauth) // 1
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let oauth = Providers::from_env()?; // 2
    Ok(axum::serve(TcpListener::bind("127.0.0.1:3000").await?, app(oauth)).await?)
}
