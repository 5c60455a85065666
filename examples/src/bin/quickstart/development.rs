//! The provider that this program brings along, so that a login needs no account anywhere. In an
//! application of your own it has its place in tests.

use std::io;

use oauth_runtime::RegistryBuilder;
use oauth_runtime::prelude::*;
use oauth_runtime::testing::TestProvider;

use crate::Providers;

/// Declared as any other OpenID Connect provider; only that it stands on this machine has to be
/// said. The issuer is known when it has started: `DEVELOPMENT_ISSUER`.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "development",
    display_name = "Development provider",
    issuer = "{issuer}",
    api_base_url = "{issuer}/api/",
    scopes("openid", "profile", "email"),
    quirks(loopback_http)
)]
pub(crate) struct Development {
    issuer: String,
}

/// Starts the provider on a port of its own.
pub(crate) async fn start() -> io::Result<TestProvider> {
    TestProvider::start().await
}

/// Says in code what the environment says for other providers.
pub(crate) fn configure(
    builder: RegistryBuilder<Providers>,
    provider: &TestProvider,
    port: u16,
) -> RegistryBuilder<Providers> {
    builder
        .public_url(format!("http://localhost:{port}"))
        .set("DEVELOPMENT_ISSUER", provider.issuer())
        .set("DEVELOPMENT_CLIENT_ID", provider.client_id())
        .set("DEVELOPMENT_CLIENT_SECRET", provider.client_secret())
}
