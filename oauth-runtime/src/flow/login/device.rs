//! The device authorization grant (RFC 8628 figure 1): a device without a browser shows a code, the
//! user enters it at the provider on another device, and the device polls the token endpoint until
//! then.
//!
//! No response comes through a browser, so there is neither `state` nor PKCE: the tokens are bound
//! to this device by the device code, which only the provider and this process know.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{CompletedLogin, received_tokens};
use crate::clock;
use crate::error::{BrowserError, CallError, OAuthError};
use crate::flow::extra_parameters::ExtraParameters;
use crate::flow::provider_client::ProviderClient;
use crate::protocol::device_authorization::{
    self, DeviceAuthorizationResponse, GRANT_TYPE, Interval, Wait,
};
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::protocol::id_token::Nonce;
use crate::protocol::token_request;

/// The options of one device login in addition to the declaration.
#[derive(Debug, Default)]
pub(crate) struct DeviceOptions {
    /// Replaces the declared scopes.
    pub(crate) scope: Option<String>,
    pub(crate) params: ExtraParameters,
}

/// A login that waits for the user. Used once: it is not `Clone`.
pub(crate) struct PendingDevice {
    pub(crate) authorization: DeviceAuthorizationResponse,
    /// Seconds since 1970-01-01 UTC.
    pub(crate) expires_at: u64,
    /// Minimum interval between two token requests, as the provider demands it.
    interval: Interval,
    /// Pause until the next request; longer than the interval while the provider does not respond.
    pause: Interval,
    /// Seconds since 1970-01-01 UTC.
    asked_at: u64,
}

/// Requests a code that the user can enter (sections 3.1 and 3.2).
///
/// # Errors
/// [`ProviderError::NoEndpoint`] when neither the declaration nor the metadata name the endpoint;
/// the provider's error response, or the reason why there was no response.
pub(crate) async fn begin(
    client: &Arc<ProviderClient>,
    options: DeviceOptions,
) -> Result<PendingDevice, OAuthError> {
    options.params.check()?;
    if !client.settings.has_login {
        return Err(CallError::NoLogin.into());
    }
    let resolved = client.resolved().await?;
    let endpoint = resolved.device_authorization_endpoint.as_ref();
    let endpoint = endpoint.ok_or_else(|| {
        client.provider_error(ProviderError::NoEndpoint(EndpointKind::DeviceAuthorization))
    })?;
    let settings = &client.settings;
    let mut params = options.params;
    if let Some(seconds) = settings.max_age {
        params.set("max_age", seconds.to_string());
    }
    let mut request = device_authorization::request(
        endpoint,
        &client.authentication(&resolved)?,
        options.scope.as_ref().unwrap_or(&settings.scope),
        params.as_slice().iter().map(|(name, value)| (&**name, &**value)),
    );
    client.prove_client(&mut request).await?;
    let response = client.send(request, client.document()).await?;
    let authorization = device_authorization::read(&response, settings.loopback_http)
        .map_err(|error| client.provider_error(error))?;
    let (interval, now) = (authorization.interval, client.now());
    Ok(PendingDevice {
        expires_at: now.saturating_add(authorization.expires_in),
        authorization,
        interval,
        pause: interval,
        asked_at: now,
    })
}

/// Polls until the user has answered.
///
/// # Errors
/// As [`poll`].
pub(crate) async fn finish(
    client: &Arc<ProviderClient>,
    mut pending: PendingDevice,
) -> Result<Box<CompletedLogin>, OAuthError> {
    loop {
        let left = pending.expires_at.saturating_sub(client.now());
        client.shared.clock.sleep(pending.pause.seconds().min(left)).await;
        if let Some(login) = ask(client, &mut pending).await? {
            return Ok(login);
        }
    }
}

/// Polls once, unless it is too early for that. `None`: the user has not answered yet.
///
/// # Errors
/// [`BrowserError::Expired`] when it is too late; [`ProviderError::Declined`] when the user
/// declined; other [`OAuthError`]s when the response is not that of a login.
pub(crate) async fn poll(
    client: &Arc<ProviderClient>,
    pending: &mut PendingDevice,
) -> Result<Option<Box<CompletedLogin>>, OAuthError> {
    let pause = clock::Interval::new(pending.asked_at, pending.pause.seconds());
    let is_early = pause.contains(client.now());
    if is_early { Ok(None) } else { ask(client, pending).await }
}

/// One token request (section 3.4).
async fn ask(
    client: &Arc<ProviderClient>,
    pending: &mut PendingDevice,
) -> Result<Option<Box<CompletedLogin>>, OAuthError> {
    if client.now() >= pending.expires_at {
        return Err(pending.expired().into());
    }
    let resolved = client.resolved().await?;
    let declared = client.settings.params(EndpointKind::Token).iter();
    let declared = declared.map(|(name, value)| (&**name, &**value));
    let request = token_request::grant(
        &resolved.token_endpoint,
        &client.authentication(&resolved)?,
        GRANT_TYPE,
        [("device_code", pending.authorization.device_code.expose())].into_iter().chain(declared),
    );
    let answer = client.request_tokens(request).await;
    pending.asked_at = client.now();
    match answer {
        Ok((tokens, received_at)) => {
            // An ID token with a nonce belongs to another login.
            let arrived = (tokens, received_at);
            received_tokens::verify(client, &resolved, arrived, Nonce::Absent).await.map(Some)
        }
        Err(error) => pending.wait(client, error).map(|()| None),
    }
}

impl PendingDevice {
    /// The earliest time of the next token request, in seconds since 1970-01-01 UTC.
    pub(crate) fn asks_at(&self) -> u64 {
        self.asked_at.saturating_add(self.pause.seconds())
    }

    /// Applies a response without tokens to the next request (section 3.5).
    fn wait(&mut self, client: &ProviderClient, error: OAuthError) -> Result<(), OAuthError> {
        let wait = match &error {
            OAuthError::Provider { error, .. } => device_authorization::wait(error),
            _ => None,
        };
        match wait {
            Some(Wait::Pending) => {}
            Some(Wait::SlowDown) => self.interval = self.interval.slowed_down(),
            Some(Wait::Expired) => return Err(self.expired().into()),
            None if error.is_temporary() => {
                tracing::warn!(provider = client.name(), %error, "slowing down the polling of a device login");
                self.pause = self.pause.backed_off();
                return Ok(());
            }
            None => return Err(error),
        }
        self.pause = self.interval;
        Ok(())
    }

    fn expired(&self) -> BrowserError {
        BrowserError::Expired(Duration::from_secs(self.authorization.expires_in))
    }
}

/// The codes are redacted: the device code fetches the tokens, and with the user code a stranger
/// could answer for the user.
impl fmt::Debug for PendingDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingDevice")
            .field("expires_at", &self.expires_at)
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}
