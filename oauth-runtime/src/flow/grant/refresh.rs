//! Refreshing a grant (RFC 6749 section 6): one instance at a time presents the refresh token, and
//! the response is never lost while the process lives.
//!
//! Most providers rotate refresh tokens. They treat one that is presented twice as stolen and
//! revoke the whole grant. So an instance takes a lease, checks whether another instance has
//! already refreshed, and only then asks the provider. It checks its lease before each
//! presentation: an instance that was paused has lost it. If an instance dies between the
//! provider's response and the store, the new token is lost; the next instance presents the old
//! token, which providers tolerate for some seconds.

use std::sync::Arc;
use std::time::Duration;

use ::http::{Response, StatusCode};
use bytes::Bytes;
use tokio::time::sleep;

use super::lease::Lease;
use super::record::{GrantId, Stored, Version};
use crate::crypto::secret::Secret;
use crate::declaration::spec::Quirk;
use crate::error::{NetworkError, OAuthError, StoreError, TokenError};
use crate::flow::login::callback_params;
use crate::flow::login::id_token;
use crate::flow::provider_client::ProviderClient;
use crate::protocol::claims_request::Demands;
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::protocol::error_response::ErrorResponse;
use crate::protocol::id_token::{
    Expected, HashBinding, IdTokenError, Nonce, Original, compare_unsigned,
};
use crate::protocol::refresh_refusal::ends_grant;
use crate::protocol::token_request;
use crate::protocol::token_response::{self, TokenResponse};
use crate::settings::Resolved;
use crate::token::TokenData;

/// Maximum wait for the refresh of another instance: longer than its lease, in case it dies.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// Interval between two checks whether it is done.
const FIRST_LOOK: Duration = Duration::from_millis(50);
const LAST_LOOK: Duration = Duration::from_millis(500);
/// Attempts to write the record during concurrent writes.
const ATTEMPTS: usize = 10;
/// How often a lost lease is taken again.
const MAX_LEASES: usize = 3;

/// Refreshes the grant whose token `seen` is no longer usable, unless it has been refreshed since.
///
/// It must run in a task of its own: a dropped request must not cancel it halfway.
///
/// # Errors
/// [`TokenError::Ended`] when the provider has ended the grant, [`TokenError::Missing`] when it was
/// removed here. After any other error the grant is unchanged.
pub(super) async fn refresh(
    client: Arc<ProviderClient>,
    grant: GrantId,
    seen: Arc<TokenData>,
) -> Result<Arc<TokenData>, OAuthError> {
    for _ in 0..MAX_LEASES {
        let (lease, stored) = match wait_for_lease(&client, &grant, &seen).await? {
            LeaseOutcome::Mine(lease, stored) => (lease, stored),
            LeaseOutcome::Done(token) => return Ok(token),
        };
        match exchange(&client, &stored.token, Some(&lease)).await {
            Ok(token) => return save(&client, &grant, stored, Arc::new(token), lease).await,
            Err(Failure::LeaseLost) => {
                tracing::warn!(
                    provider = client.name(),
                    "the lease was lost before the refresh token was presented"
                );
            }
            Err(Failure::Ended(response)) => return end(&client, &grant, &stored, response).await,
            Err(Failure::Other(error)) => return Err(error),
        }
    }
    Err(StoreError::Contended("lease").into())
}

impl ProviderClient {
    /// Refreshes a token that the application stores: there is no record of it, so no lease.
    ///
    /// It must run in a task of its own: a dropped request must not cancel it halfway.
    ///
    /// # Errors
    /// [`TokenError::Expired`] without a refresh token, [`TokenError::Ended`] when the provider has
    /// ended the grant. After any other error the grant is unchanged.
    pub(crate) async fn refresh_in_hand(
        self: Arc<Self>,
        token: Arc<TokenData>,
    ) -> Result<Arc<TokenData>, OAuthError> {
        match exchange(&self, &token, None).await {
            Ok(new) => {
                let new = Arc::new(new);
                self.notify_listeners(&token, &new);
                Ok(new)
            }
            Err(Failure::Ended(response)) => {
                self.notify_listeners(&token, &Arc::new(token.ended(response.clone())));
                Err(self.no_token(TokenError::Ended(response)))
            }
            Err(Failure::LeaseLost) => Err(StoreError::Contended("lease").into()),
            Err(Failure::Other(error)) => Err(error),
        }
    }
}

/// The reason why there are no new tokens.
enum Failure {
    /// Another instance may now present the refresh token.
    LeaseLost,
    /// The provider has ended the grant.
    Ended(ErrorResponse),
    Other(OAuthError),
}

impl From<OAuthError> for Failure {
    fn from(error: OAuthError) -> Self {
        Self::Other(error)
    }
}

enum LeaseOutcome {
    /// This instance refreshes the stored token.
    Mine(Lease, Stored),
    /// Another instance has refreshed it.
    Done(Arc<TokenData>),
}

/// Waits for the lease or for the result of the instance that holds it.
async fn wait_for_lease(
    client: &Arc<ProviderClient>,
    grant: &GrantId,
    seen: &TokenData,
) -> Result<LeaseOutcome, OAuthError> {
    let shared = &client.shared;
    let (mut pause, mut waited) = (FIRST_LOOK, Duration::ZERO);
    loop {
        let lease = Lease::try_take(shared, grant.lease_name()).await?;
        // Read with the lease held: its last holder wrote before the release.
        let stored = grant.read(client).await?;
        let stored = stored.ok_or_else(|| client.no_token(TokenError::Missing))?;
        if let Some(end) = stored.token.end() {
            return Err(client.no_token(end));
        }
        if !stored.token.is_same_as(seen) {
            return Ok(LeaseOutcome::Done(stored.token));
        }
        if let Some(lease) = lease {
            return Ok(LeaseOutcome::Mine(lease, stored));
        }
        if waited > MAX_WAIT {
            return Err(StoreError::Contended("lease").into());
        }
        sleep(pause).await;
        waited += pause;
        pause = (pause * 2).min(LAST_LOOK);
    }
}

/// Exchanges the refresh token for new tokens.
async fn exchange(
    client: &Arc<ProviderClient>,
    token: &TokenData,
    lease: Option<&Lease>,
) -> Result<TokenData, Failure> {
    let refresh_token =
        token.refresh_token.as_ref().ok_or_else(|| client.no_token(TokenError::Expired))?;
    let resolved = client.resolved().await?;
    if token.id_token.is_some() {
        // Fetched early: once the refresh token is spent, nothing should be waited for.
        let _ = client.keys(&resolved).await;
    }
    let params = client.settings.params(EndpointKind::Refresh);
    let params = callback_params::filled_from_token(params, token.extra.as_ref());
    let mut answer = present(client, &resolved, refresh_token, &params, lease).await?;
    client.fix_response(&mut answer, |fix, response| fix.refresh_token_response(response));
    let response = token_response::read(&answer, client.settings.token_response_quirks())
        .map_err(|error| refused(client, answer.status(), error))?;
    let newer = compare_with_login(client, &resolved, token, &response).await?;
    Ok(token.refreshed(response, newer, client.now()))
}

/// Classifies a refusal, which may end the grant.
fn refused(client: &ProviderClient, status: StatusCode, error: ProviderError) -> Failure {
    match error {
        ProviderError::Declined { response, .. } if ends_grant(status, &response) => {
            Failure::Ended(response)
        }
        error => Failure::Other(client.provider_error(error)),
    }
}

/// Repeats a request once, at once, when its response is lost: providers that rotate refresh tokens
/// tolerate a second use for some seconds, for this very case. The lease may have been lost too.
async fn present(
    client: &ProviderClient,
    resolved: &Resolved,
    refresh_token: &Secret,
    params: &[(String, String)],
    lease: Option<&Lease>,
) -> Result<Response<Bytes>, Failure> {
    let send = async || {
        let mut request = token_request::refresh(
            &resolved.refresh_endpoint,
            &client.authentication(resolved)?,
            refresh_token,
            params,
        );
        client.prove_client(&mut request).await?;
        client.encode_token_request(&mut request)?;
        client.fix_request(&mut request, |fix, request| fix.refresh_token_request(request))?;
        if let Some(lease) = lease
            && !lease.is_held().await
        {
            return Err(Failure::LeaseLost);
        }
        Ok(client.send(request, client.document()).await?)
    };
    match send().await {
        Err(Failure::Other(OAuthError::Network {
            error: error @ (NetworkError::Timeout { .. } | NetworkError::Broken { .. }),
            ..
        })) => {
            tracing::warn!(provider = client.name(), %error, "the response to a refresh was lost");
            send().await
        }
        answer => answer,
    }
}

/// An ID token that comes with a refresh is about the same user and the same authentication (OpenID
/// Connect Core 1.0 section 12.2). Returns it, decrypted. `None` if there is none to compare, or
/// none to compare it with.
async fn compare_with_login(
    client: &Arc<ProviderClient>,
    resolved: &Arc<Resolved>,
    token: &TokenData,
    response: &TokenResponse,
) -> Result<Option<Secret>, OAuthError> {
    let (Some(at_login), Some(compact)) = (&token.id_token, &response.id_token) else {
        return Ok(None);
    };
    let settings = &client.settings;
    let refused = |error: IdTokenError| client.provider_error(ProviderError::from(error));
    let original = Original::read(at_login).map_err(refused)?;
    let demands = Demands { subject: Some(original.subject), ..Demands::default() };
    let expected = Expected {
        issuer: &original.issuer,
        tenants: None,
        client_id: &settings.client_id,
        nonce: Nonce::Continued(original.nonce.as_deref()),
        hash_binding: HashBinding::AccessToken(&response.access_token),
        max_age: None,
        demands: &demands,
        authenticated_at: original.auth_time,
        additional_audiences: settings.has_quirk(Quirk::AdditionalAudiences),
        leeway: u64::from(settings.leeway),
        now: client.now(),
    };
    match id_token::validate(client, resolved, compact, &expected).await {
        Ok(newer) => Ok(Some(newer.compact().clone())),
        Err(error @ OAuthError::Provider { error: ProviderError::IdToken(_), .. }) => Err(error),
        Err(error) => {
            // The refresh token is spent: a failure to fetch the key set must not cost the grant.
            tracing::warn!(provider = client.name(), %error, "failed to fetch the keys for the ID token of a refresh");
            let opened = id_token::open(client, compact)?.unwrap_or_else(|| compact.clone());
            compare_unsigned(&opened, &expected).map_err(refused)?;
            Ok(Some(opened))
        }
    }
}

/// Marks the grant as ended, so that no instance presents its refresh token again.
async fn end(
    client: &Arc<ProviderClient>,
    grant: &GrantId,
    stored: &Stored,
    response: ErrorResponse,
) -> Result<Arc<TokenData>, OAuthError> {
    let provider = client.name();
    tracing::info!(provider, %response, "the provider has ended a grant");
    let ended = Arc::new(stored.token.ended(response.clone()));
    match write(client, grant, &stored.token, stored.version.clone(), &ended).await {
        // Written by a later login or by an instance that was faster.
        Ok(Written::Not(Some(newer))) if newer.ended.is_none() => return Ok(newer),
        Ok(Written::Here) => client.notify_listeners(&stored.token, &ended),
        Ok(Written::Not(_)) => {}
        Err(error) => tracing::warn!(provider, %error, "failed to mark a grant as ended"),
    }
    client.grants.forget(grant);
    Err(client.no_token(TokenError::Ended(response)))
}

/// Stores the new token. It is held in memory and used until it can be stored.
async fn save(
    client: &Arc<ProviderClient>,
    grant: &GrantId,
    stored: Stored,
    token: Arc<TokenData>,
    lease: Lease,
) -> Result<Arc<TokenData>, OAuthError> {
    let Stored { token: before, version } = stored;
    match write(client, grant, &before, version.clone(), &token).await {
        Ok(written) => settle(client, grant, &before, token, written),
        Err(error) => {
            tracing::error!(
                provider = client.name(), %error,
                "failed to store a refreshed token; keeping it in memory and trying again"
            );
            client.grants.hold(grant, &token);
            let (client, grant) = (Arc::clone(client), grant.clone());
            let unsaved = Arc::clone(&token);
            tokio::spawn(save_later(
                client,
                grant,
                Stored { token: before, version },
                unsaved,
                lease,
            ));
            Ok(token)
        }
    }
}

/// Tries until the token is stored or its record would have expired.
async fn save_later(
    client: Arc<ProviderClient>,
    grant: GrantId,
    stored: Stored,
    token: Arc<TokenData>,
    _lease: Lease,
) {
    let mut pause = FIRST_LOOK;
    while client.now() < token.kept_until {
        sleep(pause).await;
        pause = (pause * 2).min(LAST_LOOK);
        let version = stored.version.clone();
        if let Ok(written) = write(&client, &grant, &stored.token, version, &token).await {
            tracing::info!(provider = client.name(), "stored the refreshed token");
            let _ = settle(&client, &grant, &stored.token, Arc::clone(&token), written);
            break;
        }
    }
    client.grants.release(&grant);
}

/// Brings the memory of this process into agreement with the store.
fn settle(
    client: &Arc<ProviderClient>,
    grant: &GrantId,
    before: &Arc<TokenData>,
    token: Arc<TokenData>,
    written: Written,
) -> Result<Arc<TokenData>, OAuthError> {
    let current = match written {
        Written::Here => {
            client.notify_listeners(before, &token);
            token
        }
        Written::Not(Some(newer)) if !newer.is_signed_out() => newer,
        // The user signed out or disconnected the account: the grant must not come back.
        Written::Not(gone) => {
            client.grants.forget(grant);
            if gone.is_some() || !grant.is_of_session() {
                // The previous token is the one that was revoked.
                tokio::spawn(Arc::clone(client).revoke_if_possible(token));
            }
            return Err(client.no_token(TokenError::Missing));
        }
    };
    if let Some(end) = current.end() {
        client.grants.forget(grant);
        return Err(client.no_token(end));
    }
    client.grants.learn(grant, &current, client.now());
    Ok(current)
}

enum Written {
    Here,
    /// Another writer wrote the current record or removed it.
    Not(Option<Arc<TokenData>>),
}

/// Writes `token` over `before`, and over no other token.
async fn write(
    client: &ProviderClient,
    grant: &GrantId,
    before: &TokenData,
    mut version: Version,
    token: &TokenData,
) -> Result<Written, OAuthError> {
    for _ in 0..ATTEMPTS {
        if grant.swap(client, Some(&version), token).await? {
            return Ok(Written::Here);
        }
        match grant.read(client).await? {
            // Only re-sealed.
            Some(stored) if stored.token.is_same_as(before) => version = stored.version,
            // Written by an attempt that seemed to fail.
            Some(stored) if stored.token.is_same_as(token) => return Ok(Written::Here),
            // Another instance presented a refresh token that was already spent, and took the
            // refusal for the end of the grant. The token from the provider is newer than that.
            Some(stored) if token.ended.is_none() && stored.token.is_end_of(before) => {
                version = stored.version;
            }
            // A later login has kept the refresh token, which is now spent.
            Some(stored) if stored.token.shares_refresh_token(before) => {
                let mended = stored.token.with_refresh_token_of(token);
                if grant.swap(client, Some(&stored.version), &mended).await? {
                    return Ok(Written::Not(Some(Arc::new(mended))));
                }
            }
            other => return Ok(Written::Not(other.map(|stored| stored.token))),
        }
    }
    Err(StoreError::Contended("token").into())
}
