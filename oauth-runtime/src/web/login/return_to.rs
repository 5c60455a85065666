//! The page after a login: only a path of this application is accepted.

use url::{Position, Url};

use crate::url::public_url::PublicUrl;

/// Maximum length of a path in the pending login.
const MAX_LENGTH: usize = 512;

/// The path, query and fragment of `text` if it is a path of this application.
///
/// It is parsed as a browser parses it, so a string that only looks like a path (`//evil.example`,
/// `/\evil.example`, `/<tab>/evil.example`) is rejected.
fn local_path(text: &str) -> Option<String> {
    if text.len() > MAX_LENGTH || !text.starts_with('/') {
        return None;
    }
    if text.chars().any(|c| c.is_control() || c == '\\') {
        return None;
    }
    let base = Url::parse("https://this.invalid/").ok()?;
    let url = base.join(text).ok()?;
    let is_local = url.origin() == base.origin() && url.username().is_empty();
    // Normalized, `/.//evil.example` is a path that starts with two slashes.
    if !is_local || url.path().starts_with("//") {
        return None;
    }
    let path = &url[Position::BeforePath..];
    // Encoding replaces every non-ASCII byte with three characters.
    (path.len() <= MAX_LENGTH).then(|| path.to_owned())
}

/// A [`local_path`] below the path of the public URL: the rest of the host may belong to another
/// application.
pub(crate) fn own_path(public_url: &PublicUrl, text: &str) -> Option<String> {
    local_path(text).filter(|path| public_url.contains(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_this_application_are_kept() {
        for path in ["/", "/a/b?c=d&e=%2F#f", "/a//b", "/@x", "/a?next=https://x.example/"] {
            assert_eq!(local_path(path).as_deref(), Some(path));
        }
        assert_eq!(local_path("/a/../b").as_deref(), Some("/b"));
    }

    proptest::proptest! {
        /// Parsed by a browser's rules against any origin, the result stays there.
        #[test]
        fn what_is_kept_never_leads_to_another_origin(text in "[/\\\\.@:?#%25eE a-c\t\r\n\u{e4}\u{202e}]{0,24}|\\PC{0,40}") {
            if let Some(path) = local_path(&text) {
                proptest::prop_assert!(path.starts_with('/') && path.is_ascii());
                proptest::prop_assert!(!path.contains(['\r', '\n', '\t', '\\', ' ']));
                for base in ["https://app.example/a/b?c", "http://localhost:3000/"] {
                    let base = Url::parse(base).unwrap();
                    let url = base.join(&path).unwrap();
                    proptest::prop_assert_eq!(url.origin(), base.origin());
                    proptest::prop_assert!(url.username().is_empty());
                }
                proptest::prop_assert_eq!(local_path(&path), Some(path.clone()), "stable");
            }
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "a",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "/\t/evil.example",
            "\t//evil.example",
            " //evil.example",
            "/\n/evil.example",
            "/.//evil.example",
            "/..//evil.example",
            "/a/..//evil.example",
            "https://evil.example/",
            "https:evil.example",
            "javascript:alert(1)",
            "http:/evil.example",
            &format!("/{}", "x".repeat(MAX_LENGTH)),
            &format!("/{}", "ä".repeat(MAX_LENGTH / 4)),
            // Short only once it is parsed; overlong strings are not parsed.
            &format!("/{}a", "./".repeat(MAX_LENGTH / 2)),
        ] {
            assert_eq!(local_path(text), None, "{text:?}");
        }
    }
}
