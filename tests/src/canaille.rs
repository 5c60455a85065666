//! Canaille, an OpenID Provider on Flask, as a child process, and its pages as a user in a browser
//! operates them.

use std::path::Path;
use std::process::Command;

use crate::browser::{Browser, Page};
use crate::keycloak::{CLIENT_ID, CLIENT_SECRET};
use crate::process::{Process, Scratch, free_port};
use crate::scenario::Scenario;

/// A running provider with one client, [`CLIENT_ID`].
#[derive(Debug)]
pub struct Canaille {
    /// Its issuer identifier.
    pub issuer: String,
    // Dropped in this order: the process, then its files.
    _process: Process,
    _files: Scratch,
}

impl Canaille {
    /// Starts it with a client of the application with this base URL.
    pub async fn start(scenario: &Scenario, base: &str) -> Self {
        let port = free_port();
        let files = Scratch::create();
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop/canaille");
        let mut command = Command::new(program);
        command.arg(port.to_string()).arg(files.path()).args([base, CLIENT_ID, CLIENT_SECRET]);
        let mut process = Process::start(scenario, "canaille", &command);
        let issuer = format!("http://localhost:{port}");
        process.answers(&format!("{issuer}/.well-known/openid-configuration")).await;
        Self { issuer, _process: process, _files: files }
    }
}

/// Signs in as `ada`, on two pages, and returns the next page. The client needs no consent.
pub async fn sign_in(browser: &Browser) -> Page {
    browser.fill("Login", "ada").await;
    browser.press("Continue").await;
    browser.fill("Password", "the password of ada").await;
    browser.press("Sign in").await
}
