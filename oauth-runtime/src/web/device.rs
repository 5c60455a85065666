//! Login of a device without a browser, such as a program on the command line or a television: what
//! the application holds of it.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::client::Client;
use crate::clock::UnixTime;
use crate::declaration::provider::{DeviceProvider, OAuthProvider};
use crate::error::OAuthError;
use crate::flow::login::CompletedLogin;
use crate::flow::login::device::{self, DeviceOptions, PendingDevice};
use crate::flow::provider_client::ProviderClient;
use crate::protocol::device_authorization::RESERVED;
use crate::sync::future::BoxFuture;
use crate::text::opaque_debug;
use crate::web::login::Login;
use crate::web::login::handler::EndedLogin;

impl<P: OAuthProvider> Client<P> {
    /// Begins a login without a browser on this device (RFC 8628): awaited, it becomes a
    /// [`DeviceAuthorization`], whose code the person types at the provider, on any device that has a
    /// browser. Awaited in its turn, that becomes the verified [`Login`].
    ///
    /// ```no_run
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("read:user"))]
    /// # struct GitHub;
    ///
    /// async fn login(github: &Client<GitHub>) -> Result<String, OAuthError> {
    ///     let device = github.authorize_device().await?;
    ///     println!("Open {} and enter {}", device.verification_uri(), device.user_code());
    ///     let login = device.await?;
    ///     let github = github.with_token(login.into_token());
    ///     github.get("user").text().await
    /// }
    /// ```
    pub fn authorize_device(&self) -> AuthorizeDevice<P>
    where
        P: DeviceProvider,
    {
        AuthorizeDevice {
            client: Arc::clone(self.engine()),
            options: DeviceOptions::default(),
            provider: PhantomData,
        }
    }
}

/// A login of a device that is about to begin; awaited, it becomes a [`DeviceAuthorization`].
#[must_use = "nothing is sent until this is awaited"]
pub struct AuthorizeDevice<P> {
    client: Arc<ProviderClient>,
    options: DeviceOptions,
    provider: PhantomData<fn() -> P>,
}

impl<P: OAuthProvider> AuthorizeDevice<P> {
    /// Asks for these scopes instead of the declared ones; with OpenID Connect `openid` is one of them
    /// in any case.
    pub fn scopes<'s>(mut self, scopes: impl IntoIterator<Item = &'s str>) -> Self {
        self.options.scope = Some(self.client.settings.scope_of(scopes));
        self
    }

    /// Any other parameter of the device authorization request that the provider documents, such as
    /// `audience`; those of `authorize_params` are for browsers and are not sent. One that the library
    /// sets itself is an error when this is awaited.
    pub fn param(mut self, name: &str, value: &str) -> Self {
        self.options.params.set_unreserved(name, value, RESERVED);
        self
    }

    async fn begin(self) -> Result<DeviceAuthorization<P>, OAuthError> {
        let pending = device::begin(&self.client, self.options).await?;
        Ok(DeviceAuthorization { client: self.client, pending, provider: PhantomData })
    }
}

impl<P: OAuthProvider> IntoFuture for AuthorizeDevice<P> {
    type Output = Result<DeviceAuthorization<P>, OAuthError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    /// # Errors
    /// [`OAuthError::Provider`] when the provider declines, or, with
    /// [`ProviderError::NoEndpoint`](crate::error::ProviderError::NoEndpoint), when neither its declaration nor
    /// its metadata name the endpoint; [`OAuthError::Network`]; [`OAuthError::Call`] for a reserved
    /// parameter.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.begin())
    }
}

/// A login of a device that waits for the person, whom the application now tells where to go and what
/// to type. Awaited, it asks the provider at the pace that the provider wants, and becomes the
/// verified [`Login`].
///
/// A stranger who has a person type the stranger's code has the person log in on the stranger's device
/// (RFC 8628 section 5.4). So show the code even where [`verification_uri_complete`] spares typing it,
/// and never send it anywhere by itself: the person must know which device it is that asks.
///
/// [`verification_uri_complete`]: Self::verification_uri_complete
#[must_use = "the login is finished when this is awaited"]
pub struct DeviceAuthorization<P> {
    client: Arc<ProviderClient>,
    pending: PendingDevice,
    provider: PhantomData<fn() -> P>,
}

impl<P: OAuthProvider> DeviceAuthorization<P> {
    /// What the person types, such as `WDJB-MJHT`; it has no characters that would drive a terminal.
    pub fn user_code(&self) -> &str {
        &self.pending.authorization.user_code
    }

    /// Where the person types it: an https URL, short enough to be typed as well.
    pub fn verification_uri(&self) -> &str {
        self.pending.authorization.verification_uri.as_str()
    }

    /// The same page with the code filled in, for a link or a QR code beside the code. `None` where the
    /// provider has no such page.
    pub fn verification_uri_complete(&self) -> Option<&str> {
        self.pending.authorization.verification_uri_complete.as_ref().map(AsRef::as_ref)
    }

    /// When the code expires.
    pub fn expires_at(&self) -> UnixTime {
        UnixTime::from_secs(self.pending.expires_at)
    }

    /// When [`poll`](Self::poll) asks the provider next.
    pub fn polls_at(&self) -> UnixTime {
        UnixTime::from_secs(self.pending.asks_at())
    }

    /// Asks once whether the person has answered, for those who do not want to wait here, such as a
    /// page that looks every few seconds. `None`: not yet. It may be called as often as one likes: the
    /// provider is asked at its own pace.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// use oauth_runtime::DeviceAuthorization;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github", scopes("read:user"))]
    /// # struct GitHub;
    ///
    /// async fn look(device: &mut DeviceAuthorization<GitHub>) -> Result<&'static str, OAuthError> {
    ///     match device.poll().await {
    ///         Ok(Some(login)) => Ok("welcome"),
    ///         Ok(None) => Ok("waiting"),
    ///         Err(error) if error.is_access_denied() => Ok("you said no"),
    ///         Err(error) => Err(error),
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// [`BrowserError::Expired`](crate::error::BrowserError::Expired) when nobody answered in time;
    /// [`OAuthError::is_access_denied`] when the person said no; other [`OAuthError`]s when what the
    /// provider answers is no login. A provider that does not answer at all is asked again, less and
    /// less often, until the code ends.
    pub async fn poll(&mut self) -> Result<Option<Login<P>>, OAuthError> {
        let login = device::poll(&self.client, &mut self.pending).await?;
        login.map(|login| branded(&self.client, login)).transpose()
    }

    async fn finish(self) -> Result<Login<P>, OAuthError> {
        let login = device::finish(&self.client, self.pending).await?;
        branded(&self.client, login)
    }
}

fn branded<P: OAuthProvider>(
    client: &Arc<ProviderClient>,
    login: Box<CompletedLogin>,
) -> Result<Login<P>, OAuthError> {
    let client = Arc::clone(client);
    Login::new(EndedLogin { client, login, earlier: None }, None)
}

impl<P: OAuthProvider> IntoFuture for DeviceAuthorization<P> {
    type Output = Result<Login<P>, OAuthError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    /// # Errors
    /// As [`poll`](DeviceAuthorization::poll).
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.finish())
    }
}

opaque_debug!(AuthorizeDevice<P>, |it| it.client.name());

impl<P> fmt::Debug for DeviceAuthorization<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceAuthorization")
            .field("provider", &self.client.name())
            .field("pending", &self.pending)
            .finish()
    }
}
