//! Login and logout by hand, without generated routes, as with Authlib.
//!
//! Run `cargo run -p examples --bin by_hand` and open the address that it prints. It starts its own
//! provider, so it needs no account.

use std::error::Error;

use axum::response::{Html, Response};
use oauth_runtime::prelude::*;
use oauth_runtime::testing::TestProvider;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "development",
    issuer = "{issuer}",
    api_base_url = "{issuer}/api/",
    scopes("openid", "profile", "email"),
    quirks(loopback_http)
)]
struct Development {
    issuer: String,
}

#[derive(Clone, OAuthRegistry)]
struct Providers {
    development: Client<Development>,
}

async fn home(user: Option<User>) -> Html<&'static str> {
    Html(match user {
        Some(_) => {
            "<link rel=icon href=data:,><a href=/me>Who am I?</a> \
             <form method=post action=/logout><button>Sign out</button></form>"
        }
        None => "<link rel=icon href=data:,><a href=/login>Sign in</a>",
    })
}

async fn login(State(oauth): State<Providers>) -> Result<impl IntoResponse, OAuthError> {
    oauth.development.authorize_redirect().redirect_uri("/callback").return_to("/me").await
}

/// The route of the redirect URI. It also receives the refusal of a user.
async fn callback(login: Result<Login<Development>, OAuthError>) -> Result<Response, OAuthError> {
    match login {
        Ok(login) => {
            let session = login.sign_in().await?;
            Ok((session, Redirect::to(login.return_to())).into_response())
        }
        Err(error) if error.is_access_denied() => Ok(Redirect::to("/").into_response()),
        Err(error) => Err(error),
    }
}

async fn me(user: User, development: Api<Development>) -> Result<String, OAuthError> {
    let resource = development.get("resource").text().await?;
    Ok(format!("You are {}, and the API says {resource}", user.display_name()))
}

/// Ends the session of the application and the session at the provider.
async fn logout(
    State(oauth): State<Providers>,
    user: Option<User>,
) -> Result<impl IntoResponse, OAuthError> {
    let logout = oauth.development.logout_redirect().sign_out(&user);
    logout.post_logout_redirect_uri("/logged-out").await
}

/// Refuses a return without a matching logout. Accepting it would change nothing.
async fn logged_out(done: LoggedOut<Development>) -> impl IntoResponse {
    (done, Redirect::to("/"))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = std::env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let provider = TestProvider::start().await?;
    let oauth = Providers::builder()
        .public_url(format!("http://localhost:{port}"))
        .set("DEVELOPMENT_ISSUER", provider.issuer())
        .set("DEVELOPMENT_CLIENT_ID", provider.client_id())
        .set("DEVELOPMENT_CLIENT_SECRET", provider.client_secret())
        .build()?;
    let app = Router::new()
        .route("/", get(home))
        .route("/login", get(login))
        .route("/callback", get(callback))
        .route("/me", get(me))
        .route("/logout", post(logout))
        .route("/logged-out", get(logged_out))
        .with_state(oauth);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("Open http://localhost:{port}");
    Ok(axum::serve(listener, app).await?)
}
