//! The registry of an application with one provider.

use std::fmt;

use axum::extract::FromRef;

use crate::client::Client;
use crate::config::ConfigError;
use crate::declaration::capabilities::assert_declared;
use crate::declaration::collisions::Collisions;
use crate::declaration::provider::AnyProvider;
use crate::declaration::spec::RegistrySpec;
use crate::registry::deferred::Deferred;
use crate::registry::sessions::Sessions;
use crate::registry::{Assembly, OAuthRegistry, RegistryBuilder};

/// The registry of an application with one provider, `P`. Cheap to clone.
///
/// `GitHub::from_env()` creates it; see [`StandaloneProvider`]. Like a derived registry, it can be
/// the state of the application: the [`Client`], the [`Sessions`] and all extractors work with it.
/// Its routes are those of a derived registry with the mount `/auth`:
/// [`routes`](Self::routes).
///
/// An application with several providers, with an `on_error` handler or with another mount
/// derives [`OAuthRegistry`](derive@crate::OAuthRegistry) for a struct of clients.
pub struct Standalone<P>(pub(crate) Client<P>);

impl<P: AnyProvider> Standalone<P> {
    /// The client of the provider. Handlers extract it with `State<Client<P>>`.
    pub fn client(&self) -> &Client<P> {
        &self.0
    }
}

impl<P: AnyProvider> OAuthRegistry for Standalone<P> {
    const SPEC: &'static RegistrySpec =
        &RegistrySpec { mount: "/auth", providers: &[<P as AnyProvider>::SPEC] };

    fn assemble(assembly: &mut Assembly<'_>) -> Option<Self> {
        const {
            assert_declared::<P::Capabilities>(P::SPEC);
            Collisions::of(Self::SPEC).check(Self::SPEC, 0);
        }
        assembly.client().map(Self)
    }
}

/// Every declared provider: an application with one provider needs no registry of its own.
///
/// ```
/// use oauth_runtime::prelude::*;
///
/// #[derive(OAuthProvider)]
/// #[oauth_provider(name = "github", preset = "github")]
/// struct GitHub;
///
/// async fn home(user: User) -> String {
///     format!("Hello, {}", user.display_name())
/// }
///
/// # fn start() -> Result<(), oauth_runtime::ConfigError> {
/// let github = GitHub::from_env()?;
/// let app: Router = Router::new()
///     .route("/", get(home))
///     .merge(github.routes())
///     .with_state(github);
/// # let _ = app;
/// # Ok(())
/// # }
/// ```
///
/// To run code at each login, mark a handler with [`#[oauth_login]`](macro@crate::oauth_login).
///
/// Each call creates clients, sessions and stores of its own. If the provider is also a field of a
/// derived registry, use that field.
pub trait StandaloneProvider: AnyProvider {
    /// Reads the configuration from the environment; see
    /// [`Config::from_env`](crate::Config::from_env) for the sources.
    ///
    /// # Errors
    /// [`ConfigError`] with every missing or malformed setting.
    fn from_env() -> Result<Standalone<Self>, ConfigError> {
        Standalone::builder().build()
    }

    /// Returns a builder, to configure in code what the environment does not.
    fn builder() -> RegistryBuilder<Standalone<Self>> {
        Standalone::builder()
    }

    /// Returns a registry that is configured later; see [`Deferred`].
    fn deferred() -> Deferred<Standalone<Self>> {
        Standalone::deferred()
    }
}

impl<P: AnyProvider> StandaloneProvider for P {}

impl<P: AnyProvider> FromRef<Standalone<P>> for Client<P> {
    fn from_ref(registry: &Standalone<P>) -> Self {
        registry.0.clone()
    }
}

impl<P: AnyProvider> FromRef<Standalone<P>> for Sessions {
    fn from_ref(registry: &Standalone<P>) -> Self {
        registry.0.sessions()
    }
}

impl<P> Clone for Standalone<P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<P> fmt::Debug for Standalone<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Standalone").field(&self.0).finish()
    }
}
