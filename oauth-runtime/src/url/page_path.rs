//! The path of a page of the application.

use url::Url;

use super::public_url::PublicUrl;

/// A path without query and fragment, in its normalized form: it stays on this origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PagePath(String);

impl PagePath {
    /// `None` for anything but a path that a browser requests as it is written.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let base = Url::parse("https://this.invalid/").ok()?;
        let url = base.join(text).ok()?;
        let is_path = text.starts_with('/') && !text.starts_with("//");
        (is_path && url.path() == text).then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The path as visitors see it.
    pub(crate) fn outside(&self, public_url: &PublicUrl) -> Self {
        Self(public_url.outside(&self.0))
    }

    /// Whether a request for this path and query is one for the page. A middleware may remove a
    /// trailing slash, so it does not count.
    pub(crate) fn is_of(&self, path_and_query: &str) -> bool {
        let path = path_and_query.split(['?', '#']).next().unwrap_or_default();
        path.trim_end_matches('/') == self.0.trim_end_matches('/')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_path_stays_on_its_origin() {
        for right in ["/", "/sign-in", "/a/b%20c", "/a//b"] {
            assert_eq!(PagePath::parse(right).map(|path| path.0).as_deref(), Some(right));
        }
        for wrong in [
            "",
            "sign-in",
            "//evil.example",
            "/\\evil.example",
            "/.//evil.example",
            "/a/../b",
            "/a?b=c",
            "/a#b",
            "/a b",
            "/a\r\nb",
            "/{page}",
            "https://evil.example/",
            "https:/a",
        ] {
            assert_eq!(PagePath::parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn query_and_trailing_slash_are_of_the_page() {
        let page = PagePath::parse("/sign-in").unwrap();
        for right in ["/sign-in", "/sign-in/", "/sign-in?a=/b", "/sign-in#a"] {
            assert!(page.is_of(right), "{right}");
        }
        for other in ["/", "/sign-in/now", "/sign-ins", "/a/sign-in", "/?x=/sign-in"] {
            assert!(!page.is_of(other), "{other}");
        }
    }
}
