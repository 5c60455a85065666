//! The visitor who sees a page, as far as the page depends on it.

use std::fmt;
use std::sync::Arc;

use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::{HeaderMap, HeaderValue};

use crate::deployment::Shared;
use crate::pages::language::Language;
use crate::pages::settings::PageSettings;

/// The visitor who sees a page: the registry whose settings apply, and the accepted languages.
///
/// The header is only read when a page is written.
#[derive(Clone, Default)]
pub(crate) struct Viewer {
    shared: Option<Arc<Shared>>,
    accept_language: AcceptLanguage,
}

/// `Accept-Language` as it came.
#[derive(Debug, Clone, Default)]
pub(crate) struct AcceptLanguage(Option<HeaderValue>);

impl AcceptLanguage {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut fields = headers.get_all(ACCEPT_LANGUAGE).iter();
        let first = fields.next();
        let rest: Vec<_> = fields.collect();
        if rest.is_empty() {
            return Self(first.cloned());
        }
        // Several fields are one list (RFC 9110 section 5.3).
        let all: Vec<_> = first.into_iter().chain(rest).map(HeaderValue::as_bytes).collect();
        Self(HeaderValue::from_bytes(&all.join(&b","[..])).ok())
    }

    fn text(&self) -> &str {
        self.0.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Viewer {
    pub(crate) fn new(shared: Option<Arc<Shared>>, accept_language: AcceptLanguage) -> Self {
        Self { shared, accept_language }
    }

    pub(crate) fn of(headers: &HeaderMap, shared: &Arc<Shared>) -> Self {
        Self::new(Some(Arc::clone(shared)), AcceptLanguage::of(headers))
    }

    /// The settings of the registry.
    pub(crate) fn settings(&self) -> &PageSettings {
        self.shared.as_ref().map_or_else(|| PageSettings::unknown(), |shared| &shared.pages)
    }

    /// The language of the page.
    pub(crate) fn language(&self) -> &Language {
        self.settings().language(self.accept_language.text())
    }

    /// What the logo shows, if the application has no name.
    pub(super) fn host(&self) -> &str {
        self.shared.as_ref().map_or("", |shared| shared.public_url.host())
    }
}

impl fmt::Debug for Viewer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Viewer").field(&self.accept_language.text()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_the_header_are_one_list() {
        let mut headers = HeaderMap::new();
        assert_eq!(AcceptLanguage::of(&headers).text(), "");
        headers.append(ACCEPT_LANGUAGE, HeaderValue::from_static("xx"));
        assert_eq!(AcceptLanguage::of(&headers).text(), "xx");
        headers.append(ACCEPT_LANGUAGE, HeaderValue::from_static("de;q=0.9"));
        assert_eq!(AcceptLanguage::of(&headers).text(), "xx,de;q=0.9");
        let viewer = Viewer::new(None, AcceptLanguage::of(&headers));
        assert_eq!(viewer.language().tag(), "de");
        headers.append(ACCEPT_LANGUAGE, HeaderValue::from_bytes(b"\xff").unwrap());
        assert_eq!(AcceptLanguage::of(&headers).text(), "", "it is malformed as a whole");
    }
}
