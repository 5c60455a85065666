use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

fn invite(_: &oauth_runtime::VerifiedEmail) {}

async fn signed_in(login: Login<GitHub>) {
    if let Some(oauth_runtime::Email::Unverified(email)) = login.identity().email() {
        invite(email);
    }
}

fn main() {}
