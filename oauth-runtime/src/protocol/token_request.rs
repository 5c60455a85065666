//! Requests to the token endpoint: with an authorization code (RFC 6749 section 4.1.3, RFC 7636
//! section 4.5), with a refresh token (RFC 6749 section 6), and with the grants that need no
//! browser.

use ::http::{HeaderMap, HeaderValue, Method, Request, header};
use bytes::Bytes;
use serde_json::{Map, Value};
use url::form_urlencoded::{self, Serializer};

use super::authorization_response::AuthorizationCode;
use super::client_authentication::ClientAuthentication;
use super::request_error::RequestError;
use crate::crypto::secret::Secret;
use crate::url::endpoint::EndpointUrl;

/// Parameters that the library sets itself.
pub(crate) const RESERVED: &[&str] = &[
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code",
    "code_verifier",
    "grant_type",
    "redirect_uri",
    "refresh_token",
];

/// Further parameters that prove a grant (RFC 6749 section 4.3, RFC 7521 section 4.1, RFC 8628
/// section 3.4, RFC 8693 section 2.1).
const OF_GRANTS: &[&str] =
    &["actor_token", "assertion", "device_code", "password", "subject_token", "username"];

type Pair = (String, String);

/// The content type of every request to the token endpoint.
pub(super) const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
/// GitHub responds with a form unless JSON is requested.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Exchanges a code for tokens. The code is consumed, because it is valid for one request.
#[expect(clippy::needless_pass_by_value, reason = "a code is used once")]
pub(crate) fn authorization_code<'p>(
    token_endpoint: &EndpointUrl,
    authentication: &ClientAuthentication,
    code: AuthorizationCode,
    redirect_uri: &str,
    code_verifier: Option<&Secret>,
    extra: impl IntoIterator<Item = &'p (String, String)>,
) -> Request<Bytes> {
    let mut form = Serializer::new(String::with_capacity(512));
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", code.expose())
        .append_pair("redirect_uri", redirect_uri);
    if let Some(verifier) = code_verifier {
        form.append_pair("code_verifier", verifier.expose());
    }
    form.extend_pairs(extra.into_iter().map(|(name, value)| (name, value)));
    token_request(token_endpoint, authentication, form)
}

/// Refreshes a grant. No scope is sent, which requests all scopes of the grant.
pub(crate) fn refresh(
    token_endpoint: &EndpointUrl,
    authentication: &ClientAuthentication,
    refresh_token: &Secret,
    extra: &[(String, String)],
) -> Request<Bytes> {
    let mut form = Serializer::new(String::with_capacity(512));
    form.append_pair("grant_type", "refresh_token")
        .append_pair("refresh_token", refresh_token.expose())
        .extend_pairs(extra);
    token_request(token_endpoint, authentication, form)
}

/// Requests a token with any other grant (RFC 6749 sections 4.3, 4.4 and 4.5), from its type and
/// its parameters.
pub(crate) fn grant<'p>(
    token_endpoint: &EndpointUrl,
    authentication: &ClientAuthentication,
    grant_type: &str,
    parameters: impl IntoIterator<Item = (&'p str, &'p str)>,
) -> Request<Bytes> {
    let mut form = Serializer::new(String::with_capacity(512));
    form.append_pair("grant_type", grant_type).extend_pairs(parameters);
    token_request(token_endpoint, authentication, form)
}

/// The type of a token in a request about it (RFC 7009 section 2.1).
#[derive(Debug, Clone, Copy)]
pub(crate) enum TokenTypeHint {
    AccessToken,
    RefreshToken,
}

/// A request about a token, for the endpoints that take one (RFC 7009 section 2.1, RFC 7662
/// section 2.1).
pub(super) fn about_token(
    endpoint: &EndpointUrl,
    authentication: &ClientAuthentication,
    token: &Secret,
    hint: Option<TokenTypeHint>,
) -> Request<Bytes> {
    let mut form = Serializer::new(String::with_capacity(512));
    form.append_pair("token", token.expose());
    if let Some(hint) = hint {
        let hint = match hint {
            TokenTypeHint::AccessToken => "access_token",
            TokenTypeHint::RefreshToken => "refresh_token",
        };
        form.append_pair("token_type_hint", hint);
    }
    token_request(endpoint, authentication, form)
}

/// The parameters of a token request: those that prove the grant or the client, which only the
/// library may set, and the others.
pub(crate) fn split(form: &[u8]) -> (Vec<Pair>, Vec<Pair>) {
    let pairs = form_urlencoded::parse(form);
    let pairs = pairs.map(|(name, value)| (name.into_owned(), value.into_owned()));
    pairs.partition(|(name, _)| is_protected(name))
}

/// Whether a parameter proves the grant or the client.
pub(crate) fn is_protected(name: &str) -> bool {
    RESERVED.contains(&name) || OF_GRANTS.contains(&name)
}

/// A form with these parameters.
pub(crate) fn form<'p>(pairs: impl IntoIterator<Item = &'p Pair>) -> Bytes {
    let mut form = Serializer::new(String::with_capacity(512));
    form.extend_pairs(pairs.into_iter().map(|(name, value)| (name, value)));
    form.finish().into()
}

/// Moves the form of a request into its query, for a `GET`.
///
/// # Errors
/// [`RequestError::Unsendable`] if the URL would be too long.
pub(crate) fn encode_as_query(request: &mut Request<Bytes>) -> Result<(), RequestError> {
    let form = std::mem::take(request.body_mut());
    let form = String::from_utf8_lossy(&form);
    let uri = request.uri().to_string();
    let separator = if request.uri().query().is_some() { '&' } else { '?' };
    let uri = format!("{uri}{separator}{form}").parse();
    *request.uri_mut() = uri.map_err(|_| RequestError::Unsendable("its query is too long"))?;
    *request.method_mut() = Method::GET;
    let headers = request.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    // RFC 6749 section 5.1: only the response says so for a `POST`, which caches do not store.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(())
}

/// Turns the form of a request into a JSON object of strings.
pub(crate) fn encode_as_json(request: &mut Request<Bytes>) {
    let members: Map<_, _> = form_urlencoded::parse(request.body())
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect();
    *request.body_mut() = Value::Object(members).to_string().into();
    request.headers_mut().insert(header::CONTENT_TYPE, JSON);
}

/// Any other form with client authentication, such as the device authorization request (RFC 8628
/// section 3.1).
pub(super) fn client_request<'p>(
    endpoint: &EndpointUrl,
    authentication: &ClientAuthentication,
    parameters: impl IntoIterator<Item = (&'p str, &'p str)>,
) -> Request<Bytes> {
    let mut form = Serializer::new(String::with_capacity(512));
    form.extend_pairs(parameters);
    token_request(endpoint, authentication, form)
}

fn token_request(
    token_endpoint: &EndpointUrl,
    authentication: &ClientAuthentication,
    mut form: Serializer<'_, String>,
) -> Request<Bytes> {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, FORM);
    headers.insert(header::ACCEPT, JSON);
    authentication.apply(&mut headers, &mut form);
    let mut request = Request::new(Bytes::from(form.finish()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = token_endpoint.uri();
    *request.headers_mut() = headers;
    request
}
