//! Servers built from Authlib's server classes, as child processes (`tests/interop/authlib`).

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Process, Scratch};
use crate::scenario::Scenario;

/// The identifier of the registered client.
pub const CLIENT_ID: &str = "relying-party";
/// The secret of that client.
pub const CLIENT_SECRET: &str = "a secret only for these tests";

/// An OAuth 2.0 authorization server and OpenID Provider. Every visitor is `ada` and gives consent.
#[derive(Debug)]
pub struct OpenIdServer {
    /// Its issuer identifier.
    pub issuer: String,
    _process: Process,
}

impl OpenIdServer {
    /// Starts a server with a client for this redirect URI. Its access tokens live `expires_in`
    /// seconds.
    pub async fn start(scenario: &Scenario, redirect_uri: &str, expires_in: u32) -> Self {
        let mut command = script("openid.py");
        command.args(["--redirect-uri", redirect_uri, "--expires-in", &expires_in.to_string()]);
        let mut process = Process::start(scenario, "authlib-openid", &command);
        let issuer = process.line_after("ready ").await;
        Self { issuer, _process: process }
    }
}

/// An OAuth 1.0 provider. Every visitor is `ada`, with the id 815, and gives consent.
#[derive(Debug)]
pub struct OAuth1Server {
    /// The base URL.
    pub base: String,
    /// The client's private key, for methods that sign with one.
    pub private_key: PathBuf,
    /// The certificate to trust for the provider's https.
    pub certificate: PathBuf,
    _process: Process,
    _files: Scratch,
}

impl OAuth1Server {
    /// Starts a provider that accepts one signature method. PLAINTEXT is served over https.
    pub async fn start(scenario: &Scenario, signature_method: &str, key_format: &str) -> Self {
        let files = Scratch::create();
        let private_key = files.path().join("client.pem");
        let certificate = files.path().join("certificate.pem");
        let mut command = script("oauth1.py");
        command.args(["--signature-method", signature_method]);
        if signature_method.starts_with("RSA") {
            command.arg("--private-key").arg(&private_key).args(["--key-format", key_format]);
        }
        if signature_method == "PLAINTEXT" {
            command.arg("--certificate").arg(&certificate);
        }
        let mut process = Process::start(scenario, "authlib-oauth1", &command);
        let base = process.line_after("ready ").await;
        Self { base, private_key, certificate, _process: process, _files: files }
    }
}

/// An https API whose certificate is that of a private authority. It echoes requests.
#[derive(Debug)]
pub struct HttpsServer {
    /// The base URL, without a slash at its end.
    pub base: String,
    files: Scratch,
    _process: Process,
}

impl HttpsServer {
    /// Starts a server. If it is `mutual`, it refuses clients without a certificate.
    pub async fn start(scenario: &Scenario, mutual: bool) -> Self {
        let files = Scratch::create();
        let mut command = script("https.py");
        command.arg("--directory").arg(files.path());
        if mutual {
            command.arg("--mutual");
        }
        let mut process = Process::start(scenario, "https", &command);
        let base = process.line_after("ready ").await;
        Self { base, files, _process: process }
    }

    /// The path of `authority.pem`, of `client.pem` or `client-key.pem`, or of `both.pem`, which has
    /// the content of these two.
    pub fn file(&self, name: &str) -> String {
        self.files.path().join(name).display().to_string()
    }
}

/// A script of `tests/interop/authlib`, run by the Python environment of `tests/setup`.
pub fn script(name: &str) -> Command {
    let interop: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop");
    let python = interop.join(".venv/bin/python");
    assert!(python.exists(), "the Python packages are not installed: run tests/setup");
    let mut command = Command::new(python);
    command
        .arg(name)
        .current_dir(interop.join("authlib"))
        // Otherwise Authlib refuses plain http, even on loopback.
        .env("AUTHLIB_INSECURE_TRANSPORT", "1")
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}
