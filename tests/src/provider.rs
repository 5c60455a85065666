//! A real OpenID Provider as a child process: LemonLDAP::NG or `oidc-provider`, which is certified,
//! with its pages as a user in a browser operates them.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::browser::{Browser, Page};
use crate::lemonldap;
use crate::process::{Process, Scratch};
use crate::scenario::Scenario;

/// The client of the program under test, and the behavior of the provider.
///
/// The default is the behavior of most providers. A test states only the differences.
#[derive(Clone, Copy, Debug)]
pub struct Registration {
    /// The provider software.
    pub make: Make,
    /// Client identifier.
    pub client_id: &'static str,
    /// Client secret; unused if the authentication method is `none`.
    pub client_secret: &'static str,
    /// `token_endpoint_auth_method` of the client.
    pub auth_method: &'static str,
    /// Algorithm that signs the ID tokens.
    pub id_token_alg: &'static str,
    /// Algorithm that signs userinfo responses; empty if they are plain JSON.
    pub userinfo_alg: &'static str,
    /// `response_mode` of the authorization request.
    pub response_mode: &'static str,
    /// `error_description` of the response when the user denies consent.
    pub denial: &'static str,
}

/// The OpenID Provider to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Make {
    /// `oidc-provider` from npm.
    OidcProvider,
    /// LemonLDAP::NG from Debian; its pages are in [`lemonldap`].
    LemonLdap,
}

impl Default for Registration {
    fn default() -> Self {
        Self {
            make: Make::OidcProvider,
            client_id: "relying-party",
            client_secret: "a secret only for these tests",
            auth_method: "client_secret_basic",
            id_token_alg: "RS256",
            userinfo_alg: "",
            response_mode: "query",
            denial: "The user did not agree",
        }
    }
}

/// A running provider.
#[derive(Debug)]
pub struct Provider {
    /// Its issuer identifier, on `localhost`. The programs under test are on `127.0.0.1`, which is
    /// another site, so that the browser's cross-site rules for cookies apply.
    pub issuer: String,
    // Dropped in this order: the process, then its files.
    _process: Process,
    _files: Option<Scratch>,
}

impl Provider {
    /// Starts a provider with one client, whose redirect URI has this base URL and path.
    pub async fn start(
        scenario: &Scenario,
        registration: &Registration,
        base: &str,
        callback: &str,
    ) -> Self {
        if registration.make == Make::LemonLdap {
            let started = lemonldap::start(scenario, registration, base, callback).await;
            let (issuer, process, files) = started;
            return Self { issuer, _process: process, _files: Some(files) };
        }
        Self::start_with(scenario, registration, base, callback, &[]).await
    }

    /// `oidc-provider` with more of the variables that `provider.mjs` reads.
    pub async fn start_with(
        scenario: &Scenario,
        registration: &Registration,
        base: &str,
        callback: &str,
        variables: &[(&str, &str)],
    ) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop");
        assert!(
            folder.join("node_modules/oidc-provider").exists(),
            "oidc-provider is not installed: run tests/setup"
        );
        let mut client = json!({
            "client_id": registration.client_id,
            "token_endpoint_auth_method": registration.auth_method,
            "redirect_uris": [format!("{base}{callback}")],
            "post_logout_redirect_uris": [format!("{base}/logged-out")],
        });
        if registration.auth_method != "none" {
            client["client_secret"] = registration.client_secret.into();
        }
        if !registration.userinfo_alg.is_empty() {
            client["userinfo_signed_response_alg"] = registration.userinfo_alg.into();
        }
        let mut node = Command::new("node");
        node.arg("provider.mjs")
            .current_dir(folder)
            .env("OP_CLIENTS", json!([client]).to_string())
            .env("OP_ID_TOKEN_ALG", registration.id_token_alg)
            .env("OP_DENIAL", registration.denial)
            .envs(variables.iter().copied());
        let name = callback.trim_start_matches("/callback").replace('/', "-");
        let name = format!("provider{name}");
        let mut process = Process::start(scenario, &name, &node);
        let issuer = process.line_after("ready ").await;
        Self { issuer, _process: process, _files: None }
    }
}

/// Signs in on the provider's page as this user, and gives consent unless it was given before.
/// Returns the next page of the client.
pub async fn sign_in_and_allow(browser: &Browser, person: &str) -> Page {
    let page = sign_in(browser, person).await;
    if page.title == "Allow access" { browser.press("Allow").await } else { page }
}

/// Signs in on the provider's page as this user. The next page asks for consent unless it was given
/// before.
pub async fn sign_in(browser: &Browser, person: &str) -> Page {
    browser.fill("Name", person).await;
    browser.press("Continue").await
}
