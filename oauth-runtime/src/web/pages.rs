//! The few pages that the library shows by itself: plain, escaped, without script but for one that
//! posts a form.

use std::fmt;

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

const STYLE: &str = include_str!("pages.css");
/// Nothing is loaded and nothing runs; forms go to this application alone.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// The same, for a form whose answer leads to a provider: browsers hold `form-action` against the
/// redirects that follow, too, and nobody knows through how many hosts a provider leads.
const POLICY_OF_LEAVING: &str = "default-src 'none'; style-src 'unsafe-inline'; \
                                 base-uri 'none'; frame-ancestors 'none'";

/// A page of one card.
pub(crate) struct Page<'a> {
    pub(crate) status: StatusCode,
    pub(crate) title: &'a str,
    pub(crate) text: &'a str,
    /// What the provider said, if it said something; shown as its words.
    pub(crate) quote: Option<&'a str>,
    pub(crate) actions: Vec<Action<'a>>,
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
        /// Names and values, which nobody sees.
        fields: Vec<(&'a str, &'a str)>,
    },
    /// Posts one field to the address of the page, by itself where scripts run.
    PostAtOnce {
        label: &'a str,
        field: &'a str,
        value: &'a str,
    },
    /// Does nothing, and looks like it.
    Stay {
        href: String,
    },
}

/// The script of [`Action::PostAtOnce`]: run while the page is read, it leaves no entry of its own in
/// the history.
pub(crate) const SUBMIT: &str = "document.forms[0].submit()";

impl IntoResponse for Page<'_> {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        harden(headers);
        response
    }
}

impl Page<'_> {
    /// A page that asks before something is done, and leads to `home` whoever does not want it;
    /// `leads_away`: the answer to its form is a redirect to a provider.
    pub(crate) fn asking(mut self, leads_away: bool, home: String) -> Response {
        self.actions.push(Action::Stay { href: home });
        let mut response = self.into_response();
        let headers = response.headers_mut();
        // Without a referrer the form would come with the origin `null`.
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        if leads_away {
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY_OF_LEAVING));
        }
        response
    }
}

/// Headers of every answer that belongs to a login: its URL holds a code, so neither a cache nor
/// another site may learn it.
pub(crate) fn harden(headers: &mut HeaderMap) {
    let mut set = |name: HeaderName, value| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(CACHE_CONTROL, "no-store");
    set(REFERRER_POLICY, "no-referrer");
    set(HeaderName::from_static("x-content-type-options"), "nosniff");
}

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = Escaped(self.title);
        write!(
            f,
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"robots\" content=\"noindex\"><title>{title}</title>\
             <style>{STYLE}</style></head><body><main><h1>{title}</h1><p>{}</p>",
            Escaped(self.text)
        )?;
        if let Some(quote) = self.quote {
            write!(f, "<blockquote>{}</blockquote>", Escaped(quote))?;
        }
        for action in &self.actions {
            match action {
                Action::Link { label, href } => {
                    write!(
                        f,
                        "<a class=\"button\" href=\"{}\">{}</a>",
                        Escaped(href),
                        Escaped(label)
                    )?;
                }
                Action::Post { label, action, fields } => {
                    write!(f, "<form method=\"post\" action=\"{}\">", Escaped(action))?;
                    for (name, value) in fields {
                        write!(f, "{}", Hidden { name, value })?;
                    }
                    write!(f, "<button class=\"button\">{}</button></form>", Escaped(label))?;
                }
                Action::Stay { href } => {
                    let href = Escaped(href);
                    write!(f, "<a class=\"button quiet\" href=\"{href}\">Stay here</a>")?;
                }
                Action::PostAtOnce { label, field, value } => write!(
                    f,
                    "<form method=\"post\">{}<button class=\"button\">{}</button></form>\
                     <script>{SUBMIT}</script>",
                    Hidden { name: field, value },
                    Escaped(label)
                )?,
            }
        }
        f.write_str("</main></body></html>")
    }
}

/// A field of a form that nobody sees.
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

/// Text in HTML, in content and in quoted attributes.
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
            ],
        };
        let html = page.to_string().replace(&format!("<script>{SUBMIT}</script>"), "");
        assert!(!html.contains("<script") && !html.contains("\" onload"), "{html}");
        assert_eq!(html.matches("&lt;script&gt;").count(), 14);
    }
}
