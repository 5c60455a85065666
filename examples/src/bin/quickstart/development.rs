//! The providers that this program starts, so that no account is needed. In a real application they
//! belong in tests.

use std::io;

use oauth_runtime::RegistryBuilder;
use oauth_runtime::prelude::*;
use oauth_runtime::testing::TestProvider;

use crate::Providers;

/// Declared like any other OpenID Connect provider, plus the quirk for a loopback address. The
/// issuer is known after the start: `DEVELOPMENT_ISSUER`.
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

/// A second provider, to link to the user of the first.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "acme",
    display_name = "Acme",
    issuer = "{issuer}",
    scopes("openid", "profile", "email"),
    quirks(loopback_http)
)]
pub(crate) struct Acme {
    issuer: String,
}

/// Starts a provider on a port of its own.
pub(crate) async fn start() -> io::Result<TestProvider> {
    TestProvider::start().await
}

/// Sets in code what the environment sets for other providers.
pub(crate) fn configure(
    builder: RegistryBuilder<Providers>,
    name: &str,
    provider: &TestProvider,
) -> RegistryBuilder<Providers> {
    builder
        .set(format!("{name}_ISSUER"), provider.issuer())
        .set(format!("{name}_CLIENT_ID"), provider.client_id())
        .set(format!("{name}_CLIENT_SECRET"), provider.client_secret())
}
