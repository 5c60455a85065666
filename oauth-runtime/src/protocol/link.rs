//! Links of a response (RFC 8288): the next page of a list.

use ::http::HeaderMap;
use ::http::header::LINK;

/// The target of the first link with the relation `next`, unchanged: an absolute URL, or one
/// relative to that of the request. A header that breaks the grammar has no links, because another
/// parser would find other links in it.
pub(crate) fn next(headers: &HeaderMap) -> Option<&str> {
    let values = headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
    values.filter_map(links).flatten().find(|link| link.is_next).map(|link| link.target)
}

struct Link<'a> {
    target: &'a str,
    is_next: bool,
}

/// All links of one header; `None` for one that is malformed.
fn links(text: &str) -> Option<Vec<Link<'_>>> {
    let mut rest = Rest(text);
    let mut links = Vec::new();
    loop {
        // A list may have empty elements (RFC 9110 section 5.6.1).
        while rest.eat(',') {}
        if rest.0.is_empty() {
            return Some(links);
        }
        links.push(rest.link()?);
        if !rest.0.is_empty() && !rest.eat(',') {
            return None;
        }
    }
}

/// The unread rest of a header.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn link(&mut self) -> Option<Link<'a>> {
        let (target, rest) = self.0.strip_prefix('<')?.split_once('>')?;
        // A URI reference contains none of them (RFC 3986 appendix A): another parser would see
        // other links.
        if target.contains(['<', '"', ' ', '\\']) {
            return None;
        }
        self.0 = rest;
        let (mut rel, mut has_anchor) = (None, false);
        while self.eat(';') {
            let name = self.token();
            let value = if self.eat('=') { self.value()? } else { "" };
            match name {
                // Only the first `rel` counts (section 3.3).
                _ if name.eq_ignore_ascii_case("rel") => rel = rel.or(Some(value)),
                // With an anchor, it is a link of another document (section 3.2).
                _ if name.eq_ignore_ascii_case("anchor") => has_anchor = true,
                _ => {}
            }
        }
        let mut words = rel.unwrap_or_default().split([' ', '\t']);
        let is_next = !has_anchor && words.any(|word| word.eq_ignore_ascii_case("next"));
        Some(Link { target, is_next })
    }

    /// The text in quotation marks, unchanged, or a token.
    fn value(&mut self) -> Option<&'a str> {
        let Some(quoted) = self.0.strip_prefix('"') else { return Some(self.token()) };
        let mut is_escaped = false;
        let end = quoted.find(|c| {
            let ends = c == '"' && !is_escaped;
            is_escaped = c == '\\' && !is_escaped;
            ends
        })?;
        self.0 = &quoted[end + 1..];
        self.skip_spaces();
        Some(&quoted[..end])
    }

    fn token(&mut self) -> &'a str {
        let end = self.0.find([' ', '\t', ';', ',', '=', '"', '<', '>']).unwrap_or(self.0.len());
        let (token, rest) = self.0.split_at(end);
        self.0 = rest;
        self.skip_spaces();
        token
    }

    fn eat(&mut self, character: char) -> bool {
        self.skip_spaces();
        let rest = self.0.strip_prefix(character);
        self.0 = rest.unwrap_or(self.0);
        self.skip_spaces();
        rest.is_some()
    }

    /// HTTP white space is the space and the tab.
    fn skip_spaces(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\t']);
    }
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
    fn response_may_have_no_next_link() {
        for value in [r#"<a", <b>; rel=next"#, "< b>;rel=next", r"<\\x>;rel=next"] {
            assert_eq!(next_of(&[value]), None, "{value}");
        }
        for value in ["", "<x>", "<x>; rel=last", "x; rel=next", "<x; rel=next", "<x>; title=next"]
        {
            assert_eq!(next_of(&[value]), None, "{value}");
        }
        assert_eq!(next_of(&[]), None);
    }

    /// Where one parser sees a link, another sees text.
    #[test]
    fn header_that_can_be_read_in_two_ways_has_no_links() {
        for value in [
            r#"<x>; title="a; rel=next; b""#,
            r#"<x>; title="a\"; rel=next; b="c""#,
            r#"x <y>; rel=next"#,
            r#"<x> y; rel=next"#,
            r#"<x>; rel="next"#,
            r#"<x>; rel="next" y"#,
            "<x>; rel=next <y>; rel=next",
            "<x>; rel=next; anchor=\"#part\"",
            "<x>; rel=last; rel=next",
            "<a>, <x>; title=\", <y>; rel=next",
        ] {
            assert_eq!(next_of(&[value]), None, "{value}");
        }
        let escaped = r#"<x>; title="a\", <y>; rel=next; b="; rel=next"#;
        assert_eq!(next_of(&[escaped]).as_deref(), Some("x"));
        assert_eq!(next_of(&[", ,<x>\t;\trel = \"NEXT\" ,"]).as_deref(), Some("x"));
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in "[<>;,=\"a-z ]{0,60}") {
            let _ = next_of(&[&text]);
        }
    }
}
