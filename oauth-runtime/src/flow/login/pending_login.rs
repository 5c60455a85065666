//! An OAuth 2.0 login between its redirect and its callback: one cookie per attempt, so that tabs
//! do not disturb each other and any instance with the same keys can complete it.

use std::borrow::Cow;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::attempt::{self, PendingCookies};
use crate::crypto::random;
use crate::crypto::secret::Secret;
use crate::deployment::CookieNames;
use crate::error::{BrowserError, OAuthError};
use crate::flow::provider_client::ProviderClient;
use crate::protocol::claims_request::Demands;
use crate::protocol::pkce;

const STATE_LENGTH: usize = 24;
const NONCE_LENGTH: usize = 24;
const VERIFIER_LENGTH: usize = 32;

/// The data of the redirect that the callback needs. Used once: it is not `Clone`.
pub(crate) struct PendingLogin {
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) code_verifier: Secret,
    /// A local path.
    pub(crate) return_to: String,
    /// The session in which an account is to be connected; `None` for a login.
    pub(crate) connects_in: Option<String>,
    /// Whether to keep a session that the browser has by then.
    pub(crate) spares_session: bool,
    /// The redirect URI of this login, if it is not the client's own.
    pub(crate) redirect_uri: Option<String>,
    /// Maximum age of the authentication in seconds, the stricter of the declaration and this
    /// login.
    pub(crate) max_age: Option<u32>,
    /// Further requirements for the ID token.
    pub(crate) demands: Demands,
    /// Seconds since 1970-01-01 UTC.
    pub(crate) begun_at: u64,
    /// The authority for the provider's identities at that time.
    pub(crate) authority: String,
}

#[derive(Serialize, Deserialize)]
struct Record<'a> {
    #[serde(rename = "s", borrow)]
    state: Cow<'a, str>,
    #[serde(rename = "n", borrow)]
    nonce: Cow<'a, str>,
    #[serde(rename = "v", borrow)]
    code_verifier: Cow<'a, str>,
    #[serde(rename = "r", borrow)]
    return_to: Cow<'a, str>,
    #[serde(rename = "c", borrow, default, skip_serializing_if = "Option::is_none")]
    connects_in: Option<Cow<'a, str>>,
    #[serde(rename = "e", default, skip_serializing_if = "std::ops::Not::not")]
    spares_session: bool,
    #[serde(rename = "u", borrow, default, skip_serializing_if = "Option::is_none")]
    redirect_uri: Option<Cow<'a, str>>,
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    max_age: Option<u32>,
    #[serde(rename = "d", default, skip_serializing_if = "is_empty")]
    demands: Cow<'a, Demands>,
    #[serde(rename = "t")]
    begun_at: u64,
    #[serde(rename = "a", borrow)]
    authority: Cow<'a, str>,
}

fn is_empty(demands: &Demands) -> bool {
    demands.is_empty()
}

impl PendingLogin {
    /// Creates a new attempt with fresh `state`, `nonce` and code verifier, from one draw of
    /// randomness.
    ///
    /// # Errors
    /// [`OAuthError::Randomness`], [`OAuthError::Cryptography`].
    pub(crate) fn begin(
        return_to: String,
        max_age: Option<u32>,
        demands: Demands,
        now: u64,
        authority: &str,
    ) -> Result<Self, OAuthError> {
        let random: [u8; STATE_LENGTH + NONCE_LENGTH + VERIFIER_LENGTH] = random::bytes()?;
        let (state, rest) = random.split_at(STATE_LENGTH);
        let (nonce, verifier) = rest.split_at(NONCE_LENGTH);
        Ok(Self {
            state: URL_SAFE_NO_PAD.encode(state),
            nonce: URL_SAFE_NO_PAD.encode(nonce),
            code_verifier: pkce::code_verifier(verifier),
            return_to,
            connects_in: None,
            spares_session: false,
            redirect_uri: None,
            max_age,
            demands,
            begun_at: now,
            authority: authority.to_owned(),
        })
    }

    /// Returns the value of the cookie `cookie_name`. It opens only under this name and for this
    /// client.
    ///
    /// # Errors
    /// [`OAuthError::Randomness`], [`OAuthError::Cryptography`].
    pub(crate) fn seal(
        &self,
        cookie_name: &str,
        client: &ProviderClient,
    ) -> Result<String, OAuthError> {
        let record = Record {
            state: Cow::Borrowed(&self.state),
            nonce: Cow::Borrowed(&self.nonce),
            code_verifier: Cow::Borrowed(self.code_verifier.expose()),
            return_to: Cow::Borrowed(&self.return_to),
            connects_in: self.connects_in.as_deref().map(Cow::Borrowed),
            spares_session: self.spares_session,
            redirect_uri: self.redirect_uri.as_deref().map(Cow::Borrowed),
            max_age: self.max_age,
            demands: Cow::Borrowed(&self.demands),
            begun_at: self.begun_at,
            authority: Cow::Borrowed(&self.authority),
        };
        attempt::seal(&record, cookie_name, client)
    }

    /// Opens a value of [`seal`](Self::seal).
    ///
    /// # Errors
    /// [`BrowserError::NoPendingLogin`] when the browser does not have it,
    /// [`BrowserError::ForeignPendingLogin`] when it was sealed for another purpose, and
    /// [`BrowserError::Expired`] when it is too old.
    pub(crate) fn open(
        cookies: &PendingCookies<'_>,
        cookie_name: &str,
        client: &ProviderClient,
    ) -> Result<Self, BrowserError> {
        let plain = attempt::open(cookies, cookie_name, client)?;
        let record: Record<'_> =
            serde_json::from_slice(&plain).map_err(|_| BrowserError::ForeignPendingLogin)?;
        attempt::check_age(record.begun_at, client)?;
        Ok(Self {
            state: record.state.into_owned(),
            nonce: record.nonce.into_owned(),
            code_verifier: Secret::from(record.code_verifier.into_owned()),
            return_to: record.return_to.into_owned(),
            connects_in: record.connects_in.map(Cow::into_owned),
            spares_session: record.spares_session,
            redirect_uri: record.redirect_uri.map(Cow::into_owned),
            max_age: record.max_age,
            demands: record.demands.into_owned(),
            begun_at: record.begun_at,
            authority: record.authority.into_owned(),
        })
    }
}

impl fmt::Debug for PendingLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingLogin").field("begun_at", &self.begun_at).finish_non_exhaustive()
    }
}

/// The cookie name for a `state`; `None` for a `state` that this library did not send.
pub(crate) fn cookie_name(state: &str, names: &CookieNames) -> Option<String> {
    attempt::cookie_name(&names.pending_login, state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_finishes_the_login_is_shown() {
        let pending =
            PendingLogin::begin("/".to_owned(), None, Demands::default(), 1_000, "").unwrap();
        let shown = format!("{pending:?} {pending:#?}");
        assert!(shown.contains("1000"), "{shown}");
        for secret in [&pending.state, &pending.nonce, pending.code_verifier.expose()] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
