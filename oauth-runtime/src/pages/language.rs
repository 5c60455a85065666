//! A language in which pages are offered.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::Text;
use super::phrase::Phrase;
use super::texts::{BUILT_IN, BuiltIn, ENGLISH};

/// The application's own texts: `None` for each that it does not replace.
pub(super) type TextSource = Arc<dyn Fn(Text) -> Option<String> + Send + Sync>;

/// Languages that are written from right to left, by their first subtag.
const RIGHT_TO_LEFT: [&str; 14] =
    ["ar", "arc", "azb", "ckb", "dv", "fa", "he", "iw", "nqo", "ps", "sd", "ug", "ur", "yi"];

/// A language in which pages are offered.
#[derive(Clone)]
pub(crate) struct Language {
    /// Its language tag (RFC 5646).
    tag: Box<str>,
    built_in: Option<&'static BuiltIn>,
    own: Option<TextSource>,
}

impl Language {
    pub(super) fn new(tag: &str, own: Option<TextSource>) -> Self {
        Self { tag: tag.into(), built_in: built_in(tag), own }
    }

    /// Whether it has texts of its own.
    pub(super) fn is_known(&self) -> bool {
        self.built_in.is_some() || self.own.is_some()
    }

    pub(crate) fn tag(&self) -> &str {
        &self.tag
    }

    /// The value of the HTML attribute `dir`.
    pub(crate) fn direction(&self) -> &'static str {
        let is_arabic_script = |subtag: &str| ["arab", "hebr"].contains(&subtag);
        let tag = self.tag.to_ascii_lowercase();
        let mut subtags = tag.split('-');
        let is_right_to_left = subtags.next().is_some_and(|first| RIGHT_TO_LEFT.contains(&first))
            || subtags.any(is_arabic_script);
        if is_right_to_left { "rtl" } else { "ltr" }
    }

    /// What separates two sentences: nothing in Chinese and Japanese.
    pub(crate) fn space(&self) -> &'static str {
        if primary(&self.tag) == "zh" || primary(&self.tag) == "ja" { "" } else { " " }
    }

    /// The wording of a text: the application's, or else the library's, or else the English one.
    pub(crate) fn wording(&self, text: Text) -> Cow<'static, str> {
        let own = self.own.as_ref().and_then(|own| own(text));
        match own {
            Some(own) => Cow::Owned(own),
            None => Cow::Borrowed((self.built_in.unwrap_or(ENGLISH).text)(text)),
        }
    }

    /// A phrase as plain text.
    pub(crate) fn plain(&self, phrase: &Phrase<'_>) -> String {
        phrase.plain(&self.wording(phrase.text))
    }
}

/// The language of the library with the first subtag of `tag`.
fn built_in(tag: &str) -> Option<&'static BuiltIn> {
    BUILT_IN.iter().find(|language| language.tag.eq_ignore_ascii_case(primary(tag)))
}

fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or_default()
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Language({})", self.tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arabic_and_hebrew_scripts_are_right_to_left() {
        for tag in ["ar", "ur", "AR-eg", "fa-IR", "he", "pa-Arab", "az-Arab-IR"] {
            assert_eq!(Language::new(tag, None).direction(), "rtl", "{tag}");
        }
        for tag in ["en", "zh-Hant", "de-AR", "hi", "pa"] {
            assert_eq!(Language::new(tag, None).direction(), "ltr", "{tag}");
        }
    }

    #[test]
    fn own_wording_comes_before_the_librarys_and_english() {
        let own: TextSource = Arc::new(|text| (text == Text::SignIn).then(|| "Grüezi".to_owned()));
        let swiss = Language::new("de-CH", Some(Arc::clone(&own)));
        assert_eq!(swiss.wording(Text::SignIn), "Grüezi");
        assert_eq!(swiss.wording(Text::SignOut), "Abmelden");
        let swedish = Language::new("sv", Some(own));
        assert_eq!(swedish.wording(Text::SignOut), "Sign out");
        assert!(!Language::new("sv", None).is_known());
    }
}
