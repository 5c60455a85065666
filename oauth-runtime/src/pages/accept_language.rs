//! `Accept-Language` (RFC 9110 section 12.5.4), and the choice of a language by lookup (RFC 4647
//! section 3.4).

/// Maximum length of the header in bytes. Browsers send about fifty.
const MAX_LENGTH: usize = 512;
/// Maximum number of languages in the header.
const MAX_RANGES: usize = 32;
/// Maximum length of a subtag (RFC 4647 section 2.1).
const MAX_SUBTAG: usize = 8;

/// A language that a visitor accepts, and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range<'a> {
    /// A language tag, or `*`.
    tag: &'a str,
    /// The weight in thousandths.
    weight: u16,
}

/// The position of the offered language that the header prefers. `None` if it accepts none of them,
/// or is malformed: it is read exactly as the grammar says, or not at all.
pub(crate) fn choose(header: &str, offered: &[&str]) -> Option<usize> {
    let mut ranges = parse(header)?;
    let is_refused = |tag: &str, ranges: &[Range<'_>]| {
        ranges.iter().any(|range| range.weight == 0 && range.tag.eq_ignore_ascii_case(tag))
    };
    let refused: Vec<_> = offered.iter().map(|tag| is_refused(tag, &ranges)).collect();
    // Stable: of two languages with the same weight, browsers prefer the first.
    ranges.sort_by_key(|range| std::cmp::Reverse(range.weight));
    let accepted = ranges.iter().take_while(|range| range.weight > 0);
    accepted.flat_map(|range| truncations(range.tag)).find_map(|tag| {
        let is_meant = |own: &str| tag == "*" || own.eq_ignore_ascii_case(tag);
        let mut candidates = offered.iter().zip(&refused).enumerate();
        let found = candidates.find(|(_, (own, is_refused))| is_meant(own) && !**is_refused);
        found.map(|(position, _)| position)
    })
}

/// `zh-Hant-TW`, `zh-Hant`, `zh`.
fn truncations(tag: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(tag), |tag| tag.rsplit_once('-').map(|(shorter, _)| shorter))
}

/// `#( language-range [ weight ] )`. Empty elements of the list are skipped (section 5.6.1.2).
fn parse(header: &str) -> Option<Vec<Range<'_>>> {
    if header.len() > MAX_LENGTH {
        return None;
    }
    let elements = header.split(',').map(|element| element.trim_matches([' ', '\t']));
    let ranges: Option<Vec<_>> =
        elements.filter(|element| !element.is_empty()).map(range).collect();
    ranges.filter(|ranges| ranges.len() <= MAX_RANGES)
}

fn range(element: &str) -> Option<Range<'_>> {
    let (tag, weight) = match element.split_once(';') {
        Some((tag, weight)) => (tag.trim_end_matches([' ', '\t']), weight_of(weight)?),
        None => (element, 1000),
    };
    (tag == "*" || is_tag(tag)).then_some(Range { tag, weight })
}

/// Whether `tag` is a language tag, as far as a range needs it: `1*8ALPHA *("-" 1*8alphanum)`
/// (RFC 4647 section 2.1).
pub(super) fn is_tag(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let has_length = |subtag: &str| (1..=MAX_SUBTAG).contains(&subtag.len());
    let is_language = |subtag: &str| subtag.bytes().all(|byte| byte.is_ascii_alphabetic());
    subtags.next().is_some_and(|first| has_length(first) && is_language(first))
        && subtags.all(|subtag| {
            has_length(subtag) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

/// ` q=0.8` in thousandths (section 12.4.2): at most three digits, and nothing above 1.
fn weight_of(text: &str) -> Option<u16> {
    let text = text.trim_start_matches([' ', '\t']);
    let value = text.strip_prefix("q=").or_else(|| text.strip_prefix("Q="))?;
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let is_number = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let thousandths = || format!("{fraction:0<3}").parse::<u16>().ok();
    match whole {
        "0" if is_number => thousandths(),
        "1" if is_number && thousandths() == Some(0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFERED: [&str; 5] = ["en", "zh", "pt", "ar", "de-CH"];

    fn chosen(header: &str) -> Option<&'static str> {
        choose(header, &OFFERED).map(|position| OFFERED[position])
    }

    #[test]
    fn heaviest_range_wins_and_the_first_of_equals() {
        assert_eq!(chosen("pt"), Some("pt"));
        assert_eq!(chosen("fr, ar;q=0.5, pt;q=0.51, en;q=0.1"), Some("pt"));
        assert_eq!(chosen("ar, pt"), Some("ar"));
        assert_eq!(chosen("pt;q=0.3,ar;q=0.3"), Some("pt"));
        assert_eq!(chosen("EN-us"), Some("en"));
    }

    #[test]
    fn range_is_shortened_until_a_language_is_found() {
        assert_eq!(chosen("pt-BR"), Some("pt"));
        assert_eq!(chosen("zh-Hant-TW,en;q=0.9"), Some("zh"));
        assert_eq!(chosen("de-CH"), Some("de-CH"));
        assert_eq!(chosen("de"), None, "a range does not match a longer tag");
    }

    #[test]
    fn star_means_any_language_that_is_not_refused() {
        assert_eq!(chosen("*"), Some("en"));
        assert_eq!(chosen("fr, *;q=0.1, en;q=0"), Some("zh"));
        assert_eq!(chosen("en;q=0, en-GB"), None);
        assert_eq!(chosen("*;q=0"), None);
    }

    #[test]
    fn grammar_is_read_exactly() {
        for right in ["pt ;\tq=0.5", "pt;q=1.000", "pt;Q=0.001", ",, pt ,", "\tpt", "pt;q=1."] {
            assert_eq!(chosen(right), Some("pt"), "{right:?}");
        }
        for wrong in [
            "pt;q=1.001",
            "pt;q=2",
            "pt;q=0.1234",
            "pt;q=-1",
            "pt;q=.5",
            "pt;q=",
            "pt;q = 0.5",
            "pt;level=1",
            "pt;q=0.5;x",
            "p t",
            "pt_BR",
            "portuguese",
            "pt-",
            "-pt",
            "p1",
            "pt;q=٣",
            "پت",
            "pt-verylongsubtag",
            "*-pt",
            "pt, ;q=1",
        ] {
            assert_eq!(chosen(wrong), None, "{wrong:?}");
        }
        assert_eq!(chosen(""), None);
    }

    #[test]
    fn header_is_bounded() {
        let many = |count: usize| format!("{}pt", "fr,".repeat(count - 1));
        assert_eq!(chosen(&many(MAX_RANGES)), Some("pt"));
        assert_eq!(chosen(&many(MAX_RANGES + 1)), None);
        assert_eq!(chosen(&format!("pt{}", " ".repeat(MAX_LENGTH - 2))), Some("pt"));
        assert_eq!(chosen(&format!("pt{}", " ".repeat(MAX_LENGTH))), None);
    }

    proptest::proptest! {
        #[test]
        fn any_header_is_read_without_a_panic(header in "[ -~é٣\t]{0,80}") {
            let _ = choose(&header, &OFFERED);
        }
    }
}
