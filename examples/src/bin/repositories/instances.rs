//! Several instances of the application behind a proxy. They are processes on one host, and share
//! the cookie keys and the store, like instances on several hosts.

use std::env;
use std::error::Error;
use std::io::Read;
use std::net::TcpListener;
use std::process::{self, Command, Stdio};
use std::thread;

use crate::{development, proxy};

/// The instance, and its provider.
#[derive(Clone)]
pub(crate) struct Instance {
    /// `None` if there is only one instance.
    pub(crate) number: Option<String>,
    /// Whether the development provider replaces GitHub.
    pub(crate) uses_test_provider: bool,
}

impl Instance {
    pub(crate) fn from_env(uses_test_provider: bool) -> Self {
        let uses_test_provider =
            uses_test_provider || env::var_os("GITHUB_AUTHORIZE_URL").is_some();
        Self { number: env::var("INSTANCE").ok(), uses_test_provider }
    }
}

/// Exits when the proxy that started this instance has exited, for any reason.
pub(crate) fn exit_with_proxy() {
    thread::spawn(|| {
        // The proxy has the other end of the pipe and never writes to it.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        process::exit(0);
    });
}

/// Starts this number of instances, and a proxy in front of them on this port.
pub(crate) async fn serve(port: u16, count: u8) -> Result<(), Box<dyn Error>> {
    let shared = ["OAUTH_COOKIE_KEYS", "OAUTH_STORE_URL"];
    if shared.into_iter().any(|name| env::var_os(name).is_none()) {
        return Err("instances share keys and a store: `export OAUTH_COOKIE_KEYS=$(openssl rand -base64 32) \
                    OAUTH_STORE_URL=sqlite:/tmp/repositories.db`, with `--features sqlite`"
            .into());
    }
    let provider = development::start_unless_configured().await?;
    let settings: Vec<_> = provider.iter().flat_map(development::settings).collect();
    let mut ports = Vec::new();
    let mut instances = Vec::new();
    for number in 1..=count {
        let own_port = free_port()?;
        let child = Command::new(env::current_exe()?)
            .env("INSTANCE", format!("{number} of {count}"))
            .env("PORT", own_port.to_string())
            .env("OAUTH_PUBLIC_URL", format!("http://localhost:{port}"))
            .envs(settings.iter().cloned())
            .stdin(Stdio::piped())
            .spawn()?;
        println!("instance {number}: port {own_port}, process {}", child.id());
        instances.push(child);
        ports.push(own_port);
    }
    println!(
        "Open http://localhost:{port}. If you stop one process, the application keeps working."
    );
    proxy::serve(port, ports).await
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
