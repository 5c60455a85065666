//! The checked settings of the pages.

use std::fmt;
use std::sync::LazyLock;

use super::Pages;
use super::accept_language::{choose, is_tag};
use super::color::Color;
use super::content::Template;
use super::language::Language;
use super::texts::BUILT_IN;
use crate::config::{Config, ConfigFault, FaultKind, Faults};
use crate::text::has_hidden;

pub(crate) const APP_NAME: &str = "OAUTH_APP_NAME";
pub(crate) const APP_LOGO: &str = "OAUTH_APP_LOGO";
pub(crate) const APP_COLOR: &str = "OAUTH_APP_COLOR";

/// Maximum length of the application's name, in characters.
const MAX_NAME: usize = 80;
/// Maximum length of a logo, in bytes: a `data:` URL is part of every page.
const MAX_LOGO: usize = 32 * 1024;
/// The default colour of buttons.
const ACCENT: Color = Color::of_rgb(0x24_56d6);
/// The background of the content in each colour scheme; `pages.css` has the same.
const LIGHT_CARD: Color = Color::WHITE;
const DARK_CARD: Color = Color::of_rgb(0x19_1f29);
/// The images that a `data:` URL may contain. None of them can run a script in an `<img>`.
const IMAGES: [&str; 5] = ["png", "jpeg", "gif", "webp", "svg+xml"];

/// The checked settings of the pages.
#[derive(Clone)]
pub(crate) struct PageSettings {
    pub(crate) name: Option<String>,
    pub(crate) logo: Option<String>,
    /// The colours as CSS.
    pub(crate) style: String,
    /// At least one.
    languages: Vec<Language>,
    pub(crate) template: Option<Template>,
    /// Whether the last used provider is remembered.
    pub(crate) remembers_provider: bool,
}

impl PageSettings {
    /// Checks the settings of the code and of the configuration; the code's take precedence.
    pub(crate) fn new(pages: Pages, config: &Config, faults: &mut Faults) -> Self {
        let stated = |own: Option<String>, key| {
            own.or_else(|| config.get(key).map(|setting| setting.text().to_owned()))
        };
        let name = stated(pages.name, APP_NAME);
        let logo = stated(pages.logo, APP_LOGO);
        let color = stated(pages.color, APP_COLOR);
        check(APP_NAME, name.as_deref().and_then(fault_of_name), faults);
        check(APP_LOGO, logo.as_deref().and_then(fault_of_logo), faults);
        let accent = color.as_deref().map_or(Some(ACCENT), Color::parse);
        let is_no_color =
            "is not a colour: it is `#` and six hexadecimal digits, such as `#2456d6`";
        check(APP_COLOR, accent.is_none().then_some(is_no_color), faults);
        let languages = languages(&pages.languages, &pages.texts, faults);
        Self {
            name,
            logo,
            style: style(accent.unwrap_or(ACCENT)),
            languages,
            template: pages.template,
            remembers_provider: !pages.forgets_provider,
        }
    }

    /// The settings for pages of an unknown registry.
    pub(crate) fn unknown() -> &'static Self {
        static UNKNOWN: LazyLock<PageSettings> = LazyLock::new(PageSettings::default);
        &UNKNOWN
    }

    /// The language for a visitor with this `Accept-Language`.
    pub(crate) fn language(&self, accept_language: &str) -> &Language {
        let tags: Vec<_> = self.languages.iter().map(Language::tag).collect();
        let chosen = choose(accept_language, &tags).and_then(|at| self.languages.get(at));
        chosen.or(self.languages.first()).unwrap_or_else(|| english())
    }
}

impl Default for PageSettings {
    fn default() -> Self {
        Self::new(Pages::new(), &Config::empty(), &mut Faults::default())
    }
}

fn english() -> &'static Language {
    static ENGLISH: LazyLock<Language> = LazyLock::new(|| Language::new("en", None));
    &ENGLISH
}

fn check(key: &str, what: Option<&str>, faults: &mut Faults) {
    if let Some(what) = what {
        faults.push(ConfigFault::new(FaultKind::Malformed, key, what));
    }
}

fn fault_of_name(name: &str) -> Option<&'static str> {
    let is_name = !name.trim().is_empty() && name.chars().count() <= MAX_NAME && !has_hidden(name);
    (!is_name).then_some("is not a name: it has 1 to 80 characters, and none that are hidden")
}

fn fault_of_logo(logo: &str) -> Option<&'static str> {
    (!is_own_path(logo) && !is_image(logo)).then_some(
        "is not a logo: it is a path of this application, such as `/static/logo.svg`, or a `data:` URL of at \
         most 32 KiB with a PNG, JPEG, GIF, WebP or SVG image in base64",
    )
}

/// Whether it is a path without a host. Browsers read `\` as `/`, and `//host` as a host.
fn is_own_path(path: &str) -> bool {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~!$&()*+,;=:@%?".contains(&byte);
    path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= MAX_LOGO
        && path.bytes().all(is_plain)
}

fn is_image(url: &str) -> bool {
    let data = url.strip_prefix("data:image/").and_then(|rest| rest.split_once(";base64,"));
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    data.is_some_and(|(kind, data)| IMAGES.contains(&kind) && data.bytes().all(is_base64))
        && url.len() <= MAX_LOGO
}

/// The colours of buttons in each colour scheme.
fn style(accent: Color) -> String {
    let of = |card| {
        let accent = accent.visible_on(card);
        format!(":root{{--accent:{accent};--on-accent:{}}}", accent.text())
    };
    let (light, dark) = (of(LIGHT_CARD), of(DARK_CARD));
    format!("{light}@media(prefers-color-scheme:dark){{{dark}}}")
}

/// The languages of the pages, at least one.
fn languages(
    stated: &[String],
    texts: &[(String, super::language::TextSource)],
    faults: &mut Faults,
) -> Vec<Language> {
    let own = |tag: &str| texts.iter().find(|(own, _)| own.eq_ignore_ascii_case(tag));
    let is_stated = |tag: &str| stated.iter().any(|own| own.eq_ignore_ascii_case(tag));
    let mut fault = |tag: &str, what: &str| {
        let key = format!("the language `{tag}` of the pages");
        faults.push(ConfigFault::new(FaultKind::Malformed, key, what));
    };
    let tags: Vec<&str> = match stated {
        [] => {
            let built_in = BUILT_IN.iter().map(|language| language.tag);
            let more = texts.iter().map(|(tag, _)| tag.as_str());
            let is_new = |tag: &&str| !BUILT_IN.iter().any(|own| own.tag.eq_ignore_ascii_case(tag));
            built_in.chain(more.filter(is_new)).collect()
        }
        _ => {
            for (tag, _) in texts.iter().filter(|(tag, _)| !is_stated(tag)) {
                fault(tag, "has texts but is not in the list of languages: add it there");
            }
            stated.iter().map(String::as_str).collect()
        }
    };
    let language = |tag: &&str| Language::new(tag, own(tag).map(|(_, texts)| texts.clone()));
    for tag in &tags {
        if !is_tag(tag) {
            fault(tag, "is not a language tag, such as `de` or `pt-BR`");
        } else if !language(tag).is_known() {
            fault(tag, "is not one of the library's: add its texts with `Pages::texts`");
        }
    }
    tags.iter().map(language).collect()
}

impl fmt::Debug for PageSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageSettings").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::Text;

    fn faults(pages: Pages) -> Vec<String> {
        let mut faults = Faults::default();
        PageSettings::new(pages, &Config::empty(), &mut faults);
        let error = faults.finish(Some(())).err();
        error.map_or_else(Vec::new, |error| {
            error.faults().iter().map(|fault| fault.key().to_owned()).collect()
        })
    }

    fn settings(pages: Pages) -> PageSettings {
        PageSettings::new(pages, &Config::empty(), &mut Faults::default())
    }

    #[test]
    fn logo_is_a_path_or_an_image() {
        for right in ["/logo.svg", "/a/b.png?v=1%20", "data:image/png;base64,iVBORw0KGgo="] {
            assert_eq!(faults(Pages::new().logo(right)), [""; 0], "{right}");
        }
        let long = format!("data:image/png;base64,{}", "A".repeat(MAX_LOGO));
        for wrong in [
            "",
            "logo.svg",
            "//evil.example/logo.svg",
            "/\\evil.example/logo.svg",
            "https://evil.example/logo.svg",
            "javascript:alert(1)",
            "/a\"onerror=\"alert(1)",
            "/a b",
            "/a'b",
            "/<script>",
            "/\n/evil.example",
            "data:text/html;base64,PHNjcmlwdD4=",
            "data:image/svg+xml,<svg onload=alert(1)>",
            "data:image/png;charset=x;base64,AAAA",
            "data:image/png;base64,A\"A",
            &long,
        ] {
            assert_eq!(faults(Pages::new().logo(wrong)), [APP_LOGO], "{wrong}");
        }
    }

    #[test]
    fn color_cannot_end_its_declaration() {
        for wrong in ["", "red", "#fff", "#2456d6}body{display:none", "#2456d6;--x:1", "url(//x)"] {
            assert_eq!(faults(Pages::new().color(wrong)), [APP_COLOR], "{wrong}");
        }
        assert_eq!(faults(Pages::new().color("#2456D6")), [""; 0]);
    }

    #[test]
    fn name_is_short_and_without_hidden_characters() {
        for wrong in ["", " ", "Acme\u{202e}", "a\nb", &"a".repeat(MAX_NAME + 1)] {
            assert_eq!(faults(Pages::new().application_name(wrong)), [APP_NAME], "{wrong:?}");
        }
        assert_eq!(faults(Pages::new().application_name("Weavers’ Guild & Co")), [""; 0]);
    }

    #[test]
    fn code_takes_precedence_over_the_configuration() {
        let config = Config::empty().set(APP_NAME, "Configured").set(APP_LOGO, "/logo.svg");
        let of = |pages| PageSettings::new(pages, &config, &mut Faults::default());
        assert_eq!(of(Pages::new()).name.as_deref(), Some("Configured"));
        let coded = of(Pages::new().application_name("Coded"));
        assert_eq!(
            (coded.name.as_deref(), coded.logo.as_deref()),
            (Some("Coded"), Some("/logo.svg"))
        );
    }

    #[test]
    fn accent_is_visible_in_both_colour_schemes() {
        let style = settings(Pages::new().color("#0a0a12")).style;
        let accents: Vec<_> = style.split("--accent:").skip(1).map(|rest| &rest[..7]).collect();
        assert_eq!(accents[0], "#0a0a12");
        let dark = Color::parse(accents[1]).unwrap();
        assert!(dark.contrast(DARK_CARD) >= 3.0, "{style}");
    }

    #[test]
    fn language_without_texts_is_refused() {
        let welsh = |text| (text == Text::SignIn).then_some("Mewngofnodi");
        assert_eq!(faults(Pages::new().languages(["cy"])), ["the language `cy` of the pages"]);
        assert_eq!(faults(Pages::new().languages(["cy"]).texts("cy", welsh)), [""; 0]);
        assert_eq!(faults(Pages::new().languages(["en"]).texts("cy", welsh)).len(), 1);
        assert_eq!(faults(Pages::new().texts("c y", welsh)).len(), 1);
        assert_eq!(faults(Pages::new().languages(["pt-BR"])), [""; 0]);
        let offered = settings(Pages::new().texts("cy", welsh));
        assert_eq!(offered.language("cy-GB, en;q=0.5").wording(Text::SignIn), "Mewngofnodi");
    }

    #[test]
    fn first_language_is_for_visitors_who_accept_none() {
        let german = settings(Pages::new().languages(["de", "fr"]));
        for (header, tag) in [("fr", "fr"), ("en", "de"), ("", "de"), ("xx;;", "de")] {
            assert_eq!(german.language(header).tag(), tag, "{header}");
        }
        assert_eq!(PageSettings::unknown().language("de-AT, en;q=0.1").tag(), "de");
    }
}
