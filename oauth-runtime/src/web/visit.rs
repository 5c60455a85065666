//! Which requests may change the signed-in user of a browser.
//!
//! A route that starts, ends, connects or replaces a session obtains two values before it changes
//! anything. [`Visit::of`] rejects every request that is not a visit: `HEAD`, images, frames,
//! prefetches. A [`Permit`] exists only if the user asked for the change on a page of this
//! application, or if no session can be lost. Every other visitor is asked, by a form of this
//! application.
//!
//! The browser describes a request by Fetch Metadata, or by the `Origin` of a `POST`.
//! `Sec-Fetch-Site: none` proves nothing: a typed address or a link in an email keeps it through
//! redirects of any site. Without either the user is asked, unless the session's cookie came with a
//! `POST`: it is `SameSite=Lax`.

use axum::http::Method;
use axum::http::request::Parts;

use crate::error::BrowserError;
use crate::url::public_url::PublicUrl;

/// Headers with which browsers mark speculative requests.
const SPECULATIVE: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

/// A request whose response the user sees: a page in a tab, or a script of this application.
#[derive(Debug, Clone, Copy)]
pub(super) struct Visit {
    source: Source,
    is_post: bool,
    is_page: bool,
}

/// The origin of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// A click on a page of this application, or a `POST` from one.
    Here,
    /// A click elsewhere, possibly a typed address or a link in an email.
    Click,
    /// A script, or a redirect of another site.
    Elsewhere,
    /// The browser does not tell.
    Unknown,
}

/// Permission to change the signed-in user of this browser.
#[must_use]
#[derive(Debug)]
pub(crate) struct Permit {
    replaces_session: bool,
}

/// Whether a visit may change the signed-in user.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It may.
    Go(Permit),
    /// The user has to be asked first.
    Ask,
    /// A `POST` that is not proven to come from a page of this application. The browser may have
    /// withheld the session's cookie, so the request does not show whether a user is signed in; a
    /// `GET` does.
    Unproven,
    /// A `POST` from another site, which lacks cookies as well.
    Foreign,
}

impl Permit {
    /// The user asked for the change.
    const WISH: Self = Self { replaces_session: true };
    /// The user did not ask, but no session can be lost: one that starts before the login completes
    /// stays.
    const WITHOUT_SESSION: Self = Self { replaces_session: false };

    /// For a login that a handler of the application starts: the application has decided.
    pub(super) fn of_application() -> Self {
        Self::WISH
    }

    /// Whether the login may replace the session that the browser has by then.
    pub(super) fn replaces_session(&self) -> bool {
        self.replaces_session
    }
}

impl Visit {
    /// # Errors
    /// [`BrowserError::NotAVisit`].
    pub(super) fn of(public_url: &PublicUrl, parts: &Parts) -> Result<Self, BrowserError> {
        let (site, mode, dest) = (Site::of(parts), header(parts, MODE), header(parts, DEST));
        let is_page =
            matches!(mode, None | Some("navigate")) && matches!(dest, None | Some("document"));
        // A service worker that forwards a page load empties its destination. No script can make a
        // request with that mode.
        let is_passed_on = mode == Some("navigate") && dest == Some("empty");
        let is_script = site == Site::Same
            && matches!(mode, Some("cors" | "same-origin"))
            && dest == Some("empty");
        let is_speculative = SPECULATIVE.iter().any(|name| parts.headers.contains_key(*name));
        let is_read = matches!(parts.method, Method::GET | Method::POST);
        if !is_read || is_speculative || !(is_page || is_passed_on || is_script) {
            return Err(BrowserError::NotAVisit);
        }
        let is_post = parts.method == Method::POST;
        let is_click = mode == Some("navigate")
            && dest == Some("document")
            && header(parts, "sec-fetch-user") == Some("?1");
        let source = match site {
            Site::Unknown if is_post => source_by_origin(public_url, parts),
            Site::Unknown => Source::Unknown,
            Site::Same if is_post || is_click => Source::Here,
            _ if is_click && !is_post => Source::Click,
            _ => Source::Elsewhere,
        };
        Ok(Self { source, is_post, is_page })
    }

    /// Whether it is a page in a tab, as far as the browser tells.
    pub(super) fn is_page(self) -> bool {
        self.is_page
    }

    /// Whether it is permitted without a look at the session.
    pub(super) fn is_from_here(self) -> bool {
        self.source == Source::Here
    }

    /// The verdict on a change to an existing session.
    pub(super) fn verdict(self, is_signed_in: bool) -> Verdict {
        match self.source {
            Source::Here => Verdict::Go(Permit::WISH),
            _ if !self.is_post => Verdict::Ask,
            // A `POST` from another site would lack the session's cookie.
            Source::Unknown if is_signed_in => Verdict::Go(Permit::WISH),
            Source::Unknown => Verdict::Unproven,
            Source::Click | Source::Elsewhere => Verdict::Foreign,
        }
    }

    /// The verdict on a login. Without a signed-in user nothing can be lost, and a protected page
    /// redirects its visitors here, wherever they come from.
    pub(super) fn verdict_on_login(self, is_signed_in: bool) -> Verdict {
        match self.verdict(is_signed_in) {
            Verdict::Ask if !is_signed_in => Verdict::Go(Permit::WITHOUT_SESSION),
            verdict => verdict,
        }
    }

    /// The verdict on a login that another site asks for: it takes a click, on any site.
    pub(super) fn verdict_on_initiated_login(self, is_signed_in: bool) -> Verdict {
        match self.verdict(is_signed_in) {
            // Even a page of this application may show a link that another site wrote.
            Verdict::Go(_) if !self.is_post && is_signed_in => Verdict::Ask,
            // Other sites post to this route as well, so a `POST` has to prove its origin.
            Verdict::Go(_) if self.source == Source::Unknown => Verdict::Unproven,
            Verdict::Ask if !is_signed_in && self.source == Source::Click => {
                Verdict::Go(Permit::WITHOUT_SESSION)
            }
            verdict => verdict,
        }
    }
}

const SITE: &str = "sec-fetch-site";
const MODE: &str = "sec-fetch-mode";
const DEST: &str = "sec-fetch-dest";

/// The relation of the requesting page to this application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Site {
    /// A page of this origin.
    Same,
    /// A page of another origin, or no page.
    Other,
    Unknown,
}

impl Site {
    fn of(parts: &Parts) -> Self {
        match header(parts, SITE) {
            Some("same-origin") => Self::Same,
            Some(_) => Self::Other,
            None => Self::Unknown,
        }
    }
}

/// Browsers without Fetch Metadata send `Origin` with a `POST`.
fn source_by_origin(public_url: &PublicUrl, parts: &Parts) -> Source {
    match header(parts, "origin") {
        Some(origin) if origin == public_url.origin() => Source::Here,
        Some(_) => Source::Elsewhere,
        None => Source::Unknown,
    }
}

/// The value of a header. One that is repeated, or is not ASCII, equals no expected value.
fn header<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    let mut values = parts.headers.get_all(name).iter();
    let value = values.next()?.to_str().unwrap_or_default();
    Some(if values.next().is_some() { "" } else { value })
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    const PAGE: [(&str, &str); 2] = [(MODE, "navigate"), (DEST, "document")];
    const USER: (&str, &str) = ("sec-fetch-user", "?1");

    fn visit(method: Method, headers: &[(&str, &str)]) -> Result<Visit, BrowserError> {
        let public_url = PublicUrl::parse("https://app.example").unwrap();
        let request = Request::builder().method(method).uri("/auth/op/login");
        let request =
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        Visit::of(&public_url, &request.body(()).unwrap().into_parts().0)
    }

    fn page(method: Method, site: &str, user: bool) -> Visit {
        let user = user.then_some(USER);
        let headers: Vec<_> = PAGE.into_iter().chain([(SITE, site)]).chain(user).collect();
        visit(method, &headers).unwrap()
    }

    #[test]
    fn only_pages_and_own_scripts_are_visits() {
        let is_visit = |method, headers: &[_]| visit(method, headers).is_ok();
        assert!(is_visit(Method::GET, &[]) && is_visit(Method::POST, &PAGE));
        for method in [Method::HEAD, Method::OPTIONS, Method::PUT, Method::DELETE] {
            assert!(!is_visit(method.clone(), &PAGE), "{method}");
        }
        for name in SPECULATIVE {
            for value in ["prefetch", "prefetch;prerender", "preview", ""] {
                assert!(!is_visit(Method::GET, &[(name, value)]), "{name}: {value}");
            }
        }
        for dest in ["image", "iframe", "frame", "object", "embed", "script", "style", "worker", ""]
        {
            for mode in ["navigate", "no-cors", "cors", "same-origin", "websocket"] {
                for site in ["same-origin", "cross-site"] {
                    let headers = [(DEST, dest), (MODE, mode), (SITE, site)];
                    assert!(!is_visit(Method::GET, &headers), "{headers:?}");
                    assert!(!is_visit(Method::POST, &headers), "{headers:?}");
                }
            }
        }
        let script =
            |mode, site| is_visit(Method::POST, &[(DEST, "empty"), (MODE, mode), (SITE, site)]);
        assert!(script("cors", "same-origin") && script("same-origin", "same-origin"));
        assert!(script("navigate", "cross-site"), "forwarded by a service worker");
        for site in ["same-site", "cross-site", "none"] {
            assert!(!script("cors", site), "{site}");
        }
        assert!(!script("no-cors", "same-origin"), "a beacon");
    }

    #[test]
    fn header_that_comes_twice_proves_nothing() {
        let twice = [(SITE, "same-origin"), (SITE, "same-origin"), USER, PAGE[0], PAGE[1]];
        let visit_twice = visit(Method::POST, &twice).unwrap();
        assert!(matches!(visit_twice.verdict(true), Verdict::Foreign));
        for twice in [[PAGE[0], PAGE[0]], [PAGE[1], PAGE[1]]] {
            assert!(visit(Method::GET, &twice).is_err(), "{twice:?}");
        }
        let origin = ("origin", "https://app.example");
        let visit_twice = visit(Method::POST, &[origin, origin]).unwrap();
        assert!(matches!(visit_twice.verdict(true), Verdict::Foreign));
        for value in ["Same-Origin", "same-origin, cross-site", "same-origin;x"] {
            assert!(matches!(page(Method::POST, value, true).verdict(true), Verdict::Foreign));
        }
    }

    #[test]
    fn own_link_or_form_changes_the_session() {
        assert!(matches!(page(Method::GET, "same-origin", true).verdict(true), Verdict::Go(_)));
        assert!(matches!(page(Method::POST, "same-origin", false).verdict(true), Verdict::Go(_)));
        assert!(matches!(page(Method::GET, "same-origin", false).verdict(true), Verdict::Ask));
        for site in ["same-site", "cross-site", "none"] {
            for user in [true, false] {
                for is_signed_in in [true, false] {
                    let verdict = page(Method::GET, site, user).verdict(is_signed_in);
                    assert!(matches!(verdict, Verdict::Ask), "{site}");
                    let verdict = page(Method::POST, site, user).verdict(is_signed_in);
                    assert!(matches!(verdict, Verdict::Foreign), "{site}");
                }
            }
        }
    }

    #[test]
    fn browser_without_fetch_metadata_is_asked() {
        let by_get = visit(Method::GET, &[]).unwrap();
        assert!(matches!(by_get.verdict(true), Verdict::Ask));
        assert!(matches!(by_get.verdict_on_login(true), Verdict::Ask));
        assert!(matches!(by_get.verdict_on_login(false), Verdict::Go(_)));
        assert!(matches!(by_get.verdict_on_initiated_login(false), Verdict::Ask));
        let untold = visit(Method::POST, &[]).unwrap();
        assert!(matches!(untold.verdict(true), Verdict::Go(_)), "its cookie is `SameSite=Lax`");
        assert!(matches!(untold.verdict_on_login(false), Verdict::Unproven));
        assert!(matches!(untold.verdict_on_initiated_login(true), Verdict::Unproven));
        let own = visit(Method::POST, &[("origin", "https://app.example")]).unwrap();
        assert!(matches!(own.verdict(false), Verdict::Go(_)));
        for origin in
            ["null", "https://app.example:8443", "https://app.example/", "http://app.example"]
        {
            let foreign = visit(Method::POST, &[("origin", origin)]).unwrap();
            assert!(matches!(foreign.verdict(true), Verdict::Foreign), "{origin}");
        }
    }

    #[test]
    fn login_without_session_begins_from_anywhere() {
        for site in ["same-origin", "same-site", "cross-site", "none"] {
            let visit = page(Method::GET, site, false);
            assert!(matches!(visit.verdict_on_login(false), Verdict::Go(_)), "{site}");
            assert!(matches!(visit.verdict_on_login(true), Verdict::Ask), "{site}");
            assert!(matches!(visit.verdict_on_initiated_login(false), Verdict::Ask), "{site}");
            let click = page(Method::GET, site, true);
            assert!(matches!(click.verdict_on_initiated_login(false), Verdict::Go(_)), "{site}");
            assert!(matches!(click.verdict_on_initiated_login(true), Verdict::Ask), "{site}");
        }
        let one_click = page(Method::GET, "same-origin", true);
        assert!(matches!(one_click.verdict_on_login(true), Verdict::Go(_)));
    }
}
