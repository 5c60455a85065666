//! A registry that exists before its configuration.

use std::fmt;
use std::mem;
use std::sync::{Arc, OnceLock};

use crate::error::{CallError, OAuthError};
use crate::registry::{OAuthRegistry, RegistryBuilder};
use crate::sync::lock::Mutex;

/// A registry that is configured later: Authlib's `OAuth()` and `init_app(app)`. Its clones are one
/// registry, so it can be part of any state, or a `static` in a
/// [`LazyLock`](std::sync::LazyLock), before any setting is known.
///
/// [`OAuthRegistry::deferred`] creates it, [`init`](Self::init) adds parts, such as a store, and
/// [`configure`](Self::configure) builds the registry, once. From then on [`get`](Self::get) returns
/// it, and [`router`](Self::router) serves the application.
///
/// ```
/// use oauth_runtime::prelude::*;
/// use oauth_runtime::Deferred;
/// # #[derive(OAuthProvider)]
/// # #[oauth_provider(name = "github", preset = "github")]
/// # struct GitHub;
///
/// #[derive(Clone, OAuthRegistry)]
/// struct Providers {
///     github: Client<GitHub>,
/// }
///
/// async fn home(user: User) -> String {
///     format!("Hello, {}", user.display_name())
/// }
///
/// let oauth: Deferred<Providers> = Providers::deferred();
/// let app: Router = oauth.router(|oauth| {
///     Router::new().route("/", get(home)).merge(oauth.routes()).with_state(oauth)
/// });
///
/// // A use before the configuration is an error.
/// assert!(oauth.get().is_err());
///
/// oauth.init(|registry| registry.set("GITHUB_CLIENT_ID", "my-client"))?;
/// oauth.init(|registry| registry.set("GITHUB_CLIENT_SECRET", "s3cr3t"))?;
/// # oauth.init(|registry| registry.config(Config::empty()))?;
/// oauth.configure()?;
/// println!("{}", oauth.get()?.github.login_path());
/// # let _ = app;
/// # Ok::<_, oauth_runtime::OAuthError>(())
/// ```
///
/// Until then, every request to the router gets the status 503.
pub struct Deferred<R>(Arc<Inner<R>>);

struct Inner<R> {
    registry: OnceLock<R>,
    pending: Mutex<Pending<R>>,
}

/// The part that ends with the configuration.
struct Pending<R> {
    /// `None` once the registry is configured.
    parts: Option<RegistryBuilder<R>>,
    waiting: Vec<Waiting<R>>,
}

type Waiting<R> = Box<dyn FnOnce(&R) + Send>;

impl<R: OAuthRegistry> Deferred<R> {
    pub(super) fn new() -> Self {
        let pending = Pending { parts: Some(RegistryBuilder::new()), waiting: Vec::new() };
        Self(Arc::new(Inner { registry: OnceLock::new(), pending: Mutex::new(pending) }))
    }

    /// Adds parts to the registry, such as a store or token hooks. It may be called several times:
    /// the parts add up, and of two values for one part the later one applies. `parts` must not use
    /// this registry: it would wait for itself.
    ///
    /// # Errors
    /// [`CallError::AlreadyConfigured`] after [`configure`](Self::configure): a configured registry
    /// does not change.
    pub fn init(
        &self,
        parts: impl FnOnce(RegistryBuilder<R>) -> RegistryBuilder<R>,
    ) -> Result<(), OAuthError> {
        let mut pending = self.0.pending.lock();
        // A clone, so that a panic in `parts` loses nothing.
        let before = pending.parts.clone().ok_or(CallError::AlreadyConfigured)?;
        pending.parts = Some(parts(before));
        Ok(())
    }

    /// Checks all settings and builds the registry from the parts, with the environment as the
    /// default source of the settings. If it fails, the parts are kept, and it can be called again.
    ///
    /// # Errors
    /// - [`OAuthError::Configuration`] with every missing or malformed setting of all providers
    /// - [`CallError::AlreadyConfigured`] if the registry is configured
    pub fn configure(&self) -> Result<&R, OAuthError> {
        let waiting = {
            let mut pending = self.0.pending.lock();
            let parts = pending.parts.clone().ok_or(CallError::AlreadyConfigured)?;
            let registry = parts.build()?;
            pending.parts = None;
            // It is empty: only this function fills it, with the lock.
            let _ = self.0.registry.set(registry);
            mem::take(&mut pending.waiting)
        };
        let registry = self.get()?;
        for build in waiting {
            build(registry);
        }
        Ok(registry)
    }

    /// Calls the function when the registry is configured: now, or at the end of
    /// [`configure`](Self::configure).
    pub(crate) fn when_configured(&self, build: impl FnOnce(&R) + Send + 'static) {
        let mut pending = self.0.pending.lock();
        match self.0.registry.get() {
            Some(registry) => {
                drop(pending);
                build(registry);
            }
            None => pending.waiting.push(Box::new(build)),
        }
    }
}

impl<R> Deferred<R> {
    /// Returns the registry with its clients.
    ///
    /// # Errors
    /// [`CallError::NotConfigured`] before [`configure`](Self::configure).
    pub fn get(&self) -> Result<&R, OAuthError> {
        self.0.registry.get().ok_or_else(|| CallError::NotConfigured.into())
    }

    /// Whether the registry is configured.
    pub fn is_configured(&self) -> bool {
        self.0.registry.get().is_some()
    }
}

impl<R> Clone for Deferred<R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<R> fmt::Debug for Deferred<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_configured() {
            "Deferred(configured)"
        } else {
            "Deferred(not configured)"
        })
    }
}
