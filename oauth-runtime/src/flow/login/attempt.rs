//! One login attempt, whatever the protocol: the browser keeps the data that the callback needs in
//! a sealed cookie per attempt, for ten minutes and one use.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Browser, Purpose};
use crate::clock::{Interval, SKEW};
use crate::error::{BrowserError, OAuthError};
use crate::flow::provider_client::ProviderClient;
use crate::json;
use crate::store::Key;

/// Time that a user may spend at the provider.
pub(crate) const LIFETIME: Duration = Duration::from_secs(600);

/// Number of characters of the `state` that name the cookie; the rest stays secret.
const ATTEMPT_LENGTH: usize = 8;

const LOGINS: &str = "a login";
const CONNECTIONS: &str = "the connection of an account";

/// The cookies of all attempts of the browser: names and values.
pub(crate) type PendingCookies<'a> = [(&'a str, &'a str)];

/// The cookie name of the attempt with this `state`, which follows `prefix`; `None` for a `state`
/// that this library did not send.
pub(crate) fn cookie_name(prefix: &str, state: &str) -> Option<String> {
    let attempt = state.get(..ATTEMPT_LENGTH)?;
    // A caller's own `state` may contain any unreserved character (RFC 3986 section 2.3).
    let is_ours =
        attempt.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte));
    is_ours.then(|| format!("{prefix}{attempt}"))
}

/// Returns the value of the cookie `cookie_name`. It opens only under this name and for this
/// client.
///
/// # Errors
/// [`OAuthError::Randomness`], [`OAuthError::Cryptography`].
pub(super) fn seal(
    record: &impl Serialize,
    cookie_name: &str,
    client: &ProviderClient,
) -> Result<String, OAuthError> {
    let plain = json::write_secrets(record);
    Ok(client.shared.pending_logins.seal(&context(cookie_name, client), &plain)?)
}

/// Opens the cookie value of [`seal`] that the browser kept under this name.
///
/// # Errors
/// [`BrowserError::NoPendingLogin`] when the browser has no such cookie;
/// [`BrowserError::ForeignPendingLogin`] when it was sealed for another purpose, and when two
/// cookies of this name open.
pub(super) fn open<T: DeserializeOwned>(
    pending: &PendingCookies<'_>,
    cookie_name: &str,
    client: &ProviderClient,
) -> Result<T, BrowserError> {
    let values =
        || pending.iter().filter(|(name, _)| *name == cookie_name).map(|(_, value)| *value);
    values().next().ok_or(BrowserError::NoPendingLogin)?;
    let context = context(cookie_name, client);
    let plain = client.shared.pending_logins.open_one(&context, values());
    let plain = plain.ok_or(BrowserError::ForeignPendingLogin)?;
    serde_json::from_slice(&plain).map_err(|_| BrowserError::ForeignPendingLogin)
}

/// Compares the authority for identities at the start of the attempt with the current one. The
/// current one comes from the metadata, which are fetched only after the cookie has been opened.
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

/// Checks that the attempt was started for the purpose of this route, and that an account is
/// connected in the session that asked for it. Otherwise an attacker could connect their account to
/// a user who follows their link, and a user could connect an account to the next user of the same
/// browser.
///
/// A login needs no session.
///
/// # Errors
/// [`BrowserError::OtherPurpose`] and [`BrowserError::OtherSession`].
pub(super) fn check_purpose(
    connects_in: Option<&str>,
    browser: Browser<'_>,
) -> Result<(), BrowserError> {
    match (connects_in, browser.purpose) {
        (None, Purpose::Connection) => Err(not_a_connection()),
        (Some(_), Purpose::Login) => Err(not_a_login()),
        (Some(_), _) if connects_in != browser.session => Err(BrowserError::OtherSession),
        _ => Ok(()),
    }
}

/// Checks that a login that was started because no user was signed in does not replace a session
/// that has started since. Otherwise another site could start such a login, delay its last step
/// until the user has signed in, and have them work in the attacker's account.
///
/// # Errors
/// [`BrowserError::AlreadySignedIn`].
pub(super) fn check_session(
    spares_session: bool,
    return_to: &str,
    browser: Browser<'_>,
) -> Result<(), BrowserError> {
    if spares_session && browser.session.is_some() {
        return Err(BrowserError::AlreadySignedIn { return_to: return_to.to_owned() });
    }
    Ok(())
}

/// The error for a connection on a route for logins.
pub(crate) fn not_a_login() -> BrowserError {
    BrowserError::OtherPurpose { found: CONNECTIONS, taken: LOGINS }
}

/// The error for a login on a route for connections.
pub(crate) fn not_a_connection() -> BrowserError {
    BrowserError::OtherPurpose { found: LOGINS, taken: CONNECTIONS }
}

/// An attempt whose response was used, as recorded in the store.
#[derive(Serialize, Deserialize)]
pub(super) struct Consumed {
    #[serde(rename = "r")]
    pub(super) return_to: String,
    /// When the attempt started.
    #[serde(rename = "t")]
    pub(super) begun_at: u64,
}

/// Returns the attempt with this identifier if its response was used a short while ago.
///
/// # Errors
/// [`OAuthError::Store`].
pub(super) async fn consumed(
    client: &ProviderClient,
    id: &str,
) -> Result<Option<Consumed>, OAuthError> {
    let record = client.shared.store.get(&key(client, id)).await?;
    Ok(record.and_then(|record| serde_json::from_slice(record.content()).ok()))
}

fn key(client: &ProviderClient, id: &str) -> Key {
    Key::new("login", &[client.name(), id])
}

/// Consumes the attempt with the identifier `id`. It is valid for one login, however often its
/// response is sent.
///
/// # Errors
/// [`BrowserError::Replayed`] for all but the first; [`OAuthError::Store`].
pub(super) async fn consume(
    client: &ProviderClient,
    id: &str,
    begun_at: u64,
    return_to: &str,
) -> Result<(), OAuthError> {
    let ends_at = begun_at.saturating_add(LIFETIME.as_secs());
    // Longer than the attempt can last, because the clocks of instances differ.
    let ttl = Duration::from_secs(ends_at.saturating_sub(client.now()) + SKEW);
    let consumed = json::write_secrets(&Consumed { return_to: return_to.to_owned(), begun_at });
    let store = &client.shared.store;
    match store.compare_and_swap(&key(client, id), None, &[&consumed], ttl).await? {
        Some(_) => Ok(()),
        None => Err(BrowserError::Replayed.into()),
    }
}

/// Binds a sealed attempt to this deployment, its cookie, provider and client. A provider known at
/// run time may be replaced during the attempt: there it is also bound to every endpoint of the
/// client.
fn context(cookie_name: &str, client: &ProviderClient) -> String {
    let (name, id) = (client.name(), &client.settings.client_id);
    let binding = &*client.settings.binding;
    [&client.shared.realm, cookie_name, name, id, binding].join("\n")
}
