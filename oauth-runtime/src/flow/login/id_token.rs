//! The validation of an ID token with the provider's keys, which are fetched again for an unknown
//! key.

use std::sync::Arc;

use crate::crypto::secret::Secret;
use crate::declaration::spec::Quirk;
use crate::error::OAuthError;
use crate::flow::provider_client::ProviderClient;
use crate::protocol::claims_request::Demands;
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::protocol::id_token::{self, Expected, HashBinding, IdToken, IdTokenError, Nonce};
use crate::protocol::jwk::JwsAlgorithm;
use crate::protocol::jws::{JwsError, VerificationKeys};
use crate::settings::Resolved;

/// The values of a login request that its ID token has to match.
pub(super) struct IdTokenRequest<'a> {
    pub(super) nonce: Nonce<'a>,
    /// Maximum age of the authentication, in seconds.
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
    asked: &IdTokenRequest<'_>,
) -> Result<IdToken, OAuthError> {
    let settings = &client.settings;
    let issuer = resolved.issuer.as_deref();
    let expected = Expected {
        issuer: issuer.ok_or_else(|| {
            client.provider_error(ProviderError::NoEndpoint(EndpointKind::Metadata))
        })?,
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

/// The known facts about an ID token that did not come from a login of this library.
pub(crate) struct ForeignIdToken {
    /// `None`: unknown.
    pub(crate) nonce: Option<String>,
    /// The access token that came with it; `None` if there was none.
    pub(crate) access_token: Option<Secret>,
    /// Maximum age of the authentication, in seconds, in addition to the declared one.
    pub(crate) max_age: Option<u32>,
}

/// Validates such an ID token by the rules for all ID tokens.
///
/// # Errors
/// [`OAuthError::Provider`] when the token is rejected or the provider issues no ID tokens; the
/// error of a failed fetch of metadata or keys.
pub(crate) async fn parse(
    client: &Arc<ProviderClient>,
    compact: &Secret,
    given: &ForeignIdToken,
) -> Result<IdToken, OAuthError> {
    let resolved = client.resolved().await?;
    if !client.settings.is_open_id() {
        return Err(client.provider_error(ProviderError::NoEndpoint(EndpointKind::Metadata)));
    }
    // The tenant that described the provider knows the key, and this token did not come directly
    // from the issuer.
    if client.settings.evidence.is_described() && resolved.algorithms == [JwsAlgorithm::HS256] {
        return Err(client.provider_error(IdTokenError::SharedKey));
    }
    let hash_binding =
        given.access_token.as_ref().map_or(HashBinding::Nothing, HashBinding::AccessToken);
    let asked = IdTokenRequest {
        nonce: given.nonce.as_deref().map_or(Nonce::Unknown, Nonce::Demanded),
        max_age: client.settings.max_age.into_iter().chain(given.max_age).min(),
        demands: &Demands::default(),
    };
    of_login(client, &resolved, compact, hash_binding, &asked).await
}

/// Decrypts an ID token; `None` if the declaration expects unencrypted tokens.
///
/// # Errors
/// [`OAuthError::Provider`] for a token that is not encrypted as declared.
pub(crate) fn open(
    client: &ProviderClient,
    compact: &Secret,
) -> Result<Option<Secret>, OAuthError> {
    let decryption = client.settings.keys.id_token.as_ref();
    let opened = decryption.map(|decryption| decryption.open(compact)).transpose();
    opened.map_err(|error| client.provider_error(IdTokenError::from(error)))
}

/// Validates a compact ID token, after decryption if the declaration says that it is encrypted. For
/// an unknown key, the keys are fetched again once.
///
/// # Errors
/// [`OAuthError::Provider`] when it is rejected; the error of a failed fetch of the keys.
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
    result.map_err(|error| client.provider_error(error))
}
