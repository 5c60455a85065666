//! The few pages of the library: escaped, without external resources, and without script except for
//! one that posts a form.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::html::Document;
use super::viewer::Viewer;
use crate::crypto::seal::policy_digest;
use crate::pages::color::Color;
use crate::pages::phrase::Phrase;
use crate::pages::settings::PageSettings;

/// Nothing is loaded and no script runs.
const NOTHING: &str = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// A page of one card.
pub(crate) struct Page<'a> {
    pub(crate) status: StatusCode,
    pub(crate) title: Phrase<'a>,
    /// The sentences below the title.
    pub(crate) text: &'a [Phrase<'a>],
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
        label: Phrase<'a>,
        href: String,
    },
    /// A login with a provider, or a connection. The first one of a page is its primary button.
    Provider {
        label: Phrase<'a>,
        name: &'a str,
        color: Color,
        href: String,
        /// Whether this browser used it last.
        is_last_used: bool,
    },
    Post {
        label: Phrase<'a>,
        action: &'a str,
        /// Names and values of the hidden fields.
        fields: Vec<(&'a str, &'a str)>,
    },
    /// Posts one field to the address of the page, automatically if scripts run.
    PostAtOnce {
        label: Phrase<'a>,
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

/// Where the forms of a page lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forms {
    /// To this application.
    Stay,
    /// To this application, whose response may be a redirect to a provider: browsers apply
    /// `form-action` to redirects as well, and the hosts of a provider's redirects are not known.
    Leave,
    /// Like `Leave`, and [`SUBMIT`] posts the form.
    PostAtOnce,
}

/// The script of [`Action::PostAtOnce`]. It runs during parsing, so it adds no entry to the
/// history.
pub(crate) const SUBMIT: &str = "document.forms[0].submit()";

impl Page<'_> {
    pub(crate) fn response(&self, viewer: &Viewer) -> Response {
        self.with(&Notes::default(), viewer)
    }

    /// The page with optional content.
    pub(crate) fn with(&self, notes: &Notes<'_>, viewer: &Viewer) -> Response {
        self.written(notes, Forms::Stay, viewer)
    }

    /// A page that asks before an action. Users who decline go to `home`.
    pub(crate) fn asking(mut self, forms: Forms, home: String, viewer: &Viewer) -> Response {
        self.actions.push(Action::Stay { href: home });
        self.form(forms, viewer)
    }

    /// A page with a form.
    pub(crate) fn form(&self, forms: Forms, viewer: &Viewer) -> Response {
        let mut response = self.written(&Notes::default(), forms, viewer);
        // Without a referrer the form would have the origin `null`, which some applications reject
        // to protect their forms.
        let policy = HeaderValue::from_static("same-origin");
        response.headers_mut().insert(REFERRER_POLICY, policy);
        response
    }

    fn written(&self, notes: &Notes<'_>, forms: Forms, viewer: &Viewer) -> Response {
        let (settings, language) = (viewer.settings(), viewer.language());
        let document = Document { page: self, notes, settings, language, host: viewer.host() };
        let style = document.style();
        let html = document.html(&style);
        let mut response = (self.status, html).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        let policy = HeaderValue::try_from(policy(&style, forms, settings));
        let policy = policy.unwrap_or(HeaderValue::from_static(NOTHING));
        headers.insert(CONTENT_SECURITY_POLICY, policy);
        if let Ok(tag) = HeaderValue::from_str(language.tag()) {
            headers.insert(CONTENT_LANGUAGE, tag);
        }
        harden(headers);
        response
    }
}

/// The hashes allow exactly the page's style sheet and the script of this module.
fn policy(style: &str, forms: Forms, settings: &PageSettings) -> String {
    let mut policy = format!("{NOTHING}; style-src 'sha256-{}'", policy_digest(style));
    let is_own = settings.template.is_some();
    if is_own {
        policy.push_str(" 'self'; font-src 'self'");
    }
    let is_data = settings.logo.as_deref().is_some_and(|logo| logo.starts_with("data:"));
    match (is_own || (settings.logo.is_some() && !is_data), is_data) {
        (true, true) => policy.push_str("; img-src 'self' data:"),
        (true, false) => policy.push_str("; img-src 'self'"),
        (false, true) => policy.push_str("; img-src data:"),
        (false, false) => {}
    }
    match forms {
        Forms::Stay => policy.push_str("; form-action 'self'"),
        Forms::Leave => {}
        Forms::PostAtOnce => {
            policy.push_str(&format!("; script-src 'sha256-{}'", policy_digest(SUBMIT)));
        }
    }
    policy
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Faults};
    use crate::pages::Pages;

    fn policy_of(pages: Pages, forms: Forms) -> String {
        let mut faults = Faults::default();
        let settings = PageSettings::new(pages, &Config::empty(), &mut faults);
        policy("body{}", forms, &settings)
    }

    #[test]
    fn policy_allows_only_what_the_page_has() {
        let strict = policy_of(Pages::new(), Forms::Stay);
        let style = policy_digest("body{}");
        assert_eq!(strict, format!("{NOTHING}; style-src 'sha256-{style}'; form-action 'self'"));
        let own = policy_of(Pages::new().logo("/logo.svg"), Forms::Leave);
        assert_eq!(own, format!("{NOTHING}; style-src 'sha256-{style}'; img-src 'self'"));
        let data = policy_of(Pages::new().logo("data:image/png;base64,AAAA"), Forms::Leave);
        assert!(data.ends_with("; img-src data:"), "{data}");
        let template = policy_of(Pages::new().template(|_| String::new()), Forms::Leave);
        assert!(template.ends_with(" 'self'; font-src 'self'; img-src 'self'"), "{template}");
        for policy in [strict, own, data, template] {
            assert!(!policy.contains("script") && !policy.contains("unsafe"), "{policy}");
        }
    }

    #[test]
    fn policy_lets_only_the_one_script_run() {
        let policy = policy_of(Pages::new(), Forms::PostAtOnce);
        let hash = policy_digest(SUBMIT);
        assert!(policy.ends_with(&format!("; script-src 'sha256-{hash}'")), "{policy}");
    }
}
