//! A client that may stay unconfigured until it is used.

use std::fmt;
use std::sync::Arc;

use crate::client::Client;
use crate::config::ConfigError;
use crate::deployment::Shared;
use crate::error::OAuthError;

/// The client of the provider `P`, which may stay unconfigured until it is used: a field of a
/// registry. The application starts, and the first use returns the missing settings as an error.
///
/// ```
/// use oauth_runtime::prelude::*;
///
/// #[derive(OAuthProvider)]
/// #[oauth_provider(name = "github", preset = "github")]
/// struct GitHub;
///
/// #[derive(Debug, Clone, OAuthRegistry)]
/// struct Providers {
///     github: LazyClient<GitHub>,
/// }
///
/// async fn login(State(oauth): State<Providers>) -> Result<impl IntoResponse, OAuthError> {
///     oauth.github.get()?.authorize_redirect().await
/// }
///
/// let oauth = Providers::builder().config(Config::empty()).build()?;
/// let error = oauth.github.get().unwrap_err();
/// assert!(error.to_string().contains("GITHUB_CLIENT_ID is missing"));
/// # let _: Router = Router::new().route("/login", get(login)).with_state(oauth);
/// # Ok::<_, oauth_runtime::ConfigError>(())
/// ```
///
/// Only missing settings are tolerated: an invalid setting is an error when the application starts,
/// as with a [`Client`]. A plain `Client` must be configured. An `Option<Client<P>>` is `None` and
/// has no routes if the client identifier is missing, without any error; if the identifier is set,
/// the client must be fully configured. The generated routes of a lazy client always exist, and
/// until it is configured they return the error of [`get`](Self::get).
pub struct LazyClient<P>(State<P>);

enum State<P> {
    Configured(Client<P>),
    Unconfigured(Arc<Shared>, ConfigError),
}

impl<P> LazyClient<P> {
    pub(crate) fn configured(client: Client<P>) -> Self {
        Self(State::Configured(client))
    }

    pub(crate) fn unconfigured(shared: Arc<Shared>, missing: ConfigError) -> Self {
        Self(State::Unconfigured(shared, missing))
    }

    /// Returns the client.
    ///
    /// # Errors
    /// [`OAuthError::Configuration`] with every missing setting.
    pub fn get(&self) -> Result<&Client<P>, OAuthError> {
        match &self.0 {
            State::Configured(client) => Ok(client),
            State::Unconfigured(_, missing) => Err(missing.clone().into()),
        }
    }

    /// Whether all settings are present.
    pub fn is_configured(&self) -> bool {
        matches!(self.0, State::Configured(_))
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        match &self.0 {
            State::Configured(client) => &client.engine().shared,
            State::Unconfigured(shared, _) => shared,
        }
    }
}

impl<P> Clone for LazyClient<P> {
    fn clone(&self) -> Self {
        Self(match &self.0 {
            State::Configured(client) => State::Configured(client.clone()),
            State::Unconfigured(shared, missing) => {
                State::Unconfigured(Arc::clone(shared), missing.clone())
            }
        })
    }
}

impl<P> fmt::Debug for LazyClient<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            State::Configured(client) => write!(f, "Lazy{client:?}"),
            State::Unconfigured(..) => f.write_str("LazyClient(unconfigured)"),
        }
    }
}
