//! A link to a login, or to the connection of an account, that asks for more scopes: sealed, so that no other site decides for what the
//! people of this one are asked.

use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use super::discovery::ProviderClient;
use crate::clock::Interval;
use crate::error::OAuthError;
use crate::resolve::Settings;

/// How long a link is good, in seconds: as long as somebody may read a page.
const LIFETIME: u64 = 3600;
/// Name of the parameter of the login route.
pub(crate) const PARAMETER: &str = "ask";

#[derive(Serialize, Deserialize)]
struct ScopeRequest {
    #[serde(rename = "s")]
    scopes: Vec<String>,
    #[serde(rename = "t")]
    made_at: u64,
}

impl ProviderClient {
    /// The path of a login that asks for these scopes and leads to `return_to`. Where tokens outlive
    /// sessions it connects the account once more: who is logged in, and whose the tokens are, stays as
    /// it is.
    ///
    /// # Errors
    /// [`OAuthError::Machine`].
    pub(crate) fn login_that_asks_for(
        &self,
        scopes: &[String],
        return_to: &str,
    ) -> Result<String, OAuthError> {
        let request = ScopeRequest { scopes: scopes.to_vec(), made_at: self.now() };
        // Text and numbers always become JSON.
        let plain = serde_json::to_vec(&request).unwrap_or_default();
        let sealed = self.shared.scope_requests.seal(&self.scope_request_context(), &plain)?;
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair(PARAMETER, &sealed)
            .append_pair("return_to", return_to)
            .finish();
        let Settings { keep_tokens, connect_path, login_path, .. } = &self.settings;
        let path = if *keep_tokens { connect_path } else { login_path };
        Ok(format!("{}?{query}", self.shared.public_url.outside(path)))
    }

    /// The scopes that a link asks for; `None` for one that is old or was not made here.
    pub(crate) fn scopes_asked_for(&self, sealed: &str) -> Option<Vec<String>> {
        let plain = self.shared.scope_requests.open(&self.scope_request_context(), sealed)?;
        let request: ScopeRequest = serde_json::from_slice(&plain).ok()?;
        let interval = Interval::new(request.made_at, LIFETIME);
        self.shared.clock.is_within(interval).then_some(request.scopes)
    }

    fn scope_request_context(&self) -> String {
        format!("{}\n{}", self.shared.realm, self.name())
    }
}
