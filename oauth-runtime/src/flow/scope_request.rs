//! A link to a login that asks for more scopes: sealed, so that no other site decides for what the
//! people of this one are asked.

use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use super::discovery::ProviderClient;
use crate::error::OAuthError;

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
    /// The path of a login that asks for these scopes and leads to `return_to`.
    ///
    /// # Errors
    /// [`OAuthError::Machine`].
    pub(crate) fn login_that_asks_for(
        &self,
        scopes: &[&str],
        return_to: &str,
    ) -> Result<String, OAuthError> {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let request = ScopeRequest { scopes, made_at: self.now() };
        // Text and numbers always become JSON.
        let plain = serde_json::to_vec(&request).unwrap_or_default();
        let sealed = self.shared.scope_requests.seal(&self.scope_request_context(), &plain)?;
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair(PARAMETER, &sealed)
            .append_pair("return_to", return_to)
            .finish();
        Ok(format!("{}?{query}", self.shared.public_url.outside(&self.settings.login_path)))
    }

    /// The scopes that a link asks for; `None` for one that is old or was not made here.
    pub(crate) fn scopes_asked_for(&self, sealed: &str) -> Option<Vec<String>> {
        let plain = self.shared.scope_requests.open(&self.scope_request_context(), sealed)?;
        let request: ScopeRequest = serde_json::from_slice(&plain).ok()?;
        (self.now() < request.made_at.saturating_add(LIFETIME)).then_some(request.scopes)
    }

    fn scope_request_context(&self) -> String {
        format!("{}\n{}", self.shared.realm, self.name())
    }
}
