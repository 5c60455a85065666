//! Instances of one application, each a separate process: `tests/src/bin/machine.rs`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::str::FromStr;
use std::time::Duration;

use reqwest::header::COOKIE;
use reqwest::redirect::Policy;
use serde_json::Value;

use crate::in_process::COOKIE_KEY;
use crate::process::{Process, free_port, http};
use crate::provider::{Provider, Registration};
use crate::scenario::Scenario;
use crate::visitor::Visitor;

/// The steps of a refresh at which an instance can be killed, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The lease is about to be taken.
    LeaseWanted,
    /// The lease is taken, and nothing else has happened.
    LeaseTaken,
    /// The tokens have been read under the lease.
    TokenRead,
    /// The refresh request is about to be sent.
    RequestNotSent,
    /// The provider has responded, and the instance has read the response.
    AnswerCame,
    /// The new token is about to be stored.
    TokenNotStored,
    /// The new token is stored, but no listener was called.
    TokenStored,
    /// The lease is about to be released.
    LeaseNotGivenBack,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 8] = [
        Self::LeaseWanted,
        Self::LeaseTaken,
        Self::TokenRead,
        Self::RequestNotSent,
        Self::AnswerCame,
        Self::TokenNotStored,
        Self::TokenStored,
        Self::LeaseNotGivenBack,
    ];
}

impl FromStr for Step {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|step| format!("{step:?}") == name);
        found.ok_or_else(|| format!("no step is called {name}"))
    }
}

/// An application with its provider, whose instances share a store.
#[derive(Debug)]
pub struct Instances {
    scenario: Scenario,
    store_url: String,
    program: PathBuf,
    /// The port of the redirect URI that is registered with the provider.
    port: u16,
    provider: Provider,
}

/// A running instance.
#[derive(Debug)]
pub struct Instance {
    port: u16,
    process: Process,
}

/// The requests for one user, as counted by the provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Refreshes that succeeded.
    pub refreshed: u64,
    /// Refreshes that it refused.
    pub refused: u64,
    /// Calls of its API with a valid token.
    pub calls: u64,
}

impl Instances {
    /// Lifetime of the access tokens of a login. Those of a refresh last an hour.
    pub const LIFETIME: Duration = Duration::from_secs(2);

    /// Starts the provider with these variables. `program` is the path of `instance`.
    pub async fn new(
        scenario: &Scenario,
        program: &str,
        store_url: &str,
        variables: &[(&str, &str)],
    ) -> Self {
        let port = free_port();
        let base = format!("http://127.0.0.1:{port}");
        let lifetime = Self::LIFETIME.as_secs().to_string();
        let short_lived = ("OP_LOGIN_ACCESS_TOKEN_SECONDS", lifetime.as_str());
        let variables: Vec<_> = variables.iter().copied().chain([short_lived]).collect();
        let registration = Registration::default();
        let provider =
            Provider::start_with(scenario, &registration, &base, "/callback", &variables).await;
        Self {
            scenario: scenario.clone(),
            store_url: store_url.to_owned(),
            program: program.into(),
            port,
            provider,
        }
    }

    /// Starts an instance. Users log in at the address of the first one. With a step, it halts
    /// there.
    pub async fn start(&self, number: usize, halt_at: Option<Step>) -> Instance {
        self.start_with(number, halt_at.map(|step| ("HALT_AT", step))).await
    }

    /// Starts an instance that stops itself at this step with `SIGSTOP`.
    pub async fn start_pausing(&self, number: usize, stop_at: Step) -> Instance {
        self.start_with(number, Some(("STOP_AT", stop_at))).await
    }

    async fn start_with(&self, number: usize, step: Option<(&str, Step)>) -> Instance {
        // A port that was free earlier may be in use now.
        let port = if number == 0 { self.port } else { 0 };
        let registration = Registration::default();
        let mut command = Command::new(&self.program);
        command
            .env("PORT", port.to_string())
            .env("OAUTH_PUBLIC_URL", format!("http://127.0.0.1:{}", self.port))
            .env("OAUTH_COOKIE_KEYS", COOKIE_KEY)
            .env("OAUTH_STORE_URL", &self.store_url)
            .env("OP_ISSUER", &self.provider.issuer)
            .env("OP_CLIENT_ID", registration.client_id)
            .env("OP_CLIENT_SECRET", registration.client_secret);
        if let Some((variable, step)) = step {
            command.env(variable, format!("{step:?}"));
        }
        let mut process = Process::start(&self.scenario, &format!("instance-{number}"), &command);
        let port = process.line_after("listens on port ").await.parse().expect("a port");
        process.answers(&format!("http://127.0.0.1:{port}/healthz")).await;
        Instance { port, process }
    }

    /// The cookies of this user after a login whose token has expired.
    pub async fn log_in(&self, person: &str) -> String {
        let cookies = Visitor::new()
            .log_in(&format!("http://127.0.0.1:{}/auth/op/login", self.port), person)
            .await;
        // Lifetimes are in whole seconds.
        tokio::time::sleep(Self::LIFETIME + Duration::from_secs(1)).await;
        cookies
    }

    /// The cookies of this user after a login.
    pub async fn cookies_of(&self, person: &str) -> String {
        let login = format!("http://127.0.0.1:{}/auth/op/login", self.port);
        Visitor::new().log_in(&login, person).await
    }

    /// The requests for this user, as counted by the provider.
    ///
    /// # Panics
    /// If the provider does not respond.
    pub async fn counts(&self, person: &str) -> Counts {
        let url = format!("{}/counts", self.provider.issuer);
        let answer = http().build().expect("a client").get(url).send().await.expect("a response");
        let all: Value =
            serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON");
        let number = |name: &str| all[person][name].as_u64().unwrap_or_default();
        Counts {
            refreshed: number("refreshed"),
            refused: number("refused"),
            calls: number("calls"),
        }
    }
}

impl Instance {
    /// Makes simultaneous calls with these cookies and returns the count of each outcome.
    ///
    /// # Panics
    /// If the instance does not respond.
    pub async fn call(&self, cookies: &str, count: usize) -> BTreeMap<String, usize> {
        let answer = self.request(cookies, count).send().await.expect("a response");
        serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON")
    }

    /// Makes a call with these cookies, and kills the instance when it halts.
    ///
    /// # Panics
    /// If it does not halt.
    pub async fn halt_and_kill(mut self, cookies: &str) {
        let call = tokio::spawn(self.request(cookies, 1).send());
        self.process.line_after("halts at ").await;
        drop(self);
        // At a background step, the call still gets a response.
        let _ = call.await.expect("no panic");
    }

    /// Makes a call with these cookies. The instance stops in the middle, `meanwhile` runs, and the
    /// instance continues. Returns the outcome of the call.
    ///
    /// # Panics
    /// If it does not stop, or does not respond afterwards.
    pub async fn pause_and_continue(
        &mut self,
        cookies: &str,
        meanwhile: impl Future<Output = ()>,
    ) -> BTreeMap<String, usize> {
        let call = tokio::spawn(self.request(cookies, 1).send());
        let id = self.process.line_after("stops as process ").await;
        meanwhile.await;
        let went_on = Command::new("kill").args(["-CONT", &id]).status();
        assert!(went_on.expect("a signal can be sent").success());
        let answer = call.await.expect("no panic").expect("a response");
        serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON")
    }

    /// Makes a call with these cookies, and kills the instance when `until` completes.
    ///
    /// # Panics
    /// If it responds before that.
    pub async fn call_and_kill(self, cookies: &str, until: impl Future<Output = ()>) {
        let call = tokio::spawn(self.request(cookies, 1).send());
        until.await;
        drop(self);
        assert!(call.await.expect("no panic").is_err(), "it has responded before that");
    }

    /// The subject of the session with these cookies; `nobody` without a session.
    ///
    /// # Panics
    /// If the instance does not respond.
    pub async fn visitor(&self, cookies: &str) -> String {
        let url = format!("http://127.0.0.1:{}/visitor", self.port);
        let request = http().build().expect("a client").get(url).header(COOKIE, cookies);
        request.send().await.expect("a response").text().await.expect("a body")
    }

    /// Signs out and returns the status of the response.
    ///
    /// # Panics
    /// If the instance does not respond.
    pub async fn sign_out(&self, cookies: &str) -> u16 {
        let client = http().redirect(Policy::none()).build().expect("a client");
        let request = client.post(format!("http://127.0.0.1:{}/auth/logout", self.port));
        let request = request.header(COOKIE, cookies).header("sec-fetch-site", "same-origin");
        request.send().await.expect("a response").status().as_u16()
    }

    /// Its output.
    pub fn output(&self) -> String {
        self.process.output()
    }

    fn request(&self, cookies: &str, count: usize) -> reqwest::RequestBuilder {
        let url = format!("http://127.0.0.1:{}/calls/{count}", self.port);
        http().build().expect("a client").get(url).header(COOKIE, cookies)
    }
}
