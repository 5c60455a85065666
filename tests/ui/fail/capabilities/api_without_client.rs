use axum::extract::FromRequestParts;
use oauth_runtime::prelude::*;

#[derive(OAuthProvider)]
#[oauth_provider(name = "github", preset = "github")]
struct GitHub;

#[derive(OAuthProvider)]
#[oauth_provider(name = "google", preset = "google")]
struct Google;

#[derive(Clone, OAuthRegistry)]
struct Providers {
    github: Client<GitHub>,
}

// What `#[axum::debug_handler(state = Providers)]` asks of each argument of a handler.
fn extracts<T: FromRequestParts<Providers>>() {}

fn files() {
    extracts::<Api<Google>>();
}

fn main() {}
