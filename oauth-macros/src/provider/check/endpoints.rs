//! The URLs of a declaration: issuer, metadata, endpoints, and base URI of the API.

use syn::LitStr;

use super::Context;
use super::quirks::{LOOPBACK_HTTP, Quirk};
use crate::attribute::Keys;
use crate::diagnostics::Errors;
use crate::key::{Key, Kind};
use crate::keys::{API_BASE_URL, ISSUER, SERVER_METADATA_URL, USERINFO_ENDPOINT};
use crate::url;

/// A URL that has passed every rule.
pub(super) struct Url<'a> {
    pub(super) key: &'static Key,
    /// The literal it was typed as; `None` if it comes from the preset.
    pub(super) typed: Option<&'a LitStr>,
    pub(super) text: String,
}

impl Url<'_> {
    /// The names in braces.
    pub(super) fn placeholders(&self) -> Vec<&str> {
        url::placeholders(&self.text).unwrap_or_default()
    }
}

/// Every URL, the declaration's own before the preset's.
pub(super) fn urls<'a>(
    context: &'a Context<'_>,
    quirks: &[&Quirk],
    errors: &mut Errors,
) -> Vec<Url<'a>> {
    let loopback_http = quirks.contains(&&LOOPBACK_HTTP);
    let mut urls = Vec::new();
    // A URL whose feature is not available yet is refused anyway.
    let is_url = |key: &Key| matches!(key.value, Kind::Url) && key.awaits.is_none();
    for (key, entry) in context.keys.fields().into_iter().filter(|(key, _)| is_url(key)) {
        let Some(typed) = entry.text() else { continue };
        match checked(context, key, typed, loopback_http) {
            Ok(text) => {
                urls.push(Url { key, typed: (!entry.is_of_preset()).then_some(typed), text })
            }
            Err(message) => errors.push(typed, message),
        }
    }
    urls
}

/// The URL as it is stored. The error is a message for the user.
fn checked(
    context: &Context<'_>,
    key: &'static Key,
    typed: &LitStr,
    loopback_http: bool,
) -> Result<String, String> {
    let mut text = typed.value();
    if *key == USERINFO_ENDPOINT && url::is_relative(&text) {
        text = absolute(context, &text)?;
    }
    let rules = url::Rules { loopback_http, no_query: *key == ISSUER || *key == API_BASE_URL };
    url::check(&text, rules)?;
    if *key == ISSUER {
        not_metadata(&text)?;
    } else if *key == SERVER_METADATA_URL {
        not_an_issuer(&text)?;
    } else if *key == API_BASE_URL && !text.ends_with('/') {
        text.push('/');
    }
    Ok(text)
}

/// `userinfo_endpoint = "user"` is relative to `api_base_url`.
fn absolute(context: &Context<'_>, path: &str) -> Result<String, String> {
    let base = context.keys.api_base_url.value().map(LitStr::value);
    let path = path.trim_start_matches('/');
    match base {
        Some(base) => Ok(format!("{}/{path}", base.trim_end_matches('/'))),
        None => Err(format!(
            "a relative path needs `api_base_url`: write \"https://host/{path}\", or add `{}`",
            API_BASE_URL.example
        )),
    }
}

/// Illegal: `issuer = "https://acme.example/.well-known/openid-configuration"`.
fn not_metadata(text: &str) -> Result<(), String> {
    match text.split_once("/.well-known/") {
        Some((issuer, _)) => Err(format!(
            "this is the URL of the metadata, not an issuer: write `server_metadata_url = \"{text}\"`, or `issuer = \"{issuer}\"`"
        )),
        None => Ok(()),
    }
}

/// Illegal: `server_metadata_url = "https://acme.example"`.
fn not_an_issuer(text: &str) -> Result<(), String> {
    if text.contains("/.well-known/") || text.ends_with(".json") || text.ends_with('}') {
        return Ok(());
    }
    let base = text.trim_end_matches('/');
    Err(format!(
        "this looks like an issuer, not the URL of its metadata: write `issuer = \"{text}\"`, or `server_metadata_url = \"{base}/.well-known/openid-configuration\"`"
    ))
}

#[cfg(test)]
mod tests {
    use crate::testing::{errors_with, oauth2_errors_with};

    #[test]
    fn issuer_and_metadata_url_are_distinguished() {
        assert_eq!(
            errors_with(
                r#"name = "acme", scopes("openid"),
                issuer = "https://acme.example/.well-known/openid-configuration",
                server_metadata_url = "https://acme.example/""#
            ),
            [
                "`\"https://acme.example/.well-known/openid-configuration\"` this is the URL of the metadata, \
                 not an issuer: write `server_metadata_url = \
                 \"https://acme.example/.well-known/openid-configuration\"`, or `issuer = \"https://acme.example\"`",
                "`\"https://acme.example/\"` this looks like an issuer, not the URL of its metadata: \
                 write `issuer = \"https://acme.example/\"`, or `server_metadata_url = \
                 \"https://acme.example/.well-known/openid-configuration\"`",
            ]
        );
    }

    #[test]
    fn a_relative_userinfo_endpoint_needs_a_base() {
        let keys = |more: &str| {
            errors_with(&format!(
                r#"name = "acme", authorize_url = "https://acme.example/a",
                access_token_url = "https://acme.example/t", userinfo_endpoint = "v1/user", {more}"#
            ))
        };
        assert_eq!(keys(r#"api_base_url = "https://api.acme.example""#), [""; 0]);
        assert_eq!(
            keys(""),
            [
                "`\"v1/user\"` a relative path needs `api_base_url`: write \"https://host/v1/user\", \
                 or add `api_base_url = \"https://api.acme.example/\"`"
            ]
        );
    }

    #[test]
    fn plain_http_needs_the_quirk() {
        let url = r#"revocation_endpoint = "http://127.0.0.1:9000/revoke""#;
        assert_eq!(
            oauth2_errors_with(url),
            ["`\"http://127.0.0.1:9000/revoke\"` plain http: \
                 add `quirks(loopback_http)`, which allows it for loopback hosts"]
        );
        assert_eq!(oauth2_errors_with(&format!("{url}, quirks(loopback_http)")), [""; 0]);
    }
}
