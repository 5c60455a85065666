//! The logins of this provider identify no user: the compiler names the keys that would.

use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "stripe",
    authorize_url = "https://connect.stripe.com/oauth/authorize",
    access_token_url = "https://connect.stripe.com/oauth/token",
    api_base_url = "https://api.stripe.com/v1/"
)]
struct Stripe;

async fn greet(login: Login<Stripe>) -> String {
    login.identity().display_name().to_owned()
}

async fn sign_in(login: Login<Stripe>) -> Result<impl IntoResponse, OAuthError> {
    Ok((login.sign_in().await?, Redirect::to("/")))
}

async fn signed_in<P: OAuthProvider>(login: Login<P>) -> String {
    login.identity().display_name().to_owned()
}

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(on_login = signed_in)]
struct Providers {
    stripe: Client<Stripe>,
}

fn main() {}
