//! Cookies as headers (RFC 6265bis).

use std::fmt::Write as _;

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};

/// Bytes of the attributes of a cookie, with the longest age.
const ATTRIBUTES_LENGTH: usize = 80;

/// The value of a cookie.
pub(crate) fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    all(headers).find(|(own, _)| *own == name).map(|(_, value)| value)
}

/// Names and values of the cookies whose name begins with `prefix`, the oldest first: browsers send
/// cookies of one path in the order of their creation (RFC 6265 section 5.4).
pub(crate) fn with_prefix<'a>(
    headers: &'a HeaderMap,
    prefix: &'a str,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    all(headers).filter(move |(name, _)| name.starts_with(prefix))
}

/// Cookies that are text. Others of the same host may be anything, and hide none of these.
fn all(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(COOKIE)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|pair| std::str::from_utf8(pair).ok()?.trim().split_once('='))
}

/// Sets a cookie that scripts cannot read and that comes along when another site leads here, as the
/// provider's redirect does.
pub(crate) fn set(headers: &mut HeaderMap, name: &str, value: &str, seconds: u64, is_https: bool) {
    let secure = if is_https { "; Secure" } else { "" };
    let mut cookie = String::with_capacity(name.len() + value.len() + ATTRIBUTES_LENGTH);
    // Writing to text cannot fail.
    let _ =
        write!(cookie, "{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    // Names and values are base64url; a browser's name that no header can carry is not ours.
    if let Ok(mut cookie) = HeaderValue::try_from(cookie) {
        cookie.set_sensitive(true);
        headers.append(SET_COOKIE, cookie);
    }
}

/// Removes a cookie.
pub(crate) fn clear(headers: &mut HeaderMap, name: &str, is_https: bool) {
    set(headers, name, "", 0, is_https);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("ab=1; a=2"));
        headers.append(COOKIE, HeaderValue::from_bytes(b"n=Zo\xeb; c=x=y").unwrap());
        assert_eq!(find(&headers, "a"), Some("2"));
        assert_eq!(find(&headers, "c"), Some("x=y"));
        assert_eq!(find(&headers, "b"), None);
    }

    #[test]
    fn attributes_follow_the_scheme() {
        let mut headers = HeaderMap::new();
        set(&mut headers, "__Host-a", "v", 60, true);
        let cookie = headers[SET_COOKIE].to_str().unwrap();
        assert_eq!(cookie, "__Host-a=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure");
    }
}
