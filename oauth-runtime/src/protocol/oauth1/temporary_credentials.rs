//! Temporary credentials (RFC 5849 section 2.1), which are used for one login.

use ::http::{Method, Request, Response, header};
use bytes::Bytes;
use url::form_urlencoded::Serializer;

use super::credentials::{self, Credentials, FORM};
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::url::endpoint::EndpointUrl;

/// Maximum bytes of a token and of a secret: a cookie holds them until the user comes back.
const MAX_LENGTH: usize = 1024;

/// A `POST`, to be signed with `oauth_callback`. Extra parameters are its form.
pub(crate) fn request(endpoint: &EndpointUrl, extra: &[(String, String)]) -> Request<Bytes> {
    form(endpoint, extra)
}

/// Reads the credentials.
///
/// # Errors
/// [`ProviderError`], also if the server does not confirm the redirect URI: such a server predates
/// the revision that keeps an attacker from finishing a login.
pub(crate) fn read(response: &Response<Bytes>) -> Result<Credentials, ProviderError> {
    let endpoint = EndpointKind::TemporaryCredentials;
    let unusable = |what| ProviderError::unusable(endpoint, response, what);
    let answer = credentials::read(response, endpoint)?;
    let is_confirmed = |(name, value): &(String, String)| {
        // Authlib's server writes `True`, as Python does.
        name == "oauth_callback_confirmed" && value.eq_ignore_ascii_case("true")
    };
    if !answer.others.iter().any(is_confirmed) {
        return Err(unusable(
            "without `oauth_callback_confirmed=true`: it does not support revision A of OAuth 1.0",
        ));
    }
    let credentials = answer.credentials;
    let is_too_long = |text: &str| text.len() > MAX_LENGTH;
    if is_too_long(credentials.token.expose()) || is_too_long(credentials.secret.expose()) {
        return Err(unusable("with credentials that are too long for a cookie"));
    }
    Ok(credentials)
}

/// The form of every request for credentials.
pub(super) fn form(endpoint: &EndpointUrl, extra: &[(String, String)]) -> Request<Bytes> {
    let form = Serializer::new(String::new()).extend_pairs(extra).finish();
    let mut request = Request::new(Bytes::from(form));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = endpoint.uri();
    if !extra.is_empty() {
        request.headers_mut().insert(header::CONTENT_TYPE, FORM);
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_body(body: &str) -> Result<Credentials, ProviderError> {
        read(&Response::new(Bytes::from(body.to_owned())))
    }

    /// RFC 5849 section 2.1.
    #[test]
    fn the_example_of_the_specification() {
        let body = "oauth_token=hdk48Djdsa&oauth_token_secret=xyz4992k83j47x0b&oauth_callback_confirmed=true";
        let credentials = read_body(body).unwrap();
        assert_eq!(credentials.token.expose(), "hdk48Djdsa");
        assert_eq!(credentials.secret.expose(), "xyz4992k83j47x0b");
    }

    #[test]
    fn a_callback_that_is_not_confirmed_ends_the_login() {
        for confirmation in ["", "&oauth_callback_confirmed=false", "&oauth_callback_confirmed"] {
            let body = format!("oauth_token=a&oauth_token_secret=b{confirmation}");
            let error = read_body(&body).unwrap_err().to_string();
            assert!(error.contains("`oauth_callback_confirmed=true`"), "{confirmation}: {error}");
        }
    }

    #[test]
    fn credentials_fit_into_a_cookie() {
        let long = "x".repeat(MAX_LENGTH + 1);
        let confirmed = "&oauth_callback_confirmed=true";
        for body in [
            format!("oauth_token={long}&oauth_token_secret=b{confirmed}"),
            format!("oauth_token=a&oauth_token_secret={long}{confirmed}"),
        ] {
            assert!(read_body(&body).is_err());
        }
    }

    #[test]
    fn extra_parameters_are_the_form() {
        let endpoint = EndpointUrl::parse("https://op.example/initiate?v=1", false).unwrap();
        let plain = request(&endpoint, &[]);
        assert_eq!((plain.body().len(), plain.headers().len()), (0, 0));
        let scoped = request(&endpoint, &[("scope".to_owned(), "a b".to_owned())]);
        assert_eq!(scoped.body().as_ref(), b"scope=a+b");
        assert_eq!(scoped.headers()[header::CONTENT_TYPE], FORM);
        assert_eq!(scoped.uri().query(), Some("v=1"));
    }
}
