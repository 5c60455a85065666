//! Child processes that cannot outlive the test that started them.

use std::env;
use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::scenario::Scenario;

/// Deadline for everything that a test waits for. It is long because the host may be busy.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Interval between the checks of a waiting test.
pub const INTERVAL: Duration = Duration::from_millis(25);

/// Runs its arguments in a separate process group and kills the whole group when standard input
/// ends: when the test drops it, or when the test itself is killed.
const SUPERVISOR: &str = r#"
( "$@" </dev/null; echo "[ended with status $?]"; kill -KILL 0 ) &
cat >/dev/null
kill -KILL 0
"#;

/// A running program and its child processes. Dropping this kills all of them.
#[derive(Debug)]
pub struct Process {
    name: String,
    supervisor: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `program` and writes its output to `<name>.log` next to the screenshots.
    pub fn start(scenario: &Scenario, name: &str, program: &Command) -> Self {
        let log = scenario.log(name);
        let output = File::create(&log).expect("a log file can be made");
        let mut command = Command::new("sh");
        command
            .args(["-c", SUPERVISOR, "supervisor"])
            .arg(program.get_program())
            .args(program.get_args())
            .stdin(Stdio::piped())
            .stdout(output.try_clone().expect("a file handle can be cloned"))
            .stderr(output)
            .process_group(0);
        for (key, value) in program.get_envs() {
            match value {
                Some(value) => command.env(key, value),
                None => command.env_remove(key),
            };
        }
        if let Some(folder) = program.get_current_dir() {
            command.current_dir(folder);
        }
        let supervisor = command.spawn().expect("a shell can be started");
        Self { name: name.to_owned(), supervisor, log }
    }

    /// The output of the program so far.
    pub fn output(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).expect("the log can be read")).into_owned()
    }

    /// Waits until the program prints a whole line that contains `marker`, and returns the rest of
    /// that line.
    pub async fn line_after(&mut self, marker: &str) -> String {
        let started = Instant::now();
        loop {
            let output = self.output();
            let line = output
                .split_inclusive('\n')
                .filter_map(|line| line.strip_suffix('\n'))
                .find_map(|line| line.split_once(marker));
            if let Some((_, rest)) = line {
                return rest.trim().to_owned();
            }
            self.assert_alive(started, &format!("printed {marker:?}"));
            sleep(INTERVAL).await;
        }
    }

    /// Waits until `url` responds with a success status.
    pub async fn answers(&mut self, url: &str) {
        let started = Instant::now();
        while !is_up(url).await {
            self.assert_alive(started, &format!("answered {url}"));
            sleep(INTERVAL).await;
        }
    }

    /// Whether the program has exited by itself.
    ///
    /// # Panics
    /// If the system cannot tell.
    pub fn has_ended(&mut self) -> bool {
        self.supervisor.try_wait().expect("a child can be waited for").is_some()
    }

    fn assert_alive(&mut self, started: Instant, expected: &str) {
        assert!(!self.has_ended(), "{} ended before it {expected}", self.name);
        assert!(started.elapsed() < DEADLINE, "{} has not {expected} in {DEADLINE:?}", self.name);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        // It kills itself, so its status says nothing.
        let _ = self.supervisor.wait();
        if thread::panicking() {
            eprintln!("--- {} printed:\n{}", self.name, self.output());
        }
    }
}

/// Waits until `url` of a program that was started elsewhere responds with a success status.
///
/// # Panics
/// If it does not in time.
pub async fn answers(url: &str) {
    let started = Instant::now();
    while !is_up(url).await {
        assert!(started.elapsed() < DEADLINE, "no answer in {DEADLINE:?}: {url}");
        sleep(INTERVAL).await;
    }
}

async fn is_up(url: &str) -> bool {
    let http = http().build().expect("an HTTP client");
    let answer = http.get(url).timeout(Duration::from_secs(5)).send().await;
    answer.is_ok_and(|answer| answer.status().is_success())
}

/// A temporary folder, removed when dropped.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Creates an empty folder.
    pub fn create() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("oauth-tests-{}-{count}", process::id()));
        fs::create_dir(&folder).expect("a temporary folder can be made");
        Self(folder)
    }

    /// The path of the folder.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A process that was just killed may still have open files.
        for _ in 0..20 {
            if fs::remove_dir_all(&self.0).is_ok() {
                return;
            }
            thread::sleep(INTERVAL);
        }
    }
}

/// A client for programs on loopback, which ignores proxies in the environment.
pub fn http() -> reqwest::ClientBuilder {
    reqwest::Client::builder().no_proxy()
}

/// An unused port of 127.0.0.1.
///
/// Another process could bind it first. The system assigns ports at random, so this does not happen
/// in practice.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}
