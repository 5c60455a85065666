//! The login of a device without a browser, such as a command-line program or a television, as the
//! application sees it.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::client::Client;
use crate::clock::UnixTime;
use crate::declaration::provider::{AnyProvider, DeviceProvider};
use crate::error::OAuthError;
use crate::flow::login::CompletedLogin;
use crate::flow::login::device::{self, DeviceOptions, PendingDevice};
use crate::flow::provider_client::ProviderClient;
use crate::protocol::device_authorization::RESERVED;
use crate::sync::future::BoxFuture;
use crate::text::opaque_debug;
use crate::web::login::Login;
use crate::web::login::handler::VerifiedLogin;

impl<P: AnyProvider> Client<P> {
    /// Starts a login without a browser on this device (RFC 8628). Awaiting it returns a
    /// [`DeviceAuthorization`], whose code the user enters at the provider on any device with a
    /// browser. Awaiting that returns the verified [`Login`].
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

/// A device login that has not started. Awaiting it returns a [`DeviceAuthorization`].
#[must_use = "nothing is sent until this is awaited"]
pub struct AuthorizeDevice<P> {
    client: Arc<ProviderClient>,
    options: DeviceOptions,
    provider: PhantomData<fn() -> P>,
}

impl<P: AnyProvider> AuthorizeDevice<P> {
    /// Replaces the declared scopes. With OpenID Connect, `openid` is always included.
    pub fn scopes<'s>(mut self, scopes: impl IntoIterator<Item = &'s str>) -> Self {
        self.options.scope = Some(self.client.settings.scope_of(scopes));
        self
    }

    /// Sets another parameter of the device authorization request that the provider documents, such
    /// as `audience`. The declared `authorize_params` are for browsers and are not sent. A
    /// parameter that the library sets itself causes an error when this is awaited.
    pub fn param(mut self, name: &str, value: &str) -> Self {
        self.options.params.set_unreserved(name, value, RESERVED);
        self
    }

    async fn begin(self) -> Result<DeviceAuthorization<P>, OAuthError> {
        let pending = device::begin(&self.client, self.options).await?;
        Ok(DeviceAuthorization { client: self.client, pending, provider: PhantomData })
    }
}

impl<P: AnyProvider> IntoFuture for AuthorizeDevice<P> {
    type Output = Result<DeviceAuthorization<P>, OAuthError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    /// # Errors
    /// [`OAuthError::Provider`] when the provider declines, or, with
    /// [`ProviderError::NoEndpoint`](crate::error::ProviderError::NoEndpoint), when neither its
    /// declaration nor its metadata name the endpoint; [`OAuthError::Network`];
    /// [`OAuthError::Call`] for a reserved parameter.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.begin())
    }
}

/// A device login that waits for the user. The application shows the user where to go and which
/// code to enter. Awaiting it polls the provider at the interval that the provider demands, and
/// returns the verified [`Login`].
///
/// An attacker who makes a user enter the attacker's code signs the user in on the attacker's
/// device (RFC 8628 section 5.4). So show the code even if [`verification_uri_complete`] makes
/// typing unnecessary, and never send it to other devices: the user must know which device is
/// asking.
///
/// [`verification_uri_complete`]: Self::verification_uri_complete
#[must_use = "the login completes when this is awaited"]
pub struct DeviceAuthorization<P> {
    client: Arc<ProviderClient>,
    pending: PendingDevice,
    provider: PhantomData<fn() -> P>,
}

impl<P: AnyProvider> DeviceAuthorization<P> {
    /// The code that the user enters, such as `WDJB-MJHT`. It contains no control characters.
    pub fn user_code(&self) -> &str {
        &self.pending.authorization.user_code
    }

    /// The https URL of the page where the user enters the code, short enough to type.
    pub fn verification_uri(&self) -> &str {
        self.pending.authorization.verification_uri.as_str()
    }

    /// The URL of the same page with the code filled in, for a link or a QR code next to the code.
    /// `None` if the provider has no such page.
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

    /// Polls once, for callers that do not want to wait here, such as a page that checks every few
    /// seconds. `None`: the user has not answered yet. It may be called at any rate: requests to
    /// the provider keep the provider's interval.
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
    /// [`BrowserError::Expired`](crate::error::BrowserError::Expired) when the user did not answer
    /// in time; [`OAuthError::is_access_denied`] when the user declined; other [`OAuthError`]s when
    /// the response is not that of a login. A provider that does not respond is polled less and
    /// less often until the code expires.
    pub async fn poll(&mut self) -> Result<Option<Login<P>>, OAuthError> {
        let login = device::poll(&self.client, &mut self.pending).await?;
        login.map(|login| branded(&self.client, login)).transpose()
    }

    async fn finish(self) -> Result<Login<P>, OAuthError> {
        let login = device::finish(&self.client, self.pending).await?;
        branded(&self.client, login)
    }
}

fn branded<P: AnyProvider>(
    client: &Arc<ProviderClient>,
    login: Box<CompletedLogin>,
) -> Result<Login<P>, OAuthError> {
    let client = Arc::clone(client);
    Login::new(VerifiedLogin { client, login, earlier: None }, None)
}

impl<P: AnyProvider> IntoFuture for DeviceAuthorization<P> {
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
