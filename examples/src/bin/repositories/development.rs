//! The provider that replaces GitHub, so that the example needs no account. Like a GitHub
//! Enterprise installation, it has its own endpoints and an API of the same format.

use std::{env, io};

use oauth_runtime::testing::{Endpoint, TestProvider};

/// Starts the provider on a port of its own, unless GitHub is configured.
pub(crate) async fn start_unless_configured() -> io::Result<Option<TestProvider>> {
    let is_configured = env::var("GITHUB_CLIENT_ID").is_ok_and(|id| !id.is_empty());
    if is_configured { Ok(None) } else { TestProvider::start().await.map(Some) }
}

/// The settings that direct the GitHub client to this provider.
pub(crate) fn settings(provider: &TestProvider) -> [(&'static str, String); 6] {
    let api = provider.url(Endpoint::Api);
    [
        ("GITHUB_CLIENT_ID", provider.client_id().to_owned()),
        ("GITHUB_CLIENT_SECRET", provider.client_secret().to_owned()),
        ("GITHUB_AUTHORIZE_URL", provider.url(Endpoint::Authorization)),
        ("GITHUB_ACCESS_TOKEN_URL", provider.url(Endpoint::Token)),
        ("GITHUB_USERINFO_ENDPOINT", format!("{api}/user")),
        ("GITHUB_API_BASE_URL", format!("{api}/")),
    ]
}
