//! Login with OAuth 1.0a, and signed calls to the API. Only the declaration differs from a login
//! with OAuth 2.0.
//!
//! Run `cargo run -p examples --bin oauth1` and open the address that it prints. It starts the
//! provider of `tests/interop/authlib`, which is based on Authlib's server classes; `tests/setup`
//! installs its requirements. To use another provider, set PHOTOS_BASE, PHOTOS_CLIENT_ID and
//! PHOTOS_CLIENT_SECRET.

use std::env;
use std::error::Error;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use axum::response::{Html, Response};
use maud::{DOCTYPE, Markup, html};
use oauth_runtime::prelude::*;
use serde::Deserialize;

/// `request_token_url` declares an OAuth 1.0a provider.
#[derive(OAuthProvider)]
#[oauth_provider(
    name = "photos",
    display_name = "Photos",
    request_token_url = "{base}/initiate",
    authorize_url = "{base}/authorize",
    access_token_url = "{base}/token",
    userinfo_endpoint = "{base}/me",
    api_base_url = "{base}/api/",
    identity(id = "id", name = "name", username = "screen_name"),
    quirks(loopback_http)
)]
struct Photos {
    base: String,
}

#[derive(Clone, OAuthRegistry)]
struct Providers {
    photos: Client<Photos>,
}

/// The request as the API received it.
#[derive(Deserialize)]
struct Received {
    method: String,
    parameters: Vec<(String, String)>,
}

async fn home(user: Option<User>) -> Html<String> {
    page(&match user {
        Some(user) => html! {
            p { "Hello, " (user.display_name()) "." }
            p { a href="/albums" { "Call the API" } }
            form method="post" action="/auth/logout" { button { "Sign out" } }
        },
        None => html! { p { a href="/auth/photos/login" { "Sign in with Photos" } } },
    })
}

/// The call is signed with the client secret and the token secret.
async fn albums(photos: Api<Photos>) -> Result<Response, OAuthError> {
    let album = [("title", "Summer & sun"), ("year", "2026")];
    let received: Received = photos.post("echo").body_form(album).json().await?;
    let content = html! {
        p { "The API verified the signature of this " (received.method) " request:" }
        ul { @for (name, value) in &received.parameters { li { (name) " is " (value) } } }
        p { a href="/" { "Back" } }
    };
    Ok(page(&content).into_response())
}

fn page(content: &Markup) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { "Photos" } link rel="icon" href="data:,"; }
            body { h1 { "Photos" } (content) }
        }
    };
    Html(page.into_string())
}

/// The provider as a child process. Ctrl-C in the terminal ends both.
struct Provider {
    process: Child,
    base: String,
}

impl Provider {
    fn start() -> Result<Self, Box<dyn Error>> {
        let interop = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/interop");
        let python = interop.join(".venv/bin/python");
        if !python.exists() {
            return Err("run `tests/setup` first, or set PHOTOS_BASE to another provider".into());
        }
        let mut process = Command::new(python)
            .args(["oauth1.py", "--signature-method", "HMAC-SHA1"])
            .current_dir(interop.join("authlib"))
            .env("AUTHLIB_INSECURE_TRANSPORT", "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        match line.trim().strip_prefix("ready ") {
            Some(base) => Ok(Self { process, base: base.to_owned() }),
            None => Err("the provider of tests/interop/authlib did not start".into()),
        }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // The process may have exited already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let mut builder = Providers::builder().public_url(format!("http://localhost:{port}"));
    let own = if env::var_os("PHOTOS_BASE").is_none() { Some(Provider::start()?) } else { None };
    if let Some(provider) = &own {
        builder = builder
            .set("PHOTOS_BASE", &provider.base)
            .set("PHOTOS_CLIENT_ID", "consumer-key")
            .set("PHOTOS_CLIENT_SECRET", "a consumer secret & more, only for these tests");
    }
    let oauth = builder.build()?;
    let app = Router::new()
        .route("/", get(home))
        .route("/albums", get(albums))
        .merge(oauth.routes())
        .with_state(oauth);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("Open http://localhost:{port}");
    Ok(axum::serve(listener, app).await?)
}
