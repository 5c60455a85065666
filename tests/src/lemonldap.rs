//! LemonLDAP::NG, an OpenID Provider in Perl, as a child process, and its pages as a user in a
//! browser operates them.

use std::path::Path;
use std::process::Command;

use crate::browser::{Browser, Page};
use crate::process::{Process, Scratch, free_port};
use crate::provider::Registration;
use crate::scenario::Scenario;

/// Starts it with one client and returns its issuer identifier.
pub(crate) async fn start(
    scenario: &Scenario,
    registration: &Registration,
    base: &str,
    callback: &str,
) -> (String, Process, Scratch) {
    let port = free_port();
    let files = Scratch::create();
    let mut starman = Command::new("starman");
    starman
        .args(["--preload-app", "--workers", "3", "--listen", &format!("127.0.0.1:{port}")])
        .arg("lemonldap.psgi")
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("interop"))
        .env("OP_PORT", port.to_string())
        .env("OP_FOLDER", files.path())
        .env("OP_CLIENT_ID", registration.client_id)
        .env("OP_CLIENT_SECRET", registration.client_secret)
        .env("OP_REDIRECT_URI", format!("{base}{callback}"))
        .env("OP_POST_LOGOUT_REDIRECT_URI", format!("{base}/logged-out"))
        .env("OP_ID_TOKEN_ALG", registration.id_token_alg)
        .env("OP_USERINFO_ALG", registration.userinfo_alg);
    let mut process = Process::start(scenario, "lemonldap", &starman);
    let issuer = format!("http://localhost:{port}");
    process.answers(&format!("{issuer}/.well-known/openid-configuration")).await;
    (issuer, process, files)
}

/// Signs in on its page as this user, whose password is their name, and gives consent. Returns the
/// next page of the client.
pub async fn sign_in_and_accept(browser: &Browser, person: &str) -> Page {
    browser.fill("Login", person).await;
    browser.fill("Password", person).await;
    browser.press("Connect").await;
    browser.press("Accept").await
}
