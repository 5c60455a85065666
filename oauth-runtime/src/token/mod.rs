//! Tokens in the application's hands.

pub(crate) mod hooks;
pub(crate) mod owner;
pub(crate) mod owner_of;
pub(crate) mod record;
pub(crate) mod stored;
pub(crate) mod updated;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::clock::{Clock, SKEW, UnixTime};
use crate::crypto::secret::Secret;
use crate::declaration::provider::{OAuth1Provider, OAuth2Provider};
use crate::error::TokenError;
use crate::json::{self, JsonError};
use crate::protocol::error_response::ErrorResponse;
use crate::protocol::oauth1::Credentials;
use crate::protocol::token_response::{MAX_LIFETIME, TokenResponse};
use crate::protocol::token_value::{self, BearerToken, TokenFault, check_credential};
use crate::token::owner::Owner;

/// Maximum number of seconds before expiry at which a token is refreshed.
const REFRESH_BEFORE: u64 = 60;

/// Replaces the error code of a provider: an error code contains no quotation mark (RFC 6749
/// section 5.2).
const SIGNED_OUT: &str = "\"signed out\"";

/// The tokens of one user at the provider `P`. Other providers' clients do not accept them.
pub struct Token<P> {
    data: TokenData,
    provider: PhantomData<fn() -> P>,
}

/// A token without the provider type, as stores and flows pass it around.
#[derive(Debug, Clone)]
pub(crate) struct TokenData {
    pub(crate) access_token: Secret,
    /// The shared secret of OAuth 1.0a token credentials, which signs requests.
    pub(crate) token_secret: Option<Secret>,
    /// As spelled by the provider.
    pub(crate) token_type: String,
    pub(crate) refresh_token: Option<Secret>,
    /// Seconds since 1970-01-01 UTC.
    pub(crate) expires_at: Option<u64>,
    pub(crate) scopes: Option<Vec<String>>,
    /// The compact ID token of the login, which was validated then: the reference for the ID token of a refresh. `None` if the provider issues none.
    pub(crate) id_token: Option<Secret>,
    /// The newest ID token of this user, if it came after `id_token`: with a refresh, or with a
    /// later login that brought no refresh token. It was compared with `id_token`.
    pub(crate) newer_id_token: Option<Secret>,
    /// The non-standard members of the token response, as a JSON object.
    pub(crate) extra: Option<Secret>,
    /// When the response arrived, in seconds since 1970-01-01 UTC.
    pub(crate) obtained_at: u64,
    /// Number of refreshes: 0 after the login.
    pub(crate) generation: u64,
    /// When the record expires, whatever its tokens, in seconds since 1970-01-01 UTC.
    pub(crate) kept_until: u64,
    /// The owner, if the tokens outlive sessions.
    pub(crate) whose: Option<Arc<TokenOwner>>,
    /// The provider's error response when it ended the grant. Then there is no refresh token any
    /// longer, and the access token is useless.
    pub(crate) ended: Option<ErrorResponse>,
}

/// The owner and the account of stored tokens, for notifications about an ended grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenOwner {
    pub(crate) owner: Owner,
    /// The issuer of the account, if known.
    pub(crate) issuer: Option<String>,
    pub(crate) subject: Option<String>,
}

impl<P> Token<P> {
    pub(crate) fn new(data: TokenData) -> Self {
        Self { data, provider: PhantomData }
    }

    pub(crate) fn data(&self) -> &TokenData {
        &self.data
    }

    pub(crate) fn into_data(self) -> TokenData {
        self.data
    }

    /// The access token.
    pub fn access_token(&self) -> &Secret {
        &self.data.access_token
    }

    /// The refresh token. `None` when the provider issued none; many issue it only for a scope such
    /// as `offline_access` or a parameter such as `access_type=offline`.
    pub fn refresh_token(&self) -> Option<&Secret>
    where
        P: OAuth2Provider,
    {
        self.data.refresh_token.as_ref()
    }

    /// The shared secret of the token credentials (RFC 5849 section 2.3). Together with the token
    /// it signs requests; [`Api`](crate::Api) does this by itself.
    pub fn token_secret(&self) -> Option<&Secret>
    where
        P: OAuth1Provider,
    {
        self.data.token_secret.as_ref()
    }

    /// How the access token is presented: `Bearer` (RFC 6750), as spelled by the provider.
    pub fn token_type(&self) -> &str {
        &self.data.token_type
    }

    /// When the access token expires. `None` when the provider does not say.
    pub fn expires_at(&self) -> Option<UnixTime> {
        self.data.expires_at.map(UnixTime::from_secs)
    }

    /// Whether the access token has expired by the system's clock, or expires within `leeway`. A
    /// token whose expiry is unknown has not. [`Api`](crate::Api) does not need this: it refreshes
    /// tokens by itself.
    pub fn is_expired(&self, leeway: Duration) -> bool {
        self.data.expires_within(Clock::system().seconds(), leeway)
    }

    /// The granted scopes. `None` when the provider does not say: this means "unknown", never
    /// "everything that was requested".
    pub fn scopes(&self) -> Option<&[String]> {
        self.data.scopes.as_deref()
    }

    /// Whether the scope is known to be granted.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes().is_some_and(|scopes| scopes.iter().any(|own| own == scope))
    }

    /// The ID token of the login as the provider sent it, which was validated then. `None` if the
    /// provider issues none.
    pub fn id_token(&self) -> Option<&Secret> {
        self.data.id_token.as_ref()
    }

    /// The newest ID token: that of the last refresh whose response had one, or else that of the
    /// login. It is about the same user and authentication (OpenID Connect Core 1.0 section 12.2),
    /// and is the right `id_token_hint` for a logout: some providers accept only the newest. `None`
    /// if the provider issues none.
    pub fn newest_id_token(&self) -> Option<&Secret> {
        self.data.newest_id_token()
    }

    /// When the token response came.
    pub fn obtained_at(&self) -> UnixTime {
        UnixTime::from_secs(self.data.obtained_at)
    }

    /// The non-standard members of the token response, such as the name of a workspace, as a type
    /// with the required members. They may contain further tokens.
    ///
    /// ```
    /// use oauth_runtime::error::JsonError;
    /// use oauth_runtime::Token;
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// struct Workspace {
    ///     team_name: String,
    /// }
    ///
    /// fn team<P>(token: &Token<P>) -> Result<String, JsonError> {
    ///     Ok(token.extra::<Workspace>()?.team_name)
    /// }
    /// ```
    ///
    /// # Errors
    /// When the members do not fit `T`.
    pub fn extra<T: DeserializeOwned>(&self) -> Result<T, JsonError> {
        json::read(self.data.extra.as_ref().map_or("{}", Secret::expose).as_bytes())
    }
}

impl<P> fmt::Debug for Token<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("expires_at", &self.data.expires_at)
            .field("scopes", &self.data.scopes)
            .finish_non_exhaustive()
    }
}

/// When the access token of a response expires. `expires_in` counts on the local clock, so it takes
/// precedence over an absolute time, which the provider's clock has set.
fn expiry(response: &TokenResponse, received_at: u64) -> Option<u64> {
    let latest = received_at.saturating_add(MAX_LIFETIME);
    let relative = response.expires_in.map(|seconds| received_at.saturating_add(seconds));
    relative.or(response.expires_at.filter(|time| (received_at + 1..=latest).contains(time)))
}

impl TokenData {
    /// The tokens of a response that arrived at `received_at`, with the validated ID token.
    pub(crate) fn of_response(
        response: TokenResponse,
        id_token: Option<Secret>,
        received_at: u64,
    ) -> Self {
        let expires_at = expiry(&response, received_at);
        Self {
            access_token: response.access_token,
            token_secret: None,
            token_type: response.token_type,
            refresh_token: response.refresh_token,
            expires_at,
            scopes: response.scope,
            id_token,
            newer_id_token: None,
            extra: response.extra,
            obtained_at: received_at,
            generation: 0,
            kept_until: 0,
            whose: None,
            ended: None,
        }
    }

    /// These tokens after a refresh whose response arrived at `received_at`. The response only
    /// states changes: a refresh token and scopes that it omits are unchanged (RFC 6749 section 6),
    /// and so are other members. The ID token stays that of the login. `newer` is the ID token of
    /// the response, if it was compared with it.
    pub(crate) fn refreshed(
        &self,
        response: TokenResponse,
        newer: Option<Secret>,
        received_at: u64,
    ) -> Self {
        let new = Self::of_response(response, self.id_token.clone(), received_at);
        Self {
            newer_id_token: newer.or_else(|| self.newer_id_token.clone()),
            refresh_token: new.refresh_token.or_else(|| self.refresh_token.clone()),
            scopes: new.scopes.or_else(|| self.scopes.clone()),
            extra: merged(self.extra.as_ref(), new.extra),
            generation: self.generation + 1,
            kept_until: self.kept_until,
            whose: self.whose.clone(),
            ..new
        }
    }

    /// The tokens of a new login, which replace those of an earlier one at the same account. A
    /// refresh token that the provider issued only once, at the first consent, is kept together
    /// with the ID token of its login, which is the reference for refreshes.
    pub(crate) fn in_place_of(&self, earlier: &Self) -> Self {
        if self.refresh_token.is_some() || earlier.refresh_token.is_none() {
            return self.clone();
        }
        let (refresh_token, id_token) = (earlier.refresh_token.clone(), earlier.id_token.clone());
        let newer_id_token = self.id_token.clone();
        Self { refresh_token, id_token, newer_id_token, ..self.clone() }
    }

    /// The `id_token_hint` of a logout.
    pub(crate) fn newest_id_token(&self) -> Option<&Secret> {
        self.newer_id_token.as_ref().or(self.id_token.as_ref())
    }

    /// Whether the access token expires at most `leeway` after `now`.
    fn expires_within(&self, now: u64, leeway: Duration) -> bool {
        self.expires_at.is_some_and(|end| end <= now.saturating_add(leeway.as_secs()))
    }

    /// Whether both have the same refresh token.
    pub(crate) fn shares_refresh_token(&self, other: &Self) -> bool {
        self.refresh_token.is_some() && self.refresh_token == other.refresh_token
    }

    /// These tokens with the refresh token of newer ones.
    pub(crate) fn with_refresh_token_of(&self, newer: &Self) -> Self {
        let refresh_token = newer.refresh_token.clone();
        Self { refresh_token, generation: self.generation + 1, ..self.clone() }
    }

    /// The remaining data when the provider has ended the grant.
    pub(crate) fn ended(&self, response: ErrorResponse) -> Self {
        Self {
            access_token: Secret::from(""),
            refresh_token: None,
            generation: self.generation + 1,
            ended: Some(response),
            ..self.clone()
        }
    }

    /// The marker of a session that was signed out: a running refresh finds it and revokes its
    /// result.
    pub(crate) fn signed_out(&self, kept_until: u64) -> Self {
        let gone = self.ended(ErrorResponse::new(SIGNED_OUT, None, None));
        Self {
            token_secret: None,
            id_token: None,
            newer_id_token: None,
            extra: None,
            kept_until,
            ..gone
        }
    }

    /// The reason why there is no token, if the grant has ended.
    pub(crate) fn end(&self) -> Option<TokenError> {
        let response = self.ended.as_ref()?;
        Some(match self.is_signed_out() {
            true => TokenError::Missing,
            false => TokenError::Ended(response.clone()),
        })
    }

    /// Whether this is the marker of a session that was signed out.
    pub(crate) fn is_signed_out(&self) -> bool {
        self.ended.as_ref().is_some_and(|response| response.error() == SIGNED_OUT)
    }

    /// Whether this records that the provider has ended the grant with these tokens and no later
    /// ones.
    pub(crate) fn is_end_of(&self, tokens: &Self) -> bool {
        self.ended.is_some()
            && !self.is_signed_out()
            && self.generation == tokens.generation + 1
            && self.obtained_at == tokens.obtained_at
    }

    /// Checks that the tokens can be sent. Those of an ended grant cannot.
    ///
    /// # Errors
    /// [`TokenFault`].
    pub(crate) fn check(&self) -> Result<(), TokenFault> {
        if self.ended.is_some() {
            return Ok(());
        }
        // OAuth 1.0a token credentials always have a secret, which may be empty.
        if self.token_secret.is_some() {
            return check_credential(&self.access_token);
        }
        BearerToken::check(&self.access_token, &self.token_type)?;
        self.refresh_token.as_ref().map_or(Ok(()), token_value::check)
    }

    /// Whether both are the same version of the same grant.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        self.access_token == other.access_token
            && self.refresh_token == other.refresh_token
            && self.expires_at == other.expires_at
    }

    /// Whether to request a new access token: in the last minute of a long lifetime, in the last
    /// tenth of a short one.
    pub(crate) fn is_due(&self, now: u64) -> bool {
        self.expires_at.is_some_and(|end| {
            let lifetime = end.saturating_sub(self.obtained_at);
            // From the future: the clock was set back since, and the age is unknown.
            let is_ahead = self.obtained_at > now.saturating_add(SKEW);
            is_ahead || now >= end.saturating_sub(REFRESH_BEFORE.min(lifetime / 10))
        })
    }

    /// OAuth 1.0a token credentials that arrived at `received_at`, with the other members of their
    /// response as a JSON object.
    pub(crate) fn of_credentials(
        credentials: Credentials,
        extra: Option<Secret>,
        received_at: u64,
    ) -> Self {
        Self {
            access_token: credentials.token,
            token_secret: Some(credentials.secret),
            token_type: "OAuth".to_owned(),
            refresh_token: None,
            expires_at: None,
            scopes: None,
            id_token: None,
            newer_id_token: None,
            extra,
            obtained_at: received_at,
            generation: 0,
            kept_until: 0,
            whose: None,
            ended: None,
        }
    }

    pub(crate) fn is_expired(&self, now: u64) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// Merges the members of two JSON objects; newer ones replace older ones of the same name.
fn merged(older: Option<&Secret>, newer: Option<Secret>) -> Option<Secret> {
    let (Some(older), Some(newer)) = (older, &newer) else { return newer.or(older.cloned()) };
    let members = |text: &Secret| serde_json::from_str::<Map<String, Value>>(text.expose());
    let (Ok(mut all), Ok(newer)) = (members(older), members(newer)) else { return None };
    all.extend(newer);
    serde_json::to_string(&all).map(Secret::from).ok()
}

#[cfg(test)]
pub(crate) mod tests;
