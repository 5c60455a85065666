//! Access tokens on requests (RFC 6750 section 2).

use ::http::{HeaderValue, Request, Uri, header};
use bytes::Bytes;
use url::form_urlencoded::{self, Serializer};

use super::token_request::FORM;
use super::token_value::{BearerToken, TokenFault};
use crate::declaration::spec::TokenPlacement;
use crate::protocol::request_error::RequestError;

/// The name of the token in a form or a query.
const PARAMETER: &str = "access_token";

/// Puts a token on a request, at exactly one place.
///
/// # Errors
/// [`RequestError::Unsendable`] if the query is too long to hold it;
/// [`RequestError::UnusableToken`].
pub(crate) fn put(
    request: &mut Request<Bytes>,
    access_token: BearerToken<'_>,
    placement: TokenPlacement,
) -> Result<(), RequestError> {
    match placement {
        TokenPlacement::UriQuery => in_query(request, access_token)?,
        TokenPlacement::FormBody if takes_form(request) => in_body(request, access_token),
        TokenPlacement::AuthorizationHeader | TokenPlacement::FormBody => {
            request.headers_mut().insert(header::AUTHORIZATION, header_value(access_token)?);
        }
    }
    Ok(())
}

/// `Bearer` and the token, marked as sensitive.
fn header_value(access_token: BearerToken<'_>) -> Result<HeaderValue, RequestError> {
    let text = format!("Bearer {}", access_token.expose());
    let mut value = HeaderValue::try_from(text).map_err(|_| TokenFault::Characters)?;
    value.set_sensitive(true);
    Ok(value)
}

/// Section 2.2: the method gives the body a meaning, and the body is a form or empty.
fn takes_form(request: &Request<Bytes>) -> bool {
    let is_form = || request.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == FORM);
    !request.method().is_safe() && (request.body().is_empty() || is_form())
}

fn in_body(request: &mut Request<Bytes>, access_token: BearerToken<'_>) {
    let form = String::from_utf8_lossy(request.body());
    *request.body_mut() = with_token(&form, access_token).into();
    request.headers_mut().insert(header::CONTENT_TYPE, FORM);
}

/// Section 2.3, which demands that the response is not stored.
fn in_query(
    request: &mut Request<Bytes>,
    access_token: BearerToken<'_>,
) -> Result<(), RequestError> {
    let too_long = || RequestError::Unsendable("the query is too long");
    let query = with_token(request.uri().query().unwrap_or_default(), access_token);
    let mut parts = request.uri().clone().into_parts();
    let path_and_query = format!("{}?{query}", request.uri().path());
    parts.path_and_query = Some(path_and_query.parse().map_err(|_| too_long())?);
    *request.uri_mut() = Uri::from_parts(parts).map_err(|_| too_long())?;
    let headers = request.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    Ok(())
}

/// The pairs as they are, followed by this token. Any other token is removed: a link to the next
/// page may contain one.
fn with_token(pairs: &str, access_token: BearerToken<'_>) -> String {
    let is_other = |pair: &&str| {
        let mut decoded = form_urlencoded::parse(pair.as_bytes());
        decoded.next().is_some_and(|(name, _)| name != PARAMETER)
    };
    let kept: Vec<_> = pairs.split('&').filter(is_other).collect();
    let mut serializer = Serializer::new(kept.join("&"));
    serializer.append_pair(PARAMETER, access_token.expose()).finish()
}

#[cfg(test)]
mod tests {
    use ::http::Method;

    use super::*;
    use crate::crypto::secret::Secret;

    fn put_at(placement: TokenPlacement, mut request: Request<Bytes>) -> Request<Bytes> {
        put(&mut request, BearerToken::check(&"a token+".into(), "Bearer").unwrap(), placement)
            .unwrap();
        request
    }

    fn request(method: Method, uri: &str, kind: &str, body: &'static str) -> Request<Bytes> {
        let builder = Request::builder().method(method).uri(uri);
        builder.header("content-type", kind).body(Bytes::from_static(body.as_bytes())).unwrap()
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
        use TokenPlacement::{AuthorizationHeader, FormBody, UriQuery};
        let (form, json) = ("application/x-www-form-urlencoded", "application/json");
        for (placement, method, kind, body, expected) in [
            (AuthorizationHeader, Method::POST, form, "a=1", (true, false, false)),
            (FormBody, Method::POST, form, "a=1", (false, false, true)),
            (FormBody, Method::POST, json, "", (false, false, true)),
            (FormBody, Method::POST, json, "{}", (true, false, false)),
            (FormBody, Method::GET, form, "", (true, false, false)),
            (UriQuery, Method::GET, form, "", (false, true, false)),
            (UriQuery, Method::POST, json, "{}", (false, true, false)),
        ] {
            let sent = put_at(placement, request(method, "https://api.example/x?b=2", kind, body));
            assert_eq!(places(&sent), expected, "{placement:?} {kind} {body}");
            assert!(sent.uri().query().is_some_and(|query| query.starts_with("b=2")));
        }
    }

    #[test]
    fn header_is_sensitive_and_query_is_not_cached() {
        let get = || request(Method::GET, "https://api.example/", "text/plain", "");
        let sent = put_at(TokenPlacement::AuthorizationHeader, get());
        assert!(sent.headers()["authorization"].is_sensitive());
        let sent = put_at(TokenPlacement::UriQuery, get());
        assert_eq!(sent.headers()["cache-control"], "no-store");
    }

    #[test]
    fn other_token_is_replaced_and_the_rest_unchanged() {
        let given = "q=%7e%20x&access%5Ftoken=other&&cursor=1";
        let uri = format!("https://api.example/x?{given}");
        let sent = put_at(TokenPlacement::UriQuery, request(Method::GET, &uri, "text/plain", ""));
        assert_eq!(sent.uri().query(), Some("q=%7e%20x&cursor=1&access_token=a+token%2B"));
    }

    #[test]
    fn overlong_query_is_an_error() {
        let mut request = request(Method::GET, "https://api.example/", "text/plain", "");
        let token = Secret::from("x".repeat(65_530));
        let token = BearerToken::check(&token, "Bearer").unwrap();
        let refused = put(&mut request, token, TokenPlacement::UriQuery);
        assert!(matches!(refused, Err(RequestError::Unsendable(_))), "{refused:?}");
    }
}
