//! Cookies as headers (RFC 6265bis).

use std::fmt::Write as _;

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};

/// Length of the attributes of a cookie in bytes, with the longest age.
const ATTRIBUTES_LENGTH: usize = 80;

/// Maximum number of pending logins in one browser, and of pending logouts. Beyond it the oldest is
/// removed, so that headers stay small.
const MAX_PENDING: usize = 8;
/// Maximum total size of the cookies of each kind in bytes; many servers reject headers above 8
/// KiB.
const MAX_PENDING_BYTES: usize = 3500;

/// The values of the cookies of this name. A conforming browser has only one of a `__Host-` name;
/// if there are several, [`Sealer::open_one`](crate::crypto::seal::Sealer::open_one) accepts the
/// only one that opens.
pub(crate) fn values<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    all(headers).filter(move |(own, _)| *own == name).map(|(_, value)| value)
}

/// The value of the cookie of this name, if all cookies of the name agree.
pub(crate) fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = values(headers, name).next()?;
    values(headers, name).all(|other| other == value).then_some(value)
}

/// Names and values of the cookies whose name starts with `prefix`, the oldest first: browsers send
/// cookies of one path in the order of their creation (RFC 6265 section 5.4).
pub(crate) fn with_prefix<'a>(
    headers: &'a HeaderMap,
    prefix: &'a str,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    all(headers).filter(move |(name, _)| name.starts_with(prefix))
}

/// The names of the oldest cookies with this prefix that have to be removed to make room for
/// another one.
pub(crate) fn surplus(headers: &HeaderMap, prefix: &str) -> Vec<String> {
    let pending: Vec<_> = with_prefix(headers, prefix).collect();
    let mut bytes = 0;
    let newest_first = pending.iter().rev();
    let kept = newest_first
        .take_while(|(name, value)| {
            bytes += name.len() + value.len();
            bytes <= MAX_PENDING_BYTES
        })
        .take(MAX_PENDING - 1)
        .count();
    let surplus = pending.iter().take(pending.len() - kept);
    surplus.map(|(name, _)| (*name).to_owned()).collect()
}

/// The cookies that are valid text. Cookies of other applications on the host may contain any bytes
/// and do not hide these.
///
/// Only spaces and tabs are trimmed around a pair (RFC 6265 section 4.2.1). To a browser any other
/// white space is part of the name: such a name has no prefix, so a sibling host may set it for
/// this one.
fn all(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(COOKIE)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|pair| {
            let pair = std::str::from_utf8(pair).ok()?;
            pair.trim_matches([' ', '\t']).split_once('=')
        })
}

/// Sets a cookie that scripts cannot read and that is sent with a navigation from another site,
/// such as the provider's redirect.
pub(crate) fn set(headers: &mut HeaderMap, name: &str, value: &str, seconds: u64, is_https: bool) {
    let secure = if is_https { "; Secure" } else { "" };
    let mut cookie = String::with_capacity(name.len() + value.len() + ATTRIBUTES_LENGTH);
    // Writing to a string cannot fail.
    let _ =
        write!(cookie, "{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    // Names and values are base64url. A name from a browser that fits in no header is not one of
    // ours.
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
        let find = |name| values(&headers, name).collect::<Vec<_>>();
        assert_eq!(find("a"), ["2"]);
        assert_eq!(find("c"), ["x=y"]);
        assert!(find("b").is_empty());
    }

    /// RFC 6265 section 5.2: browsers strip spaces and tabs around the name.
    #[test]
    fn only_spaces_and_tabs_around_a_pair_are_trimmed() {
        let parsed = |header: &str| {
            let mut headers = HeaderMap::new();
            headers.append(COOKIE, HeaderValue::from_bytes(header.as_bytes()).unwrap());
            values(&headers, "__Host-s").next().map(str::to_owned)
        };
        for header in ["__Host-s=v", "a=b; __Host-s=v", "a=b;\t __Host-s=v \t;c=d", "__Host-s=v;"] {
            assert_eq!(parsed(header).as_deref(), Some("v"), "{header:?}");
        }
        let spaces = char::from_u32(0x80).unwrap()..=char::from_u32(0x3000).unwrap();
        let spaces = spaces.filter(|c| c.is_whitespace() || c.is_control());
        for space in spaces.chain(['\u{200b}', '\u{2060}', '\u{feff}', '\u{180e}']) {
            for header in [
                format!("{space}__Host-s=v"),
                format!("a=b; {space}__Host-s=v"),
                format!("__Host-s{space}=v"),
                format!(" {space} __Host-s=v"),
            ] {
                assert_eq!(parsed(&header), None, "{header:?}");
            }
            let header = format!("__Host-s=v{space}");
            assert_eq!(parsed(&header), Some(format!("v{space}")), "the value is not what was set");
        }
        for header in ["__host-s=v", "__Host-s", "__Host-s =v", "\"__Host-s\"=v", "__Host-s%3Dv"] {
            assert_eq!(parsed(header), None, "{header:?}");
        }
    }

    proptest::proptest! {
        /// The pairs as a browser that writes `name=value` means them.
        #[test]
        fn what_a_browser_writes_is_read_as_it_was_kept(
            pairs in proptest::collection::vec(
                ("[!#$%&'*+.^_`|~0-9A-Za-z\u{2000}\u{a0}-]{1,8}", "[!-:<-~\u{2000}]{0,8}"), 0..5)
        ) {
            let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
            let mut headers = HeaderMap::new();
            headers.append(COOKIE, HeaderValue::from_bytes(pairs.join("; ").as_bytes()).unwrap());
            let read: Vec<_> = all(&headers).map(|(name, value)| format!("{name}={value}")).collect();
            proptest::prop_assert_eq!(read, pairs);
        }
    }

    #[test]
    fn attributes_follow_the_scheme() {
        let mut headers = HeaderMap::new();
        set(&mut headers, "__Host-a", "v", 60, true);
        let cookie = headers[SET_COOKIE].to_str().unwrap();
        assert_eq!(cookie, "__Host-a=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure");
    }
}
