//! A Redis server for one test, with its own folder and a free port of 127.0.0.1. It is removed
//! with the test.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::process::{DEADLINE, INTERVAL, Process, Scratch, free_port};
use crate::scenario::Scenario;

/// A running server; dropping it ends it.
#[derive(Debug)]
pub struct Redis {
    scenario: Scenario,
    port: u16,
    options: Vec<String>,
    starts: usize,
    process: Option<Process>,
    folder: Scratch,
}

impl Redis {
    /// Starts an empty server that persists every acknowledged write.
    pub async fn start(scenario: &Scenario) -> Self {
        Self::with(scenario, &[]).await
    }

    /// Like [`start`](Self::start), with more options such as `--cluster-enabled yes`.
    pub async fn with(scenario: &Scenario, options: &[&str]) -> Self {
        let mut server = Self {
            scenario: scenario.clone(),
            port: free_port(),
            options: options.iter().map(|option| (*option).to_owned()).collect(),
            starts: 0,
            process: None,
            folder: Scratch::create(),
        };
        server.restart().await;
        server
    }

    /// The URL of its first database.
    pub fn url(&self) -> String {
        self.database(0)
    }

    /// The URL of the database with this number, by default from 0 to 15.
    pub fn database(&self, number: u32) -> String {
        format!("redis://127.0.0.1:{}/{number}", self.port)
    }

    /// Kills the server, as if its host failed.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Restarts the server with the same address and data.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn restart(&mut self) {
        self.starts += 1;
        let mut redis = Command::new("redis-server");
        redis
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--save", ""])
            .args(["--appendonly", "yes", "--appendfsync", "always", "--dir"])
            .arg(self.folder.path())
            .args(&self.options);
        let name = format!("redis-{}", self.starts);
        let process = Process::start(&self.scenario, &name, &redis);
        let process = self.process.insert(process);
        let started = Instant::now();
        while reply(self.port, "PING").await.as_deref() != Some("+PONG") {
            assert!(!process.has_ended(), "redis-server ended: is it installed? run tests/setup");
            assert!(started.elapsed() < DEADLINE, "Redis has not answered in {DEADLINE:?}");
            sleep(INTERVAL).await;
        }
    }

    /// The first line of its reply to a command, or `None` if it does not reply.
    pub async fn command(&self, command: &str) -> Option<String> {
        reply(self.port, command).await
    }
}

async fn reply(port: u16, command: &str) -> Option<String> {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let mut stream = TcpStream::connect(address).await.ok()?;
    stream.write_all(format!("{command}\r\n").as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n") {
        answer.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8_lossy(&answer).trim_end().to_owned())
}
