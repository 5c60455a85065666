//! The freshness lifetime of a response (RFC 9111 sections 4.2 and 5.2.2).

use ::http::{HeaderMap, header};

use crate::text;

/// Seconds for which the response is fresh, by its `Cache-Control` and `Age`; zero if it must not
/// be kept. `None` if it does not say.
pub(crate) fn lifetime(headers: &HeaderMap) -> Option<u64> {
    let mut max_age = None;
    for value in headers.get_all(header::CACHE_CONTROL) {
        for directive in value.to_str().unwrap_or_default().split(',') {
            let (name, argument) = directive.split_once('=').unwrap_or((directive, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "no-store" | "no-cache" => return Some(0),
                // If two differ, the stricter one counts.
                "max-age" => {
                    let seconds = text::number(argument.trim().trim_matches('"')).unwrap_or(0);
                    max_age = Some(max_age.map_or(seconds, |known: u64| known.min(seconds)));
                }
                _ => {}
            }
        }
    }
    let age = headers.get(header::AGE).and_then(|age| text::number(age.to_str().ok()?.trim()));
    Some(max_age?.saturating_sub(age.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lifetime_of(lines: &[(&'static str, &'static str)]) -> Option<u64> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        lifetime(&headers)
    }

    #[test]
    fn max_age_counts_from_when_the_response_was_made() {
        let max_age = ("cache-control", "public, Max-Age=3600, must-revalidate");
        assert_eq!(lifetime_of(&[max_age]), Some(3600));
        assert_eq!(lifetime_of(&[max_age, ("age", "600")]), Some(3000));
        assert_eq!(lifetime_of(&[max_age, ("age", "9999")]), Some(0));
        for unreadable in ["old", "+600", "-600", "6e2", ""] {
            assert_eq!(lifetime_of(&[max_age, ("age", unreadable)]), Some(3600), "{unreadable}");
        }
    }

    #[test]
    fn uncacheable_response_is_stale_at_once() {
        for value in ["no-store", "no-cache, max-age=60", "max-age=60, NO-STORE", "max-age=soon"] {
            assert_eq!(lifetime_of(&[("cache-control", value)]), Some(0), "{value}");
        }
        let twice = [("cache-control", "max-age=60"), ("cache-control", "max-age=30")];
        assert_eq!(lifetime_of(&twice), Some(30));
    }

    #[test]
    fn max_age_is_digits_only() {
        for value in ["max-age=+60", "max-age=-60", "max-age=6e1", "max-age=", "max-age"] {
            assert_eq!(lifetime_of(&[("cache-control", value)]), Some(0), "{value}");
        }
        assert_eq!(lifetime_of(&[("cache-control", "max-age=\"60\"")]), Some(60));
    }

    #[test]
    fn response_without_lifetime_is_unknown() {
        for lines in [&[][..], &[("cache-control", "public")], &[("age", "60")]] {
            assert_eq!(lifetime_of(lines), None, "{lines:?}");
        }
    }
}
