//! Configures a registry.

use crate::clock::Clock;
use crate::config::{Config, ConfigError, ConfigFault, FaultKind, Faults};
use crate::declaration::client_authenticator::Authenticators;
use crate::declaration::provider::AnyProvider;
use crate::deployment::{Parts, Shared};
use crate::http::HttpClient;
use crate::pages::Pages;
use crate::pages::settings::PageSettings;
use crate::registry::application::COOKIE_KEYS;
use crate::registry::application::cookie_keys;
use crate::registry::application::is_store_implied;
use crate::registry::application::public_url;
use crate::registry::application::store_of;
use crate::registry::check::check_files;
use crate::registry::check::check_names;
use crate::registry::check::check_paths;
use crate::registry::check::check_sign_in_page;
use crate::registry::check::check_stores_of_logouts;
use crate::registry::check::check_variables;
use crate::registry::http_clients::HttpClients;
use crate::registry::{Assembly, OAuthRegistry, PUBLIC_URL, provider_links};
use crate::store::Store;
use crate::token::hooks::HookTable;
use crate::token::owner::Owner;
use crate::token::owner_of::OwnerOf;
use crate::token::updated::{Listeners, TokenUpdated};
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

/// Twelve hours: a working day.
const SESSION_LIFETIME: Duration = Duration::from_secs(12 * 3600);

/// A cookie that expires at once would make every login fail.
const MIN_SESSION_LIFETIME: Duration = Duration::from_secs(1);

/// Configures a registry.
#[must_use = "a builder does nothing until `build` is called"]
pub struct RegistryBuilder<R> {
    config: Option<Config>,
    settings: Vec<(String, String)>,
    http: HttpClients,
    store: Option<Arc<dyn Store>>,
    clock: Clock,
    session_lifetime: Duration,
    revokes_on_sign_out: bool,
    listeners: Listeners,
    pub(super) token_hooks: HookTable,
    pub(super) authenticators: Authenticators,
    owner_of: Option<OwnerOf>,
    pages: Pages,
    sign_in_page: Option<String>,
    registry: PhantomData<fn() -> R>,
}

impl<R: OAuthRegistry> RegistryBuilder<R> {
    pub(super) fn new() -> Self {
        Self {
            config: None,
            settings: Vec::new(),
            http: HttpClients::default(),
            store: None,
            clock: Clock::system(),
            session_lifetime: SESSION_LIFETIME,
            revokes_on_sign_out: true,
            listeners: Listeners::default(),
            token_hooks: HookTable::default(),
            authenticators: Authenticators::default(),
            owner_of: None,
            pages: Pages::new(),
            sign_in_page: None,
            registry: PhantomData,
        }
    }

    /// Sets the source of the settings. Default: [`Config::from_env`].
    pub fn config(mut self, config: Config) -> Self {
        self.config = Some(config);
        self
    }

    /// Sets one key, such as `GITHUB_CLIENT_ID`; it takes precedence over every other source.
    pub fn set(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.push((key.into(), value.into()));
        self
    }

    /// Sets the address of the application as users see it, such as `https://app.example`: the
    /// key `OAUTH_PUBLIC_URL`. Default: `http://localhost:3000` in debug builds, none otherwise.
    pub fn public_url(self, url: impl Into<String>) -> Self {
        self.set(PUBLIC_URL, url)
    }

    /// Sets the HTTP client for requests to providers. Default:
    /// [`ReqwestClient`](crate::http::ReqwestClient).
    pub fn http_client(mut self, client: impl HttpClient) -> Self {
        self.http.set_all(Arc::new(client));
        self
    }

    /// Like [`http_client`](Self::http_client), for the provider `P` only; takes precedence for it.
    ///
    /// ```
    /// use oauth_runtime::http::{BuildError, ReqwestClient};
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "acme", issuer = "https://sso.acme.internal", scopes("openid"))]
    /// # struct Acme;
    /// # #[derive(Debug, Clone, OAuthRegistry)]
    /// # struct Providers { acme: Client<Acme> }
    ///
    /// fn builder(authority: &[u8]) -> Result<oauth_runtime::RegistryBuilder<Providers>, BuildError> {
    ///     let client = ReqwestClient::builder().root_certificates(authority).build()?;
    ///     Ok(Providers::builder().http_client_of::<Acme>(client))
    /// }
    /// ```
    pub fn http_client_of<P: AnyProvider>(mut self, client: impl HttpClient) -> Self {
        self.http.set(P::SPEC.name, Arc::new(client));
        self
    }

    /// Sets the store for tokens and consumed logins. Default: the store of `OAUTH_STORE_URL`, or
    /// else the memory of the process.
    pub fn store(mut self, store: impl Store) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// Sets the source of the time. Default: the system.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets how long a session lasts after the login. Default: 12 hours.
    pub fn session_lifetime(mut self, lifetime: Duration) -> Self {
        self.session_lifetime = lifetime;
        self
    }

    /// Sets whether a sign-out also revokes the tokens of the session at the provider (RFC 7009).
    /// Default: yes, if there is a refresh token, which would otherwise stay valid, and the
    /// provider has a revocation endpoint. It runs in the background. Some providers, such as
    /// Google, withdraw the user's consent with it, so that the next login asks again.
    pub fn revoke_on_sign_out(mut self, revoke: bool) -> Self {
        self.revokes_on_sign_out = revoke;
        self
    }

    /// Sets how the pages of the library look and what they say. Default: as the settings
    /// `OAUTH_APP_NAME`, `OAUTH_APP_LOGO` and `OAUTH_APP_COLOR` say, in the language of the visitor.
    pub fn pages(mut self, pages: Pages) -> Self {
        self.pages = pages;
        self
    }

    /// Adds a listener that is called when tokens were refreshed, or when the provider has ended a
    /// grant: Authlib's signal `token_updated`. There may be several listeners. Each has its own
    /// task and queue, so a listener that is slow, fails or panics does not disturb others. A queue
    /// holds 1024 events, and one event may take a minute. If there are several instances, the one
    /// that refreshed calls its listeners.
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

    /// Sets the owner of the tokens that [`Api`](crate::Api) uses as an extractor, for an
    /// application with sessions of its own: the user of the request. `None` means that no user is
    /// signed in. It applies to providers that are declared with `keep_tokens`, and the library's
    /// own session is then not read for them.
    ///
    /// Return only a user whom your application has authenticated, such as the one that its session
    /// middleware stored in the extensions of the request: the function decides whose account is
    /// used. [`Login::keep_tokens`](crate::Login::keep_tokens) stores the tokens under this owner.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("repo"), keep_tokens)]
    /// # struct GitHub;
    /// # #[derive(Debug, Clone, OAuthRegistry)]
    /// # struct Providers { github: Client<GitHub> }
    ///
    /// /// The middleware of your sessions inserts it.
    /// #[derive(Clone)]
    /// struct CurrentUser {
    ///     id: u64,
    /// }
    ///
    /// let builder = Providers::builder()
    ///     .owner_of(|request| Some(request.extensions.get::<CurrentUser>()?.id.into()));
    ///
    /// async fn repositories(github: Api<GitHub>) -> Result<String, OAuthError> {
    ///     github.get("user/repos").text().await
    /// }
    /// ```
    pub fn owner_of<F>(mut self, function: F) -> Self
    where
        F: Fn(&::http::request::Parts) -> Option<Owner> + Send + Sync + 'static,
    {
        self.owner_of = Some(OwnerOf::new(function));
        self
    }

    /// Sets the path of the application's own sign-in page, such as `/sign-in`. Default: the
    /// built-in page.
    ///
    /// A visitor who must log in is redirected to it with 303 See Other. The query has `return_to`,
    /// the requested page, and, if only one provider will do, its name as `provider`. The page
    /// links to [`login_path`](crate::Client::login_path), with the same `return_to`; the login
    /// route checks that it is a path of this application. The page itself must not check less if
    /// it redirects.
    ///
    /// Scripts still get JSON. A handler `on_error` is called first; if it returns the error, that
    /// is this redirect. The built-in page remains for a user who is signed in and must connect an
    /// account, and for the sign-in page itself if it requires a login.
    ///
    /// ```
    /// use axum::extract::Query;
    /// use axum::response::Html;
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github")]
    /// # struct GitHub;
    /// # #[derive(Clone, OAuthRegistry)]
    /// # struct Providers { github: Client<GitHub> }
    /// use url::form_urlencoded::Serializer;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Target {
    ///     #[serde(default)]
    ///     return_to: String,
    /// }
    ///
    /// async fn sign_in(State(oauth): State<Providers>, Query(target): Query<Target>) -> Html<String> {
    ///     let query = Serializer::new(String::new()).append_pair("return_to", &target.return_to).finish();
    ///     let path = oauth.github.login_path();
    ///     Html(format!("<a href=\"{path}?{query}\">Sign in with GitHub</a>"))
    /// }
    ///
    /// # fn start() -> Result<Router, oauth_runtime::ConfigError> {
    /// let oauth = Providers::builder().sign_in_page("/sign-in").build()?;
    /// let app = Router::new().route("/sign-in", get(sign_in)).merge(oauth.routes());
    /// # Ok(app.with_state(oauth))
    /// # }
    /// ```
    pub fn sign_in_page(mut self, path: impl Into<String>) -> Self {
        self.sign_in_page = Some(path.into());
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
        let sign_in_page = self.sign_in_page.as_deref();
        let sign_in_page = sign_in_page.and_then(|it| check_sign_in_page(it, R::SPEC, &mut faults));
        let public_url = public_url(&config, &mut faults);
        let keys = cookie_keys(&config, public_url.as_ref(), &mut faults);
        let has_implied_store =
            self.store.is_none() && is_store_implied(&config, public_url.as_ref());
        if has_implied_store {
            check_stores_of_logouts(&config, R::SPEC, &mut faults);
        }
        let store_of = || store_of(&config, public_url.as_ref(), &self.clock, &mut faults);
        let store = self.store.or_else(store_of);
        let http = self.http.common(&mut faults);
        let pages = PageSettings::new(self.pages, &config, &mut faults);
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
                    session_lifetime: self.session_lifetime.max(MIN_SESSION_LIFETIME),
                    pages,
                    revokes_on_sign_out: self.revokes_on_sign_out,
                    listeners: self.listeners,
                    token_hooks: self.token_hooks,
                    authenticators: self.authenticators,
                    owner_of: self.owner_of,
                    has_implied_store,
                    sign_in_page,
                };
                let shared = Shared::new(parts, &keys).map(Arc::new);
                faults.record(shared.map_err(|error| {
                    ConfigFault::new(FaultKind::Malformed, COOKIE_KEYS, error.to_string())
                }))
            },
        );
        // The clients are built even if a shared setting is invalid: one error reports all faults.
        let registry = R::assemble(&mut Assembly {
            mount: R::SPEC.mount,
            config: &config,
            public_url: public_url.as_ref(),
            shared: shared.as_ref(),
            http: &self.http,
            faults: &mut faults,
        });
        check_names(&config, R::SPEC, &mut faults);
        faults.finish(registry).map_err(|error| error.with_hints(&config))
    }
}

impl<R> Clone for RegistryBuilder<R> {
    fn clone(&self) -> Self {
        Self {
            config: self.config.clone(),
            settings: self.settings.clone(),
            http: self.http.clone(),
            store: self.store.clone(),
            clock: self.clock.clone(),
            session_lifetime: self.session_lifetime,
            revokes_on_sign_out: self.revokes_on_sign_out,
            listeners: self.listeners.clone(),
            token_hooks: self.token_hooks.clone(),
            authenticators: self.authenticators.clone(),
            owner_of: self.owner_of.clone(),
            pages: self.pages.clone(),
            sign_in_page: self.sign_in_page.clone(),
            registry: PhantomData,
        }
    }
}

impl<R> std::fmt::Debug for RegistryBuilder<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RegistryBuilder").field("config", &self.config).finish_non_exhaustive()
    }
}
