//! Who may ask for a login: the registered clients.

use std::net::IpAddr;

use url::{Host, Url};

/// A client registered at the [`TestProvider`](super::TestProvider).
///
/// A redirect URI must match a registered one character by character (RFC 9700 section 2.1). A
/// client for which none is registered may use any redirect URI on a loopback address, whatever
/// its port and path: a convenience for development that no real provider should offer. The same
/// holds for post-logout redirect URIs.
///
/// ```
/// use oauth_runtime::testing::{RegisteredClient, TestProvider};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let provider = TestProvider::builder()
///     .client(
///         RegisteredClient::confidential("shop", "a secret: 100% +safe")
///             .redirect_uri("https://shop.example/auth/callback")
///             .post_logout_redirect_uri("https://shop.example/"),
///     )
///     .client(RegisteredClient::public("command-line"))
///     .start()
///     .await?;
/// assert_eq!(provider.client_id(), "shop");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RegisteredClient {
    pub(super) id: String,
    /// `None` for a public client.
    pub(super) secret: Option<String>,
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
}

impl RegisteredClient {
    /// A client that authenticates with a secret.
    pub fn confidential(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { secret: Some(secret.into()), ..Self::public(id) }
    }

    /// A client that cannot keep a secret and sends none.
    pub fn public(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            secret: None,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
        }
    }

    /// Registers a redirect URI; from the first one on, only registered ones are accepted.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }

    /// Registers where a person may be sent after a logout; from the first one on, only
    /// registered ones are accepted.
    #[must_use]
    pub fn post_logout_redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.post_logout_redirect_uris.push(uri.into());
        self
    }

    /// The parsed redirect URI, if this client may use it.
    pub(super) fn accept_redirect_uri(&self, uri: &str) -> Option<Url> {
        accept(&self.redirect_uris, uri)
    }

    /// The parsed post-logout redirect URI, if this client may use it.
    pub(super) fn accept_post_logout_redirect_uri(&self, uri: &str) -> Option<Url> {
        accept(&self.post_logout_redirect_uris, uri)
    }
}

impl std::fmt::Debug for RegisteredClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RegisteredClient")
            .field("id", &self.id)
            .field("secret", &self.secret.as_ref().map(|_| "[redacted]"))
            .field("redirect_uris", &self.redirect_uris)
            .field("post_logout_redirect_uris", &self.post_logout_redirect_uris)
            .finish()
    }
}

fn accept(registered: &[String], uri: &str) -> Option<Url> {
    let url = Url::parse(uri).ok()?;
    let allowed = if registered.is_empty() {
        is_on_loopback(&url)
    } else {
        registered.iter().any(|known| known == uri)
    };
    (allowed && url.fragment().is_none()).then_some(url)
}

fn is_on_loopback(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    loopback && matches!(url.scheme(), "http" | "https")
}

#[cfg(test)]
mod tests {
    use super::RegisteredClient;

    #[test]
    fn registered_redirect_uri_is_compared_character_by_character() {
        let client = RegisteredClient::public("app").redirect_uri("https://app.example/callback");
        let accepts = |uri| client.accept_redirect_uri(uri).is_some();
        assert!(accepts("https://app.example/callback"));
        for other in [
            "https://app.example/callback/",
            "https://app.example/callback?x=1",
            "https://app.example/callback#x",
            "https://APP.example/callback",
            "https://app.example:443/callback",
            "http://127.0.0.1/callback",
        ] {
            assert!(!accepts(other), "{other}");
        }
    }

    #[test]
    fn without_registration_any_loopback_redirect_uri_will_do() {
        let client = RegisteredClient::public("app");
        let accepts = |uri| client.accept_redirect_uri(uri).is_some();
        for loopback in ["http://127.0.0.1:3000/cb", "http://localhost/", "http://[::1]:8080/a?b=c"]
        {
            assert!(accepts(loopback), "{loopback}");
        }
        for other in [
            "http://127.0.0.1.example/cb",
            "http://localhost.example/",
            "http://user@evil.example/127.0.0.1",
            "javascript:alert(1)",
            "http://127.0.0.1/#fragment",
        ] {
            assert!(!accepts(other), "{other}");
        }
    }
}
