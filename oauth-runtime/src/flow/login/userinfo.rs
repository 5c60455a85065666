//! The userinfo request (OpenID Connect Core 1.0 section 5.3) and its counterpart at OAuth 2.0
//! providers.

use std::sync::Arc;
use std::time::Duration;

use ::http::{Method, Response};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::crypto::secret::Secret;
use crate::declaration::spec::Quirk;
use crate::error::OAuthError;
use crate::flow::protected_request;
use crate::flow::provider_client::ProviderClient;
use crate::http::Limits;
use crate::identity::Email;
use crate::json;
use crate::protocol::answer::{self, AnswerExcerpt};
use crate::protocol::bearer::TokenPlacement;
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::protocol::id_token::Original;
use crate::protocol::jwk::JwsAlgorithm;
use crate::protocol::jws::{JwsError, VerificationKeys};
use crate::protocol::userinfo_response::{self, UserInfoError};
use crate::settings::Resolved;
use crate::token::TokenData;

/// A login does not wait long for optional claims.
pub(super) const OPTIONAL: Limits = Limits { deadline: Duration::from_secs(3), ..Limits::DOCUMENT };

/// Fetches the claims. If `subject` is given, as a path and the expected value, the claims must be
/// about that user.
///
/// # Errors
/// [`OAuthError::Network`]; [`OAuthError::Provider`] when there is no such endpoint, it declines,
/// or its response is unreadable or about another user.
pub(crate) fn fetch(
    client: &Arc<ProviderClient>,
    resolved: &Arc<Resolved>,
    token: &TokenData,
    subject: Option<(&str, &str)>,
) -> impl Future<Output = Result<Value, OAuthError>> {
    fetch_within(client, resolved, token, subject, client.document())
}

/// Like [`fetch`], but with other limits.
///
/// # Errors
/// As [`fetch`].
pub(super) async fn fetch_within(
    client: &Arc<ProviderClient>,
    resolved: &Arc<Resolved>,
    token: &TokenData,
    subject: Option<(&str, &str)>,
    limits: Limits,
) -> Result<Value, OAuthError> {
    let endpoint = resolved.userinfo_endpoint.as_ref();
    let endpoint = endpoint
        .ok_or_else(|| client.provider_error(ProviderError::NoEndpoint(EndpointKind::UserInfo)))?;
    let mut request = userinfo_response::request(endpoint);
    let additions = client.settings.additions.as_deref();
    let in_body = client.settings.token_placement == TokenPlacement::FormBody;
    let is_query = additions.is_some_and(|additions| additions.userinfo_query.is_some());
    if in_body || is_query || client.settings.has_quirk(Quirk::UserinfoByPost) {
        *request.method_mut() = Method::POST;
    }
    if let Some(additions) = additions {
        let values = protected_request::values(client, token);
        let added = additions.add_to_userinfo(&mut request, values);
        added.map_err(|error| protected_request::cannot_add(client, error))?;
    }
    let mut response = protected_request::send(client, request, token, limits).await?;
    client.fix_response(&mut response, |fix, response| fix.userinfo_response(response));
    client.refuse_error(EndpointKind::UserInfo, &response)?;
    let claims = read(client, resolved, &response).await?;
    refuse_unnamed_error(client, &response, &claims)?;
    if let Some((path, subject)) = subject {
        userinfo_response::check_subject(&claims, path, subject)
            .map_err(|error| client.provider_error(error))?;
    }
    Ok(claims)
}

/// Rejects claims that name no user and contain an error.
///
/// # Errors
/// [`ProviderError::Unusable`] with the provider's error and the quirk to declare.
fn refuse_unnamed_error(
    client: &ProviderClient,
    response: &Response<Bytes>,
    claims: &Value,
) -> Result<(), OAuthError> {
    let has_user = json::at(claims, &client.settings.identity.id).is_some();
    if has_user || claims.get("sub").is_some() || !answer::is_error(claims) {
        return Ok(());
    }
    let error =
        ProviderError::unusable(EndpointKind::UserInfo, response, "with an error, and status 200");
    Err(client.provider_error(error.with_hint(answer::hint_at_status_200(response))))
}

/// Like [`fetch`], but for a given token and typed. If the token came with an ID token, the claims
/// must be about the same user.
///
/// # Errors
/// As [`fetch`]; [`ProviderError::Malformed`] when the response does not fit `T`.
pub(crate) async fn fetch_for<T: DeserializeOwned>(
    client: &Arc<ProviderClient>,
    token: &TokenData,
) -> Result<T, OAuthError> {
    let original = token.id_token.as_ref().map(Original::read).transpose();
    let original = original.map_err(|error| client.provider_error(ProviderError::from(error)))?;
    let subject = original.as_ref().map(|original| ("sub", &*original.subject));
    let resolved = client.resolved().await?;
    typed(client, fetch(client, &resolved, token, subject).await?)
}

/// Converts the claims to the declared type.
///
/// # Errors
/// [`ProviderError::Malformed`].
pub(crate) fn typed<T: DeserializeOwned>(
    client: &ProviderClient,
    claims: Value,
) -> Result<T, OAuthError> {
    serde_json::from_value(claims).map_err(|error| {
        let reason = error.into();
        let answer = AnswerExcerpt::default();
        client.provider_error(ProviderError::Malformed {
            endpoint: EndpointKind::UserInfo,
            reason,
            answer,
        })
    })
}

/// Reads the claims from a response that is signed, encrypted, both or neither, as the declaration
/// says.
async fn read(
    client: &Arc<ProviderClient>,
    resolved: &Arc<Resolved>,
    response: &Response<Bytes>,
) -> Result<Value, OAuthError> {
    let settings = &client.settings;
    let provider_error = |error: ProviderError| client.provider_error(error);
    let decryption = settings.keys.userinfo.as_ref();
    if decryption.is_none() && settings.userinfo_algorithm.is_none() {
        return userinfo_response::read(response).map_err(provider_error);
    }
    let mut compact = userinfo_response::read_compact(response).map_err(provider_error)?;
    if let Some(decryption) = decryption {
        let opened = decryption.open(&compact).map_err(UserInfoError::from);
        compact = opened.map_err(|error| client.provider_error(error))?;
    }
    match settings.userinfo_algorithm {
        None => userinfo_response::claims(compact.expose().as_bytes()).map_err(provider_error),
        Some(algorithm) => verify(client, resolved, &compact, algorithm).await,
    }
}

/// Verifies a signed response. For an unknown key, the keys are fetched again once.
async fn verify(
    client: &Arc<ProviderClient>,
    resolved: &Arc<Resolved>,
    compact: &Secret,
    algorithm: JwsAlgorithm,
) -> Result<Value, OAuthError> {
    let issuer = resolved.issuer.as_deref();
    let expected = userinfo_response::Expected {
        issuer: issuer.ok_or_else(|| {
            client.provider_error(ProviderError::NoEndpoint(EndpointKind::Metadata))
        })?,
        client_id: &client.settings.client_id,
        leeway: u64::from(client.settings.leeway),
        now: client.now(),
    };
    let algorithms = &[algorithm];
    let verification = |jwks| VerificationKeys { jwks, client_secret: None, algorithms };
    let keys = client.keys(resolved).await?;
    let first = userinfo_response::read_signed(compact, &verification(&keys.set), &expected);
    let result = match first {
        Err(ProviderError::UserInfo(UserInfoError::Signature(
            JwsError::UnknownKey { .. } | JwsError::BadSignature,
        ))) => {
            let newer = client.newer_keys(resolved, &keys).await?;
            userinfo_response::read_signed(compact, &verification(&newer.set), &expected)
        }
        other => other,
    };
    result.map_err(|error| client.provider_error(error))
}

/// Fetches an address by a second profile request. It is optional: without the scope for it the
/// endpoint declines, and the login continues.
pub(crate) async fn fetch_email(client: &ProviderClient, token: &TokenData) -> Option<Email> {
    let endpoint = client.settings.emails_endpoint.as_ref()?;
    let answer =
        protected_request::send(client, userinfo_response::request(endpoint), token, OPTIONAL)
            .await;
    let list = answer.and_then(|response| {
        userinfo_response::read(&response).map_err(|error| client.provider_error(error))
    });
    match list {
        Ok(list) => client.settings.own.emails.select(&list),
        Err(error) => {
            tracing::debug!(provider = client.name(), %error, "failed to fetch the e-mail addresses");
            None
        }
    }
}
