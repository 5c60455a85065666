//! With `configured`, a typo in a declared key is still an error.

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
