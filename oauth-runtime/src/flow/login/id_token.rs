//! The validation of an ID token with the provider's keys, which may have changed since they were
//! fetched.

use std::sync::Arc;

use crate::crypto::secret::Secret;
use crate::declaration::spec::Quirk;
use crate::error::OAuthError;
use crate::flow::provider_client::ProviderClient;
use crate::protocol::claims_request::Demands;
use crate::protocol::endpoint_kind::Endpoint;
use crate::protocol::error::ProviderError;
use crate::protocol::id_token::{self, Expected, HashBinding, IdToken, IdTokenError, Nonce};
use crate::protocol::jwk::SigningAlgorithm;
use crate::protocol::jws::{JwsError, VerificationKeys};
use crate::settings::Resolved;

/// What a login asked for, which its ID token has to show.
pub(super) struct Asked<'a> {
    pub(super) nonce: Nonce<'a>,
    /// Oldest acceptable authentication, in seconds.
    pub(super) max_age: Option<u32>,
    pub(super) demands: &'a Demands,
}

/// Validates the ID token of a login.
///
/// # Errors
/// As [`validate`].
pub(super) async fn of_login(
    client: &Arc<ProviderClient>,
    resolved: &Arc<Resolved>,
    compact: &Secret,
    hash_binding: HashBinding<'_>,
    asked: &Asked<'_>,
) -> Result<IdToken, OAuthError> {
    let settings = &client.settings;
    let issuer = resolved.issuer.as_deref();
    let expected = Expected {
        issuer: issuer
            .ok_or_else(|| client.blame(ProviderError::NoEndpoint(Endpoint::Metadata)))?,
        tenants: settings.tenants.as_ref(),
        client_id: &settings.client_id,
        nonce: asked.nonce,
        hash_binding,
        max_age: asked.max_age,
        demands: asked.demands,
        authenticated_at: None,
        additional_audiences: settings.has_quirk(Quirk::AdditionalAudiences),
        leeway: u64::from(settings.leeway),
        now: client.now(),
    };
    validate(client, resolved, compact, &expected).await
}

/// What is known of an ID token that came by another way than a login of this library.
pub(crate) struct Given {
    /// `None`: nobody knows it.
    pub(crate) nonce: Option<String>,
    /// What it came with; `None`: nothing.
    pub(crate) access_token: Option<Secret>,
    /// Oldest acceptable authentication, in seconds, beside the declared one.
    pub(crate) max_age: Option<u32>,
}

/// Validates an ID token of which this is known, by the rules for all of them.
///
/// # Errors
/// [`OAuthError::Provider`] when it is refused, or the provider issues none; what keeps metadata or
/// keys from being fetched.
pub(crate) async fn parse(
    client: &Arc<ProviderClient>,
    compact: &Secret,
    given: &Given,
) -> Result<IdToken, OAuthError> {
    let resolved = client.resolved().await?;
    if !client.settings.is_open_id() {
        return Err(client.blame(ProviderError::NoEndpoint(Endpoint::Metadata)));
    }
    // Whoever described the provider knows the key, and this did not come from the issuer.
    if client.settings.evidence.is_described() && resolved.algorithms == [SigningAlgorithm::HS256] {
        return Err(client.blame(IdTokenError::SharedKey));
    }
    let hash_binding =
        given.access_token.as_ref().map_or(HashBinding::Nothing, HashBinding::AccessToken);
    let asked = Asked {
        nonce: given.nonce.as_deref().map_or(Nonce::Unknown, Nonce::Demanded),
        max_age: client.settings.max_age.into_iter().chain(given.max_age).min(),
        demands: &Demands::default(),
    };
    of_login(client, &resolved, compact, hash_binding, &asked).await
}

/// The signed token in an encrypted one; `None` where tokens come in clear.
///
/// # Errors
/// [`OAuthError::Provider`] for a token that is not encrypted as declared.
pub(crate) fn open(
    client: &ProviderClient,
    compact: &Secret,
) -> Result<Option<Secret>, OAuthError> {
    let decryption = client.settings.keys.id_token.as_ref();
    let opened = decryption.map(|decryption| decryption.open(compact)).transpose();
    opened.map_err(|error| client.blame(IdTokenError::from(error)))
}

/// Validates a compact ID token, decrypted first where the declaration says that it is encrypted; a key that is not known yet is asked for once.
///
/// # Errors
/// [`OAuthError::Provider`] when it is refused; what keeps the keys from being fetched.
pub(crate) async fn validate(
    client: &Arc<ProviderClient>,
    resolved: &Arc<Resolved>,
    compact: &Secret,
    expected: &Expected<'_>,
) -> Result<IdToken, OAuthError> {
    let opened = open(client, compact)?;
    let compact = opened.as_ref().unwrap_or(compact);
    let keys = client.keys(resolved).await?;
    let verification = |set| VerificationKeys {
        jwks: set,
        client_secret: client.settings.client_secret.as_ref(),
        algorithms: &resolved.algorithms,
    };
    let first = id_token::validate(compact, &verification(&keys.set), expected);
    let result = match first {
        Err(IdTokenError::Signature(JwsError::UnknownKey { .. } | JwsError::BadSignature)) => {
            let newer = Box::pin(client.newer_keys(resolved, &keys)).await?;
            id_token::validate(compact, &verification(&newer.set), expected)
        }
        other => other,
    };
    result.map_err(|error| client.blame(error))
}
