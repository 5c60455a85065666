//! The few pages of the library: plain, escaped, without script except for one that posts a form.

use std::fmt;

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

const STYLE: &str = include_str!("pages.css");
/// Nothing is loaded, no script runs, and forms are posted only to this application.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// Like [`POLICY`], for a form whose response redirects to a provider: browsers apply `form-action`
/// to redirects as well, and the hosts of a provider's redirects are not known.
const POLICY_OF_LEAVING: &str = "default-src 'none'; style-src 'unsafe-inline'; \
                                 base-uri 'none'; frame-ancestors 'none'";

/// A page of one card.
pub(crate) struct Page<'a> {
    pub(crate) status: StatusCode,
    pub(crate) title: &'a str,
    pub(crate) text: &'a str,
    /// The provider's message, if there is one; shown as a quotation.
    pub(crate) quote: Option<&'a str>,
    pub(crate) actions: Vec<Action<'a>>,
}

/// Optional content of a page.
#[derive(Default)]
pub(crate) struct Notes<'a> {
    /// Below the text, one item per line.
    pub(crate) list: &'a [String],
    /// The number of the error in the log.
    pub(crate) reference: Option<&'a str>,
}

/// A button of a page.
pub(crate) enum Action<'a> {
    Link {
        label: String,
        href: String,
    },
    Post {
        label: &'a str,
        action: &'a str,
        /// Names and values of the hidden fields.
        fields: Vec<(&'a str, &'a str)>,
    },
    /// Posts one field to the address of the page, automatically if scripts run.
    PostAtOnce {
        label: &'a str,
        field: &'a str,
        value: &'a str,
    },
    /// A link that cancels.
    Stay {
        href: String,
    },
    /// A link to the application's home page.
    Home {
        href: String,
    },
}

/// The script of [`Action::PostAtOnce`]. It runs during parsing, so it adds no entry to the
/// history.
pub(crate) const SUBMIT: &str = "document.forms[0].submit()";

impl IntoResponse for Page<'_> {
    fn into_response(self) -> Response {
        self.with(&Notes::default())
    }
}

impl Page<'_> {
    /// The page with optional content.
    pub(crate) fn with(&self, notes: &Notes<'_>) -> Response {
        let html = Html { page: self, notes }.to_string();
        let mut response = (self.status, html).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        harden(headers);
        response
    }
}

impl Page<'_> {
    /// A page that asks before an action. Users who decline go to `home`. `leads_away`: the
    /// response to its form is a redirect to a provider.
    pub(crate) fn asking(mut self, leads_away: bool, home: String) -> Response {
        self.actions.push(Action::Stay { href: home });
        let mut response = self.into_response();
        let headers = response.headers_mut();
        // Without a referrer the form would have the origin `null`.
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        if leads_away {
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY_OF_LEAVING));
        }
        response
    }
}

/// Sets headers for every response that belongs to a login: its URL contains a code, which neither
/// a cache nor another site may learn.
pub(crate) fn harden(headers: &mut HeaderMap) {
    let mut set = |name: HeaderName, value| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(CACHE_CONTROL, "no-store");
    set(REFERRER_POLICY, "no-referrer");
    set(HeaderName::from_static("x-content-type-options"), "nosniff");
}

struct Html<'a> {
    page: &'a Page<'a>,
    notes: &'a Notes<'a>,
}

impl fmt::Display for Html<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { page, notes } = self;
        let title = Escaped(page.title);
        write!(
            f,
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"robots\" content=\"noindex\"><title>{title}</title>\
             <style>{STYLE}</style></head><body><main><h1>{title}</h1><p>{}</p>",
            Escaped(page.text)
        )?;
        if !notes.list.is_empty() {
            f.write_str("<ul>")?;
            for one in notes.list {
                write!(f, "<li>{}</li>", Escaped(one))?;
            }
            f.write_str("</ul>")?;
        }
        if let Some(quote) = page.quote {
            f.write_str("<p class=\"lead\">The sign-in service says:</p>")?;
            write!(f, "<blockquote>{}</blockquote>", Escaped(quote))?;
        }
        page.actions.iter().try_for_each(|action| write!(f, "{action}"))?;
        if let Some(reference) = notes.reference {
            write!(f, "<p class=\"reference\">Reference: {}</p>", Escaped(reference))?;
        }
        f.write_str("</main></body></html>")
    }
}

impl fmt::Display for Action<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Link { label, href } => {
                write!(f, "<a class=\"button\" href=\"{}\">{}</a>", Escaped(href), Escaped(label))
            }
            Action::Post { label, action, fields } => {
                write!(f, "<form method=\"post\" action=\"{}\">", Escaped(action))?;
                for (name, value) in fields {
                    write!(f, "{}", Hidden { name, value })?;
                }
                write!(f, "<button class=\"button\">{}</button></form>", Escaped(label))
            }
            Action::Stay { href } => {
                let href = Escaped(href);
                write!(f, "<a class=\"button quiet\" href=\"{href}\">Stay here</a>")
            }
            Action::Home { href } => {
                let href = Escaped(href);
                write!(f, "<a class=\"button quiet\" href=\"{href}\">Go to the home page</a>")
            }
            Action::PostAtOnce { label, field, value } => write!(
                f,
                "<form method=\"post\">{}<button class=\"button\">{}</button></form>\
                 <script>{SUBMIT}</script>",
                Hidden { name: field, value },
                Escaped(label)
            ),
        }
    }
}

/// A hidden field of a form.
struct Hidden<'a> {
    name: &'a str,
    value: &'a str,
}

impl fmt::Display for Hidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, value) = (Escaped(self.name), Escaped(self.value));
        write!(f, "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
    }
}

/// Escapes text for HTML content and quoted attributes.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
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
    use super::*;

    #[test]
    fn everything_that_is_shown_is_escaped() {
        let evil = "<script>alert('1')</script>\" onload=\"x";
        let page = Page {
            status: StatusCode::BAD_GATEWAY,
            title: evil,
            text: evil,
            quote: Some(evil),
            actions: vec![
                Action::Link { label: evil.to_owned(), href: evil.to_owned() },
                Action::Post { label: evil, action: evil, fields: vec![(evil, evil)] },
                Action::PostAtOnce { label: evil, field: evil, value: evil },
                Action::Stay { href: evil.to_owned() },
                Action::Home { href: evil.to_owned() },
            ],
        };
        let notes = Notes { list: &[evil.to_owned()], reference: Some(evil) };
        let html = Html { page: &page, notes: &notes }.to_string();
        let html = html.replace(&format!("<script>{SUBMIT}</script>"), "");
        assert!(!html.contains("<script") && !html.contains("\" onload"), "{html}");
        assert_eq!(html.matches("&lt;script&gt;").count(), 17);
    }
}
