//! The programs under test: the examples of this workspace, which must be built before the tests.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use reqwest::redirect::Policy;

use crate::process::{Process, Scratch, free_port, http};
use crate::provider::{Provider, Registration};
use crate::scenario::Scenario;

/// A binary of the package `examples`, in the parent of the running test's folder.
fn example(name: &str) -> PathBuf {
    let test = env::current_exe().expect("a test knows its own path");
    let profile = test.ancestors().nth(2).expect("tests lie in target/<profile>/deps");
    let program = profile.join(name);
    assert!(
        program.exists(),
        "{} is missing: build it with `cargo build -p examples --bin {name}`",
        program.display()
    );
    program
}

/// `examples/relying_party` with its own provider.
#[derive(Debug)]
pub struct RelyingParty {
    /// Its base URL, on 127.0.0.1.
    pub base: String,
    /// The provider.
    pub provider: Provider,
    /// The second provider, if it was started with two.
    pub second: Option<Provider>,
    _process: Process,
    // An empty working directory, so that it does not read the developer's `.env`.
    _files: Scratch,
}

impl RelyingParty {
    /// Starts a provider and a relying party registered with it.
    ///
    /// The environment variable `RELYING_PARTY` names another program to test, which must read the
    /// same variables and serve the same routes. It shows whether the program or the test is at
    /// fault.
    pub async fn start(scenario: &Scenario, registration: Registration) -> Self {
        Self::start_with(scenario, registration, None).await
    }

    /// Like [`start`](Self::start), with a second provider that has another client for the program.
    pub async fn start_with_two(scenario: &Scenario, second: Registration) -> Self {
        Self::start_with(scenario, Registration::default(), Some(second)).await
    }

    async fn start_with(
        scenario: &Scenario,
        registration: Registration,
        second: Option<Registration>,
    ) -> Self {
        let port = free_port();
        let base = format!("http://127.0.0.1:{port}");
        let provider = Provider::start(scenario, &registration, &base, "/callback").await;

        let program =
            env::var_os("RELYING_PARTY").map_or_else(|| example("relying_party"), PathBuf::from);
        let files = Scratch::create();
        let mut command = Command::new(program);
        command
            .current_dir(files.path())
            .env("RP_PORT", port.to_string())
            .env("RP_BASE_URL", &base)
            .env("OP_ISSUER", &provider.issuer)
            .env("OP_CLIENT_ID", registration.client_id)
            .env("OP_AUTH_METHOD", registration.auth_method)
            .env("OP_RESPONSE_MODE", registration.response_mode);
        if registration.id_token_alg == "HS256" {
            command.env("OP_ID_TOKEN_ALG", registration.id_token_alg);
        }
        if !registration.userinfo_alg.is_empty() {
            command.env("OP_USERINFO_ALG", registration.userinfo_alg);
        }
        if registration.auth_method != "none" {
            command.env("OP_CLIENT_SECRET", registration.client_secret);
        }
        let second = match second {
            Some(registration) => {
                let provider = Provider::start(scenario, &registration, &base, "/callback2").await;
                command
                    .env("OP2_ISSUER", &provider.issuer)
                    .env("OP2_CLIENT_ID", registration.client_id)
                    .env("OP2_CLIENT_SECRET", registration.client_secret);
                Some(provider)
            }
            None => None,
        };
        let mut process = Process::start(scenario, "relying_party", &command);
        process.answers(&format!("{base}/healthz")).await;
        Self { base, provider, second, _process: process, _files: files }
    }

    /// Starts a login outside the test's browsers and returns its authorization URL.
    pub async fn start_login_elsewhere(&self) -> String {
        let http = http().redirect(Policy::none()).build().expect("an HTTP client");
        let response = http.get(self.url("/login")).send().await.expect("a login starts");
        let location =
            response.headers().get("location").expect("a login redirects to the provider");
        location.to_str().expect("an address is plain text").to_owned()
    }

    /// The URL of a page.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

/// `examples/quickstart` without any account.
#[derive(Debug)]
pub struct Quickstart {
    /// Its base URL.
    pub base: String,
    process: Process,
    _files: Scratch,
}

impl Quickstart {
    /// Starts the quickstart with its development provider.
    pub async fn start(scenario: &Scenario) -> Self {
        let mut started = Self::start_at(scenario, free_port());
        started.process.answers(&started.base).await;
        started
    }

    /// Starts it on a port that is in use and returns its output.
    pub async fn refused_at(scenario: &Scenario, port: u16) -> String {
        Self::start_at(scenario, port).process.line_after("Error: ").await
    }

    fn start_at(scenario: &Scenario, port: u16) -> Self {
        let base = format!("http://localhost:{port}");
        let files = Scratch::create();
        let mut command = Command::new(example("quickstart"));
        command.current_dir(files.path()).env("PORT", port.to_string());
        for provider in ["GITHUB", "GOOGLE"] {
            command.env_remove(format!("{provider}_CLIENT_ID"));
        }
        let process = Process::start(scenario, "quickstart", &command);
        Self { base, process, _files: files }
    }

    /// Its output so far.
    pub fn output(&self) -> String {
        self.process.output()
    }

    /// The URL of a page.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

/// `examples/repositories` as three instances behind its proxy, without any account.
#[derive(Debug)]
pub struct Repositories {
    /// The base URL of the proxy.
    pub base: String,
    process: Process,
    // The folder of the store.
    _files: Scratch,
}

impl Repositories {
    /// Starts the instances and the proxy, with a store in a file.
    pub async fn start(scenario: &Scenario) -> Self {
        let port = free_port();
        let base = format!("http://localhost:{port}");
        let files = Scratch::create();
        let mut command = Command::new(example("repositories"));
        command
            .args(["--instances", "3"])
            .current_dir(files.path())
            .env_remove("GITHUB_CLIENT_ID")
            .env("PORT", port.to_string())
            .env("OAUTH_COOKIE_KEYS", "0123456789abcdef".repeat(4))
            .env("OAUTH_STORE_URL", "sqlite:store.db");
        let mut process = Process::start(scenario, "repositories", &command);
        process.answers(&base).await;
        Self { base, process, _files: files }
    }

    /// Starts instances that share nothing and returns the output.
    pub async fn refused(scenario: &Scenario) -> String {
        let mut command = Command::new(example("repositories"));
        command.args(["--instances", "3"]).env_remove("OAUTH_STORE_URL");
        Process::start(scenario, "repositories", &command).line_after("Error: ").await
    }

    /// The URL of a page.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Kills this instance, as if its host failed.
    ///
    /// # Panics
    /// If it is not running.
    pub async fn kill(&mut self, instance: u8) {
        let line = self.process.line_after(&format!("instance {instance}: ")).await;
        let id = line.rsplit(' ').next().expect("its process");
        let killed = Command::new("kill").args(["-KILL", id]).status().expect("kill runs");
        assert!(killed.success(), "{line}");
    }
}
