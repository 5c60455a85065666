use axum::extract::FromRequestParts;
use oauth_runtime::prelude::*;

#[derive(Clone)]
struct AppState;

// What `#[axum::debug_handler(state = AppState)]` asks of each argument of a handler.
fn extracts<T: FromRequestParts<AppState>>() {}

fn profile() {
    extracts::<User>();
}

fn main() {}
