//! The registered clients.

use std::net::IpAddr;

use serde_json::Value;
use url::{Host, Url};

use super::encryption::{ContentEncryptionAlgorithm, Encryption, KeyManagementAlgorithm};
use super::signing_key::SigningAlgorithm;

/// A client registered at the [`TestProvider`](super::TestProvider).
///
/// A redirect URI must match a registered one character by character (RFC 9700 section 2.1). A
/// client without registered redirect URIs can use any redirect URI on a loopback address, with any
/// port and path. This is a convenience for development that a real provider should not offer. The
/// same rules apply to post-logout redirect URIs.
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
    pub(super) credential: Credential,
    /// The client's public keys, from its JWK Set.
    keys: Vec<Value>,
    /// `userinfo_signed_response_alg`
    pub(super) userinfo_algorithm: Option<SigningAlgorithm>,
    pub(super) userinfo_encryption: Option<Encryption>,
    pub(super) id_token_encryption: Option<Encryption>,
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
}

/// The credential of a client.
#[derive(Clone)]
pub(super) enum Credential {
    /// None: a public client.
    None,
    /// `client_secret_basic`, `client_secret_post` or `client_secret_jwt`.
    Secret(String),
    /// `private_key_jwt`.
    PrivateKey,
    /// `client_secret_post` with a secret that is signed with the private key.
    Apple { team_id: String },
}

impl RegisteredClient {
    /// A client that authenticates with a secret.
    pub fn confidential(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self::new(id.into(), Credential::Secret(secret.into()))
    }

    /// A client that cannot keep a secret and does not send one.
    pub fn public(id: impl Into<String>) -> Self {
        Self::new(id.into(), Credential::None)
    }

    /// A client that authenticates with a private key (`private_key_jwt`). Its JWK Set contains the
    /// public keys.
    ///
    /// ```
    /// use oauth_runtime::testing::RegisteredClient;
    /// use serde_json::json;
    ///
    /// let jwks = json!({ "keys": [{
    ///     "kty": "OKP",
    ///     "crv": "Ed25519",
    ///     "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    /// }] });
    /// let shop = RegisteredClient::with_private_key("shop", &jwks);
    /// ```
    pub fn with_private_key(id: impl Into<String>, jwks: &Value) -> Self {
        Self::new(id.into(), Credential::PrivateKey).jwks(jwks)
    }

    /// A client that generates its own client secret with the private key of a team, as Apple
    /// requires: a JWT signed with ES256, whose `iss` is the team, `sub` the client and `aud` the
    /// issuer.
    pub fn with_apple_secret(
        id: impl Into<String>,
        team_id: impl Into<String>,
        jwks: &Value,
    ) -> Self {
        Self::new(id.into(), Credential::Apple { team_id: team_id.into() }).jwks(jwks)
    }

    fn new(id: String, credential: Credential) -> Self {
        Self {
            id,
            credential,
            keys: Vec::new(),
            userinfo_algorithm: None,
            userinfo_encryption: None,
            id_token_encryption: None,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
        }
    }

    /// The client's public keys, as a JWK Set (RFC 7517 section 5). Any other value has no keys.
    #[must_use]
    pub fn jwks(mut self, jwks: &Value) -> Self {
        self.keys = jwks["keys"].as_array().cloned().unwrap_or_default();
        self
    }

    /// Registers the client for signed userinfo responses (`userinfo_signed_response_alg`), a JWT
    /// instead of JSON.
    #[must_use]
    pub fn userinfo_signed_response(mut self, algorithm: SigningAlgorithm) -> Self {
        self.userinfo_algorithm = Some(algorithm);
        self
    }

    /// Registers the client for encrypted userinfo responses (`userinfo_encrypted_response_alg` and
    /// `_enc`), to a key of its [`jwks`](Self::jwks). If the client is also registered for signed
    /// ones, they are signed first.
    #[must_use]
    pub fn userinfo_encrypted_response(
        mut self,
        key_management: KeyManagementAlgorithm,
        content: ContentEncryptionAlgorithm,
    ) -> Self {
        self.userinfo_encryption = Some(Encryption { key_management, content });
        self
    }

    /// Registers the client for encrypted ID tokens (`id_token_encrypted_response_alg` and `_enc`).
    /// They are signed and then encrypted to a key of its [`jwks`](Self::jwks).
    ///
    /// ```
    /// use oauth_runtime::testing::{
    ///     ContentEncryptionAlgorithm, KeyManagementAlgorithm, RegisteredClient, TestProvider,
    /// };
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let jwks = json!({ "keys": [{
    ///     "kty": "OKP",
    ///     "crv": "X25519",
    ///     "x": "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08",
    /// }] });
    /// let shop = RegisteredClient::confidential("shop", "secret").jwks(&jwks);
    /// let provider = TestProvider::builder()
    ///     .client(shop.id_token_encrypted_response(
    ///         KeyManagementAlgorithm::EcdhEs,
    ///         ContentEncryptionAlgorithm::A256Gcm,
    ///     ))
    ///     .start()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn id_token_encrypted_response(
        mut self,
        key_management: KeyManagementAlgorithm,
        content: ContentEncryptionAlgorithm,
    ) -> Self {
        self.id_token_encryption = Some(Encryption { key_management, content });
        self
    }

    /// Whether the client has a key for each encrypted response.
    pub(super) fn can_be_encrypted_to(&self) -> bool {
        let mut wanted = self.userinfo_encryption.into_iter().chain(self.id_token_encryption);
        wanted.all(|encryption| encryption.key(&self.keys).is_some())
    }

    pub(super) fn keys(&self) -> &[Value] {
        &self.keys
    }

    /// The shared secret; `None` for a client without one, or with a generated one.
    pub(super) fn secret(&self) -> Option<&str> {
        match &self.credential {
            Credential::Secret(secret) => Some(secret),
            _ => None,
        }
    }

    pub(super) fn is_public(&self) -> bool {
        matches!(self.credential, Credential::None)
    }

    /// Registers a redirect URI. After the first call, only registered ones are accepted.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }

    /// Registers a post-logout redirect URI. After the first call, only registered ones are
    /// accepted.
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
            .field("secret", &self.secret().map(|_| "[redacted]"))
            .field("keys", &self.keys.len())
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
    fn registered_redirect_uri_is_compared_exactly() {
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
    fn unregistered_client_may_use_any_loopback_uri() {
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
