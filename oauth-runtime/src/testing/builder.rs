//! Configuration and start of the provider.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::HeaderValue;
use tokio::net::TcpListener;
use tokio::sync::watch;
use url::Url;

use super::TestProvider;
use super::bystander::Bystander;
use super::client::RegisteredClient;
use super::clock::Clock;
use super::endpoint::Counters;
use super::fault::Faults;
use super::key_ring::KeyRing;
use super::logout_token::Sessions;
use super::person::Person;
use super::provider::{CAPACITY, Provider, TENANT};
use super::random::Random;
use super::routes::routes;
use super::short_lived::ShortLived;
use super::signing_key::SigningAlgorithm;

/// Configures a [`TestProvider`]; created by [`TestProvider::builder`].
///
/// ```
/// use std::time::Duration;
///
/// use oauth_runtime::testing::{Person, RegisteredClient, SigningAlgorithm, TestProvider};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let provider = TestProvider::builder()
///     .issuer_path("/realms/demo")
///     .person(Person::new("jane").name("Jane Doe").email("jane@example.org"))
///     .client(RegisteredClient::confidential("shop", "secret"))
///     .signing_algorithm(SigningAlgorithm::Es256)
///     .token_lifetime(Duration::from_secs(60))
///     .start()
///     .await?;
/// assert!(provider.issuer().ends_with("/realms/demo"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "the provider does not listen until `start` is awaited"]
pub struct TestProviderBuilder {
    people: Vec<Person>,
    clients: Vec<RegisteredClient>,
    algorithm: SigningAlgorithm,
    token_lifetime: Duration,
    port: u16,
    issuer: Option<String>,
    issuer_path: String,
    cache_control: Option<HeaderValue>,
    has_tenants: bool,
}

impl Default for TestProviderBuilder {
    fn default() -> Self {
        Self {
            people: Vec::new(),
            clients: Vec::new(),
            algorithm: SigningAlgorithm::default(),
            token_lifetime: Duration::from_secs(3600),
            port: 0,
            issuer: None,
            issuer_path: String::new(),
            cache_control: None,
            has_tenants: false,
        }
    }
}

impl TestProviderBuilder {
    /// Adds a user. Default: Ada, Alan and Grace, with the subject identifiers `ada`, `alan` and
    /// `grace`.
    pub fn person(mut self, person: Person) -> Self {
        self.people.push(person);
        self
    }

    /// Registers a client. Default: one with the identifier `dev-client`, a generated secret, and
    /// any redirect URI on a loopback address.
    pub fn client(mut self, client: RegisteredClient) -> Self {
        self.clients.push(client);
        self
    }

    /// The algorithm that signs ID tokens. Default: RS256.
    pub fn signing_algorithm(mut self, algorithm: SigningAlgorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// The lifetime of access tokens and ID tokens, in whole seconds. Default: one hour.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// The port of 127.0.0.1 to listen on. Default: 0, a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The issuer identifier, for a provider with another name than the address it listens on.
    /// Every endpoint is below it. It may end with a slash. Default: `http://127.0.0.1:{port}`.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// A path of the default issuer, such as `/realms/demo` for a tenant. Default: none.
    pub fn issuer_path(mut self, path: impl Into<String>) -> Self {
        self.issuer_path = path.into();
        self
    }

    /// Serves many tenants at one address, like Microsoft's `common`. The provider is at
    /// `/common/v2.0`. Its metadata contains the issuer `http://127.0.0.1:{port}/{tenantid}/v2.0`
    /// with the placeholder. An ID token has the user's [`tenant`](Person::tenant_id) in the issuer
    /// and in the claim `tid`. The authorization response has no `iss`. Default: one issuer.
    ///
    /// ```
    /// use oauth_runtime::testing::{Endpoint, Person, TestProvider};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = TestProvider::builder()
    ///     .many_tenants()
    ///     .person(Person::new("ada").tenant_id("72f988bf-86f1-41af-91ab-2d7cd011db47"))
    ///     .start()
    ///     .await?;
    /// assert!(provider.issuer().ends_with("/{tenantid}/v2.0"));
    /// assert!(provider.url(Endpoint::Metadata).contains("/common/v2.0/.well-known/"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn many_tenants(mut self) -> Self {
        self.has_tenants = true;
        self.issuer_path = "/common/v2.0".to_owned();
        self
    }

    /// The `Cache-Control` of metadata and JWK Set, such as `max-age=600`. A value that is not
    /// valid in a header is ignored. Default: none.
    pub fn cache_control(mut self, value: &str) -> Self {
        self.cache_control = HeaderValue::from_str(value).ok();
        self
    }

    /// Generates the keys, binds 127.0.0.1 and serves in a background task until the returned
    /// handle is dropped.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) if the issuer is not a URL that can be served,
    /// if two users or two clients have the same identifier, or if a client that is registered for
    /// encrypted responses has no key for them. Otherwise the operating system's error, such as
    /// [`AddrInUse`](io::ErrorKind::AddrInUse).
    pub async fn start(self) -> io::Result<TestProvider> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await?;
        let address = listener.local_addr()?;
        let (bystander, bystander_listener, bystander_routes) = Bystander::bind().await?;
        let issuer = self.issuer.unwrap_or_else(|| format!("http://{address}{}", self.issuer_path));
        let base_path = base_path(&issuer)?;
        let base_url = issuer.trim_end_matches('/').to_owned();
        let issuer = match self.has_tenants {
            true => format!(
                "{}/{TENANT}/v2.0",
                Url::parse(&issuer)
                    .map_or_else(|_| issuer.clone(), |url| url.origin().ascii_serialization(),)
            ),
            false => issuer,
        };

        let people = or_default(self.people, Person::defaults);
        refuse_duplicates("user", people.iter().map(Person::sub))?;
        let random = Random::new().map_err(io::Error::other)?;
        let clients = or_default(self.clients, || {
            vec![RegisteredClient::confidential("dev-client", random.identifier())]
        });
        refuse_duplicates("client", clients.iter().map(|client| client.id.as_str()))?;
        if let Some(client) = clients.iter().find(|client| !client.can_be_encrypted_to()) {
            let id = &client.id;
            return Err(invalid(format!("client {id:?} has no key for its encrypted responses")));
        }
        let of_userinfo = clients.iter().filter_map(|client| client.userinfo_algorithm);
        let keys = KeyRing::generate(self.algorithm, of_userinfo).map_err(io::Error::other)?;

        let (stop, running) = watch::channel(());
        let provider = Arc::new(Provider {
            issuer,
            base_url,
            base_path,
            people: people.into_iter().map(Arc::new).collect(),
            clients,
            cache_control: self.cache_control,
            token_lifetime: i64::try_from(self.token_lifetime.as_secs()).unwrap_or(i64::MAX),
            random,
            clock: Clock::default(),
            keys,
            faults: Faults::default(),
            counters: Counters::default(),
            bystander,
            requests: ShortLived::new(CAPACITY),
            codes: ShortLived::new(CAPACITY),
            devices: ShortLived::new(CAPACITY),
            user_codes: ShortLived::new(CAPACITY),
            access_tokens: ShortLived::new(CAPACITY),
            refresh_tokens: ShortLived::new(CAPACITY),
            sessions: Sessions::default(),
            assertions: ShortLived::new(CAPACITY),
            running,
        });
        serve(listener, routes(&provider), &provider);
        serve(bystander_listener, bystander_routes, &provider);
        Ok(TestProvider::new(provider, address, stop))
    }
}

fn serve(listener: TcpListener, routes: Router, provider: &Arc<Provider>) {
    let mut running = provider.running.clone();
    let stopped = async move {
        let _ = running.changed().await;
    };
    tokio::spawn(async move {
        // Serving ends with the handle and does not fail.
        let _ = axum::serve(listener, routes).with_graceful_shutdown(stopped).await;
    });
}

fn or_default<T>(given: Vec<T>, default: impl FnOnce() -> Vec<T>) -> Vec<T> {
    if given.is_empty() { default() } else { given }
}

/// The base path of all routes; empty for an issuer without a path.
fn base_path(issuer: &str) -> io::Result<String> {
    let refuse = |reason: &str| Err(invalid(format!("issuer {issuer:?} {reason}")));
    let Ok(url) = Url::parse(issuer) else {
        return refuse("is not a URL");
    };
    if !matches!(url.scheme(), "http" | "https") {
        return refuse("is neither http nor https");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("has a query or a fragment");
    }
    let path = url.path().trim_end_matches('/');
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    if !path.bytes().all(is_plain) {
        return refuse("has a path with characters other than letters, digits and -._~/");
    }
    Ok(path.to_owned())
}

fn refuse_duplicates<'a>(kind: &str, ids: impl Iterator<Item = &'a str>) -> io::Result<()> {
    let mut seen = std::collections::HashSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(invalid(format!("two {kind}s have the identifier {id:?}")));
        }
    }
    Ok(())
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

#[cfg(test)]
mod tests {
    use super::base_path;

    #[test]
    fn issuer_must_be_a_url_that_can_be_served() {
        assert_eq!(base_path("https://id.example").unwrap(), "");
        assert_eq!(base_path("http://127.0.0.1:8080/realms/demo").unwrap(), "/realms/demo");
        // The endpoints follow its slash, as at Auth0.
        assert_eq!(base_path("https://id.example/").unwrap(), "");
        for refused in [
            "id.example",
            "ftp://id.example",
            "https://id.example?a=b",
            "https://id.example/{tenant}",
        ] {
            assert!(base_path(refused).is_err(), "{refused}");
        }
    }
}
