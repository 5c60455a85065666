//! Access tokens without a browser: client credentials (RFC 6749 section 4.4), assertions (RFC 7523
//! section 2.1), the password grant (RFC 6749 section 4.3) and extension grants (section 4.5).
//!
//! A token that the client gets for itself is cached in memory. It is fetched again shortly before
//! it expires, by one request for all waiting callers.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::provider_client::ProviderClient;
use crate::clock::Interval;
use crate::crypto::random;
use crate::crypto::secret::Secret;
use crate::error::{CallError, OAuthError};
use crate::flow::extra_parameters::ExtraParameters;
use crate::protocol::assertion::{Assertion, Moment};
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::signing_key::SigningKey;
use crate::protocol::token_request;
use crate::protocol::token_response::Quirks;
use crate::settings::Resolved;
use crate::sync::lock::Mutex;
use crate::sync::paced_flight::PacedFlight;
use crate::text::opaque_debug;
use crate::token::TokenData;

/// Maximum number of cached tokens, which differ in scope or parameters.
const MAX_TOKENS: usize = 256;
/// Seconds before its expiry when a token is replaced in the background.
const MAX_MARGIN: u64 = 60;
/// Assumed lifetime of a token without `expires_in`, in seconds.
const UNKNOWN_LIFETIME: u64 = 300;
/// Seconds between two attempts to fetch a token while the previous one is still valid.
const RETRY_AFTER: u64 = 5;
/// Minimum age in seconds at which a token that an API refuses is replaced: an API that refuses
/// every token must not cause a token request with each call.
const REFUSED_AFTER: u64 = 10;
/// The grant type of RFC 8693.
const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// Lifetime of an assertion, in seconds.
const ASSERTION_LIFETIME: u64 = 60;

/// A request for an access token without a browser.
#[derive(Debug, Clone)]
pub(crate) struct AccessTokenRequest {
    pub(crate) grant: Grant,
    /// Parameters in addition to those of the grant, without reserved ones.
    pub(crate) params: ExtraParameters,
}

/// The grant type with its parameters.
#[derive(Debug, Clone)]
pub(crate) enum Grant {
    /// The client acts on its own behalf.
    ClientCredentials,
    /// The client signs an assertion about a user.
    JwtBearer(BearerAssertion),
    /// The user's password.
    Password { username: String, password: Secret },
    /// Any other grant, by its `grant_type`.
    Extension(String),
}

/// The content of the assertion for the grant `urn:ietf:params:oauth:grant-type:jwt-bearer`.
#[derive(Debug, Clone)]
pub(crate) struct BearerAssertion {
    pub(crate) subject: Option<String>,
    /// Default: the client.
    pub(crate) issuer: Option<String>,
    /// Default: the provider.
    pub(crate) audience: Option<String>,
    pub(crate) claims: Map<String, Value>,
    /// Whether it is signed with HS256 and the client secret instead of the private key.
    pub(crate) is_symmetric: bool,
}

impl AccessTokenRequest {
    /// Fetches a token.
    ///
    /// # Errors
    /// [`OAuthError::Call`] for an assertion without a private key; [`OAuthError::Network`];
    /// [`OAuthError::Provider`] when the provider declines.
    pub(crate) async fn fetch(
        &self,
        client: &Arc<ProviderClient>,
    ) -> Result<TokenData, OAuthError> {
        if client.settings.oauth1.is_some() {
            return Err(CallError::OtherProtocol("grant_type").into());
        }
        let resolved = client.resolved().await?;
        let own = self.grant.parameters(client, &resolved)?;
        let parameters = self.params.replacing(client.settings.params(EndpointKind::Token));
        let parameters = parameters.map(|(name, value)| (&**name, &**value));
        // RFC 6749 section 3.3: a scope is not empty.
        let parameters = parameters.filter(|(name, value)| *name != "scope" || !value.is_empty());
        let own = own.iter().map(|(name, value)| (*name, value.expose()));
        let scope = self.declared_scope(client);
        let own = own.chain(scope.as_deref().map(|scope| ("scope", scope)));
        let request = token_request::grant(
            &resolved.token_endpoint,
            &client.authentication(&resolved)?,
            self.grant.grant_type(),
            own.chain(parameters),
        );
        let exchanged = self.grant.grant_type() == TOKEN_EXCHANGE;
        let quirks = Quirks { exchanged, ..client.settings.token_response_quirks() };
        let (tokens, received_at) = client.request_tokens_with(request, quirks).await?;
        // No user logged in: an ID token in the response was not asked for.
        Ok(TokenData::of_response(tokens, None, received_at))
    }

    /// The declared scopes, for a request in the name of the application that states none. The scopes
    /// of OpenID Connect (Core 1.0 sections 5.4 and 11) are about a user, so they are left out.
    fn declared_scope(&self, client: &ProviderClient) -> Option<String> {
        const ABOUT_A_USER: [&str; 6] =
            ["openid", "profile", "email", "address", "phone", "offline_access"];
        let settings = &client.settings;
        let has = |params: &[(String, String)]| params.iter().any(|(name, _)| name == "scope");
        let states_scope = has(self.params.as_slice()) || has(settings.params(EndpointKind::Token));
        if states_scope || !matches!(self.grant, Grant::ClientCredentials) {
            return None;
        }
        let scopes = settings.scope.split(settings.scope_separator.as_str());
        let scopes = scopes.filter(|scope| !scope.is_empty() && !ABOUT_A_USER.contains(scope));
        let scopes: Vec<_> = scopes.collect();
        (!scopes.is_empty()).then(|| scopes.join(&settings.scope_separator))
    }

    /// Returns the cached token for the same request, or fetches one.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch).
    pub(crate) async fn cached(
        self,
        client: &Arc<ProviderClient>,
    ) -> Result<TokenData, OAuthError> {
        let slot = client.access_tokens.slot(self.identity(client), client.now());
        match slot.state(client.now()) {
            State::Fresh(token) => Ok(token),
            State::Ageing(token) => {
                slot.fetching
                    .start(|| Box::pin(self.fetch_into(Arc::clone(client), Arc::clone(&slot))));
                Ok(token)
            }
            State::Gone => {
                let attempt = || self.fetch_into(Arc::clone(client), Arc::clone(&slot));
                slot.fetching.run(&client.shared.clock, || Box::pin(attempt())).await
            }
        }
    }

    async fn fetch_into(
        self,
        client: Arc<ProviderClient>,
        slot: Arc<Slot>,
    ) -> Result<TokenData, OAuthError> {
        let fetched = self.fetch(&client).await;
        match &fetched {
            Ok(token) => {
                if let Some(old) = slot.keep(token.clone()) {
                    client.notify_of_own_token(old, token);
                }
            }
            Err(error) => {
                tracing::warn!(provider = client.name(), %error, "failed to fetch an access token");
            }
        }
        fetched
    }

    /// Returns another token than `refused`, which an API did not accept. `None` if that one is
    /// new.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch).
    pub(crate) async fn instead_of(
        self,
        client: &Arc<ProviderClient>,
        refused: &TokenData,
    ) -> Result<Option<TokenData>, OAuthError> {
        // An absolute difference: the clock may have been set back.
        if client.now().abs_diff(refused.obtained_at) < REFUSED_AFTER {
            return Ok(None);
        }
        client.access_tokens.expire(&self.identity(client), refused);
        self.cached(client).await.map(Some)
    }

    /// Fetches another token, whatever the age of the cached one.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch).
    pub(crate) async fn renewed(
        self,
        client: &Arc<ProviderClient>,
    ) -> Result<TokenData, OAuthError> {
        let slot = client.access_tokens.slot(self.identity(client), client.now());
        let attempt = || self.fetch_into(Arc::clone(client), Arc::clone(&slot));
        slot.fetching.run(&client.shared.clock, || Box::pin(attempt())).await
    }

    /// Forgets the cached token for the same request.
    pub(crate) fn forget(&self, client: &ProviderClient) {
        client.access_tokens.forget(&self.identity(client));
    }

    /// Identifies this request among those of the same client.
    fn identity(&self, client: &ProviderClient) -> String {
        let grant = match &self.grant {
            Grant::JwtBearer(BearerAssertion {
                subject,
                issuer,
                audience,
                claims,
                is_symmetric,
            }) => {
                json!([subject, issuer, audience, claims, is_symmetric])
            }
            Grant::Extension(grant_type) => json!(grant_type),
            Grant::ClientCredentials | Grant::Password { .. } => Value::Null,
        };
        json!([client.settings.client_id, grant, self.params.as_slice()]).to_string()
    }
}

impl Grant {
    fn grant_type(&self) -> &str {
        match self {
            Self::ClientCredentials => "client_credentials",
            Self::Password { .. } => "password",
            Self::JwtBearer(_) => "urn:ietf:params:oauth:grant-type:jwt-bearer",
            Self::Extension(grant_type) => grant_type,
        }
    }

    /// The parameters that belong to this grant.
    fn parameters(
        &self,
        client: &ProviderClient,
        resolved: &Resolved,
    ) -> Result<Vec<(&'static str, Secret)>, OAuthError> {
        Ok(match self {
            Self::ClientCredentials | Self::Extension(_) => Vec::new(),
            Self::Password { username, password } => {
                let username = Secret::from(username.as_str());
                vec![("username", username), ("password", password.clone())]
            }
            Self::JwtBearer(assertion) => vec![("assertion", assertion.sign(client, resolved)?)],
        })
    }
}

impl BearerAssertion {
    fn sign(&self, client: &ProviderClient, resolved: &Resolved) -> Result<Secret, OAuthError> {
        let settings = &client.settings;
        let key = if self.is_symmetric {
            let secret = settings.client_secret.as_ref().ok_or(CallError::NoClientSecret)?;
            SigningKey::of_client_secret(secret)
        } else {
            settings.keys.signing_key(&[]).ok_or(CallError::NoPrivateKey)?
        };
        let assertion = Assertion {
            issuer: self.issuer.as_ref().unwrap_or(&settings.client_id),
            subject: self.subject.as_deref(),
            audience: self.audience.as_ref().unwrap_or(&resolved.assertion_audience),
            lifetime: ASSERTION_LIFETIME,
        };
        let moment = Moment { now: client.now(), unique: &random::text::<16>()? };
        let mut claims = assertion.claims(moment);
        for (name, value) in &self.claims {
            if name == "sub" || claims.insert(name.clone(), value.clone()).is_some() {
                return Err(CallError::ReservedClaim(name.clone()).into());
            }
        }
        Ok(Secret::from(key.sign(None, &claims)?))
    }
}

/// The tokens that the client gets for itself. A lost token is fetched again, so each process has
/// its own.
#[derive(Default)]
pub(super) struct AccessTokens(Mutex<Vec<(String, Arc<Slot>)>>);

/// One token and the attempt to fetch it.
#[derive(Default)]
struct Slot {
    kept: Mutex<Option<Kept>>,
    fetching: PacedFlight<TokenData, OAuthError>,
}

struct Kept {
    token: TokenData,
    /// While no other token is fetched.
    fresh: Interval,
    /// While the token is used.
    good: Interval,
}

enum State {
    Fresh(TokenData),
    /// Still valid; the caller that receives it fetches the next one.
    Ageing(TokenData),
    Gone,
}

impl AccessTokens {
    fn slot(&self, identity: String, now: u64) -> Arc<Slot> {
        let mut slots = self.0.lock();
        if let Some((_, slot)) = slots.iter().find(|(own, _)| *own == identity) {
            return Arc::clone(slot);
        }
        if slots.len() >= MAX_TOKENS {
            slots.retain(|(_, slot)| slot.is_in_use(now));
        }
        if slots.len() >= MAX_TOKENS {
            slots.remove(0);
        }
        let slot = Arc::<Slot>::default();
        slots.push((identity, Arc::clone(&slot)));
        slot
    }

    /// Ends the use of a token, unless it has been replaced.
    fn expire(&self, identity: &str, token: &TokenData) {
        let slots = self.0.lock();
        if let Some((_, slot)) = slots.iter().find(|(own, _)| own == identity)
            && let Some(kept) = &mut *slot.kept.lock()
            && kept.token.access_token == token.access_token
        {
            (kept.fresh, kept.good) = (Interval::new(0, 0), Interval::new(0, 0));
        }
    }

    fn forget(&self, identity: &str) {
        let mut slots = self.0.lock();
        slots.retain(|(own, _)| own != identity);
    }
}

impl Slot {
    fn state(&self, now: u64) -> State {
        let mut kept = self.kept.lock();
        match &mut *kept {
            Some(kept) if kept.fresh.contains(now) => State::Fresh(kept.token.clone()),
            Some(kept) if kept.good.contains(now) => {
                kept.fresh = Interval::new(now, RETRY_AFTER);
                State::Ageing(kept.token.clone())
            }
            _ => State::Gone,
        }
    }

    /// Stores a token and returns the previous one.
    fn keep(&self, token: TokenData) -> Option<TokenData> {
        let from = token.obtained_at;
        let lifetime = token.expires_at.map_or(UNKNOWN_LIFETIME, |end| end.saturating_sub(from));
        let margin = MAX_MARGIN.min(lifetime / 5);
        let fresh = Interval::new(from, lifetime - margin);
        let kept = Kept { token, fresh, good: Interval::new(from, lifetime) };
        self.kept.lock().replace(kept).map(|previous| previous.token)
    }

    fn is_in_use(&self, now: u64) -> bool {
        let kept = self.kept.lock();
        self.fetching.is_running() || kept.as_ref().is_some_and(|kept| kept.good.contains(now))
    }
}

opaque_debug!(AccessTokens);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::token_response;

    const FRESH: &str = "fresh";
    const AGEING: &str = "ageing";
    const GONE: &str = "gone";

    fn state(slot: &Slot, now: u64) -> &'static str {
        match slot.state(now) {
            State::Fresh(_) => FRESH,
            State::Ageing(_) => AGEING,
            State::Gone => GONE,
        }
    }

    #[test]
    fn kept_token_survives_no_clock_set_back() {
        let json = r#"{"access_token":"a","token_type":"Bearer","expires_in":1000}"#;
        let response = ::http::Response::new(json.as_bytes().to_vec().into());
        let tokens = token_response::read(&response, Default::default()).unwrap();
        let slot = Slot::default();
        slot.keep(TokenData::of_response(tokens, None, 10_000));
        for (now, expected) in [
            (9_999, GONE),
            (10_000, FRESH),
            (10_939, FRESH),
            (10_940, AGEING),
            (10_944, FRESH),
            // Another attempt is due at once, not only when the clock has caught up.
            (10_100, AGEING),
            (11_000, GONE),
        ] {
            assert_eq!(state(&slot, now), expected, "{now}");
        }
    }
}
