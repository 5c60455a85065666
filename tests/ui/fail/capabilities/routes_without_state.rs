use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(state = AppState)]
struct Providers {
    github: Client<GitHub>,
}

#[derive(Clone)]
struct AppState;

async fn serve(listener: TcpListener, oauth: Providers) -> std::io::Result<()> {
    axum::serve(listener, Router::new().merge(oauth.routes())).await
}

fn main() {}
