//! A provider for tests and for development: OpenID Connect and OAuth 2.0 over real HTTP, on a
//! loopback port of its own.
//!
//! [`TestProvider`] speaks the real protocol: discovery, JWKS, authorization code with PKCE, the
//! hybrid flow `code id_token`, responses by form post, ID tokens, requests for single claims,
//! userinfo, signed and encrypted responses, client authentication with a key, refresh, devices
//! without a browser, revocation, introspection and logout. It checks a client's requests as
//! strictly as a good provider does. In a browser it shows a page to choose a user; there are no
//! passwords. In a test, [`sign_in`](TestProvider::sign_in) replaces that page.
//!
//! ```
//! use oauth_runtime::testing::{Endpoint, Fault, TestProvider};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let provider = TestProvider::start().await?;
//!
//! // The application under test is configured with `provider.issuer()`, `provider.client_id()`
//! // and `provider.client_secret()`. To start a login, it redirects to a URL like this one:
//! let authorization_url = format!(
//!     "{}?response_type=code&client_id={}&redirect_uri={}&scope=openid&state=xyz\
//!      &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
//!     provider.url(Endpoint::Authorization),
//!     provider.client_id(),
//!     "http://127.0.0.1:3000/callback",
//! );
//!
//! // Ada signs in, and the browser is sent back to the application:
//! let callback = provider.sign_in(&authorization_url, "ada")?;
//! assert!(callback.starts_with("http://127.0.0.1:3000/callback?code="));
//!
//! // To test how the application handles a broken or hostile provider, switch a fault on:
//! provider.fault(Fault::BadSignature);
//! # Ok(())
//! # }
//! ```
//!
//! [`StoreConformance`] tests a [`Store`](crate::store::Store) of your own.
//!
//! # Limits
//!
//! The provider has no sessions: each login shows the page to choose a user, so `prompt=none` is
//! always answered with `login_required`. The last few thousand requests, codes and tokens are in
//! memory, and are lost when the handle is dropped. The provider is not for production: anyone with
//! access to its port can sign in as any user.

mod api;
mod authorization;
mod authorization_request;
mod authorization_response;
mod bearer;
mod builder;
mod bystander;
mod claims_request;
mod client;
mod client_assertion;
mod client_authentication;
mod clock;
mod compact;
mod device;
mod discovery;
mod encryption;
mod end_session;
mod endpoint;
mod error;
mod fault;
mod grant;
mod id_token;
mod introspection;
mod json;
mod key_ring;
mod logout_token;
mod pages;
mod parameters;
mod person;
mod provider;
mod public_key;
mod random;
mod revocation;
mod routes;
mod scope;
mod short_lived;
mod sign_in;
mod signing_key;
mod spoil;
mod store_conformance;
mod token;
mod userinfo;

#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::watch;

pub use self::authorization_response::FormPost;
pub use self::builder::TestProviderBuilder;
pub use self::bystander::{Bystander, WitnessedRequest};
pub use self::client::RegisteredClient;
pub use self::encryption::{ContentEncryptionAlgorithm, KeyManagementAlgorithm};
pub use self::endpoint::Endpoint;
pub use self::fault::Fault;
pub use self::person::Person;
pub use self::sign_in::SignInError;
pub use self::signing_key::SigningAlgorithm;
pub use self::store_conformance::{ConformanceError, StoreConformance};

use self::provider::Provider;

/// A running provider; dropping it stops it.
///
/// It must be started, used and dropped within a tokio runtime. See the
/// [module](crate::testing) for an example of a login.
///
/// ```
/// use oauth_runtime::testing::TestProvider;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let provider = TestProvider::start().await?;
/// let metadata = format!("{}/.well-known/openid-configuration", provider.issuer());
/// assert!(reqwest::get(metadata).await?.status().is_success());
/// # Ok(())
/// # }
/// ```
pub struct TestProvider {
    provider: Arc<Provider>,
    address: SocketAddr,
    api_base_url: String,
    /// All servers stop when it is dropped.
    _stop: watch::Sender<()>,
}

impl TestProvider {
    /// Starts a provider with the defaults: a free port, three users, one client, RS256.
    ///
    /// # Errors
    ///
    /// The operating system's error if no port can be bound.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Describes a provider that differs from the default.
    pub fn builder() -> TestProviderBuilder {
        TestProviderBuilder::default()
    }

    fn new(provider: Arc<Provider>, address: SocketAddr, stop: watch::Sender<()>) -> Self {
        let api_base_url = provider.url(Endpoint::Api);
        Self { provider, address, api_base_url, _stop: stop }
    }

    /// The issuer identifier, without a trailing slash: `http://127.0.0.1:40123`. For a provider of
    /// [many tenants](TestProviderBuilder::many_tenants) it has `{tenantid}` in it.
    pub fn issuer(&self) -> &str {
        &self.provider.issuer
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The identifier of the first client.
    pub fn client_id(&self) -> &str {
        self.first_client().map_or("", |client| &client.id)
    }

    /// The secret of the first client; empty if that client has none.
    pub fn client_secret(&self) -> &str {
        self.first_client().and_then(|client| client.secret()).unwrap_or_default()
    }

    fn first_client(&self) -> Option<&RegisteredClient> {
        self.provider.clients.first()
    }

    /// The base of the demo API, without a trailing slash: `http://127.0.0.1:40123/api`.
    ///
    /// With any access token it serves `/resource`, `/user` and `/user/repos`.
    pub fn api_base_url(&self) -> &str {
        &self.api_base_url
    }

    /// The full URL of an endpoint, for a client without discovery.
    pub fn url(&self, endpoint: Endpoint) -> String {
        self.provider.url(endpoint)
    }

    /// Switches a fault on. Repeated calls have no further effect.
    pub fn fault(&self, fault: Fault) {
        self.provider.faults.set(fault);
    }

    /// Switches one fault off.
    pub fn clear_fault(&self, fault: Fault) {
        self.provider.faults.unset(fault);
    }

    /// Switches all faults off.
    pub fn clear_faults(&self) {
        self.provider.faults.clear();
    }

    /// The number of requests to an endpoint, answered or not.
    pub fn requests(&self, endpoint: Endpoint) -> u64 {
        self.provider.counters.of(endpoint)
    }

    /// The listener that some faults direct a client to.
    pub fn bystander(&self) -> &Bystander {
        &self.provider.bystander
    }

    /// Signs with a new key from now on. The previous keys, at most three, remain in the JWK Set.
    ///
    /// # Errors
    ///
    /// If no key can be generated. The current one then remains in use.
    pub fn rotate_keys(&self) -> io::Result<()> {
        self.provider.keys.rotate().map_err(io::Error::other)
    }

    /// Sets the provider's clock to the system's time plus `seconds`, at most a thousand years. It
    /// determines the times in what the provider issues and the validity of what it receives. Zero
    /// resets the clock.
    ///
    /// ```
    /// use oauth_runtime::testing::TestProvider;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = TestProvider::start().await?;
    /// // Every access token issued so far has expired:
    /// provider.set_clock_offset(2 * 60 * 60);
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_clock_offset(&self, seconds: i64) {
        self.provider.clock.set_offset(seconds);
    }
}

impl fmt::Debug for TestProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestProvider")
            .field("issuer", &self.provider.issuer)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
