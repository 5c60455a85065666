//! Makes strings from outside safe to show on a page, in a log or on a terminal.

use std::borrow::Cow;

/// `Debug` that shows the name of a type and nothing of its content: `Secret(…)`. A third argument
/// is shown in place of the dots: `Client(github)`.
macro_rules! opaque_debug {
    ($name:ident $(<$($generic:ident),+>)?) => {
        opaque_debug!($name $(<$($generic),+>)?, |_it| "…");
    };
    ($name:ident $(<$($generic:ident),+>)?, |$it:ident| $shown:expr) => {
        impl $(<$($generic),+>)? std::fmt::Debug for $name $(<$($generic),+>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let $it = self;
                write!(f, concat!(stringify!($name), "({})"), $shown)
            }
        }
    };
}

pub(crate) use opaque_debug;

/// At most `most` characters of `text`, without those that change the text around them.
pub(crate) fn shown(text: &str, most: usize) -> String {
    text.chars().filter(|c| is_shown(*c)).take(most).collect()
}

/// Whether `text` has characters that change the text around them.
pub(crate) fn has_hidden(text: &str) -> bool {
    !text.chars().all(is_shown)
}

/// `text` without the characters that change the text around them. It usually has none.
pub(crate) fn without_hidden(text: &str) -> Cow<'_, str> {
    if !has_hidden(text) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|c| is_shown(*c)).collect())
}

/// A number of digits only (`1*DIGIT`). Rust's own parser also accepts a sign.
pub(crate) fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// Control characters forge log lines and control terminals. The others change the reading
/// direction or start a new line, so that a text appears as another (CVE-2021-42574). The marks in
/// right-to-left names are allowed.
fn is_shown(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_left_out() {
        let evil = "a\r\nb\u{1b}[2Jc\u{202e}d\u{2066}e\u{2028}f\u{85}g\u{7f}";
        assert_eq!(shown(evil, 100), "ab[2Jcdefg");
        assert_eq!(without_hidden(evil), "ab[2Jcdefg");
    }

    #[test]
    fn names_of_all_scripts_stay_as_they_are() {
        for name in
            ["Ada Lovelace", "Łukasz", "محمد", "\u{200f}שלום\u{200f}", "小林", "👩\u{200d}💻"]
        {
            assert_eq!(shown(name, 100), name);
            assert!(matches!(without_hidden(name), Cow::Borrowed(same) if same == name));
        }
    }

    #[test]
    fn number_is_digits_only() {
        assert_eq!((number("0"), number("007"), number("60")), (Some(0), Some(7), Some(60)));
        for text in ["", "+60", "-60", " 60", "6 0", "6_0", "0x3c", "6e1", "60.0", "\u{666}\u{660}"]
        {
            assert_eq!(number(text), None, "{text}");
        }
        assert_eq!(number("99999999999999999999"), None);
    }

    #[test]
    fn length_is_counted_in_characters_that_are_shown() {
        assert_eq!(shown("\u{0}ä€x", 2), "ä€");
    }
}
