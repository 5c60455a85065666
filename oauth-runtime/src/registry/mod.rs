//! All providers of an application, configured together.

pub(crate) mod run_time;
pub(crate) mod sessions;

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use self::sessions::HasSessions;
use crate::client::Client;
use crate::client::lazy::LazyClient;
use crate::clock::Clock;
use crate::config::{Config, ConfigError, ConfigFault, FaultKind, Faults, Fields, key_of};
use crate::crypto::seal::CookieKeys;
use crate::declaration::provider::{KeepsTokens, OAuthProvider};
use crate::declaration::spec::{ProviderSpec, RegistrySpec};
use crate::deployment::{HoldsGrants, Parts, ProviderLink, Shared};
use crate::error::{OAuthError, ServerMetadataError};
use crate::flow::grant::refresher::TokenRefresher;
use crate::flow::provider_client::ProviderClient;
use crate::http::{HttpClient, ReqwestClient};
use crate::settings::{Paths, Settings, setting_names};
use crate::store::{self, MemoryStore, Resealed, Store};
use crate::token::hooks::{HookTable, TokenHooks};
use crate::token::updated::{Listeners, TokenUpdated};
use crate::url::endpoint::RedactedUrl;
use crate::url::public_url::PublicUrl;

pub(crate) const PUBLIC_URL: &str = "OAUTH_PUBLIC_URL";
const COOKIE_KEYS: &str = "OAUTH_COOKIE_KEYS";
const STORE_URL: &str = "OAUTH_STORE_URL";
/// Used by debug builds that do not say otherwise.
const DEVELOPMENT_URL: &str = "http://localhost:3000";
/// Twelve hours: a working day.
const SESSION_LIFETIME: Duration = Duration::from_secs(12 * 3600);
/// A cookie that ends at once is a login that never happened.
const SHORTEST_SESSION: Duration = Duration::from_secs(1);

/// A struct of `Client<P>` fields, declared with `#[derive(OAuthRegistry)]`.
///
/// ```
/// use oauth_runtime::prelude::*;
///
/// #[derive(OAuthProvider)]
/// #[oauth_provider(name = "github", preset = "github", scopes("read:user"))]
/// struct GitHub;
///
/// #[derive(Debug, Clone, OAuthRegistry)]
/// #[oauth_registry(mount = "/auth")]
/// struct Providers {
///     github: Client<GitHub>,
/// }
///
/// // Without configuration every missing key is named, with the place to get its value.
/// let error = Providers::builder().config(Config::empty()).build().unwrap_err();
/// assert!(error.to_string().contains("GITHUB_CLIENT_ID is missing"));
/// assert!(error.to_string().contains("https://github.com/settings/developers"));
/// ```
pub trait OAuthRegistry: Sized {
    /// The declaration.
    const SPEC: &'static RegistrySpec;

    /// Builds each client; `None` once every fault has been recorded.
    #[doc(hidden)]
    fn assemble(assembly: &mut Assembly<'_>) -> Option<Self>;

    /// Reads the configuration from the environment; see [`Config::from_env`] for the sources.
    ///
    /// # Errors
    /// [`ConfigError`] with every missing or malformed setting of all providers.
    fn from_env() -> Result<Self, ConfigError> {
        Self::builder().build()
    }

    /// Configures in code what the environment does not say, or should not.
    fn builder() -> RegistryBuilder<Self> {
        RegistryBuilder::new()
    }

    /// The path at which a login with a provider begins, as visitors see it: with the path of the public
    /// URL, where the application has one. `None` where no provider of this name is configured.
    /// [`Client::login_path`](crate::Client::login_path) is the same for one client.
    fn login_path(&self, provider: &str) -> Option<String>
    where
        Self: HasSessions,
    {
        let links = self.sessions().shared().links(Some(provider));
        links.into_iter().next().map(|link| link.path)
    }

    /// The path that ends the session, as visitors see it: of a form that posts.
    fn logout_path(&self) -> String
    where
        Self: HasSessions,
    {
        let path = format!("{}/logout", Self::SPEC.mount);
        self.sessions().shared().public_url.outside(&path)
    }

    /// Seals every record of the store anew that another key than the first of `OAUTH_COOKIE_KEYS`
    /// sealed. When none is left that does not open, the older keys may go.
    ///
    /// It reads the whole store, record by record, and disturbs nobody: run it once, from one
    /// machine, when all machines have the new key in front. Without it the records that are read
    /// are sealed anew, and the others end in time.
    ///
    /// # Errors
    /// [`OAuthError::Store`]: [`CannotList`](crate::StoreError::CannotList) when the back end cannot
    /// tell which records it has, [`Backend`](crate::StoreError::Backend) when it does not answer.
    /// Then it may be called again.
    fn reseal_store(&self) -> impl Future<Output = Result<Resealed, OAuthError>> + Send
    where
        Self: HasSessions,
    {
        let sessions = self.sessions();
        async move { sessions.shared().store.reseal_all().await }
    }

    /// Refreshes kept tokens that nobody uses, so that no grant ends for want of use: an opt-in, which
    /// begins with [`TokenRefresher::start`].
    fn token_refresher(&self) -> TokenRefresher
    where
        Self: HasSessions,
    {
        TokenRefresher::new(Arc::clone(self.sessions().shared()))
    }

    /// Waits until no refresh of a token is under way on this machine, and what came of them is stored.
    ///
    /// A refresh goes on beside the requests; a process that ends in the middle of it takes the new
    /// refresh token with it, and the person has to log in again. So a process that is about to end
    /// calls this when it serves no requests any more:
    ///
    /// ```no_run
    /// # use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "google", preset = "google", scopes("openid", "email"))]
    /// # struct Google;
    /// # #[derive(Clone, OAuthRegistry)]
    /// # struct Providers { google: Client<Google> }
    /// # async fn sigterm() {}
    /// # async fn serve(listener: TcpListener) -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use tokio::time::timeout;
    ///
    /// let oauth = Providers::from_env()?;
    /// let app = Router::new().merge(oauth.routes()).with_state(oauth.clone());
    /// axum::serve(listener, app).with_graceful_shutdown(sigterm()).await?;
    /// // While the store is away the tokens cannot be stored: there is no end to wait for.
    /// timeout(Duration::from_secs(25), oauth.finish_refreshes()).await?;
    /// # Ok(())
    /// # }
    /// ```
    fn finish_refreshes(&self) -> impl Future<Output = ()> + Send
    where
        Self: HasSessions,
    {
        let sessions = self.sessions();
        async move { sessions.shared().refreshes.end().await }
    }

    /// Loads the metadata and keys of all providers that are configured, at once, and reports every
    /// failure. Without this call the first login with a provider does it, and the application starts
    /// while a provider is down.
    ///
    /// ```no_run
    /// # use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "google", preset = "google", scopes("openid", "email"))]
    /// # struct Google;
    /// # #[derive(Clone, OAuthRegistry)]
    /// # struct Providers { google: Client<Google> }
    /// # async fn start() -> Result<(), Box<dyn std::error::Error>> {
    /// let oauth = Providers::from_env()?;
    /// oauth.load_server_metadata().await?;   // no start without every provider
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ServerMetadataError`] with every provider whose metadata or keys cannot be fetched or used.
    /// The others are loaded.
    fn load_server_metadata(&self) -> impl Future<Output = Result<(), ServerMetadataError>> + Send
    where
        Self: HasSessions,
    {
        let sessions = self.sessions();
        async move { ServerMetadataError::check(sessions.shared().loaders.load_all().await) }
    }
}

/// Configures a registry.
#[must_use = "a builder does nothing until `build` is called"]
pub struct RegistryBuilder<R> {
    config: Option<Config>,
    settings: Vec<(String, String)>,
    http: Option<Arc<dyn HttpClient>>,
    store: Option<Arc<dyn Store>>,
    clock: Clock,
    session_lifetime: Duration,
    revokes_on_sign_out: bool,
    listeners: Listeners,
    token_hooks: HookTable,
    registry: PhantomData<fn() -> R>,
}

impl<R: OAuthRegistry> RegistryBuilder<R> {
    fn new() -> Self {
        Self {
            config: None,
            settings: Vec::new(),
            http: None,
            store: None,
            clock: Clock::system(),
            session_lifetime: SESSION_LIFETIME,
            revokes_on_sign_out: true,
            listeners: Listeners::default(),
            token_hooks: HookTable::default(),
            registry: PhantomData,
        }
    }

    /// Where settings come from. Default: [`Config::from_env`].
    pub fn config(mut self, config: Config) -> Self {
        self.config = Some(config);
        self
    }

    /// Sets one key, such as `GITHUB_CLIENT_ID`; it wins over every other source.
    pub fn set(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.push((key.into(), value.into()));
        self
    }

    /// The address under which people reach the application, such as `https://app.example`: the
    /// key `OAUTH_PUBLIC_URL`. Default: `http://localhost:3000` in debug builds, none otherwise.
    pub fn public_url(self, url: impl Into<String>) -> Self {
        self.set(PUBLIC_URL, url)
    }

    /// What carries requests to the providers. Default: [`ReqwestClient`].
    pub fn http_client(mut self, client: impl HttpClient) -> Self {
        self.http = Some(Arc::new(client));
        self
    }

    /// Where tokens and consumed logins are kept. Default: what `OAUTH_STORE_URL` names, else the
    /// memory of the process.
    pub fn store(mut self, store: impl Store) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// Where the time comes from. Default: the system.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// How long a session lasts after the login. Default: 12 hours.
    pub fn session_lifetime(mut self, lifetime: Duration) -> Self {
        self.session_lifetime = lifetime;
        self
    }

    /// Whether a sign-out has the provider end the tokens of the session too (RFC 7009). Default:
    /// yes, where there is a refresh token, which would live on, and the provider has a revocation
    /// endpoint. Nobody waits for it. Some providers, such as Google, withdraw the person's consent
    /// with it, so that the next login asks again.
    pub fn revoke_on_sign_out(mut self, revoke: bool) -> Self {
        self.revokes_on_sign_out = revoke;
        self
    }

    /// Is told when tokens were refreshed, or the provider has ended a grant: Authlib's signal
    /// `token_updated`. Several may listen. Each has a task and a queue of its own, so one that is
    /// slow, fails or panics disturbs nobody; a queue holds 1024 events, and one event may take a
    /// minute. On several machines the one that refreshed tells.
    ///
    /// ```
    /// use oauth_runtime::TokenUpdated;
    /// # use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("read:user"))]
    /// # struct GitHub;
    /// # #[derive(Debug, Clone, OAuthRegistry)]
    /// # struct Providers { github: Client<GitHub> }
    ///
    /// let builder = Providers::builder().on_token_updated(|event: TokenUpdated| async move {
    ///     if let Some(reason) = event.ended() {
    ///         println!("{} has ended a grant: {reason}", event.provider());
    ///     }
    /// });
    /// ```
    pub fn on_token_updated<F, Fut>(mut self, listener: F) -> Self
    where
        F: Fn(TokenUpdated) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.listeners.add(Arc::new(move |event| Box::pin(listener(event))));
        self
    }

    /// Keeps the tokens of all providers that are declared with `keep_tokens` in tables of the
    /// application's own. They are Authlib's `fetch_token` and `update_token`; [`TokenHooks`] shows
    /// them. Default: the store.
    pub fn token_hooks(mut self, hooks: impl TokenHooks) -> Self {
        self.token_hooks.set_all(Arc::new(hooks));
        self
    }

    /// The same for the provider `P`, whatever holds for the others.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// use oauth_runtime::TokenHooks;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("repo"), keep_tokens)]
    /// # struct GitHub;
    /// # #[derive(Debug, Clone, OAuthRegistry)]
    /// # struct Providers { github: Client<GitHub> }
    ///
    /// fn builder(tables: impl TokenHooks) -> oauth_runtime::RegistryBuilder<Providers> {
    ///     Providers::builder().token_hooks_of::<GitHub>(tables)
    /// }
    /// ```
    pub fn token_hooks_of<P: KeepsTokens>(mut self, hooks: impl TokenHooks) -> Self {
        self.token_hooks.set(P::SPEC.name, Arc::new(hooks));
        self
    }

    /// Checks all settings and builds the registry.
    ///
    /// # Errors
    /// [`ConfigError`] with every missing or malformed setting of all providers.
    pub fn build(self) -> Result<R, ConfigError> {
        let mut config = self.config.unwrap_or_else(Config::from_env);
        for (key, value) in self.settings {
            config = config.set(&key, value);
        }
        let mut faults = Faults::default();
        faults.extend(config.take_faults());
        check_paths(R::SPEC, &mut faults);
        check_files(&config, R::SPEC, &mut faults);
        check_variables(R::SPEC, &mut faults);
        let public_url = public_url(&config, &mut faults);
        let keys = cookie_keys(&config, public_url.as_ref(), &mut faults);
        let store = match self.store {
            Some(store) => Some(store),
            None => store_of(&config, public_url.as_ref(), &self.clock, &mut faults),
        };
        let http = match self.http {
            Some(http) => Some(http),
            None => default_http_client(&mut faults),
        };
        let shared = public_url.clone().zip(keys).zip(store).zip(http).and_then(
            |(((public_url, keys), store), http)| {
                let parts = Parts {
                    providers: provider_links(R::SPEC, &public_url, &config),
                    declared: R::SPEC.providers.iter().map(|provider| provider.name).collect(),
                    public_url,
                    mount: R::SPEC.mount,
                    http,
                    store,
                    clock: self.clock,
                    session_lifetime: self.session_lifetime.max(SHORTEST_SESSION),
                    revokes_on_sign_out: self.revokes_on_sign_out,
                    listeners: self.listeners,
                    token_hooks: self.token_hooks,
                };
                let shared = Shared::new(parts, &keys).map(Arc::new);
                faults.record(shared.map_err(|error| {
                    ConfigFault::new(FaultKind::Malformed, COOKIE_KEYS, error.to_string())
                }))
            },
        );
        // The clients are read even when a shared setting is wrong: all faults in one error.
        let registry = R::assemble(&mut Assembly {
            mount: R::SPEC.mount,
            config: &config,
            public_url: public_url.as_ref(),
            shared: shared.as_ref(),
            faults: &mut faults,
        });
        check_names(&config, R::SPEC, &mut faults);
        faults.finish(registry).map_err(|error| error.with_hints(&config))
    }
}

impl<R> std::fmt::Debug for RegistryBuilder<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RegistryBuilder").field("config", &self.config).finish_non_exhaustive()
    }
}

/// Builds the clients of one registry.
#[derive(Debug)]
pub struct Assembly<'a> {
    mount: &'static str,
    config: &'a Config,
    public_url: Option<&'a PublicUrl>,
    shared: Option<&'a Arc<Shared>>,
    faults: &'a mut Faults,
}

impl Assembly<'_> {
    /// The client of `P`; `None` once every fault has been recorded.
    pub fn client<P: OAuthProvider>(&mut self) -> Option<Client<P>> {
        let provider = P::load(&mut Fields::new(P::SPEC.name, self.config, self.faults));
        let values = provider.as_ref().map(P::placeholder_values).unwrap_or_default();
        let engine = self.engine(P::SPEC, &values);
        Some(Client::new(engine?, provider?))
    }

    /// The client of `P` if `{NAME}_CLIENT_ID` is set; `None` once every fault has been recorded.
    pub fn optional_client<P: OAuthProvider>(&mut self) -> Option<Option<Client<P>>> {
        if is_configured(P::SPEC, self.config) { self.client().map(Some) } else { Some(None) }
    }

    /// The client of `P`, or what is missing for it; `None` once every fault has been recorded that
    /// is more than a missing setting.
    pub fn lazy_client<P: OAuthProvider>(&mut self) -> Option<LazyClient<P>> {
        let mut own = Faults::default();
        let client = Assembly { faults: &mut own, ..*self }.client::<P>();
        // Without it a fault of the registry has been recorded.
        let shared = Arc::clone(self.shared?);
        match own.finish(client) {
            Ok(client) => Some(LazyClient::configured(client)),
            Err(error) if error.faults().iter().all(|one| one.kind() == FaultKind::Missing) => {
                let missing: Vec<_> = error.faults().iter().map(ConfigFault::key).collect();
                let provider = P::SPEC.name;
                tracing::info!(
                    provider,
                    ?missing,
                    "a provider that nobody has to use is not configured"
                );
                Some(LazyClient::unconfigured(shared, error))
            }
            Err(error) => {
                self.faults.extend(error.faults().to_vec());
                None
            }
        }
    }

    /// What all clients share, if it could be built.
    pub(crate) fn shared(&self) -> Option<&Arc<Shared>> {
        self.shared
    }

    fn engine(
        &mut self,
        spec: &ProviderSpec<'_>,
        placeholder_values: &[String],
    ) -> Option<Arc<ProviderClient>> {
        let paths = paths(spec, self.mount, self.public_url);
        let settings = Settings::new(spec, placeholder_values, paths, self.config, self.faults);
        let shared = self.shared?;
        let client = Arc::new(ProviderClient::new(settings?, Arc::clone(shared)));
        let settings = &client.settings;
        shared.run_time.declare(Arc::clone(&settings.name), Arc::clone(&settings.binding));
        if let Ok(Some(authority)) = settings.stated_authority() {
            shared.authorities.declare(authority.name(), client.holder(&authority, false));
        }
        let known: Arc<dyn HoldsGrants> = client.clone();
        shared.register(Arc::downgrade(&known));
        let loaded = Arc::downgrade(&client);
        shared.loaders.add(move || Some(Box::pin(loaded.upgrade()?.load())));
        Some(client)
    }
}

/// Where the client of a provider lives.
pub(crate) fn paths(spec: &ProviderSpec<'_>, mount: &str, public_url: Option<&PublicUrl>) -> Paths {
    let (login_path, callback_path) = (login_path(spec, mount), callback_path(spec, mount));
    let redirect_uri = match public_url {
        Some(url) => url.join(&callback_path),
        None => callback_path.clone(),
    };
    let logged_out_path = logged_out_path(spec, mount);
    let connect_path = connect_path(spec, mount);
    let initiate_path = spec.routes.initiate.map(str::to_owned);
    Paths { login_path, callback_path, logged_out_path, connect_path, initiate_path, redirect_uri }
}

/// Path that begins a login.
pub(crate) fn login_path(spec: &ProviderSpec<'_>, mount: &str) -> String {
    spec.routes.login.map_or_else(|| format!("{mount}/{}/login", spec.name), str::to_owned)
}

/// Path of the redirect URI.
pub(crate) fn callback_path(spec: &ProviderSpec<'_>, mount: &str) -> String {
    spec.routes.callback.map_or_else(|| format!("{mount}/{}/callback", spec.name), str::to_owned)
}

/// Path of the post-logout redirect URI.
pub(crate) fn logged_out_path(spec: &ProviderSpec<'_>, mount: &str) -> String {
    let path = || format!("{mount}/{}/logged-out", spec.name);
    spec.routes.logged_out.map_or_else(path, str::to_owned)
}

/// Path at which somebody who is logged in connects an account.
pub(crate) fn connect_path(spec: &ProviderSpec<'_>, mount: &str) -> String {
    format!("{mount}/{}/connect", spec.name)
}

fn is_configured(spec: &ProviderSpec<'_>, config: &Config) -> bool {
    config.get(&key_of(spec.name, "CLIENT_ID")).is_some()
}

fn provider_links(
    spec: &RegistrySpec,
    public_url: &PublicUrl,
    config: &Config,
) -> Vec<ProviderLink> {
    let link = |provider: &&ProviderSpec<'static>| ProviderLink {
        name: provider.name.into(),
        display_name: provider.display_name().into(),
        path: public_url.outside(&login_path(provider, spec.mount)),
        connect_path: provider
            .keep_tokens
            .then(|| public_url.outside(&connect_path(provider, spec.mount))),
    };
    spec.providers.iter().filter(|spec| is_configured(spec, config)).map(link).collect()
}

/// Paths that end the session: one for the registry, and those that providers state.
pub(crate) fn logout_paths(spec: &RegistrySpec) -> Vec<String> {
    let stated = spec.providers.iter().filter_map(|provider| provider.routes.logout);
    let mut paths: Vec<_> =
        stated.map(str::to_owned).chain([format!("{}/logout", spec.mount)]).collect();
    paths.sort();
    paths.dedup();
    paths
}

/// Two routes on one path would end the process in axum.
fn check_paths(spec: &RegistrySpec, faults: &mut Faults) {
    let mut paths = logout_paths(spec);
    for provider in spec.providers {
        let logged_out = || logged_out_path(provider, spec.mount);
        let paths_of_provider =
            [login_path(provider, spec.mount), callback_path(provider, spec.mount)]
                .into_iter()
                .chain(provider.rp_initiated_logout.then(logged_out))
                .chain([connect_path(provider, spec.mount)])
                .chain(provider.routes.initiate.map(str::to_owned));
        for path in paths_of_provider {
            if paths.contains(&path) {
                let what = "is the path of two routes";
                faults.push(ConfigFault::new(FaultKind::Conflict, path, what).help(
                    "give one of the two providers another name, or another path in `routes(...)`",
                ));
            } else {
                paths.push(path);
            }
        }
    }
}

fn shared_settings() -> [String; 3] {
    [PUBLIC_URL, COOKIE_KEYS, STORE_URL].map(str::to_owned)
}

/// Values with quotes around them, and names that are nearly those of settings.
fn check_names(config: &Config, spec: &RegistrySpec, faults: &mut Faults) {
    let mut settings = shared_settings().to_vec();
    settings.extend(spec.providers.iter().copied().flat_map(setting_names));
    let providers: Vec<_> = spec.providers.iter().map(|provider| provider.name).collect();
    config.check_quotes(&settings, faults);
    config.check_names(&providers, &settings, faults);
}

/// A field makes a variable of its provider's name and its own, which may be one that another
/// provider reads, or the application.
fn check_variables(spec: &RegistrySpec, faults: &mut Faults) {
    let mut owners: HashMap<String, &str> =
        shared_settings().into_iter().map(|name| (name, "the application")).collect();
    for provider in spec.providers {
        for variable in setting_names(provider) {
            let owner = owners.insert(variable.clone(), provider.name);
            if let Some(owner) = owner.filter(|owner| *owner != provider.name) {
                let what = format!("is read for two things: for {owner} and for {}", provider.name);
                faults.push(
                    ConfigFault::new(FaultKind::Conflict, variable, what)
                        .help("give one of the two providers another name, or its field"),
                );
            }
        }
    }
}

/// Tables of providers that the registry does not have are those of somebody else.
fn check_files(config: &Config, spec: &RegistrySpec, faults: &mut Faults) {
    config.check_table("oauth", &shared_settings(), faults);
    for provider in spec.providers {
        config.check_table(provider.name, &setting_names(provider), faults);
    }
}

fn public_url(config: &Config, faults: &mut Faults) -> Option<PublicUrl> {
    let Some(setting) = config.get(PUBLIC_URL) else {
        if cfg!(debug_assertions) {
            tracing::info!("{PUBLIC_URL} is not set: using {DEVELOPMENT_URL}");
            return PublicUrl::parse(DEVELOPMENT_URL).ok();
        }
        faults.push(ConfigFault::missing(PUBLIC_URL).help(
            "set it to the address under which people reach the application, such as https://app.example",
        ));
        return None;
    };
    let url = PublicUrl::parse(setting.text());
    faults.record(url.map_err(|why| {
        let what = format!("is `{}`: {why}", RedactedUrl::from(setting.text()));
        ConfigFault::new(FaultKind::Malformed, PUBLIC_URL, what)
    }))
}

fn cookie_keys(
    config: &Config,
    public_url: Option<&PublicUrl>,
    faults: &mut Faults,
) -> Option<CookieKeys> {
    match config.get(COOKIE_KEYS) {
        Some(setting) => {
            let keys = CookieKeys::parse(setting.text());
            faults.record(
                keys.map_err(|why| ConfigFault::malformed(COOKIE_KEYS, &setting.origin, why)),
            )
        }
        // On the developer's machine sessions may end with the process.
        None if public_url.is_some_and(|url| !url.is_https()) => CookieKeys::random().ok(),
        // Whether they are needed, the address will show once it is one.
        None if public_url.is_none() && config.get(PUBLIC_URL).is_some() => None,
        None => {
            faults.push(ConfigFault::missing(COOKIE_KEYS).help(
                "make a key with `openssl rand -base64 32`, and give all machines the same; it seals sessions",
            ));
            None
        }
    }
}

fn store_of(
    config: &Config,
    public_url: Option<&PublicUrl>,
    clock: &Clock,
    faults: &mut Faults,
) -> Option<Arc<dyn Store>> {
    let Some(setting) = config.get(STORE_URL) else {
        if public_url.is_some_and(PublicUrl::is_https) {
            tracing::warn!(
                "tokens and sign-outs are kept in the memory of this process: they end with it, and \
                 other machines do not see them; set {STORE_URL}, to `memory:` if that is right"
            );
        }
        return Some(Arc::new(MemoryStore::new(clock.clone())));
    };
    let store = store::open(setting.text(), clock);
    faults.record(store.map_err(|why| ConfigFault::malformed(STORE_URL, &setting.origin, why)))
}

fn default_http_client(faults: &mut Faults) -> Option<Arc<dyn HttpClient>> {
    let client = ReqwestClient::new().map_err(|error| {
        let what = format!("cannot be prepared: {error}");
        ConfigFault::new(FaultKind::Unreadable, "the HTTP client", what)
            .help("https needs the certificate store of the system (on Debian: ca-certificates)")
    });
    faults.record(client).map(|client| Arc::new(client) as Arc<dyn HttpClient>)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing_keys(config: &Config, public_url: Option<&str>) -> Vec<String> {
        let mut faults = Faults::default();
        let public_url = public_url.map(|url| PublicUrl::parse(url).unwrap());
        let keys = cookie_keys(config, public_url.as_ref(), &mut faults);
        let faults = faults.finish(keys).err();
        let faults = faults.iter().flat_map(ConfigError::faults);
        faults.map(|fault| fault.key().to_owned()).collect()
    }

    /// As in a release build, where nothing stands for an address that is not set.
    #[test]
    fn missing_public_url_and_keys_are_one_error() {
        assert_eq!(missing_keys(&Config::empty(), None), [COOKIE_KEYS]);
        assert_eq!(missing_keys(&Config::empty(), Some("https://app.example")), [COOKIE_KEYS]);
        assert!(missing_keys(&Config::empty(), Some(DEVELOPMENT_URL)).is_empty());
        let malformed = Config::empty().set(PUBLIC_URL, "localhost:3000");
        assert!(missing_keys(&malformed, None).is_empty(), "it has a fault of its own");
    }
}
