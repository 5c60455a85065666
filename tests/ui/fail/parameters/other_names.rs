use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    authorize_url = "https://acme.example/authorize",
    access_token_url = "https://acme.example/token",
    userinfo_endpoint = "https://acme.example/user",
    request_names(client_id = "state", secret = "key"),
    response_names(expires = "expires_in"),
    callback_params("realmId", "code"),
    access_token_params(realm = "{callback.realm_id}"),
    redirect_id = "https://app.example/callback",
    emails_endpoint = "https://mail.example/emails",
)]
struct Acme;

fn main() {}
