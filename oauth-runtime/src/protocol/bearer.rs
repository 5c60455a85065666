//! Access tokens on requests (RFC 6750 section 2).

use ::http::{HeaderName, HeaderValue, Request, header};
use bytes::Bytes;
use url::form_urlencoded::{self, Serializer};

use super::additions::{RESERVED_HEADERS, with_query};
use super::token_request::FORM;
use super::token_value::{BearerToken, TokenFault};
use crate::protocol::request_error::RequestError;

/// The name of the token in a form or a query.
const PARAMETER: &str = "access_token";

/// The place of an access token in a request to the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TokenPlacement {
    /// In a header, after this text (section 2.1: `Authorization: Bearer`).
    Header { name: HeaderName, before: String },
    /// In the form body (section 2.2), or in the header of a request that cannot have one.
    FormBody,
    /// In the query, with this name (section 2.3).
    UriQuery(String),
}

impl Default for TokenPlacement {
    fn default() -> Self {
        Self::Header { name: header::AUTHORIZATION, before: "Bearer ".to_owned() }
    }
}

impl TokenPlacement {
    /// The place with this name, which is Authlib's, or a header or a parameter of the provider's
    /// own: `Authorization: OAuth {access_token}`, `?token={access_token}`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "header" => return Some(Self::default()),
            "body" => return Some(Self::FormBody),
            "uri" => return Some(Self::UriQuery(PARAMETER.to_owned())),
            _ => {}
        }
        let before =
            text.strip_suffix("{access_token}").filter(|text| !text.contains(['{', '}']))?;
        if let Some(name) = before.strip_prefix('?') {
            let name = name.strip_suffix('=').filter(|name| !name.is_empty())?;
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
            return name.chars().all(is_plain).then(|| Self::UriQuery(name.to_owned()));
        }
        let (name, before) = before.split_once(": ")?;
        let name: HeaderName = name.parse().ok().filter(|name| !RESERVED_HEADERS.contains(name))?;
        let is_plain = before.chars().all(|c| c == ' ' || c.is_ascii_graphic());
        is_plain.then(|| Self::Header { name, before: before.to_owned() })
    }
}

/// Puts a token on a request, at exactly one place.
///
/// # Errors
/// [`RequestError::Unsendable`] if the query is too long to hold it;
/// [`RequestError::UnusableToken`].
pub(crate) fn put(
    request: &mut Request<Bytes>,
    access_token: BearerToken<'_>,
    placement: &TokenPlacement,
) -> Result<(), RequestError> {
    match placement {
        TokenPlacement::UriQuery(name) => in_query(request, access_token, name)?,
        TokenPlacement::FormBody if takes_form(request) => in_body(request, access_token),
        TokenPlacement::Header { name, before } => {
            request.headers_mut().insert(name.clone(), header_value(before, access_token)?);
        }
        TokenPlacement::FormBody => {
            let value = header_value("Bearer ", access_token)?;
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
    }
    Ok(())
}

/// The text and the token, marked as sensitive.
fn header_value(before: &str, access_token: BearerToken<'_>) -> Result<HeaderValue, RequestError> {
    let text = format!("{before}{}", access_token.expose());
    let mut value = HeaderValue::try_from(text).map_err(|_| TokenFault::Characters)?;
    value.set_sensitive(true);
    Ok(value)
}

/// An extension of a request whose body is a stream: no part of the authorization can be in it.
#[derive(Clone, Copy)]
pub(crate) struct StreamedBody;

/// Section 2.2: the method gives the body a meaning, and the body is a form or empty.
fn takes_form(request: &Request<Bytes>) -> bool {
    if request.extensions().get::<StreamedBody>().is_some() {
        return false;
    }
    let is_form = || request.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == FORM);
    !request.method().is_safe() && (request.body().is_empty() || is_form())
}

fn in_body(request: &mut Request<Bytes>, access_token: BearerToken<'_>) {
    let form = String::from_utf8_lossy(request.body());
    *request.body_mut() = with_token(&form, access_token, PARAMETER).into();
    request.headers_mut().insert(header::CONTENT_TYPE, FORM);
}

/// Section 2.3, which demands that the response is not stored.
fn in_query(
    request: &mut Request<Bytes>,
    access_token: BearerToken<'_>,
    name: &str,
) -> Result<(), RequestError> {
    let query = with_token(request.uri().query().unwrap_or_default(), access_token, name);
    *request.uri_mut() = with_query(request.uri(), &query)?;
    let headers = request.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    Ok(())
}

/// The pairs as they are, followed by this token. Any other token is removed: a link to the next
/// page may contain one.
fn with_token(pairs: &str, access_token: BearerToken<'_>, name: &str) -> String {
    let is_other = |pair: &&str| {
        let mut decoded = form_urlencoded::parse(pair.as_bytes());
        decoded.next().is_some_and(|(own, _)| own != name)
    };
    let kept: Vec<_> = pairs.split('&').filter(is_other).collect();
    let mut serializer = Serializer::new(kept.join("&"));
    serializer.append_pair(name, access_token.expose()).finish()
}

#[cfg(test)]
mod tests {
    use ::http::Method;

    use super::*;
    use crate::crypto::secret::Secret;

    fn put_at(placement: &TokenPlacement, mut request: Request<Bytes>) -> Request<Bytes> {
        put(&mut request, BearerToken::check(&"a token+".into(), "Bearer").unwrap(), placement)
            .unwrap();
        request
    }

    fn request(method: Method, uri: &str, kind: &str, body: &'static str) -> Request<Bytes> {
        let builder = Request::builder().method(method).uri(uri);
        builder.header("content-type", kind).body(Bytes::from_static(body.as_bytes())).unwrap()
    }

    fn query() -> TokenPlacement {
        TokenPlacement::parse("uri").unwrap()
    }

    #[test]
    fn place_of_the_providers_own_is_used() {
        let get = || request(Method::GET, "https://api.example/x?token=old&a=1", "text/plain", "");
        let at = |text: &str| put_at(&TokenPlacement::parse(text).unwrap(), get());
        let sent = at("Authorization: OAuth {access_token}");
        assert_eq!(sent.headers()["authorization"], "OAuth a token+");
        assert!(sent.headers()["authorization"].is_sensitive());
        let sent = at("X-Acme-Token: {access_token}");
        assert_eq!(sent.headers()["x-acme-token"], "a token+");
        assert!(!sent.headers().contains_key("authorization"));
        let sent = at("?token={access_token}");
        assert_eq!(sent.uri().query(), Some("a=1&token=a+token%2B"));
        assert_eq!(sent.headers()["cache-control"], "no-store");
    }

    #[test]
    fn other_place_is_refused() {
        for text in [
            "cookie",
            "Authorization: OAuth",
            "Host: {access_token}",
            "content-length: {access_token}",
            "Authorization: {client_id} {access_token}",
            "Authorization: a\r\nb: {access_token}",
            "?a&b={access_token}",
            "?={access_token}",
        ] {
            assert_eq!(TokenPlacement::parse(text), None, "{text}");
        }
    }

    /// Where the token is: header, query, body.
    fn places(request: &Request<Bytes>) -> (bool, bool, bool) {
        let is_in = |text: &str| text.contains("access_token=a+token%2B");
        (
            request.headers().contains_key("authorization"),
            is_in(request.uri().query().unwrap_or_default()),
            is_in(&String::from_utf8_lossy(request.body())),
        )
    }

    #[test]
    fn token_is_put_at_exactly_one_place() {
        let (form, json) = ("application/x-www-form-urlencoded", "application/json");
        for (placement, method, kind, body, expected) in [
            ("header", Method::POST, form, "a=1", (true, false, false)),
            ("body", Method::POST, form, "a=1", (false, false, true)),
            ("body", Method::POST, json, "", (false, false, true)),
            ("body", Method::POST, json, "{}", (true, false, false)),
            ("body", Method::GET, form, "", (true, false, false)),
            ("uri", Method::GET, form, "", (false, true, false)),
            ("uri", Method::POST, json, "{}", (false, true, false)),
        ] {
            let place = TokenPlacement::parse(placement).unwrap();
            let sent = put_at(&place, request(method, "https://api.example/x?b=2", kind, body));
            assert_eq!(places(&sent), expected, "{placement:?} {kind} {body}");
            assert!(sent.uri().query().is_some_and(|query| query.starts_with("b=2")));
        }
    }

    #[test]
    fn header_is_sensitive_and_query_is_not_cached() {
        let get = || request(Method::GET, "https://api.example/", "text/plain", "");
        let sent = put_at(&TokenPlacement::default(), get());
        assert!(sent.headers()["authorization"].is_sensitive());
        let sent = put_at(&query(), get());
        assert_eq!(sent.headers()["cache-control"], "no-store");
    }

    #[test]
    fn other_token_is_replaced_and_the_rest_unchanged() {
        let given = "q=%7e%20x&access%5Ftoken=other&&cursor=1";
        let uri = format!("https://api.example/x?{given}");
        let sent = put_at(&query(), request(Method::GET, &uri, "text/plain", ""));
        assert_eq!(sent.uri().query(), Some("q=%7e%20x&cursor=1&access_token=a+token%2B"));
    }

    #[test]
    fn overlong_query_is_an_error() {
        let mut request = request(Method::GET, "https://api.example/", "text/plain", "");
        let token = Secret::from("x".repeat(65_530));
        let token = BearerToken::check(&token, "Bearer").unwrap();
        let refused = put(&mut request, token, &query());
        assert!(matches!(refused, Err(RequestError::Unsendable(_))), "{refused:?}");
    }
}
