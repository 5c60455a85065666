//! The content of a page, for a template.

use std::sync::Arc;

/// Writes the document of a page.
pub(super) type Template = Arc<dyn Fn(&PageContent<'_>) -> String + Send + Sync>;

/// The content of one page, for the template of [`Pages::template`](super::Pages::template).
#[derive(Debug, Clone, Copy)]
pub struct PageContent<'a> {
    pub(crate) language: &'a str,
    pub(crate) direction: &'a str,
    pub(crate) title: &'a str,
    pub(crate) head: &'a str,
    pub(crate) main: &'a str,
}

impl<'a> PageContent<'a> {
    /// The language of the page, for the attribute `lang`: a tag such as `pt`.
    pub fn language(&self) -> &'a str {
        self.language
    }

    /// The direction of its script, for the attribute `dir`: `ltr` or `rtl`.
    pub fn direction(&self) -> &'a str {
        self.direction
    }

    /// The title as plain text. It may contain the name of a provider, so a template that shows it
    /// escapes it.
    pub fn title(&self) -> &'a str {
        self.title
    }

    /// The content of `<head>` as HTML: the encoding, the viewport, `<title>` and the style sheet
    /// of the content.
    pub fn head(&self) -> &'a str {
        self.head
    }

    /// The content of `<main>` as HTML: the heading, the text and the buttons. Texts from outside
    /// are escaped.
    pub fn main(&self) -> &'a str {
        self.main
    }
}
