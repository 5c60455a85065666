//! No user logs in with this provider: the compiler says so where a login is attempted.

use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "robot", access_token_url = "https://acme.example/token", no_login)]
struct Robot;

async fn login(State(robot): State<Client<Robot>>) -> Result<impl IntoResponse, OAuthError> {
    robot.authorize_redirect().await
}

fn main() {}
