//! ID tokens that did not come from a login of this library, with rules of the application.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::crypto::secret::Secret;
use crate::error::OAuthError;
use crate::flow::login::id_token::{self, ForeignIdToken};
use crate::flow::provider_client::ProviderClient;
use crate::protocol::claims_request::Claim;
use crate::protocol::error::ProviderError;
use crate::protocol::id_token::{IdToken, IdTokenError};
use crate::sync::future::BoxFuture;

/// A rule of the application for one claim.
type Check = Box<dyn Fn(Option<&Value>) -> bool + Send + Sync>;

/// An ID token in validation. Awaiting it returns an [`IdToken`].
///
/// Created by [`Client::parse_id_token`](crate::Client::parse_id_token), which has an example.
#[must_use = "nothing is validated until this is awaited"]
pub struct ParseIdToken {
    client: Arc<ProviderClient>,
    compact: Secret,
    given: ForeignIdToken,
    claims: Vec<Claim>,
    checks: Vec<(String, Check)>,
}

impl ParseIdToken {
    pub(crate) fn new(
        client: Arc<ProviderClient>,
        compact: &Secret,
        nonce: Option<String>,
    ) -> Self {
        let given = ForeignIdToken { nonce, access_token: None, max_age: None };
        Self { client, compact: compact.clone(), given, claims: Vec::new(), checks: Vec::new() }
    }

    /// Sets the access token that came with it. If the ID token has an `at_hash`, it must match
    /// (OpenID Connect Core 1.0 section 3.1.3.6).
    pub fn access_token(mut self, access_token: &Secret) -> Self {
        self.given.access_token = Some(access_token.clone());
        self
    }

    /// Sets the maximum age of the user's authentication in seconds.
    pub fn max_age(mut self, seconds: u32) -> Self {
        self.given.max_age = Some(seconds);
        self
    }

    /// Adds a rule for one claim, in the form of a claims request: an
    /// [`essential`](Claim::essential) claim must be present, one with a [`value`](Claim::value)
    /// must have it, and one with [`values`](Claim::values) must have one of them. A name with a
    /// value, `("hd", "acme.example")`, is an essential claim with this value.
    pub fn claim(mut self, claim: impl Into<Claim>) -> Self {
        self.claims.push(claim.into());
        self
    }

    /// Adds any other rule for one claim. The argument is `None` if the token lacks the claim.
    pub fn check(
        mut self,
        claim: impl Into<String>,
        rule: impl Fn(Option<&Value>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.checks.push((claim.into(), Box::new(rule)));
        self
    }

    async fn validate(self) -> Result<IdToken, OAuthError> {
        let client = &self.client;
        let token = id_token::parse(client, &self.compact, &self.given).await?;
        let refused = |error: IdTokenError| client.provider_error(ProviderError::from(error));
        let claims = token.members();
        let unmet = self.claims.iter().find(|claim| !claim.is_met(claims)).map(Claim::name);
        let mut checks = self.checks.iter();
        let unmet = unmet.or_else(|| {
            let (name, _) = checks.find(|(name, rule)| !rule(claims.get(name)))?;
            Some(name)
        });
        match unmet {
            None => Ok(token),
            Some(name) => Err(refused(IdTokenError::Rule { claim: name.to_owned() })),
        }
    }
}

impl IntoFuture for ParseIdToken {
    type Output = Result<IdToken, OAuthError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    /// # Errors
    /// [`OAuthError::Provider`] with [`ProviderError::IdToken`] when it is rejected, or with the
    /// reason why the provider's keys are unavailable; [`OAuthError::Network`].
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.validate())
    }
}

impl fmt::Debug for ParseIdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ParseIdToken").field(&self.client.name()).finish_non_exhaustive()
    }
}
