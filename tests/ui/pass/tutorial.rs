//! An application that depends on `oauth-runtime` and tokio only, with a state of its own.

#![deny(warnings, missing_docs, unused_qualifications)]
#![forbid(unsafe_code)]

use oauth_runtime::prelude::*;

/// A provider.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(name = "github", preset = "github", keep_tokens)]
pub struct GitHub;

/// A second provider, which a deployment may leave unconfigured.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(name = "google", preset = "google")]
pub struct Google;

/// The registry.
#[derive(Debug, Clone, OAuthRegistry)]
#[oauth_registry(state = AppState, on_login = signed_in, on_error = failed)]
pub struct Providers {
    github: Client<GitHub>,
    google: Option<Client<Google>>,
}

/// The state of the application.
#[derive(Debug, Clone)]
pub struct AppState {
    oauth: Providers,
    greeting: &'static str,
}

impl FromRef<AppState> for Providers {
    fn from_ref(state: &AppState) -> Self {
        state.oauth.clone()
    }
}

async fn signed_in<P: OAuthProvider>(
    State(_): State<AppState>,
    user: Option<User>,
    login: Login<P>,
) -> Result<impl IntoResponse, OAuthError> {
    drop(user);
    Ok((login.sign_in().await?, Redirect::to("/")))
}

async fn failed(error: OAuthError) -> OAuthError {
    error
}

#[debug_handler]
async fn home(State(app): State<AppState>, user: User, github: Api<GitHub>) -> Result<String, OAuthError> {
    let repositories = github.get("user/repos").text().await?;
    Ok(format!("{}, {}: {repositories}", app.greeting, user.display_name()))
}

#[debug_handler(state = AppState)]
async fn clients(
    State(github): State<Client<GitHub>>,
    State(google): State<Option<Client<Google>>>,
    State(sessions): State<Sessions>,
    user: Option<User>,
    body: String,
) -> impl IntoResponse {
    drop(sessions);
    format!("{github:?} {google:?} {} {body}", user.is_some())
}

#[debug_handler]
async fn nothing() {}

/// The application.
pub fn app(oauth: Providers) -> Router {
    let state = AppState { oauth, greeting: "Hello" };
    Router::new()
        .route("/", get(home))
        .route("/clients", post(clients))
        .route("/nothing", get(nothing))
        .merge(state.oauth.routes())
        .with_state(state)
}

/// Runs it.
#[tokio::main]
pub async fn serve() -> Result<(), Box<dyn std::error::Error>> {
    let app = app(Providers::from_env()?);
    Ok(axum::serve(TcpListener::bind("127.0.0.1:3000").await?, app).await?)
}
