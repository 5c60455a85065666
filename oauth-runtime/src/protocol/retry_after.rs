//! The delay that a server asks for with `Retry-After` (RFC 9110 section 10.2.3).

use std::time::UNIX_EPOCH;

use ::http::HeaderMap;
use ::http::header::RETRY_AFTER;

use crate::text;

/// Seconds until the next attempt; `now` in seconds since 1970-01-01 UTC. `None` if the header is
/// missing or unreadable.
pub(crate) fn read(headers: &HeaderMap, now: u64) -> Option<u64> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Some(seconds) = text::number(text) {
        return Some(seconds);
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(UNIX_EPOCH).ok()?.as_secs().saturating_sub(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(value: &str) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, value.parse().unwrap());
        // 1994-11-06 08:49:37 UTC.
        read(&headers, 784_111_777)
    }

    #[test]
    fn seconds_or_a_date() {
        assert_eq!(seconds("120"), Some(120));
        assert_eq!(seconds(" 0 "), Some(0));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:47 GMT"), Some(10));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:27 GMT"), Some(0), "in the past");
        for unreadable in ["soon", "-5", "+5", "1.5", "1_0", "\u{661}", ""] {
            assert_eq!(seconds(unreadable), None, "{unreadable}");
        }
        assert_eq!(read(&HeaderMap::new(), 0), None);
    }
}
