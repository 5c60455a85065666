//! The same application on several machines behind a proxy. Here they are processes of one machine;
//! what they have to share is the same: the keys and the store.

use std::env;
use std::error::Error;
use std::io::Read;
use std::net::TcpListener;
use std::process::{self, Command, Stdio};
use std::thread;

use crate::{development, proxy};

/// Which machine this is, and where its people log in.
#[derive(Clone)]
pub(crate) struct Machine {
    /// `None` when there is one alone.
    pub(crate) number: Option<String>,
    /// Whether the development provider takes GitHub's place.
    pub(crate) has_stand_in: bool,
}

impl Machine {
    pub(crate) fn of_environment(has_stand_in: bool) -> Self {
        let has_stand_in = has_stand_in || env::var_os("GITHUB_AUTHORIZE_URL").is_some();
        Self { number: env::var("MACHINE").ok(), has_stand_in }
    }
}

/// Ends this machine as soon as the proxy that started it has ended, however it did.
pub(crate) fn end_with_proxy() {
    thread::spawn(|| {
        // The other end of the pipe is the proxy's, which never writes.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        process::exit(0);
    });
}

/// Starts so many machines, and a proxy in front of them on this port.
pub(crate) async fn serve(port: u16, count: u8) -> Result<(), Box<dyn Error>> {
    let shared = ["OAUTH_COOKIE_KEYS", "OAUTH_STORE_URL"];
    if shared.into_iter().any(|name| env::var_os(name).is_none()) {
        return Err("machines share keys and a store: `export OAUTH_COOKIE_KEYS=$(openssl rand -base64 32) \
                    OAUTH_STORE_URL=sqlite:/tmp/repositories.db`, with `--features sqlite`"
            .into());
    }
    let provider = development::start_unless_configured().await?;
    let settings: Vec<_> = provider.iter().flat_map(development::settings).collect();
    let mut ports = Vec::new();
    let mut machines = Vec::new();
    for number in 1..=count {
        let own_port = free_port()?;
        let child = Command::new(env::current_exe()?)
            .env("MACHINE", format!("{number} of {count}"))
            .env("PORT", own_port.to_string())
            .env("OAUTH_PUBLIC_URL", format!("http://localhost:{port}"))
            .envs(settings.iter().cloned())
            .stdin(Stdio::piped())
            .spawn()?;
        println!("machine {number}: port {own_port}, process {}", child.id());
        machines.push(child);
        ports.push(own_port);
    }
    println!("Open http://localhost:{port}, and end one of the processes: nobody will notice");
    proxy::serve(port, ports).await
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
