//! The application, declared like any other.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{FromRef, Query};
use axum::{Extension, Json};
use http::StatusCode;
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{
    Endpoint, RegisteredClient, SigningAlgorithm, TestProvider, TestProviderBuilder,
};
use oauth_runtime::{Clock, OAuth2Provider, RegistryBuilder};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use url::Url;

use super::browser::{Browser, Page};
use super::failures::Failures;

pub use self::providers::{Handled, Leaving, Op, Paged, Plain, Typed};

mod providers;

/// The client secret of all providers: a string that is easy to find where it must not appear.
pub const CLIENT_SECRET: &str = "cl13nt-s3cr3t-of-all-providers";
/// The key of cookies, 32 bytes in hexadecimal digits.
pub const COOKIE_KEY: &str = "c00c1e5ea1edc00c1e5ea1edc00c1e5ea1edc00c1e5ea1edc00c1e5ea1ed0001";
/// The client identifier at all providers.
pub const CLIENT_ID: &str = "the-application";

/// An error handler that keeps each error for the test.
pub async fn failed(
    Extension(failures): Extension<Failures>,
    error: OAuthError,
) -> impl IntoResponse {
    let status = error.status();
    failures.push(error);
    status
}

/// Shows everything that a handler can see of a login, including tokens.
async fn signed_in<P: OAuth2Provider + OAuthProvider>(
    login: Login<P>,
) -> Result<impl IntoResponse, OAuthError> {
    let token = login.token();
    let seen = json!({
        "subject": login.identity().subject(),
        "issuer": login.identity().issuer(),
        "verified_email": login.identity().verified_email().map(|email| email.as_str()),
        "scopes": token.scopes(),
        "has_openid": token.has_scope("openid"),
        "access_token": token.access_token().expose(),
        "refresh_token": token.refresh_token().map(|token| token.expose()),
        "debug": format!("{login:?} {token:?} {login:#?} {token:#?}"),
    });
    Ok((login.sign_in().await?, Json(seen)))
}

async fn whoami(user: User) -> Json<Value> {
    Json(json!({
        "subject": user.subject(),
        "issuer": user.issuer(),
        "provider": user.provider(),
        "logged_in_at": user.logged_in_at(),
        "expires_at": user.expires_at(),
        "debug": format!("{user:?} {user:#?}"),
    }))
}

async fn home(user: Option<User>) -> String {
    user.map_or_else(|| "nobody".to_owned(), |user| user.subject().to_owned())
}

async fn resource(op: Api<Op>) -> Result<String, OAuthError> {
    op.get("resource").text().await
}

/// Calls any given URL, like an application that trusts its users too much.
async fn call(
    op: Api<Op>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<String, OAuthError> {
    let url = query.first().map(|(_, url)| url.as_str()).unwrap_or_default();
    op.get(url).text().await
}

/// A running application with its provider.
#[derive(Debug)]
pub struct App {
    /// The provider of all declarations.
    pub provider: Arc<TestProvider>,
    /// The application's clock.
    pub clock: Clock,
    /// The errors that the error handler received.
    pub failures: Failures,
    /// The public address.
    pub public_url: Url,
    server: SocketAddr,
    task: JoinHandle<()>,
}

type Configure<R> = Box<dyn FnOnce(RegistryBuilder<R>) -> RegistryBuilder<R>>;
type Extend<R> = Box<dyn FnOnce(Router<R>) -> Router<R>>;

/// Describes how an [`App`] differs from the default one.
#[must_use = "nothing listens before `start` is awaited"]
pub struct AppBuilder<R> {
    provider: TestProviderBuilder,
    client: fn(RegisteredClient) -> RegisteredClient,
    running: Option<Arc<TestProvider>>,
    host: &'static str,
    public_url: Option<String>,
    clock: Clock,
    configure: Configure<R>,
    extend: Extend<R>,
    wrap: Extend<R>,
}

impl<R: OAuthRegistry + 'static> AppBuilder<R> {
    /// Changes the provider.
    pub fn provider(
        mut self,
        change: impl FnOnce(TestProviderBuilder) -> TestProviderBuilder,
    ) -> Self {
        self.provider = change(self.provider);
        self
    }

    /// Changes the client that is registered at the provider.
    pub fn client(mut self, change: fn(RegisteredClient) -> RegisteredClient) -> Self {
        self.client = change;
        self
    }

    /// Another instance or a later run of the same application, with its provider and public
    /// address.
    pub fn beside(mut self, other: &App) -> Self {
        self.running = Some(Arc::clone(&other.provider));
        self.public_url(other.public_url.as_str())
    }

    /// The public host name of this instance. Default: 127.0.0.1.
    pub fn host(mut self, name: &'static str) -> Self {
        self.host = name;
        self
    }

    /// The public URL. Default: the address that it listens on.
    pub fn public_url(mut self, url: &str) -> Self {
        self.public_url = Some(url.trim_end_matches('/').to_owned());
        self
    }

    /// Changes anything else of the registry.
    pub fn configure(
        mut self,
        configure: impl FnOnce(RegistryBuilder<R>) -> RegistryBuilder<R> + 'static,
    ) -> Self {
        let before = self.configure;
        self.configure = Box::new(|builder| configure(before(builder)));
        self
    }

    /// Adds routes.
    pub fn extend(mut self, extend: impl FnOnce(Router<R>) -> Router<R> + 'static) -> Self {
        self.extend = Box::new(extend);
        self
    }

    /// Adds an [`Extension`] for all handlers, including those of generated routes.
    pub fn extension<T: Clone + Send + Sync + 'static>(mut self, extension: T) -> Self
    where
        R: Clone + Send + Sync,
    {
        self.wrap = Box::new(|router| router.layer(Extension(extension)));
        self
    }

    /// Starts the provider and the application.
    ///
    /// # Panics
    /// If a port cannot be bound or the configuration is refused.
    pub async fn start(self) -> App
    where
        R: OAuthRoutes<R> + Clone + Send + Sync + 'static,
        Sessions: FromRef<R>,
        Client<Op>: FromRef<R>,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let server = listener.local_addr().expect("an address");
        let public_url =
            self.public_url.unwrap_or_else(|| format!("http://{}:{}", self.host, server.port()));
        let provider = match self.running {
            Some(provider) => provider,
            None => Arc::new(start_provider::<R>(self.provider, self.client, &public_url).await),
        };
        let config = config_of::<R>(&provider, &public_url);
        let builder = R::builder().config(config).clock(self.clock.clone());
        let oauth = (self.configure)(builder).build().expect("a valid configuration");
        let failures = Failures::default();
        let app = (self.extend)(Router::new())
            .route("/", get(home))
            .route("/whoami", get(whoami))
            .route("/resource", get(resource))
            .route("/call", get(call))
            .merge(oauth.routes())
            .layer(Extension(failures.clone()));
        let app = (self.wrap)(app).with_state(oauth);
        let task = tokio::spawn(async move {
            axum::serve(listener, app).await.expect("to serve");
        });
        let public_url = Url::parse(&public_url).expect("a URL");
        App { provider, clock: self.clock, failures, public_url, server, task }
    }
}

impl<R> fmt::Debug for AppBuilder<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppBuilder").field("provider", &self.provider).finish_non_exhaustive()
    }
}

/// Loopback redirect URIs need no registration; all others do.
async fn start_provider<R: OAuthRegistry>(
    builder: TestProviderBuilder,
    change: fn(RegisteredClient) -> RegisteredClient,
    public_url: &str,
) -> TestProvider {
    let mut client = change(RegisteredClient::confidential(CLIENT_ID, CLIENT_SECRET));
    if public_url.starts_with("https:") {
        for name in names::<R>() {
            client = client.redirect_uri(format!("{public_url}/auth/{name}/callback"));
        }
    }
    builder.client(client).start().await.expect("a provider")
}

fn names<R: OAuthRegistry>() -> impl Iterator<Item = &'static str> {
    R::SPEC.providers.iter().map(|provider| provider.name)
}

/// Every setting of every provider, and nothing from the environment.
pub fn config(provider: &TestProvider, public_url: &str) -> Config {
    config_of::<Typed>(provider, public_url)
}

/// Every setting of every provider of a registry, and nothing from the environment.
pub fn config_of<R: OAuthRegistry>(provider: &TestProvider, public_url: &str) -> Config {
    let mut config = Config::empty()
        .set("OAUTH_PUBLIC_URL", public_url)
        .set("OAUTH_COOKIE_KEYS", COOKIE_KEY)
        .set("PLAIN_BASE", provider.issuer())
        .set("PLAIN_CLIENT_KWARGS", r#"{"scope":"openid profile"}"#);
    for name in names::<R>().map(str::to_ascii_uppercase) {
        config = config
            .set(&format!("{name}_ISSUER"), provider.issuer())
            .set(&format!("{name}_CLIENT_ID"), CLIENT_ID)
            .set(&format!("{name}_CLIENT_SECRET"), CLIENT_SECRET);
    }
    config
}

impl App {
    /// The default application: OpenID Connect, plain http on loopback, errors as values.
    pub async fn start() -> Self {
        Self::builder::<Typed>().start().await
    }

    /// An application that differs from the default one.
    pub fn builder<R: OAuthRegistry>() -> AppBuilder<R> {
        AppBuilder {
            // Its keys are generated quickly.
            provider: TestProvider::builder().signing_algorithm(SigningAlgorithm::Es256),
            client: |client| client,
            running: None,
            host: "127.0.0.1",
            public_url: None,
            clock: Clock::manual(Clock::system().now()),
            configure: Box::new(|builder| builder),
            extend: Box::new(|router| router),
            wrap: Box::new(|router| router),
        }
    }

    /// A browser with no cookies.
    pub fn browser(&self) -> Browser {
        Browser::new(self.public_url.clone(), self.server)
    }

    /// The given browser, with its host names resolved to this instance.
    #[must_use]
    pub fn serve(&self, browser: &Browser) -> Browser {
        browser.resolved_to(self.server)
    }

    /// The authorization response of the provider when Ada signs in.
    ///
    /// # Panics
    /// If the provider refuses the request.
    #[track_caller]
    pub fn answer(&self, authorization_url: &str) -> Url {
        let callback = self.provider.sign_in(authorization_url, "ada");
        Url::parse(&callback.expect("a valid request")).expect("a URL")
    }

    /// A complete login of Ada.
    pub async fn log_in(&self, browser: &mut Browser, provider: &str) -> Page {
        self.log_in_as(browser, provider, "ada").await
    }

    /// A complete login.
    ///
    /// # Panics
    /// If the login cannot be started.
    pub async fn log_in_as(&self, browser: &mut Browser, provider: &str, person: &str) -> Page {
        let url = browser.start_login(provider).await;
        let callback = self.provider.sign_in(&url, person).expect("a valid request");
        browser.finish(callback).await
    }

    /// A login that must be refused; returns the reason.
    ///
    /// # Panics
    /// If it succeeds.
    pub async fn refused(&self, provider: &str) -> OAuthError {
        let mut browser = self.browser();
        let started = browser.get(&format!("/auth/{provider}/login")).await;
        let page = match started.status {
            StatusCode::FOUND => browser.finish(self.answer(started.location())).await,
            _ => started,
        };
        assert!(page.status.is_client_error() || page.status.is_server_error(), "{page:?}");
        assert_eq!(browser.session(), None, "a refused login creates no session");
        self.failures.only()
    }

    /// The logged-in user, according to the home page.
    pub async fn visitor(&self, browser: &mut Browser) -> String {
        browser.get("/").await.body
    }

    /// Advances the clocks of the application and the provider, so that cached failures expire.
    ///
    /// # Panics
    /// If more than an `i64` of seconds has passed.
    pub fn advance(&self, seconds: u64) {
        self.clock.advance(seconds);
        let ahead = self.clock.now().duration_since(Clock::system().now()).as_secs();
        let ahead = i64::try_from(ahead).expect("a small difference");
        self.provider.set_clock_offset(ahead);
    }

    /// The number of requests to an endpoint of the provider.
    pub fn requests(&self, endpoint: Endpoint) -> u64 {
        self.provider.requests(endpoint)
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.task.abort();
    }
}
