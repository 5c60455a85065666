use oauth_runtime::prelude::*;

#[derive(OAuthProvider)] // 3
#[oauth_provider(
    name = "google",
    server_metadata_url = "https://accounts.google.com/.well-known/openid-configuration",
    scopes("openid", "email", "profile"),
    routes(login = "/login", callback = "/auth", logout = "/logout") // 5, 6, 8
)]
struct Google;

async fn home(user: Option<User>) -> String {
    match user {
        Some(user) => format!("Hello, {}", user.display_name()), // 4, 7
        None => "Please sign in.".to_owned(),
    }
}

fn app(google: Standalone<Google>) -> Router {
    Router::new().route("/", get(home)).merge(google.routes()).with_state(google) // 1
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let google = Google::from_env()?; // 2
    Ok(axum::serve(TcpListener::bind("127.0.0.1:3000").await?, app(google)).await?)
}
