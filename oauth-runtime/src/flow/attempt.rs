//! One attempt to log in, whichever protocol it is made with: what the callback needs to know of the
//! redirect is kept by the browser, sealed, in a cookie of its own, for ten minutes and one use.

use std::time::Duration;

use serde::Serialize;
use zeroize::Zeroizing;

use super::discovery::ProviderClient;
use crate::clock::{Interval, SKEW};
use crate::error::{BrowserError, OAuthError};
use crate::json;
use crate::store::Key;

/// How long a person may take at the provider.
pub(crate) const LIFETIME: Duration = Duration::from_secs(600);

/// The cookies of all attempts that the browser has, with their values.
pub(crate) type PendingCookies<'a> = [(&'a str, &'a str)];

/// What the browser keeps for the attempt, if it has it.
pub(super) fn find<'a>(pending: &PendingCookies<'a>, cookie_name: &str) -> Option<&'a str> {
    pending.iter().find(|(name, _)| *name == cookie_name).map(|(_, value)| *value)
}

/// The string for the cookie `cookie_name`. It opens only under this name and for this client.
///
/// # Errors
/// [`OAuthError::Machine`].
pub(super) fn seal(
    record: &impl Serialize,
    cookie_name: &str,
    client: &ProviderClient,
) -> Result<String, OAuthError> {
    let plain = json::write_secrets(record);
    client.shared.pending_logins.seal(&context(cookie_name, client), &plain)
}

/// Opens what [`seal`] made.
///
/// # Errors
/// [`BrowserError::ForeignPendingLogin`] when it was sealed for anything else.
pub(super) fn open(
    sealed: &str,
    cookie_name: &str,
    client: &ProviderClient,
) -> Result<Zeroizing<Vec<u8>>, BrowserError> {
    let context = context(cookie_name, client);
    let plain = client.shared.pending_logins.open(&context, sealed);
    plain.ok_or(BrowserError::ForeignPendingLogin)
}

/// Compares what vouched for identities when the attempt began with what does so now. It is known
/// from the metadata, and they are not asked for before the cookie has opened.
///
/// # Errors
/// [`BrowserError::ForeignPendingLogin`].
pub(super) fn check_authority(begun_with: &str, present: &str) -> Result<(), BrowserError> {
    (begun_with == present).then_some(()).ok_or(BrowserError::ForeignPendingLogin)
}

/// Compares the age of an attempt with its lifetime.
///
/// # Errors
/// [`BrowserError::Expired`].
pub(super) fn check_age(begun_at: u64, client: &ProviderClient) -> Result<(), BrowserError> {
    let interval = Interval::new(begun_at, LIFETIME.as_secs());
    let is_alive = client.shared.clock.is_within(interval);
    is_alive.then_some(()).ok_or(BrowserError::Expired(LIFETIME))
}

/// An account is connected in the session that asked for it, and in no other: neither does a stranger
/// connect his own account to the person who follows his link, nor one person to the next who uses the
/// browser. A login needs no session.
///
/// # Errors
/// [`BrowserError::OtherSession`].
pub(super) fn check_session(
    connects_in: Option<&str>,
    present: Option<&str>,
) -> Result<(), BrowserError> {
    if connects_in.is_some() && connects_in != present {
        return Err(BrowserError::OtherSession);
    }
    Ok(())
}

/// An attempt is good for one login, however often its response is sent. `id` tells it from every
/// other.
///
/// # Errors
/// [`BrowserError::Replayed`] for all but the first; [`OAuthError::Store`].
pub(super) async fn consume(
    client: &ProviderClient,
    id: &str,
    begun_at: u64,
) -> Result<(), OAuthError> {
    let ends_at = begun_at.saturating_add(LIFETIME.as_secs());
    // Longer than it could last, because the clocks of instances differ.
    let ttl = Duration::from_secs(ends_at.saturating_sub(client.now()) + SKEW);
    let key = Key::new("login", &[client.name(), id]);
    match client.shared.store.compare_and_swap(&key, None, &[], ttl).await? {
        Some(_) => Ok(()),
        None => Err(BrowserError::Replayed.into()),
    }
}

/// Binds a sealed attempt to this deployment, its cookie, provider and client. A provider
/// known at run time may be replaced meanwhile: there it is also bound to every place that the
/// client talks to.
fn context(cookie_name: &str, client: &ProviderClient) -> String {
    let (name, id) = (client.name(), &client.settings.client_id);
    let binding = client.settings.binding.as_deref().unwrap_or_default();
    [&client.shared.realm, cookie_name, name, id, binding].join("\n")
}
