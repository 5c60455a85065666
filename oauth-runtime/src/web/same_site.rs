//! Where a request comes from, as browsers tell it.

use axum::http::request::Parts;

use crate::shared::Shared;

fn header<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    parts.headers.get(name)?.to_str().ok()
}

/// `None` when the browser does not say. Then the cookie's `SameSite` is what protects.
pub(super) fn comes_from_this_site(shared: &Shared, parts: &Parts) -> Option<bool> {
    if let Some(site) = header(parts, "sec-fetch-site") {
        return Some(site == "same-origin" || site == "none");
    }
    header(parts, "origin").map(|origin| origin == shared.public_url.origin())
}

/// Whether a person clicked, on a page of one of these `sites`: `same-origin` for a link of this one,
/// `none` for a typed address, a bookmark, or a link in a mail. Only browsers with Fetch Metadata can
/// tell.
pub(super) fn is_click(parts: &Parts, sites: &[&str]) -> bool {
    header(parts, "sec-fetch-site").is_some_and(|site| sites.contains(&site))
        && header(parts, "sec-fetch-mode") == Some("navigate")
        && header(parts, "sec-fetch-dest") == Some("document")
        && header(parts, "sec-fetch-user") == Some("?1")
        && header(parts, "sec-purpose").is_none()
}

/// Whether the answer is a page in a tab, and not in a frame, an image or the browser's own guess of
/// what comes next. Where the browser does not say, it may be one.
pub(super) fn may_be_a_page(parts: &Parts) -> bool {
    let is = |name, wanted| header(parts, name).is_none_or(|value| value == wanted);
    is("sec-fetch-dest", "document")
        && is("sec-fetch-mode", "navigate")
        && header(parts, "sec-purpose").is_none()
}
