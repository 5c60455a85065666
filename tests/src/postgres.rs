//! A PostgreSQL server for one test, with its own folder and a free port of 127.0.0.1. It is
//! removed with the test.

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::time::sleep;

use crate::process::{DEADLINE, INTERVAL, Process, Scratch, free_port};
use crate::scenario::Scenario;

/// The superuser of the cluster. It has no password because the server listens only on loopback.
const USER: &str = "app";
/// The user and group `nobody`, for tests that run as root: the server refuses to run as root.
const NOBODY: u32 = 65_534;

/// A running server; dropping it ends it.
#[derive(Debug)]
pub struct Postgres {
    scenario: Scenario,
    port: u16,
    starts: usize,
    process: Option<Process>,
    // After the process, which writes to it until it ends.
    folder: Scratch,
}

impl Postgres {
    /// Creates an empty cluster and starts a server for it.
    ///
    /// # Panics
    /// If PostgreSQL is not installed.
    pub async fn start(scenario: &Scenario) -> Self {
        let folder = Scratch::create();
        if is_root() {
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).expect("root gives a folder away");
        }
        let data = data(&folder);
        let mut initdb = program("initdb");
        initdb
            .args(["--username", USER, "--auth", "trust", "--encoding", "UTF8", "--locale", "C"])
            .args(["--no-sync", "--no-instructions", "--pgdata"])
            .arg(&data);
        let made = initdb.output().expect("initdb runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let scenario = scenario.clone();
        let mut server = Self { scenario, port: free_port(), starts: 0, process: None, folder };
        server.restart().await;
        server
    }

    /// The URL of a database in it.
    pub fn url(&self) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/postgres", self.port)
    }

    /// Creates an empty database and returns its URL.
    ///
    /// # Panics
    /// If a database of this name exists.
    pub async fn database(&self, name: &str) -> String {
        let create = format!("CREATE DATABASE {name}");
        let mut connection = self.connection().await;
        connection.execute(AssertSqlSafe(create)).await.expect("a new database");
        format!("postgres://{USER}@127.0.0.1:{}/{name}", self.port)
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        data(&self.folder)
    }

    /// A separate connection for the test.
    ///
    /// # Panics
    /// If the server does not respond.
    pub async fn connection(&self) -> PgConnection {
        PgConnection::connect(&self.url()).await.expect("a connection")
    }

    /// Kills the server, as if its host failed.
    ///
    /// # Panics
    /// If it is not running.
    pub fn kill(&mut self) {
        let pid = fs::read_to_string(self.data().join("postmaster.pid")).expect("a running server");
        let pid = pid.lines().next().expect("its process");
        let killed = Command::new("kill").args(["-KILL", pid]).status().expect("kill runs");
        assert!(killed.success());
        self.process = None;
    }

    /// Restarts the server with the same address and data.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn restart(&mut self) {
        let started = Instant::now();
        loop {
            self.starts += 1;
            let mut postgres = program("postgres");
            postgres
                .arg("-D")
                .arg(self.data())
                .args(["-p", &self.port.to_string(), "-c", "listen_addresses=127.0.0.1"])
                .args(["-c", "unix_socket_directories=", "-c", "max_connections=200"])
                // Writes that reached the kernel outlive the process.
                .args(["-c", "fsync=off", "-c", "full_page_writes=off"]);
            let name = format!("postgres-{}", self.starts);
            self.process = Some(Process::start(&self.scenario, &name, &postgres));
            if self.answers(started).await {
                return;
            }
            // The workers of the killed server may still be running.
            sleep(INTERVAL).await;
        }
    }

    /// Whether it starts; `false` if it exits instead.
    async fn answers(&mut self, started: Instant) -> bool {
        loop {
            if PgConnection::connect(&self.url()).await.is_ok() {
                return true;
            }
            assert!(started.elapsed() < DEADLINE, "PostgreSQL has not answered in {DEADLINE:?}");
            if self.process.as_mut().is_none_or(Process::has_ended) {
                return false;
            }
            sleep(INTERVAL).await;
        }
    }
}

fn data(folder: &Scratch) -> PathBuf {
    folder.path().join("data")
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id runs");
    id.stdout.trim_ascii() == b"0"
}

/// A program of the server, run as a user that it accepts.
fn program(name: &str) -> Command {
    let program = programs().join(name);
    if !is_root() {
        return Command::new(program);
    }
    let nobody = NOBODY.to_string();
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid", &nobody, "--regid", &nobody, "--clear-groups"])
        .arg(program)
        // The folder of the tests may not be accessible to this user.
        .current_dir("/");
    command
}

/// Debian has a folder for each version, outside `PATH`.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, folder)| folder.join("initdb").exists())
        .max();
    let in_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|folder| folder.join("initdb").exists())
    };
    newest
        .map(|(_, folder)| folder)
        .or_else(in_path)
        .unwrap_or_else(|| panic!("PostgreSQL is not installed: run tests/setup"))
}

/// Makes a file accessible only to the server's user.
///
/// # Panics
/// If the file does not exist.
pub fn restrict_to_server(file: &Path) {
    if is_root() {
        chown(file, Some(NOBODY), Some(NOBODY)).expect("root gives a file away");
    }
}
