//! The pages for users: plain HTML, one style sheet, and one line of script that posts a form.

use std::fmt::Write as _;
use std::sync::Arc;

use aws_lc_rs::digest;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::authorization_request::AuthorizationRequest;
use super::authorization_response::FormPost;
use super::device::Device;
use super::person::Person;
use super::provider::Provider;
use super::scope::Scope;

const STYLE: &str = include_str!("pages.css");
/// Posts the form of a response when the page has loaded.
const POST_BACK: &str = "document.forms[0].submit()";

/// The page to choose a user, or to deny access.
pub(super) fn choose(
    provider: &Provider,
    request_id: &str,
    request: &AuthorizationRequest,
) -> Response {
    let hinted = request.login_hint.as_deref().and_then(|hint| provider.person(hint));
    let body = format!(
        "<h1>Choose a user</h1>\
         <p><strong>{client}</strong> at <strong>{origin}</strong> asks you to sign in.</p>\
         {scope}\
         <form method=\"post\" action=\"{action}\">\
         <input type=\"hidden\" name=\"request\" value=\"{request_id}\">\
         {people}\
         <button class=\"deny\" name=\"deny\" value=\"yes\">Deny and go back</button>\
         </form>",
        client = escape(&request.client_id),
        origin = escape(&origin(request)),
        scope = scope(&request.scope),
        people = people(provider, hinted),
        action = escape(&path(provider, "/authorize/decision")),
        request_id = escape(request_id),
    );
    page(StatusCode::OK, "Sign in", &body)
}

/// The page to enter the code of a device; `wrong` is a code that was refused.
pub(super) fn device_code(provider: &Provider, wrong: Option<&str>) -> Response {
    let wrong = wrong.map_or_else(String::new, |code| {
        format!("<p role=\"alert\">No device is waiting with the code “{}”.</p>", escape(code))
    });
    let body = format!(
        "<h1>Connect a device</h1>{wrong}\
         <form method=\"get\" action=\"{action}\">\
         <label class=\"code\">Code on your device\
         <input name=\"user_code\" required autofocus autocomplete=\"off\" \
         autocapitalize=\"characters\" spellcheck=\"false\"></label>\
         <button class=\"go\">Continue</button></form>",
        action = escape(&path(provider, "/device")),
    );
    page(StatusCode::OK, "Connect a device", &body)
}

/// The page to choose a user for a device, or to deny access.
pub(super) fn choose_for_device(provider: &Provider, user_code: &str, device: &Device) -> Response {
    let body = format!(
        "<h1>Choose a user</h1>\
         <p><strong>{client}</strong> on a device asks you to sign in. \
         Continue only if the device shows this code:</p>\
         <p class=\"user-code\">{code}</p>\
         {scope}\
         <form method=\"post\" action=\"{action}\">\
         <input type=\"hidden\" name=\"user_code\" value=\"{code}\">\
         {people}\
         <button class=\"deny\" name=\"deny\" value=\"yes\">Deny</button>\
         </form>",
        client = escape(&device.client_id),
        code = escape(user_code),
        scope = scope(&device.scope),
        people = people(provider, None),
        action = escape(&path(provider, "/device/decision")),
    );
    page(StatusCode::OK, "Connect a device", &body)
}

/// A button for each user. The hinted user comes first and has the focus, so that Enter is enough.
fn people(provider: &Provider, hinted: Option<&Arc<Person>>) -> String {
    let is_hinted = |person| hinted.is_some_and(|hinted| Arc::ptr_eq(hinted, person));
    let others = provider.people.iter().filter(|person| !is_hinted(person));
    let buttons: String = hinted
        .into_iter()
        .chain(others)
        .map(|person| person_button(person, is_hinted(person)))
        .collect();
    format!("<ul class=\"people\">{buttons}</ul>")
}

fn scope(scope: &Scope) -> String {
    let values: String =
        scope.values().map(|value| format!("<li>{}</li>", escape(value))).collect();
    match values.is_empty() {
        true => values,
        false => format!("<ul class=\"scope\" aria-label=\"Requested scope\">{values}</ul>"),
    }
}

/// The page that posts an authorization response to the client, by a button if scripts are disabled
/// (OAuth 2.0 Form Post Response Mode section 2).
pub(super) fn post_back(form: &FormPost) -> Response {
    let mut fields = String::new();
    for (name, value) in form.parameters() {
        let (name, value) = (escape(name), escape(value));
        let _ = write!(fields, "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
    }
    let body = format!(
        "<h1>Returning to the application</h1>\
         <form method=\"post\" action=\"{action}\">{fields}\
         <noscript><button>Continue</button></noscript></form>\
         <script>{POST_BACK}</script>",
        action = escape(form.action()),
    );
    page(StatusCode::OK, "Returning to the application", &body)
}

/// A page with a message.
pub(super) fn message(status: StatusCode, title: &str, text: &str) -> Response {
    let body = format!("<h1>{}</h1><p>{}</p>", escape(title), escape(text));
    page(status, title, &body)
}

fn person_button(person: &Person, is_hinted: bool) -> String {
    let name = person.display_name();
    let detail = person.text("email").unwrap_or(person.sub());
    let portrait = match person.text("picture") {
        Some(url) => format!("<img class=\"portrait\" src=\"{}\" alt=\"\">", escape(url)),
        None => format!(
            "<span class=\"portrait\" aria-hidden=\"true\">{}</span>",
            escape(&initials(name))
        ),
    };
    let (class, focus, badge) = if is_hinted {
        (" class=\"hinted\"", " autofocus", "<span class=\"badge\">suggested</span>")
    } else {
        ("", "", "")
    };
    format!(
        "<li{class}><button class=\"person\" name=\"person\" value=\"{sub}\"{focus}>{portrait}\
         <span><span class=\"name\">{name}</span><span class=\"detail\">{detail}</span></span>\
         {badge}</button></li>",
        sub = escape(person.sub()),
        name = escape(name),
        detail = escape(detail),
    )
}

/// The first letters of the first and the last word.
fn initials(name: &str) -> String {
    let mut letters = name.split_whitespace().filter_map(|word| word.chars().next());
    let first = letters.next();
    let last = letters.next_back();
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

/// The origin of the client's redirect URI.
fn origin(request: &AuthorizationRequest) -> String {
    let origin = request.redirect_uri.origin();
    if origin.is_tuple() {
        origin.ascii_serialization()
    } else {
        format!("{}:", request.redirect_uri.scheme())
    }
}

/// A path on the server, which is also valid with a proxy.
fn path(provider: &Provider, below: &str) -> String {
    format!("{}{below}", provider.base_path)
}

fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} · Development identity provider</title>\
         <style>{STYLE}</style></head><body><main>\
         <p class=\"notice\"><b>Development identity provider.</b> \
         No passwords, no real accounts: never use it in production.</p>\
         <div class=\"content\">{body}</div></main></body></html>",
        title = escape(title),
    );
    // `form-action` is deliberately not set: browsers also apply it to the redirect that follows
    // the form, which goes to the client.
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; \
         img-src http: https: data:; base-uri 'none'; frame-ancestors 'none'",
        STANDARD.encode(digest::digest(&digest::SHA256, STYLE.as_bytes())),
        STANDARD.encode(digest::digest(&digest::SHA256, POST_BACK.as_bytes())),
    );
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::CONTENT_TYPE, "text/html; charset=utf-8");
    set(header::CACHE_CONTROL, "no-store");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Escapes text for HTML, between tags and in quoted attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{escape, initials};

    #[test]
    fn markup_is_escaped() {
        assert_eq!(
            escape("<a href=\"x\" title='y'>&"),
            "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;"
        );
    }

    #[test]
    fn initials_are_those_of_first_and_last_word() {
        assert_eq!(initials("Ada Lovelace"), "AL");
        assert_eq!(initials("ada king lovelace"), "AL");
        assert_eq!(initials("Ada"), "A");
        assert_eq!(initials(""), "");
    }
}
