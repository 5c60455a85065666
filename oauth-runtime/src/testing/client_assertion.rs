//! Client authentication by a signed assertion (RFC 7523 sections 2.2 and 3, OpenID Connect Core
//! 1.0 section 9): `private_key_jwt`, `client_secret_jwt`, and Apple's client secret.

use aws_lc_rs::hmac;
use serde_json::Value;

use super::client::{Credential, RegisteredClient};
use super::compact::Compact;
use super::endpoint::Endpoint;
use super::error::OAuthError;
use super::provider::Provider;
use super::public_key;
use super::signing_key::SigningAlgorithm;

/// The only type of assertion that authenticates a client.
pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The algorithm of `client_secret_jwt`.
pub(super) const HS256: &str = "HS256";
/// Maximum lifetime of an assertion, in seconds. It is for one request.
const LONGEST: i64 = 3600;
/// Maximum lifetime of Apple's client secret, in seconds: six months.
const LONGEST_SECRET: i64 = 15_777_000;

/// Checks `client_assertion`, which is valid for one request.
pub(super) fn check(
    provider: &Provider,
    client: &RegisteredClient,
    assertion: &str,
) -> Result<(), OAuthError> {
    let assertion = signed_by(client, assertion)?;
    check_claims(provider, &assertion, &client.id, &client.id, LONGEST)?;
    check_once(provider, client, &assertion)
}

/// The subject of an assertion that is used as a grant (RFC 7523 section 2.1).
pub(super) fn subject(
    provider: &Provider,
    client: &RegisteredClient,
    assertion: &str,
) -> Result<String, OAuthError> {
    let grant = |_| OAuthError::invalid_grant("the assertion is not valid for this client");
    let assertion = signed_by(client, assertion).map_err(grant)?;
    let subject = assertion.text("sub").unwrap_or_default().to_owned();
    check_claims(provider, &assertion, &client.id, &subject, LONGEST).map_err(grant)?;
    check_once(provider, client, &assertion).map_err(grant)?;
    Ok(subject)
}

fn check_once(
    provider: &Provider,
    client: &RegisteredClient,
    assertion: &Compact<'_>,
) -> Result<(), OAuthError> {
    let id = assertion.text("jti").ok_or_else(|| refuse("the assertion has no jti"))?;
    let is_new = provider.assertions.insert_new(format!("{}\n{id}", client.id), (), i64::MAX);
    if is_new { Ok(()) } else { Err(refuse("the assertion has already been used")) }
}

/// Checks a client secret that the client generated with its key, as Apple requires. It is valid
/// until it expires.
///
/// See
/// <https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret>.
pub(super) fn check_secret(
    provider: &Provider,
    client: &RegisteredClient,
    team_id: &str,
    secret: &str,
) -> Result<(), OAuthError> {
    let secret = signed_by(client, secret)?;
    if secret.header.get("alg").and_then(Value::as_str) != Some(SigningAlgorithm::Es256.name()) {
        return Err(refuse("the client secret is not signed with ES256"));
    }
    check_claims(provider, &secret, team_id, &client.id, LONGEST_SECRET)
}

/// The assertion, if it is signed with a key of the client.
fn signed_by<'t>(client: &RegisteredClient, token: &'t str) -> Result<Compact<'t>, OAuthError> {
    let compact = Compact::parse(token).ok_or_else(|| refuse("the assertion is not a JWT"))?;
    let algorithm = compact.header.get("alg").and_then(Value::as_str).unwrap_or_default();
    let is_signed = match &client.credential {
        Credential::Secret(secret) if algorithm == HS256 => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
            hmac::verify(&key, compact.message, &compact.signature).is_ok()
        }
        Credential::PrivateKey | Credential::Apple { .. } => {
            let key_id = compact.header.get("kid");
            SigningAlgorithm::from_name(algorithm).is_some_and(|algorithm| {
                let keys = client.keys().iter();
                keys.filter(|key| key_id.is_none_or(|id| key.get("kid") == Some(id))).any(|key| {
                    public_key::verifies(key, algorithm, compact.message, &compact.signature)
                })
            })
        }
        _ => false,
    };
    if is_signed { Ok(compact) } else { Err(refuse("the assertion is not signed by the client")) }
}

/// RFC 7523 section 3. The issuer is the unambiguous audience. The token endpoint is the one that
/// OpenID Connect specified first.
fn check_claims(
    provider: &Provider,
    assertion: &Compact<'_>,
    issuer: &str,
    subject: &str,
    longest: i64,
) -> Result<(), OAuthError> {
    if assertion.text("iss") != Some(issuer) || assertion.text("sub") != Some(subject) {
        return Err(refuse("iss and sub of the assertion are not this client's"));
    }
    let accepted = [provider.issuer.clone(), provider.url(Endpoint::Token)];
    let is_accepted =
        |aud: &Value| aud.as_str().is_some_and(|aud| accepted.iter().any(|it| it == aud));
    let is_for_us = match assertion.claims.get("aud") {
        Some(Value::Array(list)) => list.iter().any(is_accepted),
        Some(one) => is_accepted(one),
        None => false,
    };
    if !is_for_us {
        return Err(refuse("aud of the assertion is neither the issuer nor the token endpoint"));
    }
    let now = provider.clock.now();
    let time = |claim: &str| assertion.claims.get(claim).and_then(Value::as_i64);
    match time("exp") {
        Some(exp) if exp > now && exp <= now.saturating_add(longest) => {}
        _ => return Err(refuse("exp of the assertion is missing, past, or too far in the future")),
    }
    if time("nbf").is_some_and(|nbf| nbf > now) || time("iat").is_some_and(|iat| iat > now + 60) {
        return Err(refuse("the assertion is not valid yet"));
    }
    Ok(())
}

fn refuse(description: &'static str) -> OAuthError {
    OAuthError::invalid_client(description)
}
