//! The application's settings for its pages.

use std::fmt;
use std::sync::Arc;

use super::Text;
use super::content::{PageContent, Template};
use super::language::TextSource;

/// How the pages of the library look and what they say, for
/// [`RegistryBuilder::pages`](crate::RegistryBuilder::pages).
///
/// The settings apply to every page: sign-in, errors, questions before a sign-out or a connection,
/// and the page that returns a visitor from a provider. The guide on [pages](crate::guide::pages)
/// describes them.
///
/// ```
/// use oauth_runtime::pages::{Pages, Text};
/// use oauth_runtime::prelude::*;
/// # #[derive(OAuthProvider)]
/// # #[oauth_provider(name = "github", preset = "github")]
/// # struct GitHub;
/// # #[derive(Debug, Clone, OAuthRegistry)]
/// # struct Providers { github: Client<GitHub> }
///
/// let pages = Pages::new()
///     .application_name("Weavers’ Guild")
///     .logo("/static/logo.svg")
///     .color("#1f6f5c")
///     .languages(["en", "de"])
///     .texts("en", |text| match text {
///         Text::SignInTitle => Some("Welcome, weaver"),
///         _ => None,
///     });
/// let builder = Providers::builder().pages(pages);
/// ```
#[derive(Clone, Default)]
#[must_use = "it has no effect until it is given to a registry"]
pub struct Pages {
    pub(super) name: Option<String>,
    pub(super) logo: Option<String>,
    pub(super) color: Option<String>,
    pub(super) languages: Vec<String>,
    pub(super) texts: Vec<(String, TextSource)>,
    pub(super) template: Option<Template>,
    pub(super) forgets_provider: bool,
}

impl Pages {
    /// The default pages.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name of the application, shown on every page and in its title: the key
    /// `OAUTH_APP_NAME`. Default: none.
    pub fn application_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the logo, shown beside the name: the key `OAUTH_APP_LOGO`. It is a path of this
    /// application, such as `/static/logo.svg`, or a `data:` URL of at most 32 KiB with a PNG, JPEG,
    /// GIF, WebP or SVG image in base64. The pages load images from nowhere else. Default: none.
    pub fn logo(mut self, logo: impl Into<String>) -> Self {
        self.logo = Some(logo.into());
        self
    }

    /// Sets the colour of buttons and of the focus: the key `OAUTH_APP_COLOR`. It is `#` and six
    /// hexadecimal digits. Each colour scheme makes it darker or lighter if it could not be
    /// distinguished from the background, and text on it is white or black, whichever can be read.
    /// Default: `#2456d6`.
    pub fn color(mut self, color: impl Into<String>) -> Self {
        self.color = Some(color.into());
        self
    }

    /// Sets the languages in which pages are offered, as language tags (RFC 5646); the first is for
    /// visitors who accept none of them. Default: English, Mandarin Chinese, Hindi, Spanish, Arabic,
    /// French, Bengali, Portuguese, Russian, Indonesian, Urdu and German, and those of
    /// [`texts`](Self::texts).
    pub fn languages<T: Into<String>>(mut self, tags: impl IntoIterator<Item = T>) -> Self {
        self.languages = tags.into_iter().map(Into::into).collect();
        self
    }

    /// Replaces texts in one language. For those where the function returns `None`, the library's
    /// text remains, or the English one if the library does not have the language. The later call
    /// for a language applies.
    pub fn texts<T: Into<String>>(
        mut self,
        language: impl Into<String>,
        texts: impl Fn(Text) -> Option<T> + Send + Sync + 'static,
    ) -> Self {
        let language = language.into();
        self.texts.retain(|(own, _)| !own.eq_ignore_ascii_case(&language));
        self.texts.push((language, Arc::new(move |text| texts(text).map(Into::into))));
        self
    }

    /// Sets a function that writes the HTML document of every page around its content, for a header
    /// or a footer, or with other style sheets.
    ///
    /// The `Content-Security-Policy` of the pages then also allows style sheets, images and fonts of
    /// this application, and still no script.
    ///
    /// ```
    /// use oauth_runtime::pages::Pages;
    ///
    /// let pages = Pages::new().template(|page| {
    ///     let (language, direction) = (page.language(), page.direction());
    ///     let (head, main) = (page.head(), page.main());
    ///     format!(
    ///         "<!doctype html><html lang=\"{language}\" dir=\"{direction}\">\
    ///          <head>{head}<link rel=\"stylesheet\" href=\"/static/site.css\"></head>\
    ///          <body><main>{main}</main><footer><a href=\"/imprint\">Imprint</a></footer></body></html>"
    ///     )
    /// });
    /// ```
    pub fn template(
        mut self,
        template: impl Fn(&PageContent<'_>) -> String + Send + Sync + 'static,
    ) -> Self {
        self.template = Some(Arc::new(template));
        self
    }

    /// Sets whether a browser remembers for 180 days which provider it last signed in with, so that
    /// the sign-in page offers that one first. The cookie contains four characters that stand for
    /// the provider, nothing about the user. Anyone who opens the sign-in page in this browser can
    /// see which provider was used. Default: it does.
    pub fn remember_provider(mut self, remember: bool) -> Self {
        self.forgets_provider = !remember;
        self
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("name", &self.name).finish_non_exhaustive()
    }
}
