//! Instances of one application, each a process of its own: `tests/src/bin/machine.rs`.

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

/// A point in a refresh at which an instance can be killed, in the order in which they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The lease is about to be taken.
    LeaseWanted,
    /// The lease is taken, and nothing else has happened.
    LeaseTaken,
    /// The tokens have been read with the lease in hand.
    TokenRead,
    /// The refresh request is about to be sent.
    RequestNotSent,
    /// The provider has answered, and the instance has read the answer.
    AnswerCame,
    /// The new token is about to be stored.
    TokenNotStored,
    /// The new token is stored, and nobody has been told.
    TokenStored,
    /// The lease is about to be given back.
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
    /// Where people log in: the one that the provider knows.
    port: u16,
    provider: Provider,
}

/// A running instance.
#[derive(Debug)]
pub struct Instance {
    port: u16,
    process: Process,
}

/// What the provider saw in the name of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Refreshes that succeeded.
    pub refreshed: u64,
    /// Refreshes that it refused.
    pub refused: u64,
    /// Calls of its API with a good token.
    pub calls: u64,
}

impl Instances {
    /// How long the access tokens of a login last: seconds, which are the unit of the protocol. Those
    /// of a refresh last an hour.
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

    /// Starts an instance; the first is the one under whose address people log in. With a step it
    /// stands still there.
    pub async fn start(&self, number: usize, stand_at: Option<Step>) -> Instance {
        self.start_with(number, stand_at.map(|step| ("STAND_AT", step))).await
    }

    /// Starts an instance that stops itself at this step, as `SIGSTOP` does it.
    pub async fn start_stopping(&self, number: usize, stop_at: Step) -> Instance {
        self.start_with(number, Some(("STOP_AT", stop_at))).await
    }

    async fn start_with(&self, number: usize, step: Option<(&str, Step)>) -> Instance {
        // A port that was free a while ago may not be any more.
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

    /// This person's cookies after a login; the token of it has expired.
    pub async fn log_in(&self, person: &str) -> String {
        let cookies = Visitor::new()
            .log_in(&format!("http://127.0.0.1:{}/auth/op/login", self.port), person)
            .await;
        // A part of a second counts as a whole one.
        tokio::time::sleep(Self::LIFETIME + Duration::from_secs(1)).await;
        cookies
    }

    /// This person's cookies after a login.
    pub async fn cookies_of(&self, person: &str) -> String {
        let login = format!("http://127.0.0.1:{}/auth/op/login", self.port);
        Visitor::new().log_in(&login, person).await
    }

    /// What the provider has seen in the name of this person.
    ///
    /// # Panics
    /// When the provider does not say.
    pub async fn counts(&self, person: &str) -> Counts {
        let url = format!("{}/counts", self.provider.issuer);
        let answer = http().build().expect("a client").get(url).send().await.expect("an answer");
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
    /// So many calls at once for whoever has these cookies: what they came to, and how often.
    ///
    /// # Panics
    /// When the instance does not answer.
    pub async fn call(&self, cookies: &str, count: usize) -> BTreeMap<String, usize> {
        let answer = self.request(cookies, count).send().await.expect("an answer");
        serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON")
    }

    /// Has it make a call for whoever has these cookies, and kills it when it stands still.
    ///
    /// # Panics
    /// When it does not stand still.
    pub async fn stand_and_die(mut self, cookies: &str) {
        let call = tokio::spawn(self.request(cookies, 1).send());
        self.process.line_after("stands at ").await;
        drop(self);
        // A step beside the call does not keep it from an answer.
        let _ = call.await.expect("no panic");
    }

    /// Has it make a call for whoever has these cookies. It stops in the middle, `meanwhile` happens,
    /// and it goes on: what the call came to.
    ///
    /// # Panics
    /// When it does not stop, or does not answer then.
    pub async fn stop_and_go_on(
        &mut self,
        cookies: &str,
        meanwhile: impl Future<Output = ()>,
    ) -> BTreeMap<String, usize> {
        let call = tokio::spawn(self.request(cookies, 1).send());
        let id = self.process.line_after("stops as process ").await;
        meanwhile.await;
        let went_on = Command::new("kill").args(["-CONT", &id]).status();
        assert!(went_on.expect("a signal can be sent").success());
        let answer = call.await.expect("no panic").expect("an answer");
        serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON")
    }

    /// Has it make a call for whoever has these cookies, and kills it when `until` is over.
    ///
    /// # Panics
    /// When it answers before that.
    pub async fn call_and_die(self, cookies: &str, until: impl Future<Output = ()>) {
        let call = tokio::spawn(self.request(cookies, 1).send());
        until.await;
        drop(self);
        assert!(call.await.expect("no panic").is_err(), "it has answered before that");
    }

    /// Who these cookies sign in, by the subject; `nobody` for nobody.
    ///
    /// # Panics
    /// When the instance does not answer.
    pub async fn visitor(&self, cookies: &str) -> String {
        let url = format!("http://127.0.0.1:{}/visitor", self.port);
        let request = http().build().expect("a client").get(url).header(COOKIE, cookies);
        request.send().await.expect("an answer").text().await.expect("a body")
    }

    /// Presses the button that signs out, and gives the status of the answer.
    ///
    /// # Panics
    /// When the instance does not answer.
    pub async fn sign_out(&self, cookies: &str) -> u16 {
        let client = http().redirect(Policy::none()).build().expect("a client");
        let request = client.post(format!("http://127.0.0.1:{}/auth/logout", self.port));
        let request = request.header(COOKIE, cookies).header("sec-fetch-site", "same-origin");
        request.send().await.expect("an answer").status().as_u16()
    }

    /// What it has printed.
    pub fn output(&self) -> String {
        self.process.output()
    }

    fn request(&self, cookies: &str, count: usize) -> reqwest::RequestBuilder {
        let url = format!("http://127.0.0.1:{}/calls/{count}", self.port);
        http().build().expect("a client").get(url).header(COOKIE, cookies)
    }
}
