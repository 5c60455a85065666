//! Whether a request was made by a script, which gets JSON, or by a browser that shows pages.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;

/// Whether the client wants JSON.
///
/// `Accept` decides if it prefers one of the two. `fetch` sends `*/*` by default; then Fetch
/// Metadata decides: a page is the destination of a navigation and of nothing else (W3C Fetch
/// Metadata Request Headers section 2.2). A client that sends neither, such as `curl`, gets a page.
pub(crate) fn wants_json(headers: &HeaderMap) -> bool {
    let (json, html) = preferences(headers);
    if json != html {
        return json > html;
    }
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match header("sec-fetch-mode") {
        Some("navigate") => false,
        // The parts of a page. The document of a frame is navigated to.
        Some(_) => true,
        None => header("x-requested-with") == Some("XMLHttpRequest"),
    }
}

/// The weights of JSON and of HTML in `Accept`, in thousandths (RFC 9110 section 12.5.1); 0 for an
/// absent type. `*/*` prefers neither.
fn preferences(headers: &HeaderMap) -> (u32, u32) {
    let ranges = headers.get_all(ACCEPT).iter().filter_map(|accept| accept.to_str().ok());
    let ranges = ranges.flat_map(|accept| accept.split(','));
    ranges.fold((0, 0), |(json, html), range| {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1000, weight);
        match kind.as_str() {
            "text/html" | "application/xhtml+xml" => (json, html.max(weight)),
            "application/json" | "text/json" => (json.max(weight), html),
            kind if kind.starts_with("application/") && kind.ends_with("+json") => {
                (json.max(weight), html)
            }
            _ => (json, html),
        }
    })
}

fn weight(text: &str) -> u32 {
    let weight = text.parse::<f32>().unwrap_or(1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a checked range")]
    let thousandths = (weight.clamp(0.0, 1.0) * 1000.0) as u32;
    thousandths
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn of(headers: &[(&str, &str)]) -> bool {
        let request = headers
            .iter()
            .fold(Request::builder(), |request, (name, value)| request.header(*name, *value));
        wants_json(request.body(()).unwrap().headers())
    }

    const NAVIGATION: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    #[test]
    fn scripts_get_json() {
        for headers in [
            &[("accept", "application/json")][..],
            &[("accept", "Application/JSON; charset=utf-8")],
            &[("accept", "application/problem+json")],
            &[("accept", "application/json, text/plain, */*")],
            &[("accept", "text/html;q=0.5"), ("accept", "application/json")],
            &[("accept", "application/json, text/html;q=0.9")],
            &[("accept", "*/*"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")],
            &[("accept", "*/*"), ("sec-fetch-mode", "same-origin")],
            &[("sec-fetch-mode", "no-cors")],
            &[("accept", "*/*"), ("x-requested-with", "XMLHttpRequest")],
        ] {
            assert!(of(headers), "{headers:?}");
        }
    }

    #[test]
    fn browsers_get_pages() {
        for headers in [
            &[("accept", NAVIGATION), ("sec-fetch-mode", "navigate")][..],
            &[("accept", NAVIGATION)],
            &[("accept", "*/*")],
            &[],
            &[("accept", "*/*"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")],
            // A script that asks for HTML, such as htmx.
            &[("accept", "text/html, */*"), ("sec-fetch-mode", "cors")],
            &[("accept", "application/json;q=0.1, text/html"), ("sec-fetch-mode", "cors")],
            &[("accept", "application/json;q=0")],
        ] {
            assert!(!of(headers), "{headers:?}");
        }
    }
}
