//! Links of a response (RFC 8288): where the next page of a list is.

use ::http::HeaderMap;
use ::http::header::LINK;

/// The target of the first link with the relation `next`, as it was written: an absolute URL or one
/// relative to the request's.
pub(crate) fn next(headers: &HeaderMap) -> Option<&str> {
    let values = headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(Links).find(|link| link.is_next).map(|link| link.target)
}

struct Link<'a> {
    target: &'a str,
    is_next: bool,
}

/// The links of one header, read one after the other; anything malformed ends them.
struct Links<'a>(&'a str);

impl<'a> Iterator for Links<'a> {
    type Item = Link<'a>;

    fn next(&mut self) -> Option<Link<'a>> {
        let (_, rest) = self.0.split_once('<')?;
        let (target, rest) = rest.split_once('>')?;
        // None of them is in a URI reference (RFC 3986 appendix A): another reader would see other
        // links.
        if target.contains(['<', '"', ' ', '\\']) {
            return None;
        }
        let (params, rest) = split_outside_quotes(rest);
        self.0 = rest;
        Some(Link { target, is_next: params.is_next() })
    }
}

/// What stands between a target and the comma in front of the next link.
struct Params<'a>(&'a str);

impl Params<'_> {
    /// `rel` is a list of words without regard to case; only the first `rel` counts (section 3.3).
    fn is_next(&self) -> bool {
        let rel = self.0.split(';').find_map(|param| {
            let (name, value) = param.split_once('=')?;
            name.trim().eq_ignore_ascii_case("rel").then(|| value.trim().trim_matches('"'))
        });
        rel.is_some_and(|rel| rel.split_whitespace().any(|word| word.eq_ignore_ascii_case("next")))
    }
}

fn split_outside_quotes(text: &str) -> (Params<'_>, &str) {
    let mut is_quoted = false;
    for (at, character) in text.char_indices() {
        match character {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => return (Params(&text[..at]), &text[at + 1..]),
            _ => {}
        }
    }
    (Params(text), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next_of(values: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(LINK, value.parse().unwrap());
        }
        next(&headers).map(str::to_owned)
    }

    #[test]
    fn the_next_link_is_found_among_others() {
        for values in [
            &[
                r#"<https://a.example/?page=2>; rel="next", <https://a.example/?page=9>; rel="last""#,
            ][..],
            &[
                r#"<x>; rel=prev; title="a, b; rel=next", <https://a.example/?page=2>; REL="last NEXT""#,
            ],
            &["<x>; rel=first", "<https://a.example/?page=2>;rel=next"],
        ] {
            assert_eq!(next_of(values).as_deref(), Some("https://a.example/?page=2"), "{values:?}");
        }
    }

    #[test]
    fn there_may_be_none() {
        for value in [r#"<a", <b>; rel=next"#, "< b>;rel=next", r"<\\x>;rel=next"] {
            assert_eq!(next_of(&[value]), None, "{value}");
        }
        for value in ["", "<x>", "<x>; rel=last", "x; rel=next", "<x; rel=next", "<x>; title=next"]
        {
            assert_eq!(next_of(&[value]), None, "{value}");
        }
        assert_eq!(next_of(&[]), None);
    }

    proptest::proptest! {
        #[test]
        fn no_text_ends_the_process(text in "[<>;,=\"a-z ]{0,60}") {
            let _ = next_of(&[&text]);
        }
    }
}
