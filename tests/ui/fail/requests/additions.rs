use oauth_runtime::OAuthProvider;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    authorize_url = "https://acme.example/authorize",
    access_token_url = "https://acme.example/token",
    userinfo_endpoint = "https://acme.example/user",
    api_headers(Authorization = "OAuth {access_token}", Host = "acme.example"),
    api_params(key = "{api_key}", openid = "{tokn.openid}"),
    userinfo_query = "me"
)]
struct Acme;

fn main() {}
