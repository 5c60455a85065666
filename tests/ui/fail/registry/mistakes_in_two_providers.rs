use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(OAuthProvider)]
#[oauth_provider(name = "acme", issuer = "acme.example", scopes("openid"))]
struct Acme;

#[derive(OAuthProvider)]
#[oauth_provider(name = "best", issuer = "https://best.example", scope = "openid")]
struct Best;

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(on_login = signed_in)]
struct Providers {
    github: Client<GitHub>,
    acme: Client<Acme>,
    best: Client<Best>,
}

async fn signed_in<P: OAuthProvider>(login: Login<P>) -> String {
    login.identity().display_name().to_owned()
}

fn main() {}
