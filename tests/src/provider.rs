//! A real OpenID Provider as a child process: `oidc-provider`, which is certified, with its pages as
//! the person in front of the browser uses them, or LemonLDAP::NG.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::browser::{Browser, Page};
use crate::lemonldap;
use crate::process::{Process, Scratch};
use crate::scenario::Scenario;

/// How the program under test is registered with the provider, and how the provider behaves.
///
/// The default is what most providers do; a test states only what differs.
#[derive(Clone, Copy, Debug)]
pub struct Registration {
    /// Which provider it is.
    pub make: Make,
    /// Client identifier.
    pub client_id: &'static str,
    /// Client secret; a client whose authentication method is `none` has none.
    pub client_secret: &'static str,
    /// `token_endpoint_auth_method` of the client.
    pub auth_method: &'static str,
    /// Algorithm that signs the ID tokens.
    pub id_token_alg: &'static str,
    /// Algorithm that signs userinfo responses; empty where they are plain JSON.
    pub userinfo_alg: &'static str,
    /// How the authorization response comes back.
    pub response_mode: &'static str,
    /// `error_description` of the response when the person denies consent.
    pub denial: &'static str,
}

/// An OpenID Provider that can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Make {
    /// `oidc-provider`, of npm.
    OidcProvider,
    /// LemonLDAP::NG, of Debian; [`lemonldap`] knows its pages.
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
            denial: "The person did not agree",
        }
    }
}

/// A running provider.
#[derive(Debug)]
pub struct Provider {
    /// Its issuer identifier, on `localhost`: another site than `127.0.0.1`, where the programs under
    /// test are, so that cookies meet the browser's cross-site rules.
    pub issuer: String,
    // Dropped in this order: the process, then its files.
    _process: Process,
    _files: Option<Scratch>,
}

impl Provider {
    /// Starts a provider that knows one client, at this base URL and with the redirect URI under this
    /// path of it.
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

/// Signs in on the provider's page as this person, and allows what the client asks for unless it was
/// allowed before; gives the page of the client to which this leads.
pub async fn sign_in_and_allow(browser: &Browser, person: &str) -> Page {
    let page = sign_in(browser, person).await;
    if page.title == "Allow access" { browser.press("Allow").await } else { page }
}

/// Signs in on the provider's page as this person, which leads to the question of consent unless it
/// was answered before.
pub async fn sign_in(browser: &Browser, person: &str) -> Page {
    browser.fill("Name", person).await;
    browser.press("Continue").await
}
