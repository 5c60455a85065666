//! Credentials as a server issues them: a token and its shared secret, form-encoded (RFC 5849
//! sections 2.1 and 2.3), or in the JSON of some providers.

use ::http::{HeaderValue, Response, header};
use bytes::Bytes;
use serde_json::Value;
use url::form_urlencoded;

use crate::crypto::secret::Secret;
use crate::json::{self, UnambiguousObject, without_byte_order_mark};
use crate::protocol::answer;
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::protocol::error_response::ErrorResponse;
use crate::protocol::token_value::check_credential;

/// Temporary credentials or token credentials.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    pub(crate) token: Secret,
    pub(crate) secret: Secret,
}

/// The response to a request for credentials.
pub(super) struct CredentialsResponse {
    pub(super) credentials: Credentials,
    /// All other parameters, in order.
    pub(super) others: Vec<(String, String)>,
}

/// Reads the response. It is a form or a JSON object whatever its media type: some providers send
/// forms as `text/html`.
///
/// # Errors
/// [`ProviderError::Declined`] for an error response, [`ProviderError::Status`] for another
/// unsuccessful status, and [`ProviderError::Unusable`] for a response without credentials.
pub(super) fn read(
    response: &Response<Bytes>,
    endpoint: EndpointKind,
) -> Result<CredentialsResponse, ProviderError> {
    if let Some(response) = problem(response) {
        return Err(ProviderError::Declined { endpoint, response });
    }
    let status = response.status();
    if !status.is_success() {
        return Err(ProviderError::status(endpoint, response));
    }
    let unusable = |what| ProviderError::unusable(endpoint, response, what);
    let pairs = pairs(without_byte_order_mark(response.body()));
    let pairs = pairs.ok_or_else(|| unusable("with JSON that cannot be read"))?;
    let (mut token, mut secret, mut others) = (None, None, Vec::new());
    for (name, value) in pairs {
        let slot = match name.as_str() {
            "oauth_token" => &mut token,
            "oauth_token_secret" => &mut secret,
            _ => {
                others.push((name, value));
                continue;
            }
        };
        if slot.replace(Secret::from(value)).is_some() {
            return Err(unusable("with credentials that appear more than once"));
        }
    }
    let token = token.filter(|token| check_credential(token).is_ok());
    let token = token.ok_or_else(|| unusable("without `oauth_token`"))?;
    // An empty secret is legal: RSA-SHA1 needs none.
    let secret = secret.ok_or_else(|| unusable("without `oauth_token_secret`"))?;
    Ok(CredentialsResponse { credentials: Credentials { token, secret }, others })
}

/// The parameters of a form, or the members of a JSON object as text. `None` for an object that is
/// broken or has a member twice.
fn pairs(body: &[u8]) -> Option<Vec<(String, String)>> {
    if !body.trim_ascii_start().starts_with(b"{") {
        return Some(form_urlencoded::parse(body).into_owned().collect());
    }
    let UnambiguousObject(members) = json::read(body).ok()?;
    let text = |value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    Some(members.into_iter().map(|(name, value)| (name, text(value))).collect())
}

/// The error that a response names. RFC 5849 defines no error responses, so those of OAuth Problem
/// Reporting are read, in the body or in `WWW-Authenticate`, and those of OAuth 2.0, as a form or
/// as JSON.
pub(super) fn problem(response: &Response<Bytes>) -> Option<ErrorResponse> {
    if let Some(problem) = challenge(response) {
        return Some(problem);
    }
    let in_form = problem_in(|wanted| {
        let mut pairs = form_urlencoded::parse(without_byte_order_mark(response.body()));
        pairs.find_map(|(name, value)| (name == wanted).then(|| value.into_owned()))
    });
    in_form.or_else(|| answer::error_response(response))
}

/// `WWW-Authenticate: OAuth realm="…", oauth_problem="…"`.
fn challenge(response: &Response<Bytes>) -> Option<ErrorResponse> {
    let challenge = response.headers().get(header::WWW_AUTHENTICATE)?;
    let challenge = challenge.to_str().ok().filter(|challenge| is_of_oauth(challenge))?;
    problem_in(|wanted| {
        let parameters = challenge[SCHEME.len()..].split(',');
        let (_, value) = parameters
            .filter_map(|parameter| parameter.trim().split_once('='))
            .find(|(name, _)| *name == wanted)?;
        let value = percent_encoding::percent_decode_str(value.trim_matches('"'));
        Some(value.decode_utf8_lossy().into_owned())
    })
}

const SCHEME: &str = "OAuth ";

fn is_of_oauth(challenge: &str) -> bool {
    challenge.get(..SCHEME.len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME))
}

fn problem_in(parameter: impl Fn(&str) -> Option<String>) -> Option<ErrorResponse> {
    if let Some(problem) = parameter("oauth_problem") {
        let advice = parameter("oauth_problem_advice");
        return Some(ErrorResponse::new(&problem, advice.as_deref(), None));
    }
    let (description, uri) = (parameter("error_description"), parameter("error_uri"));
    Some(ErrorResponse::new(&parameter("error")?, description.as_deref(), uri.as_deref()))
}

/// The media type requested from a server.
pub(super) const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, body: &str) -> Response<Bytes> {
        Response::builder().status(status).body(Bytes::from(body.to_owned())).unwrap()
    }

    fn declined(response: &Response<Bytes>) -> String {
        match read(response, EndpointKind::Token).map(|_| ()) {
            Err(ProviderError::Declined { response, .. }) => response.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn credentials_are_decoded_once_and_the_rest_is_kept() {
        let response = response(200, "oauth_token=a%2Fb%252B&oauth_token_secret=&user_id=12+3&x=");
        let answer = read(&response, EndpointKind::Token).ok().unwrap();
        assert_eq!(answer.credentials.token.expose(), "a/b%2B");
        assert_eq!(answer.credentials.secret.expose(), "");
        let others = [("user_id", "12 3"), ("x", "")];
        assert_eq!(answer.others, others.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn credentials_may_be_a_json_object() {
        let body = r#" {"oauth_token":"a","oauth_token_secret":"b","user_id":12,"name":"é+%41"}"#;
        let answer = read(&response(200, body), EndpointKind::Token).ok().unwrap();
        assert_eq!(answer.credentials.token.expose(), "a");
        assert_eq!(answer.credentials.secret.expose(), "b");
        let mut others = answer.others;
        others.sort();
        let expected = [("name", "é+%41"), ("user_id", "12")];
        assert_eq!(others, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn errors_are_read_in_every_form() {
        let problem = "oauth_problem=token_rejected&oauth_problem_advice=too+late";
        assert_eq!(declined(&response(401, problem)), "token_rejected (too late)");
        assert_eq!(declined(&response(200, problem)), "token_rejected (too late)");
        let authlibs = "error=invalid_nonce&error_description=used";
        assert_eq!(declined(&response(401, authlibs)), "invalid_nonce (used)");
        assert_eq!(
            declined(&response(401, r#"{"error":"invalid_signature"}"#)),
            "invalid_signature"
        );
        let mut challenged = response(401, "Unauthorized");
        let challenge = HeaderValue::from_static(
            r#"oauth realm="x", oauth_problem="signature_invalid", oauth_problem_advice="no%20way""#,
        );
        challenged.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        assert_eq!(declined(&challenged), "signature_invalid (no way)");
    }

    #[test]
    fn an_error_page_is_reported_by_its_status() {
        let error = read(&response(503, "<html>"), EndpointKind::Token).err().unwrap();
        assert!(matches!(error, ProviderError::Status { status: 503, .. }));
    }

    #[test]
    fn incomplete_credentials_are_refused() {
        for body in [
            "",
            "oauth_token=a",
            "oauth_token_secret=a",
            "oauth_token=&oauth_token_secret=a",
            "oauth_token=a&oauth_token=b&oauth_token_secret=c",
            "<html>",
            r#"{"oauth_token":"a"}"#,
            r#"{"oauth_token":"a","oauth_token":"b","oauth_token_secret":"c"}"#,
            r#"{"oauth_token":"a","oauth_token_secret":"#,
            "{oauth_token=a&oauth_token_secret=b",
        ] {
            let error = read(&response(200, body), EndpointKind::Token).err().unwrap();
            assert!(matches!(error, ProviderError::Unusable { .. }), "{body}: {error}");
        }
    }
}
