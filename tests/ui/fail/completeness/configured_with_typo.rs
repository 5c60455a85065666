//! What the configuration may say is still spelt right where it is declared.

use oauth_runtime::OAuthProvider;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    configured,
    authorise_url = "https://acme.example/authorize",
    scopes("email"),
    issuer = "https://acme.example",
)]
struct Acme;

fn main() {}
