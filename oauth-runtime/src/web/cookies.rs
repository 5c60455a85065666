//! Cookies as headers (RFC 6265bis).

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};

use crate::flow::pending_login::COOKIE_PREFIX;

/// On https a cookie is tied to this host, path and scheme by its name (RFC 6265bis section
/// 4.1.3.2). Browsers refuse such a name on plain http, which loopback alone may use.
pub(crate) fn host_prefix(is_https: bool) -> &'static str {
    if is_https { "__Host-" } else { "" }
}

/// The value of a cookie.
pub(crate) fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    all(headers).find(|(own, _)| *own == name).map(|(_, value)| value)
}

/// Names and values of the pending logins that the browser holds, the oldest first: browsers send
/// cookies of one path in the order of their creation (RFC 6265 section 5.4).
pub(crate) fn pending_logins(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    all(headers)
        .filter(|(name, _)| name.strip_prefix("__Host-").unwrap_or(name).starts_with(COOKIE_PREFIX))
}

fn all(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}

/// Sets a cookie that scripts cannot read and that comes along when another site leads here, as the
/// provider's redirect does.
pub(crate) fn set(headers: &mut HeaderMap, name: &str, value: &str, seconds: u64, is_https: bool) {
    let secure = if is_https { "; Secure" } else { "" };
    let cookie =
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
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
        headers.append(COOKIE, HeaderValue::from_static("c=x=y"));
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
