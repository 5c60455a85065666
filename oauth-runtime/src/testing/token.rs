//! The token endpoint (RFC 6749 section 3.2): codes, refresh tokens, client credentials,
//! assertions and device codes.

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::client::RegisteredClient;
use super::client_assertion;
use super::client_authentication::authenticate;
use super::device;
use super::error::OAuthError;
use super::fault::Fault;
use super::grant::Grant;
use super::id_token::{self, Binding};
use super::parameters::Parameters;
use super::provider::Provider;
use super::scope::Scope;
use super::spoil;

/// `POST /token`
pub(super) async fn post(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    form: Bytes,
) -> Result<Response, OAuthError> {
    let parameters = read_parameters(&provider, &headers, &form)?;
    let client = authenticate(&provider, &headers, &parameters)?;
    spoil::token_request(&provider)?;
    let mut response = match parameters.get("grant_type") {
        Some("authorization_code") => redeem_code(&provider, client, &parameters),
        Some("refresh_token") => refresh(&provider, client, &parameters),
        Some("client_credentials") => client_credentials(&provider, client, &parameters),
        Some("urn:ietf:params:oauth:grant-type:jwt-bearer") => {
            jwt_bearer(&provider, client, &parameters)
        }
        Some(device::GRANT_TYPE) => device::redeem(&provider, client, &parameters),
        Some(_) => Err(OAuthError::unsupported_grant_type()),
        None => Err(OAuthError::invalid_request("grant_type is missing")),
    }?;
    spoil::token_response(&provider, &mut response);
    Ok(spoil::encoded_token_response(&provider, &response))
}

/// The parameters of a client's request, from a form or from JSON if a fault requires it.
pub(super) fn read_parameters(
    provider: &Provider,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Parameters, OAuthError> {
    if !provider.faults.has(Fault::JsonRequestsOnly) {
        return read_form(headers, body);
    }
    let is_json = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    let parameters = Parameters::parse_json(body).filter(|_| is_json);
    parameters
        .ok_or_else(|| OAuthError::invalid_request("the body must be a JSON object of strings"))
}

/// The parameters of a form, the only content type of OAuth requests.
pub(super) fn read_form(headers: &HeaderMap, form: &[u8]) -> Result<Parameters, OAuthError> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(str::trim);
    if !content_type.is_some_and(|it| it.eq_ignore_ascii_case("application/x-www-form-urlencoded"))
    {
        return Err(OAuthError::invalid_request(
            "the content type must be application/x-www-form-urlencoded",
        ));
    }
    Ok(Parameters::parse(form)?)
}

/// RFC 6749 section 4.1.3, RFC 7636 section 4.6.
fn redeem_code(
    provider: &Provider,
    client: &RegisteredClient,
    parameters: &Parameters,
) -> Result<Map<String, Value>, OAuthError> {
    let required = |name: &'static str| {
        parameters
            .get(name)
            .ok_or_else(|| OAuthError::invalid_request(format!("{name} is missing")))
    };
    let code = provider
        .find_code(required("code")?)
        .filter(|code| code.grant.client_id == client.id)
        .ok_or_else(|| OAuthError::invalid_grant("the code is unknown or expired"))?;
    let redirect_uri = required("redirect_uri")?;
    let code_verifier = required("code_verifier")?;
    if !code.use_once.first() {
        // RFC 6749 section 4.1.2: the tokens of the first use are revoked too.
        code.grant.revoke();
        return Err(OAuthError::invalid_grant("the code has already been used"));
    }
    if redirect_uri != code.redirect_uri {
        return Err(OAuthError::invalid_grant(
            "redirect_uri differs from that of the authorization request",
        ));
    }
    if !answers_challenge(code_verifier, &code.code_challenge) {
        return Err(OAuthError::invalid_grant("code_verifier does not match the code_challenge"));
    }
    let grant = &code.grant;
    tokens_for_user(provider, grant, &grant.scope, grant.nonce.as_deref())
}

fn answers_challenge(code_verifier: &str, code_challenge: &str) -> bool {
    let is_well_formed = (43..=128).contains(&code_verifier.len())
        && code_verifier
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    let hash = digest::digest(&digest::SHA256, code_verifier.as_bytes());
    let answer = URL_SAFE_NO_PAD.encode(hash);
    is_well_formed && verify_slices_are_equal(answer.as_bytes(), code_challenge.as_bytes()).is_ok()
}

/// RFC 6749 section 6, with rotation as in RFC 9700 section 4.14.2: if a refresh token is used
/// twice, the grant ends, because one of the two uses may be theft. An ID token of a refresh
/// response has no nonce (OpenID Connect Core 1.0 section 12.2).
fn refresh(
    provider: &Provider,
    client: &RegisteredClient,
    parameters: &Parameters,
) -> Result<Map<String, Value>, OAuthError> {
    let text = parameters
        .get("refresh_token")
        .ok_or_else(|| OAuthError::invalid_request("refresh_token is missing"))?;
    let token = provider
        .find_refresh_token(text)
        .filter(|token| token.grant.client_id == client.id)
        .ok_or_else(|| {
            OAuthError::invalid_grant("the refresh token is unknown, expired or revoked")
        })?;
    let scope = match parameters.get("scope") {
        None => token.grant.scope.clone(),
        Some(asked) => Scope::parse(asked)
            .filter(|scope| scope.is_subset_of(&token.grant.scope))
            .ok_or_else(|| OAuthError::invalid_scope("this scope was not granted"))?,
    };
    let is_kept = provider.faults.has(Fault::RefreshTokenKept);
    let is_first_use = if is_kept { !token.use_once.is_spent() } else { token.use_once.first() };
    if !is_first_use {
        token.grant.revoke();
        return Err(OAuthError::invalid_grant("the refresh token has already been used"));
    }
    let mut response = tokens_for_user(provider, &token.grant, &scope, None)?;
    if is_kept {
        response.remove("refresh_token");
    }
    Ok(response)
}

/// RFC 6749 section 4.4: the client acts for itself.
fn client_credentials(
    provider: &Provider,
    client: &RegisteredClient,
    parameters: &Parameters,
) -> Result<Map<String, Value>, OAuthError> {
    if client.is_public() {
        return Err(OAuthError::unauthorized_client("a public client has no credentials"));
    }
    let scope = Scope::parse(parameters.get("scope").unwrap_or_default())
        .filter(|scope| !scope.contains("openid") && !scope.contains("offline_access"))
        .ok_or_else(|| OAuthError::invalid_scope("this scope requires a user"))?;
    let grant = Arc::new(Grant::to_client(&client.id, scope.clone()));
    let access_token = provider.issue_access_token(&grant, scope.clone());
    Ok(response(provider, &access_token, &scope))
}

/// RFC 7523 section 2.1: the client asserts the identity of a user.
fn jwt_bearer(
    provider: &Provider,
    client: &RegisteredClient,
    parameters: &Parameters,
) -> Result<Map<String, Value>, OAuthError> {
    let assertion = parameters
        .get("assertion")
        .ok_or_else(|| OAuthError::invalid_request("assertion is missing"))?;
    let subject = client_assertion::subject(provider, client, assertion)?;
    let person = provider
        .person(&subject)
        .ok_or_else(|| OAuthError::invalid_grant("the subject of the assertion is unknown"))?;
    let scope = Scope::parse(parameters.get("scope").unwrap_or_default())
        .ok_or_else(|| OAuthError::invalid_scope("scope contains an invalid character"))?;
    let person = Arc::clone(person);
    let grant = Grant::without_login(&client.id, person, scope.clone(), provider.clock.now());
    tokens_for_user(provider, &Arc::new(grant), &scope, None)
}

/// An access token, an ID token if the scope has `openid`, and a refresh token if it has
/// `offline_access`.
pub(super) fn tokens_for_user(
    provider: &Provider,
    grant: &Arc<Grant>,
    scope: &Scope,
    nonce: Option<&str>,
) -> Result<Map<String, Value>, OAuthError> {
    let access_token = provider.issue_access_token(grant, scope.clone());
    let id_token = match &grant.person {
        Some(person) if scope.contains("openid") => {
            let binding = Binding { nonce, access_token: Some(&access_token), code: None };
            Some(id_token::issue(provider, grant, person, scope, &binding)?)
        }
        _ => None,
    };
    let mut response = response(provider, &access_token, scope);
    if let Some(id_token) = id_token {
        response.insert("id_token".to_owned(), json!(id_token));
    }
    if grant.scope.contains("offline_access") {
        let refresh_token = provider.issue_refresh_token(grant);
        response.insert("refresh_token".to_owned(), json!(refresh_token));
    }
    Ok(response)
}

fn response(provider: &Provider, access_token: &str, scope: &Scope) -> Map<String, Value> {
    let mut response = Map::new();
    response.insert("access_token".to_owned(), json!(access_token));
    response.insert("token_type".to_owned(), json!("Bearer"));
    response.insert("expires_in".to_owned(), json!(provider.token_lifetime));
    response.insert("scope".to_owned(), json!(scope.to_string()));
    response
}

#[cfg(test)]
mod tests {
    use super::answers_challenge;

    /// The example of RFC 7636 appendix B.
    #[test]
    fn code_verifier_of_rfc_7636_answers_its_challenge() {
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert!(answers_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", challenge));
        assert!(!answers_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXK", challenge));
        assert!(!answers_challenge("too-short", challenge));
    }
}
