//! All providers of an application, configured together.

mod application;
mod assembly;
mod builder;
mod check;
mod client_authenticator;
pub(crate) mod deferred;
mod http_clients;
mod paths;
pub(crate) mod run_time;
pub(crate) mod sessions;
pub(crate) mod standalone;
mod token_hooks;

pub(crate) use self::application::PUBLIC_URL;
pub use self::assembly::Assembly;
pub use self::builder::RegistryBuilder;
pub(crate) use self::paths::{
    backchannel_logout_path, callback_path, connect_path, logged_out_path, login_path,
    logout_paths, paths, provider_links,
};

use std::sync::Arc;

use self::deferred::Deferred;
use self::sessions::HasSessions;
use crate::config::ConfigError;
use crate::declaration::spec::RegistrySpec;
use crate::error::{OAuthError, ServerMetadataError};
use crate::flow::grant::refresher::TokenRefresher;
use crate::store::Resealed;

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

    /// Reads the configuration from the environment; see
    /// [`Config::from_env`](crate::Config::from_env) for the sources.
    ///
    /// # Errors
    /// [`ConfigError`] with every missing or malformed setting of all providers.
    fn from_env() -> Result<Self, ConfigError> {
        Self::builder().build()
    }

    /// Returns a builder, to configure in code what the environment does not.
    fn builder() -> RegistryBuilder<Self> {
        RegistryBuilder::new()
    }

    /// Returns a registry that is configured later: Authlib's `OAuth()` and `init_app(app)`.
    fn deferred() -> Deferred<Self> {
        Deferred::new()
    }

    /// The path that starts a login with a provider, as visitors see it, including the path of
    /// the public URL. `None` if no provider of this name is configured.
    /// [`Client::login_path`](crate::Client::login_path) does the same for one client.
    fn login_path(&self, provider: &str) -> Option<String>
    where
        Self: HasSessions,
    {
        let links = self.sessions().shared().links(Some(provider));
        links.into_iter().next().map(|link| link.path)
    }

    /// The path that ends the session, as visitors see it, for a form that posts.
    fn logout_path(&self) -> String
    where
        Self: HasSessions,
    {
        let path = format!("{}/logout", Self::SPEC.mount);
        self.sessions().shared().public_url.outside(&path)
    }

    /// Re-seals every record of the store that was sealed with another key than the first of
    /// `OAUTH_COOKIE_KEYS`. If none is left that cannot be opened, the older keys may be removed.
    ///
    /// It reads the whole store record by record, without blocking requests. Run it once, on one
    /// instance, when all instances have the new key in first place. Without it, records are
    /// re-sealed when they are read, and the others expire.
    ///
    /// # Errors
    /// [`OAuthError::Store`]: [`CannotList`](crate::error::StoreError::CannotList) when the back
    /// end cannot list its records, [`Backend`](crate::error::StoreError::Backend) when it is
    /// unavailable. It may be called again afterwards.
    fn reseal_store(&self) -> impl Future<Output = Result<Resealed, OAuthError>> + Send
    where
        Self: HasSessions,
    {
        let sessions = self.sessions();
        async move { sessions.shared().store.reseal_all().await }
    }

    /// Creates a refresher for stored tokens that are not used, so that their grants do not expire.
    /// It is opt-in; start it with [`TokenRefresher::start`].
    fn token_refresher(&self) -> TokenRefresher
    where
        Self: HasSessions,
    {
        TokenRefresher::new(Arc::clone(self.sessions().shared()))
    }

    /// Waits until all token refreshes of this instance are finished and their results are stored.
    ///
    /// A refresh runs independently of requests. If the process ends during a refresh, the new
    /// refresh token is lost, and the user has to log in again. So a process that shuts down calls
    /// this once it serves no more requests:
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
    /// // While the store is unavailable, this would never end.
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

    /// Loads the metadata and keys of all configured providers concurrently and reports every
    /// failure. Without this call the first login with a provider loads them, and the application
    /// starts even if a provider is unavailable.
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
    /// [`ServerMetadataError`] with every provider whose metadata or keys cannot be fetched or
    /// used. Those of the others are loaded.
    fn load_server_metadata(&self) -> impl Future<Output = Result<(), ServerMetadataError>> + Send
    where
        Self: HasSessions,
    {
        let sessions = self.sessions();
        async move { ServerMetadataError::check(sessions.shared().loaders.load_all().await) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::config::Faults;
    use crate::registry::application::COOKIE_KEYS;
    use crate::registry::application::cookie_keys;
    use crate::url::public_url::PublicUrl;

    fn missing_keys(config: &Config, public_url: Option<&str>) -> Vec<String> {
        let mut faults = Faults::default();
        let public_url = public_url.map(|url| PublicUrl::parse(url).unwrap());
        let keys = cookie_keys(config, public_url.as_ref(), &mut faults);
        let faults = faults.finish(keys).err();
        let faults = faults.iter().flat_map(ConfigError::faults);
        faults.map(|fault| fault.key().to_owned()).collect()
    }

    /// As in a release build, which has no default for the address.
    #[test]
    fn missing_public_url_and_keys_are_one_error() {
        assert_eq!(missing_keys(&Config::empty(), None), [COOKIE_KEYS]);
        assert_eq!(missing_keys(&Config::empty(), Some("https://app.example")), [COOKIE_KEYS]);
        assert!(missing_keys(&Config::empty(), Some(application::DEVELOPMENT_URL)).is_empty());
        let malformed = Config::empty().set(PUBLIC_URL, "localhost:3000");
        assert!(missing_keys(&malformed, None).is_empty(), "it is reported as malformed instead");
    }
}
