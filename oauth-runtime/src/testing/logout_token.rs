//! Logout tokens (OpenID Connect Back-Channel Logout 1.0 section 2.4). A test delivers them itself.

use std::io;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::TestProvider;
use super::grant::Grant;
use super::person::Person;
use super::provider::{CAPACITY, Provider};
use super::scope::Scope;
use super::spoil;

/// Lifetime of a logout token, in seconds.
const LIFETIME: i64 = 120;

/// The `sub` and `sid` of sign-ins.
#[derive(Default)]
pub(super) struct Sessions(Mutex<Vec<(String, String)>>);

impl Provider {
    /// Starts a session and returns its `sid`.
    pub(super) fn start_session(&self, person: &Person) -> String {
        let sid = self.random.identifier();
        let mut sessions = self.sessions.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() == CAPACITY {
            sessions.remove(0);
        }
        sessions.push((person.sub().to_owned(), sid.clone()));
        sid
    }
}

impl TestProvider {
    /// The identifiers (`sid`) of the sessions that a user has started by signing in, oldest first.
    pub fn session_ids(&self, sub: &str) -> Vec<String> {
        let sessions = self.provider.sessions.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = sessions.iter().filter(|(own, _)| own == sub);
        own.map(|(_, sid)| sid.clone()).collect()
    }

    /// A logout token for the first client with these claims, which a test posts to the client's
    /// `backchannel_logout_uri` as `logout_token`. `iss`, `aud`, `iat`, `exp`, `jti` and `events`
    /// are valid unless `claims` replaces them; a claim that is `null` is left out. The faults of
    /// the signature of ID tokens apply.
    ///
    /// ```
    /// use oauth_runtime::testing::TestProvider;
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = TestProvider::start().await?;
    /// // … Ada signs in …
    /// let all_of_ada = provider.logout_token(&json!({ "sub": "ada" }))?;
    /// for sid in provider.session_ids("ada") {
    ///     let one = provider.logout_token(&json!({ "sub": "ada", "sid": sid }))?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the token cannot be signed.
    pub fn logout_token(&self, claims: &Value) -> io::Result<String> {
        let provider = &*self.provider;
        let (key, now) = (provider.keys.current(), provider.clock.now());
        let mut all = json!({
            "iss": provider.issuer_for(None),
            "aud": self.client_id(),
            "iat": now,
            "exp": now.saturating_add(LIFETIME),
            "jti": provider.random.identifier(),
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        let mut members = all.as_object_mut().map(std::mem::take).unwrap_or_default();
        for (name, value) in claims.as_object().into_iter().flatten() {
            spoil::change(&mut members, name, Some(value.clone()).filter(|value| !value.is_null()));
        }
        let header = json!({ "alg": key.algorithm().name(), "kid": key.id(), "typ": "logout+jwt" });
        let grant = Grant::to_client(self.client_id(), Scope::default());
        let signed = spoil::signed(provider, &grant, &key, header, &members);
        signed.map_err(io::Error::other)
    }
}
