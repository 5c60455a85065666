//! ID tokens (OpenID Connect Core 1.0 section 2).

use aws_lc_rs::error::Unspecified;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::compact::Compact;
use super::grant::Grant;
use super::person::Person;
use super::provider::{Provider, TENANT};
use super::scope::Scope;
use super::spoil;

/// The values that the token is bound to, if present.
#[derive(Default)]
pub(super) struct Binding<'a> {
    pub(super) nonce: Option<&'a str>,
    /// Hashed into `at_hash`.
    pub(super) access_token: Option<&'a str>,
    /// Hashed into `c_hash`.
    pub(super) code: Option<&'a str>,
}

/// An ID token about `person` for the grant's client.
pub(super) fn issue(
    provider: &Provider,
    grant: &Grant,
    person: &Person,
    scope: &Scope,
    binding: &Binding<'_>,
) -> Result<String, Unspecified> {
    let key = provider.keys.current();
    let now = provider.clock.now();
    let mut claims = person.claims(scope, |claim| grant.claims.in_id_token(claim));
    let mut claim = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    claim("iss", json!(provider.issuer_for(Some(person))));
    if provider.has_tenants() {
        claim("tid", json!(person.tenant()));
    }
    claim("aud", json!(grant.client_id));
    claim("iat", json!(now));
    claim("exp", json!(now.saturating_add(provider.token_lifetime)));
    claim("auth_time", json!(grant.auth_time));
    let hash = |text| json!(key.algorithm().left_half_hash(text));
    for (name, value) in [
        ("at_hash", binding.access_token.map(hash)),
        ("c_hash", binding.code.map(hash)),
        ("nonce", binding.nonce.map(|nonce| json!(nonce))),
        ("sid", grant.sid.as_ref().map(|sid| json!(sid))),
        ("acr", grant.acr.as_ref().map(|acr| json!(acr))),
    ] {
        if let Some(value) = value {
            claim(name, value);
        }
    }
    spoil::id_token_claims(provider, grant, binding, &mut claims);
    let header = json!({ "alg": key.algorithm().name(), "kid": key.id(), "typ": "JWT" });
    let signed = spoil::signed(provider, grant, &key, header, &claims)?;
    match provider.client(&grant.client_id) {
        Some(client) => {
            let nested = json!({ "cty": "JWT" });
            spoil::encrypted(provider, client, client.id_token_encryption, &nested, signed)
        }
        None => Ok(signed),
    }
}

/// `header.payload`, the signed part.
pub(super) fn signing_input(header: &Value, claims: &Map<String, Value>) -> String {
    let payload = serde_json::to_string(claims).unwrap_or_default();
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(payload))
}

/// The claims of an ID token that this provider signed, expired or not, for use as an
/// `id_token_hint`.
pub(super) fn read_own(provider: &Provider, token: &str) -> Option<Map<String, Value>> {
    let token = Compact::parse(token)?;
    let is_own =
        provider.keys.published().iter().any(|key| key.verifies(token.message, &token.signature));
    let tenant = token.text("tid").unwrap_or_default();
    let issuer = provider.issuer.replace(TENANT, tenant);
    (is_own && token.text("iss") == Some(&issuer)).then_some(token.claims)
}
