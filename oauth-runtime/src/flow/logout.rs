//! RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0): the redirect to the provider, and
//! the return.
//!
//! No session depends on the return: the session here has ended before the browser leaves, and a
//! return neither ends nor starts one. The check decides whether the browser is redirected further,
//! and whether the application gets its data back, once.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::login::attempt::{self, PendingCookies};
use super::provider_client::ProviderClient;
use crate::clock::Interval;
use crate::crypto::random;
use crate::crypto::secret::Secret;
use crate::error::{BrowserError, OAuthError};
use crate::flow::extra_parameters::ExtraParameters;
use crate::protocol::end_session::{self, LogoutRequest, LogoutResponseError};
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::protocol::given_value;
use crate::store::Key;
use crate::text::opaque_debug;
use crate::url::endpoint::RedactedUrl;
use crate::url::redirect_uri::RedirectUri;

/// Time that a user may spend at the provider.
pub(crate) const LIFETIME: Duration = Duration::from_secs(600);
/// Length of a generated `state`, in bytes.
const STATE_LENGTH: usize = 24;

/// The options of one logout.
#[derive(Default)]
pub(crate) struct LogoutOptions {
    /// Where the browser goes after the return: a local path.
    pub(crate) return_to: String,
    pub(crate) id_token_hint: Option<Secret>,
    pub(crate) post_logout_redirect_uri: Option<RedirectUri>,
    /// The caller's own value.
    pub(crate) state: Option<String>,
    /// The application's data for the return, as JSON.
    pub(crate) data: Option<String>,
    /// Other parameters.
    pub(crate) params: ExtraParameters,
}

/// The redirect that starts a logout.
pub(crate) struct StartedLogout {
    /// The URL at the end-session endpoint.
    pub(crate) location: String,
    /// `None` if the provider is not asked to redirect back.
    pub(crate) state: Option<String>,
    /// Name and value of the cookie that the return is compared with.
    pub(crate) cookie: Option<(String, String)>,
}

/// A return that answers a logout of this browser.
#[derive(Debug)]
pub(crate) struct CompletedLogout {
    /// A local path.
    pub(crate) return_to: String,
    /// The application's data, as JSON.
    pub(crate) data: Option<String>,
    /// The cookie of the logout.
    pub(crate) cookie_name: String,
}

/// The data of the redirect that the return needs.
#[derive(Serialize, Deserialize)]
struct PendingLogout<'a> {
    #[serde(rename = "s", borrow)]
    state: Cow<'a, str>,
    #[serde(rename = "r", borrow)]
    return_to: Cow<'a, str>,
    #[serde(rename = "d", borrow, default, skip_serializing_if = "Option::is_none")]
    data: Option<Cow<'a, str>>,
    #[serde(rename = "t")]
    begun_at: u64,
}

/// Starts a logout at the provider.
///
/// # Errors
/// [`ProviderError::NoEndpoint`] if the provider has no end-session endpoint; when the provider's
/// metadata are unavailable; [`CallError`](crate::error::CallError) when the options cannot be
/// used.
pub(crate) async fn begin(
    client: &Arc<ProviderClient>,
    options: LogoutOptions,
) -> Result<StartedLogout, OAuthError> {
    options.params.check()?;
    let redirect_uri = options.post_logout_redirect_uri.as_ref();
    let redirect_uri = redirect_uri.map(|uri| client.whole_redirect_uri(uri)).transpose()?;
    let state = state(options.state.clone(), redirect_uri.is_some())?;
    let resolved = client.resolved().await?;
    let end_session_endpoint = resolved.end_session_endpoint.as_ref().ok_or_else(|| {
        client.provider_error(ProviderError::NoEndpoint(EndpointKind::EndSession))
    })?;
    let request = LogoutRequest {
        end_session_endpoint,
        client_id: &client.settings.client_id,
        id_token_hint: options.id_token_hint.as_ref(),
        post_logout_redirect_uri: redirect_uri.as_deref(),
        state: state.as_deref(),
        extra: options.params.as_slice(),
    };
    let location = request.url();
    let cookie = state.as_deref().map(|state| cookie(client, state, &options));
    Ok(StartedLogout { location, cookie: cookie.transpose()?, state })
}

/// Returns the caller's `state`, or a fresh one if the browser comes back.
fn state(given: Option<String>, comes_back: bool) -> Result<Option<String>, OAuthError> {
    match given {
        Some(state) => {
            given_value::check("state", &state)?;
            Ok(Some(state))
        }
        None if comes_back => Ok(Some(random::text::<STATE_LENGTH>()?)),
        None => Ok(None),
    }
}

/// Validates a return from the provider, once: a second one with the same `state` is refused. `pending`
/// are the cookies of all logouts that this browser has started: each has its own, so that
/// concurrent logouts do not disturb each other.
///
/// # Errors
/// [`BrowserError::LogoutResponse`]; [`OAuthError::Store`].
pub(crate) async fn finish(
    client: &ProviderClient,
    query: &str,
    pending: &PendingCookies<'_>,
) -> Result<CompletedLogout, OAuthError> {
    let (completed, key, ttl) = validate(client, query, pending)?;
    match client.shared.store.compare_and_swap(&key, None, &[b"{}"], ttl).await? {
        Some(_) => Ok(completed),
        None => Err(BrowserError::from(LogoutResponseError::NoPendingLogout).into()),
    }
}

/// The logout that a return answers, and the record that marks it as used, with its lifetime.
fn validate(
    client: &ProviderClient,
    query: &str,
    pending: &PendingCookies<'_>,
) -> Result<(CompletedLogout, Key, Duration), BrowserError> {
    let no_pending_logout = || LogoutResponseError::NoPendingLogout;
    let state = end_session::state(query)?;
    if pending.is_empty() {
        return Err(no_pending_logout().into());
    }
    let cookie_name = attempt::cookie_name(&client.shared.cookie_names.pending_logout, &state)
        .filter(|own| pending.iter().any(|(name, _)| name == own))
        .ok_or(LogoutResponseError::StateMismatch)?;
    let values = pending.iter().filter(|(name, _)| *name == cookie_name).map(|(_, value)| *value);
    let plain = client.shared.pending_logouts.open_one(&context(client), values);
    let plain = plain.ok_or_else(no_pending_logout)?;
    let pending: PendingLogout<'_> =
        serde_json::from_slice(&plain).map_err(|_| no_pending_logout())?;
    let interval = Interval::new(pending.begun_at, LIFETIME.as_secs());
    if !client.shared.clock.is_within(interval) {
        return Err(no_pending_logout().into());
    }
    end_session::validate(&state, &pending.state)?;
    let key = Key::new("logout", &[client.name(), &state]);
    let (return_to, data) = (pending.return_to.into_owned(), pending.data.map(Cow::into_owned));
    // Twice the lifetime, because the clocks of instances differ.
    Ok((CompletedLogout { return_to, data, cookie_name }, key, 2 * LIFETIME))
}

/// The cookie of a logout.
fn cookie(
    client: &ProviderClient,
    state: &str,
    options: &LogoutOptions,
) -> Result<(String, String), OAuthError> {
    let name = attempt::cookie_name(&client.shared.cookie_names.pending_logout, state);
    let pending = PendingLogout {
        state: Cow::Borrowed(state),
        return_to: Cow::Borrowed(&options.return_to),
        data: options.data.as_deref().map(Cow::Borrowed),
        begun_at: client.now(),
    };
    // Strings and numbers always serialize to JSON.
    let plain = serde_json::to_vec(&pending).unwrap_or_default();
    let value = client.shared.pending_logouts.seal(&context(client), &plain)?;
    Ok((name.ok_or(OAuthError::Cryptography)?, value))
}

/// Binds a sealed logout to this deployment, provider and client.
fn context(client: &ProviderClient) -> String {
    [client.shared.realm.as_str(), client.name(), &client.settings.client_id].join("\n")
}

/// The hint names the user, and other values may.
impl fmt::Debug for LogoutOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let return_to = RedactedUrl::from(&*self.return_to);
        f.debug_struct("LogoutOptions").field("return_to", &return_to).finish_non_exhaustive()
    }
}

opaque_debug!(StartedLogout);
