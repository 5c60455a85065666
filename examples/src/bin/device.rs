//! A command-line program that logs in: it shows a code, and the user approves the login in any
//! browser.
//!
//! Run `cargo run -p examples --bin device` and follow its instructions. It starts its own
//! provider, so it needs no account. To use another provider, set DEVELOPMENT_ISSUER and
//! DEVELOPMENT_CLIENT_ID.

use std::env;
use std::error::Error;

use oauth_runtime::prelude::*;
use oauth_runtime::testing::{RegisteredClient, TestProvider};

/// The metadata contains the device authorization endpoint. An installed program cannot keep a
/// secret, so it has none.
#[derive(OAuthProvider)]
#[oauth_provider(
    name = "development",
    issuer = "{issuer}",
    api_base_url = "{issuer}/api/",
    scopes("openid", "profile"),
    token_endpoint_auth_method = "none",
    quirks(loopback_http)
)]
struct Development {
    issuer: String,
}

#[derive(Clone, OAuthRegistry)]
struct Providers {
    development: Client<Development>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // No browser requests this address; it is only a name.
    let mut builder = Providers::builder().public_url("http://localhost");
    let mut own = None;
    if env::var_os("DEVELOPMENT_ISSUER").is_none() {
        let program = RegisteredClient::public("device-example");
        let provider = own.insert(TestProvider::builder().client(program).start().await?);
        builder = builder
            .set("DEVELOPMENT_ISSUER", provider.issuer())
            .set("DEVELOPMENT_CLIENT_ID", "device-example");
    }
    let oauth = builder.build()?;

    let device = oauth.development.authorize_device().await?;
    println!("Open {} and enter the code {}", device.verification_uri(), device.user_code());
    if let Some(link) = device.verification_uri_complete() {
        println!("Or open {link} and compare the code.");
    }
    let login = match device.await {
        Err(error) if error.is_access_denied() => {
            println!("The login was refused.");
            return Ok(());
        }
        other => other?,
    };
    println!("Hello, {}", login.identity().display_name());

    if own.is_some() {
        let api = oauth.development.with_token(login.into_token());
        println!("The API responds: {}", api.get("resource").text().await?);
    }
    Ok(())
}
