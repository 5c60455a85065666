//! Every text of the pages, in the twelve most spoken languages.
//!
//! A language is a match over all texts: a text that it lacks does not compile.

mod ar;
mod bn;
mod de;
mod en;
mod es;
mod fr;
mod hi;
mod id;
mod pt;
mod ru;
mod ur;
mod zh;

pub use self::en::Text;

/// The texts of one language.
#[derive(Debug)]
pub(crate) struct BuiltIn {
    /// Its language tag (RFC 5646), of one subtag.
    pub(crate) tag: &'static str,
    pub(crate) text: fn(Text) -> &'static str,
}

/// English, the language of visitors who ask for none of these.
pub(crate) static ENGLISH: &BuiltIn = &BUILT_IN[0];

/// The languages with the most speakers, by their number (Ethnologue, 2025).
pub(crate) static BUILT_IN: [BuiltIn; 12] = [
    BuiltIn { tag: "en", text: en::text },
    BuiltIn { tag: "zh", text: zh::text },
    BuiltIn { tag: "hi", text: hi::text },
    BuiltIn { tag: "es", text: es::text },
    BuiltIn { tag: "ar", text: ar::text },
    BuiltIn { tag: "fr", text: fr::text },
    BuiltIn { tag: "bn", text: bn::text },
    BuiltIn { tag: "pt", text: pt::text },
    BuiltIn { tag: "ru", text: ru::text },
    BuiltIn { tag: "id", text: id::text },
    BuiltIn { tag: "ur", text: ur::text },
    BuiltIn { tag: "de", text: de::text },
];

/// Declares the texts with their English wording.
macro_rules! texts {
    ($($name:ident => $english:literal;)*) => {
        /// A text of a page. Each is documented with its English wording.
        ///
        /// `{provider}`, `{user}` and `{reference}` are replaced where the English wording has
        /// them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Text {
            $(#[doc = concat!("“", $english, "”")] $name,)*
        }

        impl Text {
            /// All texts.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }

        impl Text {
            /// The text in English.
            pub(crate) const fn english(self) -> &'static str {
                text(self)
            }
        }

        /// The text in English.
        pub(super) const fn text(text: Text) -> &'static str {
            match text { $(Text::$name => $english,)* }
        }
    };
}

/// Declares the texts of another language.
macro_rules! language {
    ($($name:ident => $text:literal;)*) => {
        /// The text in this language.
        pub(super) const fn text(text: super::Text) -> &'static str {
            match text { $(super::Text::$name => $text,)* }
        }
    };
}

use {language, texts};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::has_hidden;

    /// The compiler requires a text; this test, that it is a translation.
    #[test]
    fn every_text_is_translated_into_every_language() {
        // A word that is the same in these languages.
        let is_equal = |tag, text| matches!((tag, text), ("fr", Text::Continue));
        for language in &BUILT_IN[1..] {
            for text in Text::ALL {
                let own = (language.text)(*text);
                let english = en::text(*text);
                let tag = language.tag;
                assert!(!own.is_empty() && own.trim() == own, "{tag} {text:?}: {own:?}");
                assert!(own != english || is_equal(tag, *text), "{tag} {text:?}: {own}");
                assert!(!has_hidden(own) && !own.contains("  "), "{tag} {text:?}: {own:?}");
            }
        }
    }

    #[test]
    fn every_translation_has_the_same_placeholders() {
        let placeholders = |text: &str| {
            let mut names: Vec<_> = text
                .split('{')
                .skip(1)
                .map(|rest| rest.split_once('}').unwrap().0.to_owned())
                .collect();
            names.sort();
            names
        };
        for language in &BUILT_IN {
            for text in Text::ALL {
                let own = placeholders((language.text)(*text));
                assert_eq!(own, placeholders(en::text(*text)), "{} {text:?}", language.tag);
            }
        }
    }

    /// A text in the script of another language has been put into the wrong file.
    #[test]
    fn every_language_is_written_in_its_script() {
        let scripts = [
            ("zh", '\u{4e00}'..='\u{9fff}'),
            ("hi", '\u{900}'..='\u{97f}'),
            ("bn", '\u{980}'..='\u{9ff}'),
            ("ar", '\u{600}'..='\u{6ff}'),
            ("ur", '\u{600}'..='\u{6ff}'),
            ("ru", '\u{400}'..='\u{4ff}'),
        ];
        for language in &BUILT_IN {
            let script = scripts.iter().find(|(tag, _)| *tag == language.tag);
            for text in Text::ALL {
                let own = (language.text)(*text);
                let is_written_in = |range: &std::ops::RangeInclusive<char>| {
                    own.chars().any(|letter| range.contains(&letter))
                };
                match script {
                    Some((tag, range)) => assert!(is_written_in(range), "{tag} {text:?}: {own}"),
                    None => {
                        let foreign = scripts.iter().find(|(_, range)| is_written_in(range));
                        assert_eq!(foreign, None, "{} {text:?}: {own}", language.tag);
                    }
                }
            }
        }
    }
}
