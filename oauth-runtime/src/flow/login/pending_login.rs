//! An OAuth 2.0 login between its redirect and its callback: one cookie per attempt, so that tabs
//! do not disturb each other and any instance with the same keys can complete it.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::attempt::{self, PendingCookies};
use crate::crypto::random;
use crate::crypto::secret::{Secret, expose};
use crate::deployment::CookieNames;
use crate::error::{BrowserError, OAuthError};
use crate::flow::provider_client::ProviderClient;
use crate::protocol::claims_request::Demands;
use crate::protocol::pkce;

const STATE_LENGTH: usize = 24;
const NONCE_LENGTH: usize = 24;
const VERIFIER_LENGTH: usize = 32;

/// What the callback needs to know of the redirect, as the cookie has it, sealed. Used once: it is
/// not `Clone`.
#[derive(Serialize, Deserialize)]
pub(crate) struct PendingLogin {
    #[serde(rename = "s")]
    pub(crate) state: String,
    #[serde(rename = "n")]
    pub(crate) nonce: String,
    #[serde(rename = "v", serialize_with = "expose")]
    pub(crate) code_verifier: Secret,
    /// A local path.
    #[serde(rename = "r")]
    pub(crate) return_to: String,
    /// The session in which an account is to be connected; `None` for a login.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub(crate) connects_in: Option<String>,
    /// Whether to keep a session that the browser has by then.
    #[serde(rename = "e", default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) spares_session: bool,
    /// The redirect URI of this login, if it is not the client's own.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub(crate) redirect_uri: Option<String>,
    /// Maximum age of the authentication in seconds, the stricter of the declaration and this
    /// login.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_age: Option<u32>,
    /// Further requirements for the ID token.
    #[serde(rename = "d", default, skip_serializing_if = "Demands::is_empty")]
    pub(crate) demands: Demands,
    /// Parameters of the token request of this login.
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) token_params: Vec<(String, String)>,
    /// Seconds since 1970-01-01 UTC.
    #[serde(rename = "t")]
    pub(crate) begun_at: u64,
    /// The authority for the provider's identities at that time.
    #[serde(rename = "a")]
    pub(crate) authority: String,
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
            token_params: Vec::new(),
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
        attempt::seal(self, cookie_name, client)
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
        let pending: Self = attempt::open(cookies, cookie_name, client)?;
        attempt::check_age(pending.begun_at, client)?;
        Ok(pending)
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

    /// Cookies of the previous release stay valid while instances are replaced.
    #[test]
    fn sealed_record_keeps_its_format() {
        for record in [
            r#"{"s":"the-state","n":"the-nonce","v":"the-verifier","r":"/","t":1000,"a":"https://op.example"}"#,
            r#"{"s":"s","n":"n","v":"v","r":"/x","c":"the-session","e":true,"u":"https://a.example/cb","m":60,"d":{"a":["phr"],"s":"ada","t":true},"p":[["shop","12"]],"t":1,"a":"https://op.example"}"#,
        ] {
            let pending: PendingLogin = serde_json::from_str(record).unwrap();
            assert_eq!(serde_json::to_string(&pending).unwrap(), record);
        }
    }
}
