//! Sends requests without a session: `anonymous NUMBER COUNT` sends COUNT to the route of that number.
//! `tests/cost/requests` runs it under an instrument that counts instructions.

#![allow(missing_docs, clippy::expect_used, reason = "a program of the benchmark")]

use std::env;

use tests::anonymous::{App, ROUTES};

fn main() {
    let numbers: Vec<usize> = env::args().filter_map(|text| text.parse().ok()).collect();
    let [number, count] = numbers[..] else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let app = App::new();
        app.send("GET", "/auth/acme/login", "").await;
        let Some((method, route)) = ROUTES.get(number) else {
            for _ in 0..count {
                app.forge().await;
            }
            return;
        };
        for request in 0..count {
            let cookie = format!("__Host-oauth-session-{request:08}=forged; x={request}");
            app.send(method, &format!("{route}{request:08}"), &cookie).await;
        }
    });
}
