//! The HTML of a page. Everything that is written is escaped here.

use std::collections::BTreeSet;
use std::fmt::{self, Display, Write};

use super::pages::{Action, Notes, Page, SUBMIT};
use crate::pages::language::Language;
use crate::pages::phrase::{Part, Phrase};
use crate::pages::settings::PageSettings;
use crate::pages::{PageContent, Text};

const STYLE: &str = include_str!("pages.css");

/// A page with everything that it depends on.
pub(super) struct Document<'a> {
    pub(super) page: &'a Page<'a>,
    pub(super) notes: &'a Notes<'a>,
    pub(super) settings: &'a PageSettings,
    pub(super) language: &'a Language,
    /// What the logo shows, if the application has no name.
    pub(super) host: &'a str,
}

impl Document<'_> {
    /// The style sheet, with the colours of this page's providers. They are classes, because the
    /// policy allows no `style` attribute.
    pub(super) fn style(&self) -> String {
        let mut style = format!("{STYLE}{}", self.settings.style);
        let colors: BTreeSet<_> = self.page.actions.iter().filter_map(color_of).collect();
        for color in colors {
            let color = crate::pages::color::Color::of_rgb(color);
            // Writing to a string cannot fail.
            let _ = write!(
                style,
                ".b{:06x}{{--brand:{color};--on-brand:{}}}",
                color.rgb(),
                color.text()
            );
        }
        style
    }

    /// The document, by the application's template if there is one.
    pub(super) fn html(&self, style: &str) -> String {
        let title = self.title();
        let (language, direction) = (self.language.tag(), self.language.direction());
        let head = format!(
            "<meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"robots\" content=\"noindex\"><title>{}</title><style>{style}</style>",
            Escaped(&title)
        );
        let main = Main(self).to_string();
        if let Some(template) = &self.settings.template {
            let (title, head, main) = (&title, &head, &main);
            return template(&PageContent { language, direction, title, head, main });
        }
        format!(
            "<!doctype html><html lang=\"{}\" dir=\"{direction}\"><head>{head}</head>\
             <body><main>{main}</main></body></html>",
            Escaped(language)
        )
    }

    /// The title of the tab.
    fn title(&self) -> String {
        let title = self.language.plain(&self.page.title);
        match &self.settings.name {
            Some(name) => format!("{title} · {name}"),
            None => title,
        }
    }

    /// A phrase in the language of the page. Names keep their own direction.
    fn phrase(&self, f: &mut fmt::Formatter<'_>, phrase: &Phrase<'_>) -> fmt::Result {
        let wording = self.language.wording(phrase.text);
        for part in phrase.parts(&wording) {
            match part {
                Part::Value(value) if self.language.direction() == "rtl" || !value.is_ascii() => {
                    write!(f, "<bdi>{}</bdi>", Escaped(value))?;
                }
                Part::Text(text) | Part::Value(text) => write!(f, "{}", Escaped(text))?,
            }
        }
        Ok(())
    }

    /// The name and the logo of the application.
    fn application(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, logo) = (self.settings.name.as_deref(), self.settings.logo.as_deref());
        if name.is_none() && logo.is_none() {
            return Ok(());
        }
        f.write_str("<p class=\"application\">")?;
        if let Some(logo) = logo {
            // Beside the name, the logo says nothing more.
            let alt = if name.is_some() { "" } else { self.host };
            write!(f, "<img src=\"{}\" alt=\"{}\">", Escaped(logo), Escaped(alt))?;
        }
        if let Some(name) = name {
            write!(f, "<span dir=\"auto\">{}</span>", Escaped(name))?;
        }
        f.write_str("</p>")
    }

    fn actions(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_provider = |action: &&Action<'_>| matches!(action, Action::Provider { .. });
        let providers: Vec<_> = self.page.actions.iter().filter(is_provider).collect();
        if !providers.is_empty() {
            f.write_str("<ul class=\"providers\">")?;
            for (position, action) in providers.into_iter().enumerate() {
                self.provider(f, action, position == 0)?;
            }
            f.write_str("</ul>")?;
        }
        let others = self.page.actions.iter().filter(|action| !is_provider(action));
        others.into_iter().try_for_each(|action| self.action(f, action))
    }

    fn provider(
        &self,
        f: &mut fmt::Formatter<'_>,
        action: &Action<'_>,
        is_primary: bool,
    ) -> fmt::Result {
        let Action::Provider { label, name, color, href, is_last_used } = action else {
            return Ok(());
        };
        let primary = if is_primary { " primary" } else { "" };
        write!(
            f,
            "<li><a class=\"button provider{primary} b{:06x}\" href=\"{}\">\
             <span class=\"mark\" data-mark=\"{}\" aria-hidden=\"true\"></span><span class=\"label\">",
            color.rgb(),
            Escaped(href),
            Escaped(&mark(name))
        )?;
        self.phrase(f, label)?;
        f.write_str("</span>")?;
        if *is_last_used {
            f.write_str(" <span class=\"last\">")?;
            self.phrase(f, &Phrase::of(Text::LastUsed))?;
            f.write_str("</span>")?;
        }
        f.write_str("</a></li>")
    }

    fn action(&self, f: &mut fmt::Formatter<'_>, action: &Action<'_>) -> fmt::Result {
        match action {
            Action::Provider { .. } => Ok(()),
            Action::Link { label, href } => self.link(f, "button", href, label),
            Action::Stay { href } => self.link(f, "button quiet", href, &Phrase::of(Text::Stay)),
            Action::Home { href } => self.link(f, "button quiet", href, &Phrase::of(Text::Home)),
            Action::Post { label, action, fields } => {
                write!(f, "<form method=\"post\" action=\"{}\">", Escaped(action))?;
                for (name, value) in fields {
                    write!(f, "{}", Hidden { name, value })?;
                }
                self.submit(f, label)
            }
            Action::PostAtOnce { label, field, value } => {
                write!(f, "<form method=\"post\">{}", Hidden { name: field, value })?;
                self.submit(f, label)?;
                write!(f, "<script>{SUBMIT}</script>")
            }
        }
    }

    fn link(
        &self,
        f: &mut fmt::Formatter<'_>,
        class: &str,
        href: &str,
        label: &Phrase<'_>,
    ) -> fmt::Result {
        write!(f, "<a class=\"{class}\" href=\"{}\">", Escaped(href))?;
        self.phrase(f, label)?;
        f.write_str("</a>")
    }

    fn submit(&self, f: &mut fmt::Formatter<'_>, label: &Phrase<'_>) -> fmt::Result {
        f.write_str("<button class=\"button\">")?;
        self.phrase(f, label)?;
        f.write_str("</button></form>")
    }
}

fn color_of(action: &Action<'_>) -> Option<u32> {
    match action {
        Action::Provider { color, .. } => Some(color.rgb()),
        _ => None,
    }
}

/// The mark of a provider: the initial of its name. The logos of providers are trademarks, and
/// their rules forbid to change them.
fn mark(name: &str) -> String {
    let initial = name.chars().find(|letter| letter.is_alphanumeric());
    initial.map_or_else(String::new, |initial| initial.to_uppercase().collect())
}

/// The content of `<main>`.
struct Main<'a>(&'a Document<'a>);

impl Display for Main<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(document) = self;
        let Document { page, notes, language, .. } = document;
        document.application(f)?;
        f.write_str("<h1>")?;
        document.phrase(f, &page.title)?;
        f.write_str("</h1><p>")?;
        for (position, sentence) in page.text.iter().enumerate() {
            f.write_str(if position == 0 { "" } else { language.space() })?;
            document.phrase(f, sentence)?;
        }
        f.write_str("</p>")?;
        if !notes.list.is_empty() {
            f.write_str("<ul class=\"list\">")?;
            for one in notes.list {
                write!(f, "<li><bdi>{}</bdi></li>", Escaped(one))?;
            }
            f.write_str("</ul>")?;
        }
        if let Some(quote) = page.quote {
            f.write_str("<p class=\"lead\">")?;
            document.phrase(f, &Phrase::of(Text::ServiceSays))?;
            write!(f, "</p><blockquote dir=\"auto\">{}</blockquote>", Escaped(quote))?;
        }
        document.actions(f)?;
        if let Some(reference) = notes.reference {
            f.write_str("<p class=\"reference\">")?;
            document.phrase(f, &Phrase::of(Text::Reference).reference(reference))?;
            f.write_str("</p>")?;
        }
        Ok(())
    }
}

/// A hidden field of a form.
struct Hidden<'a> {
    name: &'a str,
    value: &'a str,
}

impl Display for Hidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, value) = (Escaped(self.name), Escaped(self.value));
        write!(f, "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
    }
}

/// Escapes text for HTML content and quoted attributes.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            other => write!(f, "{other}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;
    use crate::config::{Config, Faults};
    use crate::pages::Pages;
    use crate::pages::color::Color;

    const EVIL: &str = "<script>alert('1')</script>\" onload=\"x";

    fn html(page: &Page<'_>, notes: &Notes<'_>, pages: Pages, accept_language: &str) -> String {
        let settings = PageSettings::new(pages, &Config::empty(), &mut Faults::default());
        let language = settings.language(accept_language);
        let document = Document { page, notes, settings: &settings, language, host: EVIL };
        document.html(&document.style())
    }

    fn provider(name: &str, color: u32) -> Action<'_> {
        Action::Provider {
            label: Phrase::of(Text::SignInWith).provider(name),
            name,
            color: Color::of_rgb(color),
            href: EVIL.to_owned(),
            is_last_used: false,
        }
    }

    fn page(actions: Vec<Action<'_>>) -> Page<'_> {
        const TEXT: &[Phrase<'static>] = &[Phrase::of(Text::SignInText)];
        let (title, text) = (Phrase::of(Text::SignInTitle), TEXT);
        Page { status: StatusCode::OK, title, text, quote: None, actions }
    }

    #[test]
    fn everything_that_is_shown_is_escaped() {
        let evil = || Phrase::of(Text::Connect).provider(EVIL);
        let text = [Phrase::of(Text::ConnectText).provider(EVIL).user(EVIL)];
        let page = Page {
            status: StatusCode::BAD_GATEWAY,
            title: evil(),
            text: &text,
            quote: Some(EVIL),
            actions: vec![
                Action::Link { label: evil(), href: EVIL.to_owned() },
                provider(EVIL, 0),
                Action::Post { label: evil(), action: EVIL, fields: vec![(EVIL, EVIL)] },
                Action::PostAtOnce { label: evil(), field: EVIL, value: EVIL },
                Action::Stay { href: EVIL.to_owned() },
                Action::Home { href: EVIL.to_owned() },
            ],
        };
        let notes = Notes { list: &[EVIL.to_owned()], reference: Some(EVIL) };
        let own = |text| (text == Text::Stay).then_some(EVIL);
        for language in ["en", "ar"] {
            // A faulty setting is reported, and the page escapes it too.
            let pages = Pages::new().application_name(EVIL).texts(language, own);
            let html = html(&page, &notes, pages, language);
            let html = html.replace(&format!("<script>{SUBMIT}</script>"), "");
            assert!(!html.contains("<script") && !html.contains("\" onload"), "{html}");
            assert_eq!(html.matches("&lt;script&gt;").count(), 23, "{html}");
        }
    }

    #[test]
    fn first_provider_is_the_only_primary_button() {
        let page = page(vec![provider("GitHub", 0x1f_2328), provider("Acme", 0xff_ffff)]);
        let html = html(&page, &Notes::default(), Pages::new(), "");
        assert_eq!(html.matches(" primary").count(), 1 + STYLE.matches(" primary").count());
        assert!(html.contains("class=\"button provider primary b1f2328\""), "{html}");
        assert!(html.contains("data-mark=\"G\" aria-hidden=\"true\""), "{html}");
        assert!(html.contains(".bffffff{--brand:#ffffff;--on-brand:#000000}"), "{html}");
    }

    #[test]
    fn mark_is_the_first_letter_or_digit() {
        let marks = ["GitHub", "«acme»", "1Password", "微信", "ßeta", "…"].map(mark);
        assert_eq!(marks, ["G", "A", "1", "微", "SS", ""]);
    }

    #[test]
    fn names_keep_their_direction() {
        let page = page(vec![provider("GitHub", 0)]);
        let arabic = html(&page, &Notes::default(), Pages::new(), "ar");
        assert!(arabic.contains("<html lang=\"ar\" dir=\"rtl\">"), "{arabic}");
        assert!(arabic.contains("<bdi>GitHub</bdi>"), "{arabic}");
        let page = self::page(vec![provider("محمد", 0)]);
        let english = html(&page, &Notes::default(), Pages::new(), "en");
        assert!(english.contains("Sign in with <bdi>محمد</bdi>"), "{english}");
    }

    #[test]
    fn template_writes_the_document() {
        let template = Pages::new().template(|page| {
            format!("{}|{}|{}|{}", page.language(), page.direction(), page.title(), page.main())
        });
        let html = html(&page(Vec::new()), &Notes::default(), template, "ur");
        assert!(html.starts_with("ur|rtl|براہ کرم سائن اِن کریں|<h1>"), "{html}");
    }
}
