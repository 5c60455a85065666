//! Spring Authorization Server, an OpenID Provider on Spring Boot, as a child process, and its pages
//! as a user in a browser operates them.

use std::path::Path;
use std::process::Command;

use crate::browser::{Browser, Page};
use crate::keycloak::{CLIENT_ID, CLIENT_SECRET};
use crate::process::{Process, free_port};
use crate::scenario::Scenario;

/// A running provider with one client, [`CLIENT_ID`].
#[derive(Debug)]
pub struct Spring {
    /// Its issuer identifier.
    pub issuer: String,
    _process: Process,
}

impl Spring {
    /// Starts it with a client of the application with this base URL.
    pub async fn start(scenario: &Scenario, base: &str) -> Self {
        let port = free_port();
        let interop = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop");
        let program = interop.join("spring/target/spring.jar");
        assert!(program.exists(), "Spring Authorization Server is not built: run tests/setup");
        let mut command = Command::new("java");
        command
            .args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-jar"])
            .arg(program)
            .env("OP_PORT", port.to_string())
            .env("OP_BASE", base)
            .env("OP_CLIENT_ID", CLIENT_ID)
            .env("OP_CLIENT_SECRET", CLIENT_SECRET);
        let mut process = Process::start(scenario, "spring", &command);
        let issuer = format!("http://localhost:{port}");
        process.answers(&format!("{issuer}/.well-known/openid-configuration")).await;
        Self { issuer, _process: process }
    }
}

/// Signs in as `ada` and returns the next page: the question for consent, at the first login.
pub async fn sign_in(browser: &Browser) -> Page {
    browser.fill("Username", "ada").await;
    browser.fill("Password", "ada").await;
    browser.press("Sign in").await
}
