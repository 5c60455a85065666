//! The media type of a message body (RFC 9110 section 8.3).

use ::http::HeaderMap;
use ::http::header::CONTENT_TYPE;

/// Whether the only `Content-Type` is `wanted`, with any parameters. Of two headers, another parser
/// might take either.
pub(crate) fn is(headers: &HeaderMap, wanted: &str) -> bool {
    let mut kinds = headers.get_all(CONTENT_TYPE).iter();
    let kind = kinds.next().and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default();
    kinds.next().is_none() && essence.trim_matches([' ', '\t']).eq_ignore_ascii_case(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_jwt(kinds: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for kind in kinds {
            headers.append(CONTENT_TYPE, ::http::HeaderValue::from_bytes(kind.as_bytes()).unwrap());
        }
        is(&headers, "application/jwt")
    }

    #[test]
    fn media_type_is_compared_whole_and_once() {
        for kind in ["application/jwt", "Application/JWT", "application/jwt; charset=utf-8"] {
            assert!(is_jwt(&[kind]), "{kind}");
        }
        for kind in ["application/jwtx", "application/jwt+json", "text/plain; application/jwt", ""]
        {
            assert!(!is_jwt(&[kind]), "{kind}");
        }
        assert!(!is_jwt(&["\u{a0}application/jwt"]), "not a space of HTTP");
        assert!(!is_jwt(&[]));
        assert!(!is_jwt(&["application/jwt", "text/html"]) && !is_jwt(&["application/jwt"; 2]));
    }
}
