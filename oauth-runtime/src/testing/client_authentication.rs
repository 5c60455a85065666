//! Client authentication (RFC 6749 section 2.3, OpenID Connect Core 1.0 section 9).

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::client::{Credential, RegisteredClient};
use super::client_assertion;
use super::compact::Compact;
use super::error::OAuthError;
use super::fault::Fault;
use super::parameters::{Parameters, form_decode};
use super::provider::Provider;

/// The names of the methods in the metadata.
pub(super) const METHODS: [&str; 5] =
    ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"];

/// The proof of the client's identity in a request.
enum Proof<'p> {
    None,
    Secret(String),
    Assertion(&'p str),
}

/// The client that sent the request, authenticated by exactly one method.
pub(super) fn authenticate<'p>(
    provider: &'p Provider,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<&'p RegisteredClient, OAuthError> {
    let (id, proof) = proof(provider, headers, parameters)?;
    let client =
        provider.client(&id).ok_or_else(|| OAuthError::invalid_client("the client is unknown"))?;
    match (&client.credential, proof) {
        (Credential::None, Proof::None) => {}
        (Credential::None, _) => {
            return Err(OAuthError::invalid_client("a public client has no secret"));
        }
        (_, Proof::None) => {
            return Err(OAuthError::invalid_client("the client secret is missing"));
        }
        (_, Proof::Assertion(assertion)) => client_assertion::check(provider, client, assertion)?,
        (Credential::Secret(expected), Proof::Secret(secret)) => {
            if verify_slices_are_equal(expected.as_bytes(), secret.as_bytes()).is_err() {
                return Err(OAuthError::invalid_client("the client secret is wrong"));
            }
        }
        (Credential::Apple { team_id }, Proof::Secret(secret)) => {
            client_assertion::check_secret(provider, client, team_id, &secret)?;
        }
        (Credential::PrivateKey, Proof::Secret(_)) => {
            return Err(OAuthError::invalid_client("this client must use private_key_jwt"));
        }
    }
    Ok(client)
}

/// The identifier of the client, and its only proof.
fn proof<'p>(
    provider: &Provider,
    headers: &HeaderMap,
    parameters: &'p Parameters,
) -> Result<(String, Proof<'p>), OAuthError> {
    let is_decoded = !provider.faults.has(Fault::BasicWithoutDecoding);
    let decode = if is_decoded { form_decode } else { str::to_owned };
    let in_header = headers
        .get(header::AUTHORIZATION)
        .map(|value| {
            let credentials =
                value.to_str().ok().and_then(|value| basic_credentials(value, decode));
            let malformed = || OAuthError::invalid_client("the Authorization header is malformed");
            credentials.ok_or_else(malformed)
        })
        .transpose()?;
    let in_body = parameters.get("client_secret");
    let assertion = parameters.get("client_assertion");
    if u8::from(in_header.is_some()) + u8::from(in_body.is_some()) + u8::from(assertion.is_some())
        > 1
    {
        return Err(OAuthError::invalid_request("the client authenticates in more than one way"));
    }
    let id_in_body = parameters.get("client_id");
    let (id, proof) = if let Some((id, secret)) = in_header {
        (id, Proof::Secret(secret))
    } else if let Some(assertion) = assertion {
        if parameters.get("client_assertion_type") != Some(client_assertion::TYPE) {
            return Err(OAuthError::invalid_request("client_assertion_type is unknown or missing"));
        }
        // RFC 7521 section 4.2: client_id is optional, as the assertion names the client.
        let subject = Compact::parse(assertion).and_then(|it| it.text("sub").map(str::to_owned));
        let id = subject.or_else(|| id_in_body.map(str::to_owned)).unwrap_or_default();
        (id, Proof::Assertion(assertion))
    } else {
        let id = id_in_body.ok_or_else(|| OAuthError::invalid_client("client_id is missing"))?;
        let proof = in_body.map_or(Proof::None, |secret| Proof::Secret(secret.to_owned()));
        (id.to_owned(), proof)
    };
    if id_in_body.is_some_and(|in_body| in_body != id) {
        return Err(OAuthError::invalid_request("client_id differs from the authenticated client"));
    }
    Ok((id, proof))
}

/// Identifier and secret are form-encoded before they are joined (RFC 6749 section 2.3.1).
fn basic_credentials(header: &str, decode: fn(&str) -> String) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((decode(id), decode(secret)))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;

    use super::{STANDARD, basic_credentials, form_decode};

    #[test]
    fn basic_credentials_are_form_decoded() {
        let header = format!("basic {}", STANDARD.encode("my%3Aapp:50%25+off"));
        assert_eq!(
            basic_credentials(&header, form_decode),
            Some(("my:app".to_owned(), "50% off".to_owned()))
        );
    }
}
